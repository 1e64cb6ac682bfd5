"""From a signed message to a standing, in one process on real servers."""

from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order


def test_a_paid_order_earns_a_point_for_each_whole_euro(line: TestLine):
    line.settle(("orders/paid", an_order(a_line("99.99"))))

    assert 99 == line.standing(7001).available


def test_refunding_one_of_three_units_takes_its_own_points(line: TestLine):
    order = an_order(a_line("33.50", 3))
    line.settle(("orders/paid", order))
    line.settle(("refunds/create", a_refund("33.50", (11, 1, "33.50"))))

    assert 67 == line.standing(7001).available
