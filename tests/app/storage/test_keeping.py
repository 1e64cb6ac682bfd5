"""Messages of one moment are kept in one transaction; a bad one harms no other."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from app.storage.inbox import Arrival, Place, seal_body
from app.storage.keeping import keep_each
from tests.builders.line import DOMAIN, TestLine


def an_arrival(line: TestLine, delivery_id: str) -> Arrival:
    """A message as the receiver hands it on."""
    body = seal_body(line.keys, Place("shopify", DOMAIN, delivery_id), b"{}")
    return Arrival("shopify", DOMAIN, "orders/paid", delivery_id, body)


def test_one_rings_for_all(line: TestLine):
    unknown = replace(an_arrival(line, "0"), is_known_topic=False)
    others = [an_arrival(line, number) for number in "123"]

    assert [False, True, False, False] == keep_each(line.database, [unknown, *others])
    assert ["ignored", *["waiting"] * 3] == [row.state for row in line.inbox()]


def test_a_repeat_rings_again(line: TestLine):
    arrival = an_arrival(line, "1")
    keep_each(line.database, [arrival])

    assert [True] == keep_each(line.database, [arrival])
    assert 1 == len(line.inbox())


def test_one_that_cannot_be_kept_harms_no_other(line: TestLine):
    bad = replace(an_arrival(line, "2"), topic="orders\0paid")
    arrivals = [an_arrival(line, "1"), bad, an_arrival(line, "3")]

    first, error, last = keep_each(line.database, arrivals)

    assert isinstance(error, DBAPIError)
    assert (True, True) == (first, last)
    assert ["1", "3"] == [row.delivery_id for row in line.inbox()]
