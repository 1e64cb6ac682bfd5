"""Keys change while messages that the old one sealed are still about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from app.commands import mend
from app.main import create_app
from app.storage import access, personal
from app.storage.sealing import CannotUnseal, Keyring
from tests.app.commands.conftest import Run
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, an_order

KEY = "TALLYMARK_ENCRYPTION_KEY"
NEW = {KEY: "new", f"{KEY}_PREVIOUS": "sealing"}


@pytest.fixture
def kept(line: TestLine) -> TestLine:
    """A birthday, five messages of two programmes, and one of an unknown store."""
    line.settle(("customers/create", ADA))
    born = {"customer_id": "7001", "key": "1", "month": 12, "day": 10}
    line.ask_own("birthdays/tell", "birthday/1", born)
    line.add_store("other.myshopify.com")
    for number in range(6):
        domains = [line.store.domain, "other.myshopify.com", "third.myshopify.com"]
        headers = {"X-Shopify-Shop-Domain": domains[number % 3]}
        line.deliver("orders/paid", an_order(id=5000 + number), **headers)
    return line


def test_after_resealing_the_old_key_is_needed_no_longer(
    kept: TestLine,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    with kept.in_program() as connection:
        opens = access.Given(access.Sealed("shpat_custom"), (), None)
        access.keep(connection, kept.keys, kept.store, opens)
    before = [kept.opened(message) for message in kept.inbox()]
    monkeypatch.setattr(mend, "_RESEALED_AT_ONCE", 1)

    run(kept, "reseal", **NEW)
    told = capsys.readouterr().out
    assert "8 bodies were sealed again, the keys of 1 members, and what opens 1" in told

    kept.keys = Keyring(["new"])
    with kept.in_program() as connection:
        found = access.find(connection, kept.keys, kept.store)
        assert found
        assert found.token == "shpat_custom"
        whose = kept.store.program_id, [kept.member_id(7001)]
        [told] = personal.told_by(connection, kept.keys, *whose)
        assert told.value == b"12-10"
    assert [kept.opened(message) for message in kept.inbox()] == before
    kept.worker = kept.another_worker()
    kept.worker.drain()
    assert {message.state for message in kept.inbox()} == {"settled", "ignored"}
    run(kept, "reseal", **NEW)
    assert (
        "0 bodies were sealed again, the keys of 0 members" in capsys.readouterr().out
    )


def test_keys_change_while_messages_come_and_are_worked_on(
    line: TestLine, run: Run, monkeypatch: pytest.MonkeyPatch
):
    orders = count(5000)
    for _ in range(60):
        line.deliver("orders/paid", an_order(id=next(orders)))
    # What runs by now has both keys, as the first step of a change asks for.
    both = ("new", "sealing")
    line.keys = Keyring(both)
    door = create_app(line.settings_with(sealing_secrets=both))
    client, worker, is_done = door.test_client(), line.another_worker(), Event()
    statuses: list[int] = []

    def deliver() -> None:
        while not is_done.is_set() or len(statuses) < 20:
            body = an_order(id=next(orders))
            statuses.append(line.deliver("orders/paid", body, client).status_code)

    def work() -> None:
        while not is_done.is_set():
            worker.drain()

    monkeypatch.setattr(mend, "_RESEALED_AT_ONCE", 3)
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(deliver), pool.submit(work)
        try:
            run(line, "reseal", **NEW)
        finally:
            is_done.set()
        for each in beside:
            each.result()
    worker.drain()

    assert {200} == set(statuses)
    line.keys = Keyring(["new"])
    kept = line.inbox()
    assert {("settled", 1, None)} == {
        (each.state, each.attempts, each.note) for each in kept
    }
    assert 60 + len(statuses) == len(kept)
    assert all(line.opened(each) for each in kept)
    assert 100 * len(kept) == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])
    door.extensions["tallymark"].database.close()


def test_without_the_old_key_nothing_is_lost(kept: TestLine, run: Run):
    before = [message.body for message in kept.inbox()]

    with pytest.raises(CannotUnseal, match="key that is not set"):
        run(kept, "reseal", **{KEY: "new"})

    assert [message.body for message in kept.inbox()] == before
