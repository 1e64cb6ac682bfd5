"""An order's discount codes are heard with it."""

from typing import Any

from app.domain.events import OrderChanged
from app.domain.orders import Snapshot
from tests.app.platforms.said import heard
from tests.builders.shopify import an_order

CODES = [
    {"code": "save-12ab", "amount": "5.00", "type": "fixed_amount"},
    {"code": "Regulars", "amount": "1.00", "type": "percentage"},
]


def _snapshot(**more: Any) -> Snapshot:
    event = heard("orders/paid", an_order(**more)).event
    assert isinstance(event, OrderChanged)
    assert event.facts.snapshot
    return event.facts.snapshot


def test_codes_are_heard_in_capitals_and_in_their_order():
    snapshot = _snapshot(discount_codes=CODES)
    assert snapshot.discount_codes == ("SAVE-12AB", "REGULARS")


def test_an_order_without_codes_has_none():
    for more in ({}, {"discount_codes": None}, {"discount_codes": []}):
        assert _snapshot(**more).discount_codes == ()


def test_a_code_without_its_text_is_passed_over():
    codes = [{"code": None, "amount": "5.00"}, CODES[0]]
    assert _snapshot(discount_codes=codes).discount_codes == ("SAVE-12AB",)
