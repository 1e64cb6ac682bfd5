"""What a cart would earn if it were paid now, by the same rules as an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.credits import Assessment, MemberOrder, TierThen, assess
from app.domain.labels import LabelsThen
from app.domain.orders import Line, OrderFacts, Snapshot
from app.domain.program import Program


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
