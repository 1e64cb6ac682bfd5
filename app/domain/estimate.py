"""What a cart would earn if it were paid now, by the same rules as an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from app.domain.credits import Assessment, MemberOrder, TierThen, assess
from app.domain.labels import LabelsThen
from app.domain.orders import Line, OrderFacts, Snapshot
from app.domain.program import Counting, Program


class Bound(StrEnum):
    """How an estimate stands to what the order will earn, once its tax is known."""

    EXACT = "exact"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOUT = "about"


def bound(
    counting: Counting, lines: Sequence[int | None], *, taxes_included: bool | None
) -> Bound:
    """Return how far an estimate holds, by the tax of its lines as far as it is told.

    No cart knows its shipping, and few their tax, which may hang on the address. Where
    it is not known either whether prices have tax in them, they were taken as without,
    and no tax of a line is told.

    >>> bound(Counting(), [None], taxes_included=True)
    <Bound.AT_MOST: 'at_most'>
    """
    is_untold, counts = None in lines, counting.includes_tax
    less_comes = is_untold and taxes_included is not False and not counts
    taxes_come = is_untold and taxes_included is not True and counts
    more_comes = counting.includes_shipping or taxes_come
    if less_comes:
        return Bound.ABOUT if more_comes else Bound.AT_MOST
    return Bound.AT_LEAST if more_comes else Bound.EXACT


def estimate(
    program: Program,
    lines: Sequence[Line],
    currency: str,
    now: datetime,
    *,
    taxes_included: bool = False,
    timezone: str = "UTC",
    tier: TierThen | None = None,
    labels: LabelsThen | None = None,
    number: int | None = None,
    left: Mapping[str, int | None] | None = None,
) -> Assessment:
    """Return the assessment of a cart on the web, before limits of a day or member.

    `tier` is the one of the member whose cart it is, `labels` what they are called, and
    `number` the how many-th of their orders it would be; None where that is not known.
    `left` is what there is left of each budget.
    """
    total = sum(
        line.price_minor * line.quantity - line.discount_minor for line in lines
    )
    cart = Snapshot(
        number="cart",
        processed_at=now,
        updated_at=now,
        currency=currency,
        total_minor=total,
        presentment_currency=currency,
        presentment_total_minor=total,
        taxes_included=taxes_included,
        shipping_minor=0,
        shipping_tax_minor=0,
        financial_status="paid",
        is_fulfilled=False,
        is_test=False,
        cancelled_at=None,
        lines=tuple(lines),
        channel="web",
    )
    facts = OrderFacts("cart", snapshot=cart, paid_at=now)
    order = MemberOrder(
        0, facts, program, timezone, number, tier, labels, allotted=left or {}
    )
    return assess(order)
