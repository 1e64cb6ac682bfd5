"""An estimate is what the paid order earns, or says on which side of it that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.credits import MemberOrder, assess
from app.domain.estimate import Bound, bound, estimate
from app.domain.program import Counting, Program
from tests.app.domain.heard import PAID, an_owned, heard
from tests.builders.shopify import a_line, an_order

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CARRIAGE = {"price": "4.95", "discounted_price": "4.95", "tax_lines": []}
HOLDS = {
    Bound.EXACT: lambda points, earned: points == earned,
    Bound.AT_MOST: lambda points, earned: points >= earned,
    Bound.AT_LEAST: lambda points, earned: points <= earned,
    Bound.ABOUT: lambda *_: True,
}
cents = st.integers(0, 20_000)
countings = st.builds(
    Counting, includes_tax=st.booleans(), includes_shipping=st.booleans()
)


@settings(max_examples=60)
@given(countings, st.lists(st.tuples(cents, cents), max_size=3), *[st.booleans()] * 3)
def test_it_stands_to_what_the_paid_order_earns_as_it_says(
    counting: Counting,
    lines: list[tuple[int, int]],
    taxes_included: bool,
    is_tax_known: bool,
    is_inclusion_known: bool,
):
    program = Program(counting=counting)
    is_tax_known = is_tax_known and is_inclusion_known
    told_included = taxes_included if is_inclusion_known else None
    paid = _paid([(price, min(price, tax)) for price, tax in lines], taxes_included)
    assert paid.facts.snapshot
    bought = paid.facts.snapshot.lines
    told = bought if is_tax_known else [replace(each, tax_minor=0) for each in bought]

    taxes = [each.tax_minor if is_tax_known else None for each in bought]
    holds = bound(counting, taxes, taxes_included=told_included)
    cart = estimate(program, told, "EUR", NOW, taxes_included=bool(told_included))

    assert HOLDS[holds](cart.points, assess(replace(paid, program=program)).points)
    # What the prices have in them, or what is known, is not left open.
    if not counting.includes_shipping:
        is_open = bool(lines) and not is_tax_known
        differs = told_included != counting.includes_tax
        assert (holds is Bound.EXACT) != (is_open and differs)


def _paid(lines: list[tuple[int, int]], taxes_included: bool) -> MemberOrder:
    """An order of these prices and taxes, with shipping, as its store tells of it."""
    items = [
        a_line(_euros(price), tax=_euros(tax), id=number)
        for number, (price, tax) in enumerate(lines)
    ]
    order = an_order(*items, taxes_included=taxes_included, shipping_lines=[CARRIAGE])
    return an_owned(heard((PAID, order | {"line_items": items})))


def _euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
