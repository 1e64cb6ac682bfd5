"""A database that was restored forgets again whom the record outside says it must."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Table, select

from app.domain.actions import Birthday
from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from app.storage import tables
from app.storage.findings import last_look
from app.storage.redactions import file_of
from tests.builders.line import DOMAIN, SECRET_KEY, TestLine
from tests.builders.restored import copied, line_on, with_record
from tests.builders.shopify import ADA, a_merge, an_order, later
from workers.redactions import Again, KeepingRedactions

ADA_MAIL, PHONE = "ada@example.com", "+49 151 2345678"
GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
TAGGED = {
    "customerId": "gid://shopify/Customer/7001",
    "tags": ["vip"],
    "occurredAt": "2026-11-06T10:00:00Z",
}


def _redact(customer: dict[str, Any], *orders: int) -> tuple[str, dict[str, Any]]:
    who = {"id": None, "email": None, "phone": None} | customer
    named = {"shop_domain": DOMAIN, "customer": who, "orders_to_redact": list(orders)}
    return "customers/redact", named


REDACTED = _redact(ADA, 5001)


@pytest.fixture
def restored(line: TestLine, tmp_path: Path) -> Iterator[Callable[[str], TestLine]]:
    """What makes a line on an older database, with the newest record of redactions."""
    made = []

    def make(url: str) -> TestLine:
        home = tmp_path / f"home {len(made)}"
        made.append(with_record(line, url, home))
        return made[-1]

    yield make
    for each in made:
        each.close()
        each.database.close()


def _forget_again(line: TestLine) -> list[str]:
    """Have the clock look, twice; what it logged."""
    redactions = line.a_clock(line.home).redactions
    with structlog.testing.capture_logs() as logs:
        redactions.work()
        redactions.work()
    assert () == redactions.look().rows
    return [each["event"] for each in logs]


def _names_ada(line: TestLine) -> list[str]:
    marked = line.worker.conceal(ADA_MAIL)
    return line.mentions("7001", ADA_MAIL, marked, "2345678")


def _keeping(line: TestLine, secret_key: str = SECRET_KEY) -> KeepingRedactions:
    return KeepingRedactions(line.database, secret_key, line.keys, line.home)


def test_the_clock_writes_each_redaction_down_once_and_names_nobody(line: TestLine):
    line.settle(("orders/paid", an_order()), REDACTED)
    redactions = line.a_clock(line.home).redactions
    redactions.work()
    told = file_of(line.home).read_text()
    # It was customer, address and order; a clock that begins anew tells none again.
    assert 3 == told.count("\n")
    line.a_clock(line.home).redactions.work()
    assert told == file_of(line.home).read_text()
    hidden = [ADA_MAIL, line.worker.conceal(ADA_MAIL), '"7001"', '"5001"']
    assert not [each for each in hidden if each in told]

    line.settle(("orders/paid", an_order(id=5002, customer=GRACE)), _redact(GRACE))
    redactions.work()
    assert file_of(line.home).read_text().startswith(told)
    assert 5 == file_of(line.home).read_text().count("\n")


def test_a_file_that_was_lost_is_written_anew(line: TestLine):
    line.settle(("orders/paid", an_order()), REDACTED)
    redactions = line.a_clock(line.home).redactions
    redactions.work()
    told = file_of(line.home).read_bytes()
    file_of(line.home).unlink()
    redactions.work()

    assert sorted(told.split()) == sorted(file_of(line.home).read_bytes().split())


def test_what_the_file_lacks_for_minutes_is_told(line: TestLine):
    line.settle(("orders/paid", an_order()), REDACTED)
    redactions = _keeping(line)
    assert () == redactions.look().rows

    line.tamper("update inbox set finished_at = finished_at - interval '10 minutes'")
    assert ((DOMAIN, 3, "not on file"),) == redactions.look().rows
    redactions.work()
    assert () == redactions.look().rows


def test_a_record_that_cannot_be_read_is_told_and_ends_no_look(line: TestLine):
    line.settle(("orders/paid", an_order()), REDACTED)
    file_of(line.home).mkdir(parents=True)
    clock = line.a_clock(line.home)
    clock.inspection.begin()
    clock.inspection.wait()

    told = ((str(file_of(line.home)), "IsADirectoryError"),)
    assert told == clock.redactions.look().rows
    look = last_look(line.home)
    assert look
    assert 1 == look.violations["redactions-are-kept"]


def test_a_record_that_cannot_be_written_is_tried_again(line: TestLine):
    line.settle(("orders/paid", an_order()), REDACTED)
    file_of(line.home).parent.mkdir()
    file_of(line.home).symlink_to(line.home / "nowhere" / "record")
    redactions = _keeping(line)
    with structlog.testing.capture_logs() as logs:
        redactions.work()
        redactions.work()
    assert 2 * ["redactions not written"] == [each["event"] for each in logs]

    (line.home / "nowhere").mkdir()
    redactions.work()
    line.tamper("update inbox set finished_at = finished_at - interval '10 minutes'")
    assert () == redactions.look().rows


def test_a_store_that_fails_holds_up_neither_the_others_nor_the_record(
    line: TestLine, restored
):
    other = line.add_store("other.myshopify.com")
    theirs = {"X-Shopify-Shop-Domain": other.domain}
    hers = an_order(id=6001, customer=GRACE, email=GRACE["email"])
    line.deliver("orders/paid", hers, **theirs)
    line.settle(("orders/paid", an_order()))
    copy = copied(line)
    topic, body = _redact(GRACE)
    line.deliver(topic, body | {"shop_domain": other.domain}, **theirs)
    line.settle(REDACTED)
    again, mary = restored(copy), {"id": 7003, "email": "mary@example.com"}
    marys = an_order(id=5004, customer=mary, email=mary["email"])
    again.settle(("orders/paid", marys), _redact(mary))
    before = file_of(again.home).read_bytes()
    broken = "update program_version set document = document {} where program_id = {}"
    later = broken.format("|| '{\"new\": 1}'", other.program_id)
    again.tamper(later)

    redactions = _keeping(again)
    with structlog.testing.capture_logs() as logs:
        redactions.work()
        redactions.work()
    assert [
        ("forgotten again", DOMAIN, None),
        ("not forgotten again", other.domain, "InvalidProgram"),
        ("not forgotten again", other.domain, "InvalidProgram"),
    ] == [(each["event"], each["domain"], each.get("error")) for each in logs]
    assert not _names_ada(again)
    assert again.mentions("7002")
    after = file_of(again.home).read_bytes()
    assert after.startswith(before)
    assert 2 == after[len(before) :].count(b"\n")
    assert ((other.domain, 2, "undone"),) == redactions.look().rows

    again.tamper(broken.format("- 'new'", other.program_id))
    assert ["forgotten again"] == _forget_again(again)
    assert not again.mentions("7002")


NOBODYS = an_order(id=5002, customer=None, email=None, phone=PHONE)
LIVES: dict[str, tuple[list[tuple[str, Any]], list[tuple[str, Any]]]] = {
    "a customer": (
        [
            ("customers/create", ADA | {"phone": PHONE, "tags": "vip"}),
            ("customer.tags_added", TAGGED),
            ("orders/paid", an_order(phone=PHONE)),
        ],
        [REDACTED],
    ),
    "a guest": ([("orders/paid", an_order(customer=None))], [REDACTED]),
    "by the address alone": (
        [("orders/paid", an_order())],
        [_redact({"email": ADA_MAIL})],
    ),
    "an order of nobody": (
        [("orders/paid", NOBODYS)],
        [_redact({"phone": PHONE}, 5002)],
    ),
    "merged into another before": (
        [
            ("orders/paid", an_order()),
            ("orders/paid", an_order(id=5003, customer=GRACE)),
            ("customers/merge", a_merge(7002, 7001)),
        ],
        [_redact(GRACE)],
    ),
    "merged into another since": (
        [
            ("orders/paid", an_order()),
            ("orders/paid", an_order(id=5003, customer=GRACE)),
        ],
        [("customers/merge", a_merge(7002, 7001)), _redact(GRACE)],
    ),
}
_SAME = [
    tables.customer,
    tables.address,
    tables.order_fact,
    tables.customer_label,
    tables.redemption,
    tables.referral,
    tables.tombstone,
]


def _rows(line: TestLine, table: Table) -> list[str]:
    with line.database.auditor() as connection:
        return sorted(map(repr, connection.execute(select(table))))


@pytest.mark.parametrize("life", LIVES)
def test_what_is_done_again_is_what_was_done(line: TestLine, restored, life: str):
    """The rows are those of a copy to which the messages since were told once more."""
    line.set_program(Program(referral=ReferralTerms()))
    before, since = LIVES[life]
    line.settle(*before)
    copy, twin = copied(line), copied(line)
    line.settle(*since)
    again, told = restored(copy), line_on(line, twin, line.home)
    assert _names_ada(again)

    assert ["forgotten again"] == _forget_again(again)
    told.settle(*since)
    assert not _names_ada(again)
    if "since" not in life:
        assert [_rows(told, each) for each in _SAME] == [
            _rows(again, each) for each in _SAME
        ]
    for message in before:
        again.settle(message)
    assert not _names_ada(again)
    assert again.totals() == told.totals() == line.totals()
    assert (again.audit(), again.violations()) == (None, [])
    told.close()
    told.database.close()


def test_what_comes_after_knows_them_no_more(line: TestLine, restored):
    """Though it was ordered after the dump, and nobody there has ever heard of them."""
    line.settle(("orders/paid", an_order(customer=GRACE)))
    copy = copied(line)
    line.settle(("orders/paid", an_order(id=5002)), _redact(ADA, 5002))
    again = restored(copy)

    assert ["forgotten again"] == _forget_again(again)
    again.settle(("orders/paid", an_order(id=5002)), ("customers/update", ADA))
    assert not _names_ada(again)
    assert 100 == again.standing(7002).available
    assert (again.audit(), again.violations()) == (None, [])


def test_an_order_of_nobody_that_comes_again_brings_no_phone_with_it(
    line: TestLine, restored
):
    line.set_program(Program(referral=ReferralTerms()))
    copy = copied(line)
    line.settle(("orders/paid", NOBODYS), _redact({"phone": PHONE}, 5002))
    again, other = restored(copy), NOBODYS | {"id": 5003}
    _forget_again(again)
    again.settle(("orders/paid", NOBODYS), ("orders/paid", other))

    with again.in_program() as connection:
        found = connection.execute(select(tables.order_fact.c["order_id", "facts"]))
        marked = {order_id: bool(facts["marks"]) for order_id, facts in found}
    assert {"5002": False, "5003": True} == marked
    assert [False, True] == [bool(each.body) for each in again.inbox()]
    assert [] == again.violations()


def test_birthdays_that_earned_keep_what_they_earned(line: TestLine, restored):
    line.set_program(Program(actions=(Birthday(points=50, days_known_before=0),)))
    line.settle(("orders/paid", an_order()))
    day = line.clock() + timedelta(days=10)
    told = {"customer_id": "7001", "key": "a", "month": day.month, "day": day.day}
    line.ask_own("birthdays/tell", "birthday/a", told)
    line.pass_days(11)
    line.worker.settle_due()
    copy = copied(line)
    line.settle(REDACTED)
    again = restored(copy)
    _forget_again(again)

    assert not _names_ada(again)
    assert {"available": 150, "issued": -150} == again.totals() == line.totals()
    assert [] == again.violations()
    # Nor is the next one known, or looked for.
    with again.database.auditor() as connection:
        [progress] = connection.execute(select(tables.member_progress)).all()
        due = connection.execute(select(tables.member.c.due_at)).scalars().all()
    assert (None, [None]) == (progress.document.get("birthday_from"), due)


def test_a_store_that_was_redacted_is_forgotten_as_a_whole_again(
    line: TestLine, restored
):
    line.settle(("orders/paid", an_order()), ("orders/paid", NOBODYS))
    copy = copied(line)
    line.settle(("orders/paid", an_order(id=5003, customer=GRACE)))
    line.be_left()
    again = restored(copy)

    assert ["forgotten again"] == _forget_again(again)
    assert not _names_ada(again)
    again.settle(("orders/updated", later(an_order())), ("customers/update", GRACE))
    assert not _names_ada(again)
    assert not again.mentions("7002")
    with again.database.auditor() as connection:
        assert connection.execute(select(tables.store)).one().uninstalled_at

    again.add_store(DOMAIN)
    again.settle(("customers/update", GRACE))
    assert again.mentions("7002")
    assert [] == _forget_again(again)
    assert again.mentions("7002")
    assert (again.audit(), again.violations()) == (None, [])


def _anew(line: TestLine, **more: Any) -> dict[str, Any]:
    """An order that was placed just now."""
    at = line.clock().isoformat()
    return an_order(
        **dict.fromkeys(("created_at", "processed_at", "updated_at"), at), **more
    )


@pytest.mark.parametrize("is_redacted", [False, True])
def test_who_became_somebody_new_before_the_copy_stays_so(
    line: TestLine, restored, is_redacted: bool
):
    line.settle(("orders/paid", an_order()), REDACTED)
    line.a_clock(line.home).redactions.work()
    if is_redacted:
        line.be_left()
    line.add_store(DOMAIN)
    line.settle(("orders/paid", _anew(line, id=5005)))
    again = restored(copied(line))

    assert [] == _forget_again(again)
    assert 100 == again.standing(7001).available


def test_who_was_forgotten_in_a_later_installation_may_come_back_after_the_next(
    line: TestLine, restored
):
    line.settle(("orders/paid", an_order()))
    copy = copied(line)
    line.add_store(DOMAIN)
    line.settle(REDACTED)
    again = restored(copy)

    assert ["forgotten again"] == _forget_again(again)
    again.settle(("orders/paid", _anew(again, id=5005)))
    assert not _names_ada(again)
    again.add_store(DOMAIN)
    assert [] == _forget_again(again)
    again.settle(("orders/paid", _anew(again, id=5006)))
    assert 100 == again.standing(7001).available


def test_people_of_a_store_that_is_added_anew_are_not_those_who_were_forgotten(
    line: TestLine, restored, new_database_url
):
    """It is told of by the record, but the database begins after all that."""
    line.settle(("orders/paid", an_order()), _redact(GRACE))
    line.be_left()
    again = restored(new_database_url())
    assert [] == _forget_again(again)
    again.store = again.add_store(DOMAIN)
    again.settle(("orders/paid", _anew(again, id=5005)))
    assert ["forgotten again"] == _forget_again(again)

    assert 100 == again.standing(7001).available
    again.settle(
        ("customers/update", GRACE), ("orders/paid", an_order(id=5006, customer=GRACE))
    )
    assert not again.mentions("7002")
    again.settle(("orders/paid", _anew(again, id=5007, customer=GRACE)))
    assert 100 == again.standing(7002).available


def test_a_record_of_another_secret_forgets_nobody_and_is_told(line: TestLine):
    _keeping(line).compare()
    line.settle(("orders/paid", an_order()))
    copy = line_on(line, copied(line), line.home)
    line.settle(REDACTED)
    line.be_left()
    _keeping(line, "another").compare()

    assert Again({}, [1, 2, 3, 4]) == _keeping(copy).compare()
    assert 100 == copy.standing(7001).available
    with structlog.testing.capture_logs() as logs:
        inspection = copy.a_clock(copy.home).inspection
        inspection.begin()
        inspection.wait()
    told = [(each["invariant"], each["rows"]) for each in logs]
    assert [("redactions-are-kept", 4)] == told
    assert [] == copy.violations()
    copy.close()
    copy.database.close()
