"""What many threads ask at one time is done at one go, and nobody waits for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.together import NotInTime, Together


class Slow:
    """Work that begins when it is let, and remembers what it was asked at one go."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.has_begun = threading.Event()
        self.rounds: list[list[int]] = []

    def __call__(self, asked: list[int]) -> list[int]:
        self.rounds.append(asked)
        self.has_begun.set()
        assert self.may_go_on.wait(30)
        return [number * 2 for number in asked]


def test_each_gets_the_answer_to_what_it_asked():
    doubling = Together(lambda asked: [number * 2 for number in asked], wait_s=30)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(doubling.ask, range(500)))

    assert [number * 2 for number in range(500)] == answers


def test_what_is_asked_during_a_round_is_done_together_in_the_next():
    work = Slow()
    together = Together(work, most=3, wait_s=30)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together.ask, 0)
        assert work.has_begun.wait(30)
        others = [pool.submit(together.ask, number) for number in range(1, 6)]
        while together._asked.qsize() < len(others):
            pass
        work.may_go_on.set()
        answers = [each.result(30) for each in (first, *others)]

    assert [0, 2, 4, 6, 8, 10] == answers
    assert [1, 3, 2] == [len(each) for each in work.rounds]


def test_what_goes_wrong_is_raised_to_all_of_its_round():
    def work(_: list[int]) -> list[int]:
        raise LookupError("away")

    with pytest.raises(LookupError, match="away"):
        Together(work, wait_s=30).ask(1)


def test_what_goes_wrong_with_one_is_raised_to_that_one():
    def work(asked: list[int]) -> list[int | Exception]:
        return [LookupError("odd") if number % 2 else number for number in asked]

    together = Together(work, wait_s=30)
    assert 4 == together.ask(4)
    with pytest.raises(LookupError, match="odd"):
        together.ask(5)


def test_nobody_waits_longer_than_they_can():
    work = Slow()
    together = Together(work, wait_s=0.05)

    for number in (1, 2):
        with pytest.raises(NotInTime):
            together.ask(number)
    work.may_go_on.set()
    while together._asked.qsize():
        pass

    assert 6 == together.ask(3)
    assert [[1], [3]] == work.rounds


def test_work_that_answers_not_all_is_an_error_and_not_the_end():
    def work(asked: list[int]) -> list[int]:
        return [] if asked == [1] else asked

    together = Together(work, wait_s=30)
    with pytest.raises(RuntimeError, match="as many answers"):
        together.ask(1)
    assert 2 == together.ask(2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ended_is_begun_again():
    def work(asked: list[int]) -> list[int]:
        if asked == [1]:
            raise SystemExit
        return asked

    together = Together(work, wait_s=0.5)
    with pytest.raises(NotInTime):
        together.ask(1)
    assert 2 == together.ask(2)
