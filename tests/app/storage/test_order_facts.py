"""What is kept of an order is read again whole, also where it was kept long ago."""

from app.domain.orders import Snapshot
from app.storage import orders
from tests.builders.line import TestLine
from tests.builders.shopify import an_order

CODES = [{"code": "save-12ab", "amount": "5.00", "type": "fixed_amount"}]


def _kept(line: TestLine) -> Snapshot:
    with line.in_program() as connection:
        where = line.store.program_id, line.store.store_id
        kept = orders.find_order(connection, *where, "5001")
    assert kept
    assert kept.facts.snapshot
    return kept.facts.snapshot


def test_discount_codes_are_kept_with_the_order(line: TestLine):
    line.settle(("orders/paid", an_order(discount_codes=CODES)))

    assert _kept(line).discount_codes == ("SAVE-12AB",)


def test_an_order_from_before_codes_were_kept_has_none(line: TestLine):
    line.settle(("orders/paid", an_order(discount_codes=CODES)))
    line.tamper(
        "update order_fact set facts = cast("
        "cast(facts as jsonb) #- '{snapshot,discount_codes}' as json)"
    )

    assert _kept(line).discount_codes == ()
    assert _kept(line).number == "#1001"
