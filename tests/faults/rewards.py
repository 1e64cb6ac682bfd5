"""What was made of points: the codes of a store against the redemptions of the app."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.domain.ledger import Redemption, Reversal
from app.domain.redemptions import code_of
from app.sandbox_token import SANDBOX_DOMAIN
from tests.builders.line import SECRET_KEY
from tests.faults.shoppers import Shoppers, Wish
from tests.faults.site import Site

_REDEMPTIONS = """
    select redemption_id, program_id, customer_id, state, points from redemption
    join store using (program_id, store_id) where store.domain = %(domain)s
"""
_SPENT = """
    select store.domain, customer_id, command_id, command.points, accepted_at,
           captured_at, voided_at, ended_at, gives_back, points_back
    from command join redemption on redemption_id = command_id
     and redemption.program_id = command.program_id
    join store on store.store_id = redemption.store_id
    where store.domain = any(%(domains)s)
"""
_SET_ASIDE = """
    select count(*) from member join store using (program_id)
    where store.domain = %(domain)s and reserved <> 0
"""
# In these a member has a code that can be used, or was.
_ISSUED = ("granted", "used")
# In these nobody has anything, and no points are gone.
_NOTHING = ("refused", "ended")
# What many codes hang on has a longer one, which nobody is ever told.
_CODE_LENGTH = len(code_of("", 0, ""))
# Of fewer wishes not all that can become of one may have happened.
_WISHES_MIN = 100


def wrong_codes(site: Site, shoppers: Shoppers) -> dict[str, object]:
    """Return what is wrong between the codes in the store, the app and its shoppers.

    The open codes in the store must be those of the redemptions that are issued, one
    each; those of all others are ended there or were never made. A wish that was
    answered 202 must have been decided, nothing may be set aside for ever, and who saw
    a code must have been shown the one that is there.
    """
    assert site.store
    rows = site.rows(_REDEMPTIONS, domain=SANDBOX_DOMAIN)
    decided = {id_: state for id_, _, _, state, _ in rows}
    code = {id_: code_of(SECRET_KEY, program, id_) for id_, program, *_ in rows}
    issued = [code[id_] for id_, state in decided.items() if state in _ISSUED]
    there = [each for each in site.store.codes() if len(each[0]) == _CODE_LENGTH]
    is_open = [each for each, is_active in there if is_active]
    kept = {each.id: each for each in shoppers.wishes if each.id}
    [(set_aside,)] = site.rows(_SET_ASIDE, domain=SANDBOX_DOMAIN)
    found: dict[str, object] = {
        "codes that the store has twice": _twice(each for each, _ in there),
        "codes of nobody in the store": {each for each, _ in there} - {*code.values()},
        "codes that are open and not issued": {*is_open} - {*issued},
        "codes that are issued and not open": {*issued} - {*is_open},
        "wishes answered 202 and not decided": kept.keys() - decided.keys(),
        "wishes of nobody": decided.keys() - kept.keys(),
        "wishes that are not over": {
            id_: state
            for id_, state in decided.items()
            if state not in (*_ISSUED, *_NOTHING)
        },
        "members with points set aside for ever": set_aside,
        "shown another code than is made": [
            each.request_id for each in kept.values() if each.code != _shown(each, code)
        ],
        "told wrongly": shoppers.wrong,
        "never came about": _never(decided) if len(rows) >= _WISHES_MIN else [],
    }
    return {name: what for name, what in found.items() if what}


def spent(site: Site, domains: list[str]) -> dict[tuple[str, str], list[Redemption]]:
    """Return what was accepted, by whom: as commands are, it is not decided again."""
    found: dict[tuple[str, str], list[Redemption]] = {}
    for row in site.rows(_SPENT, domains=domains):
        domain, customer_id, *_ = row
        found.setdefault((domain, customer_id), []).append(_command(*row[2:]))
    return found


def _command(
    id_: str,
    points: int,
    accepted_at: Any,
    captured_at: Any,
    voided_at: Any,
    ended_at: Any,
    gives_back: bool,
    points_back: int | None,
) -> Redemption:
    returns: tuple[Reversal, ...] = ()
    if ended_at and gives_back and captured_at:
        back = points if points_back is None else points_back
        returns = (Reversal(f"end@redemption/{id_}", ended_at, back, ""),)
    return Redemption(
        f"redemption/{id_}",
        accepted_at,
        points,
        captured_at,
        voided_at,
        "",
        returns,
    )


def _twice(codes: Any) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


def _shown(wish: Wish, codes: Mapping[str, str]) -> str | None:
    """Return what a shopper must have been shown, who was shown any code."""
    return codes.get(wish.id or "") if wish.code else None


def _never(decided: Mapping[str, str]) -> list[str]:
    """Return what should have become of some wish among many, and did not."""
    return sorted({*_ISSUED, *_NOTHING} - set(decided.values()))
