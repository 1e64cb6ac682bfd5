"""Messages of one moment are kept in one transaction; a bad one harms no other."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from app.storage.inbox import Arrival
from app.storage.keeping import keep_each
from tests.builders.line import DOMAIN, TestLine


def an_arrival(delivery_id: str) -> Arrival:
    """A message as the receiver hands it on."""
    return Arrival("shopify", DOMAIN, "orders/paid", delivery_id, b"{}")


def test_one_rings_for_all(line: TestLine):
    unknown = replace(an_arrival("0"), is_known_topic=False)
    others = [an_arrival(number) for number in "123"]

    assert [False, True, False, False] == keep_each(
        line.database, line.keys, [unknown, *others]
    )
    assert ["ignored", *["waiting"] * 3] == [row.state for row in line.inbox()]


def test_a_repeat_rings_again(line: TestLine):
    arrival = an_arrival("1")
    keep_each(line.database, line.keys, [arrival])

    assert [True] == keep_each(line.database, line.keys, [arrival])
    assert 1 == len(line.inbox())


def test_one_that_cannot_be_kept_harms_no_other(line: TestLine):
    bad = replace(an_arrival("2"), topic="orders\0paid")
    arrivals = [an_arrival("1"), bad, an_arrival("3")]

    first, error, last = keep_each(line.database, line.keys, arrivals)

    assert isinstance(error, DBAPIError)
    assert (True, True) == (first, last)
    assert ["1", "3"] == [row.delivery_id for row in line.inbox()]
