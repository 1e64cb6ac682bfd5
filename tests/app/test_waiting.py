"""Plain code that waits in an event loop holds up nobody there."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from app.storage.database import Database
from app.together import NotInTime, Together
from app.waiting import aside, giving_way
from tests.builders.loop import in_a_loop


def test_all_who_wait_in_one_loop_are_answered_together():
    rounds = []

    def work(asked: list[int]) -> list[int]:
        rounds.append(asked)
        return [number * 2 for number in asked]

    together = Together(work, wait_s=30)

    async def all_at_once() -> list[int]:
        asking = [giving_way(partial(together.ask, number)) for number in range(50)]
        return await asyncio.gather(*asking)

    assert [number * 2 for number in range(50)] == in_a_loop(all_at_once())
    # One may have been taken up before the others had asked.
    assert len(rounds) <= 2


def test_the_loop_goes_on_while_somebody_waits_in_vain():
    blocked = threading.Event()
    together: Together[int, int] = Together(
        lambda asked: [int(blocked.wait(30)) for _ in asked], wait_s=0.2
    )
    ticks = []

    async def ticking() -> None:
        while not ticks or ticks[-1] < 3:
            ticks.append(len(ticks))
            await asyncio.sleep(0.001)

    async def both() -> None:
        waiting = asyncio.ensure_future(giving_way(partial(together.ask, 1)))
        await ticking()
        assert not waiting.done()
        await waiting

    with pytest.raises(NotInTime):
        in_a_loop(both())
    blocked.set()
    assert [0, 1, 2, 3] == ticks


def test_what_went_wrong_is_raised_to_who_waits_in_a_loop():
    together: Together[int, int] = Together(lambda _: [LookupError("away")], wait_s=30)

    async def one() -> int:
        return await giving_way(partial(together.ask, 1))

    with pytest.raises(LookupError, match="away"):
        in_a_loop(one())


def test_what_blocks_is_done_by_another_thread_only_in_a_loop():
    async def in_loop() -> int:
        return await giving_way(partial(aside, threading.get_ident))

    assert threading.get_ident() == aside(threading.get_ident)
    assert threading.get_ident() != in_a_loop(in_loop())


def test_the_database_is_never_asked_where_a_loop_would_stand_still(
    database: Database,
):
    def ask() -> None:
        with database.receiver():
            pass

    async def in_loop() -> None:
        await giving_way(ask)

    ask()
    with pytest.raises(RuntimeError, match="aside"):
        in_a_loop(in_loop())
