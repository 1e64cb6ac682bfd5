"""Plain code that waits in an event loop holds up nobody there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import pytest

from app.storage.database import Database
from app.together import NotInTime, Together
from app.waiting import aside, giving_way
from tests.app.test_together import Slow
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


def test_who_breaks_off_is_not_worked_for_and_holds_up_no_other():
    work = Slow()
    together = Together(work, wait_s=30)

    async def one_of_three() -> int:
        asking = [asyncio.ensure_future(giving_way(partial(together.ask, 0)))]
        await _until(work.has_begun.is_set)
        asking += [
            asyncio.ensure_future(giving_way(partial(together.ask, number)))
            for number in (1, 2)
        ]
        await _until(lambda: together._asked.qsize() == 2)
        for each in asking[:2]:
            each.cancel()
        await asyncio.gather(*asking[:2], return_exceptions=True)
        assert all(each.cancelled() for each in asking[:2])
        work.may_go_on.set()
        return await asking[2]

    assert 4 == in_a_loop(one_of_three())
    assert [[0], [2]] == work.rounds


def test_a_flood_is_answered_or_given_up_and_leaves_nothing_behind():
    """Many more than are done in time: who waited too long costs no work at all."""
    work = Slow()
    together = Together(work, wait_s=0.3)

    async def all_at_once() -> list[int | BaseException]:
        asking = [giving_way(partial(together.ask, number)) for number in range(5000)]
        return await asyncio.gather(*asking, return_exceptions=True)

    answers = in_a_loop(all_at_once())
    assert {NotInTime} == {type(each) for each in answers}
    work.may_go_on.set()
    assert 10 == together.ask(5)
    assert 0 == together._asked.qsize()
    assert [5] == work.rounds[-1]
    assert 2 == len(work.rounds)


def test_work_aside_that_is_broken_off_is_done_all_the_same():
    """A connection is given back by who took it, and never left half used."""
    may_go_on, is_done = threading.Event(), threading.Event()

    def slow() -> None:
        may_go_on.wait(30)
        is_done.set()

    async def broken_off() -> None:
        waiting = asyncio.ensure_future(giving_way(partial(aside, slow)))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        may_go_on.set()

    in_a_loop(broken_off())
    assert is_done.wait(30)


def test_nobody_waits_longer_for_a_thread_than_they_can():
    """Where all threads are held up, what nobody waits for is not done later either."""
    may_go_on, began = threading.Event(), list[int]()

    def held_up(number: int) -> None:
        began.append(number)
        may_go_on.wait(30)

    async def many() -> list[BaseException | None]:
        asking = [
            giving_way(partial(aside, partial(held_up, number), 0.2))
            for number in range(100)
        ]
        answers = await asyncio.gather(*asking, return_exceptions=True)
        may_go_on.set()
        return answers

    assert {NotInTime} == {type(each) for each in in_a_loop(many())}
    # A loop that is closed has waited for what its threads had begun.
    assert len(began) < 50


async def _until(happens: Callable[[], bool]) -> None:
    while not happens():
        await asyncio.sleep(0.001)
