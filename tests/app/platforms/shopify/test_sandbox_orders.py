"""What the sandbox says of an order with a code is heard as what was really paid."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import OrderChanged
from app.domain.orders import Snapshot
from app.sandbox import cart, catalogue, order_steps
from app.sandbox.announcements import whole_order_body
from app.sandbox.discounts import FIXED_AMOUNT, PERCENTAGE, SHIPPING, Discount
from app.sandbox.order_steps import CARD, Buyer, Stamp
from app.sandbox.orders import Order
from tests.app.platforms.said import heard

STAMP = Stamp(1001, "abcdef", "2026-11-22T10:00:00+00:00", "EUR")
COFFEE = catalogue.PRODUCTS[0]

discounts = st.one_of(
    st.none(),
    st.builds(
        Discount,
        st.just("Save-12ab"),
        st.sampled_from([PERCENTAGE, FIXED_AMOUNT, SHIPPING]),
        st.integers(min_value=1, max_value=100),
        st.just("A reward"),
        product_ids=st.sampled_from([(), (COFFEE.product_id,)]),
    ),
)
quantities = st.dictionaries(
    st.sampled_from([product.handle for product in catalogue.PRODUCTS]),
    st.integers(min_value=1, max_value=5),
    min_size=1,
)


def _order(chosen: cart.Cart) -> Order:
    ids = itertools.count(1).__next__
    return order_steps.place(chosen, Buyer("a@b.c", "Ada"), CARD, ids, STAMP)


def _snapshot(order: Order) -> Snapshot:
    event = heard("orders/paid", whole_order_body(order, None, "s.example.com")).event
    assert isinstance(event, OrderChanged)
    assert event.facts.snapshot
    return event.facts.snapshot


@settings(deadline=None, max_examples=100)
@given(quantities, discounts)
def test_the_sums_that_are_heard_are_those_that_were_paid(wanted, discount):
    chosen = cart.price(wanted, discount)
    order = _order(chosen)
    snapshot = _snapshot(order)
    nets = [
        line.price_minor * line.quantity - line.discount_minor
        for line in snapshot.lines
    ]

    assert nets == [line.net_minor for line in chosen.lines]
    assert snapshot.shipping_minor == chosen.shipping_minor
    assert (
        snapshot.total_minor
        == chosen.total_minor
        == (
            sum(nets)
            + sum(line.tax_minor for line in snapshot.lines)
            + snapshot.shipping_minor
        )
    )
    assert snapshot.is_paid
    assert order.moved("sale") == snapshot.total_minor
    assert snapshot.discount_codes == (("SAVE-12AB",) if chosen.saved_minor else ())
