"""What members must have, counted from raw messages beside the fold, without the app.

Whose an order is, the fold says; that it brings its points is looked at here by code
that shares no line with the app. Only stores in plain programmes are counted, and what
was spent on rewards that are had is added again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from tests.faults.history import Webhook
from tests.faults.malformed import FIRST_ORDER
from tests.faults.oracle import Terms, fate
from tests.faults.site import Site
from tests.reckoning import orders as plain

_MEMBERS = """
    select store.domain, member_id, array_agg(order_id),
           min(pending + available + reserved + owed) + (
               select coalesce(sum(points), 0) from redemption
               where redemption.program_id = order_fact.program_id
                 and redemption.member_id = order_fact.member_id
                 and state in ('granted', 'used')
           )
    from order_fact join member using (program_id, member_id)
    join store using (program_id, store_id)
    where store.domain = any(%(domains)s)
    group by order_fact.program_id, store.domain, order_fact.member_id
"""


def miscounted(
    site: Site, webhooks: Iterable[Webhook], terms: Mapping[str, Terms]
) -> list[str]:
    """Return which members have other points than their orders are worth."""
    known = {domain: plain.plain_terms(each.program) for domain, each in terms.items()}
    lasting = {
        domain: each for domain, each in known.items() if each and each.is_lasting
    }
    points = {
        domain: _points(domain, webhooks, each) for domain, each in lasting.items()
    }
    found = []
    for domain, member, order_ids, told in site.rows(_MEMBERS, domains=list(lasting)):
        # Of bodies that make no sense it cannot be said what they are worth.
        if all(each.isdecimal() and int(each) < FIRST_ORDER for each in order_ids):
            counted = sum(points[domain][order_id] for order_id in order_ids)
            if counted != told:
                found.append(f"{domain}, member {member}: {told}, counted {counted}")
    return found


def _points(
    domain: str, webhooks: Iterable[Webhook], terms: plain.Terms
) -> dict[str, int]:
    """What is left of the points of each order."""
    heard = plain.Orders()
    for webhook in webhooks:
        if webhook.domain == domain and fate(webhook)[0] == "settled":
            body = _readable(webhook)
            if body:
                at = datetime.fromisoformat(webhook.triggered_at)
                heard.hear(webhook.topic, body, at)
    points: dict[str, int] = defaultdict(int)
    for order_id, order in heard.by_id.items():
        credit = plain.earned(order, 0, lambda _: terms)
        if credit:
            back = sum(each.points for each in credit.reversals)
            points[order_id] = credit.points - back
    return points


def _readable(webhook: Webhook) -> plain.Body | None:
    """What a message says, None for those that are dealt to make no sense."""
    try:
        body = json.loads(webhook.body)
    except ValueError:
        return None
    about = body.get("order_id", body.get("id"))
    is_dealt = isinstance(about, int) and about < FIRST_ORDER
    return body if is_dealt else None
