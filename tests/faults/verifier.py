"""What must be true once all is healed and quiet, looked at from outside the app."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.storage import invariants
from tests.faults.counted import miscounted
from tests.faults.history import Webhook
from tests.faults.journal import Journal
from tests.faults.oracle import Effects, Terms, expected, fate
from tests.faults.rewards import spent
from tests.faults.site import Site

_INBOX = """
    select domain, delivery_id, state, count(*) from inbox
    where domain = any(%(domains)s) and platform = 'shopify'
      and delivery_id not like 'catalogue/%%'
      -- What the daily look found of the store's customers, it tells by itself.
      and delivery_id not like 'reconciled/customer/%%'
    group by 1, 2, 3
"""
_LEDGER = """
    select member_id, effect_key, sum(points)::bigint,
           count(*) filter (where corrects is null)
    from ledger_transaction join store using (program_id)
    where store.domain = any(%(domains)s)
    group by program_id, member_id, effect_key
"""
_WAITING = "select count(*) from inbox where state = 'waiting'"


def settle(site: Site, seconds: float = 240) -> float:
    """Wait until nothing waits in the inbox; return how long that took."""
    return site.wait_until(lambda: site.rows(_WAITING) == [(0,)], seconds)


def findings(
    site: Site,
    journal: Journal,
    webhooks: Iterable[Webhook],
    terms: Mapping[str, Terms],
    *,
    audits: bool = False,
) -> dict[str, object]:
    """Return all that is wrong, by name; empty where everything holds.

    With `audits`, `tallymark verify` and the invariants have their say too. Every
    delivery answered 200 must be in the inbox once and finished, every ledger as the
    fold says, and every balance in a plain programme as it is counted without the app.
    Forged ones must have left nothing.
    """
    sent = {(each.domain, each.delivery_id): each for each in webhooks}
    genuine = [each for each in sent.values() if not each.is_forged]
    found = {
        **_lost(site, journal, sent, terms),
        **_wrong_ledgers(site, genuine, terms),
        "points that are not what is counted": miscounted(site, genuine, terms),
        "lies in the ledger": lies(site) if audits else "",
        "invariants violated": violated(site) if audits else [],
    }
    return {name: what for name, what in found.items() if what}


def lies(site: Site) -> str:
    """Return what `tallymark verify` has against the ledger."""
    told = subprocess.run(
        ["tallymark", "verify"],
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if told.returncode == 0 else told.stderr or str(told.returncode)


def violated(site: Site) -> list[str]:
    """Return which of the app's own invariants do not hold, each with its first row."""
    with site.database() as database:
        looked = list(invariants.findings(database))
    unseen = [str(each) for each in looked if each.rows is None]
    return unseen + [str(each) for each in looked if each.is_violated]


def _lost(
    site: Site,
    journal: Journal,
    sent: Mapping[tuple[str, str], Webhook],
    terms: Mapping[str, Terms],
) -> dict[str, object]:
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    for domain, delivery_id, state, count in site.rows(_INBOX, domains=list(terms)):
        kept[domain, delivery_id] += [state] * count
    answered = {
        (each.domain, each.delivery_id)
        for each in journal.read()
        if each.answer == 200 and each.domain in terms
    }
    forged = {key for key, each in sent.items() if each.is_forged}
    return {
        "answered 200 and lost": sorted(answered - kept.keys()),
        "never answered 200": sorted(sent.keys() - answered - forged),
        "answered 200 and not finished as it must be": {
            key: kept[key]
            for key in sorted(answered & kept.keys() & sent.keys())
            if kept[key] != [fate(sent[key])[0]]
        },
        "kept and never sent": sorted(kept.keys() - sent.keys()),
        "forged and kept": sorted(forged & (kept.keys() | answered)),
    }


def _wrong_ledgers(
    site: Site, webhooks: Iterable[Webhook], terms: Mapping[str, Terms]
) -> dict[str, object]:
    points: dict[int, set[tuple[str, int]]] = defaultdict(set)
    doubled = []
    for member, key, total, begun in site.rows(_LEDGER, domains=list(terms)):
        if begun != 1:
            doubled.append((member, key))
        if total:
            points[member].add((key, total))
    actual: list[Effects] = [frozenset(effects) for effects in points.values()]
    wanted = expected(webhooks, terms, spent(site, list(terms)))
    return {
        "effects begun twice": doubled,
        "in a ledger and not in the fold": _apart(actual, wanted),
        "in the fold and not in a ledger": _apart(wanted, actual),
    }


def _apart(some: list[Effects], others: list[Effects]) -> list[Effects]:
    left = list(others)
    found = []
    for effects in some:
        if effects in left:
            left.remove(effects)
        else:
            found.append(effects)
    return found
