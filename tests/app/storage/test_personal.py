"""What members said of themselves opens with their own key, and goes with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.actions import Birthday
from app.domain.program import Program
from app.storage import personal, tables
from app.storage.sealing import CannotUnseal, Keyring
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, a_merge

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}


def _tell_birthday(
    line: TestLine, id_: int, days_ahead: int, key: str = "first"
) -> tuple[int, int]:
    """Have a customer say that their birthday is so many days ahead; return it."""
    key = f"{id_}-{key}"
    day = line.clock() + timedelta(days=days_ahead)
    told = {"customer_id": str(id_), "key": key, "month": day.month}
    line.ask_own("birthdays/tell", f"birthday/{key}", told | {"day": day.day})
    return day.month, day.day


@pytest.fixture
def two(line: TestLine) -> TestLine:
    """Two members whose birthdays earn."""
    line.set_program(Program(actions=(Birthday(points=90, days_known_before=0),)))
    line.settle(("customers/create", ADA), ("customers/create", GRACE))
    return line


def _told(line: TestLine, *customers: int) -> list[tuple[int, bytes]]:
    ids = [line.member_id(each) for each in customers]
    with line.in_program() as connection:
        found = personal.told_by(connection, line.keys, line.store.program_id, ids)
    return [(told.member_id, told.value) for told in found]


def test_a_birthday_that_is_weeks_off_is_nowhere_in_the_tables(two: TestLine):
    month, day = _tell_birthday(two, 7001, 100)

    assert [(two.member_id(7001), b"%02d-%02d" % (month, day))] == _told(two, 7001)
    with two.database.engine.connect() as connection:
        for table in tables.metadata.tables:
            stolen = connection.exec_driver_sql(f"select {table}::text from {table}")
            told = " ".join(stolen.scalars())
            for written in f"-{month:02}-{day:02}", (b"%02d-%02d" % (month, day)).hex():
                assert written not in told, table


def test_a_birthday_goes_along_when_two_customers_become_one(two: TestLine):
    month, day = _tell_birthday(two, 7002, 10)
    lost = two.member_id(7002)
    two.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))

    assert [(two.member_id(7001), b"%02d-%02d" % (month, day))] == _told(two, 7001)
    with two.in_program() as connection:
        assert [] == personal.told_by(
            connection, two.keys, two.store.program_id, [lost]
        )
    two.pass_days(11)
    two.worker.settle_due()
    assert 90 == two.standing(7001).available
    assert (two.audit(), two.violations()) == (None, [])


@pytest.mark.parametrize(
    ("table", "place", "source"),
    [
        ("personal", "key = '7001-first'", "key = '7001-again'"),
        ("personal", "key = '7001-first'", "key = '7002-first'"),
        ("personal_key", "member_id = {ada}", "member_id = {grace}"),
    ],
)
def test_what_was_moved_does_not_open_and_holds_up_nobody(
    two: TestLine, table: str, place: str, source: str
):
    for id_, key in ((7001, "first"), (7001, "again"), (7002, "first")):
        _tell_birthday(two, id_, 10, key)
    moved = f"(select sealed from {table} where {source})"
    statement = f"update {table} set sealed = {moved} where {place}"
    two.tamper(statement.format(ada=two.member_id(7001), grace=two.member_id(7002)))

    with pytest.raises(CannotUnseal):
        _told(two, 7001)
    two.pass_days(11)
    two.worker.settle_due()
    assert (0, 90) == (two.standing(7001).available, two.standing(7002).available)


def test_without_its_own_key_a_value_opens_with_no_other():
    keys = Keyring(["master"])
    first, second = (keys.new_key(whose) for whose in ("one", "other"))
    sealed = keys.sub_ring(first, "one").seal(b"05-12", "one/birthday")

    def opened(ring: Any) -> bytes:
        return ring.unseal(sealed, "one/birthday")

    assert b"05-12" == opened(keys.sub_ring(first, "one"))
    for ring in keys, keys.sub_ring(second, "other"):
        with pytest.raises(CannotUnseal):
            opened(ring)
    with pytest.raises(CannotUnseal):
        keys.sub_ring(first, "other")
