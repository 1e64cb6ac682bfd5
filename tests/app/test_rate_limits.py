"""A rate limit counts in windows, each for itself, and forgets strangers."""

from __future__ import annotations

from app.rate_limits import WINDOW_S, RateLimit


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """What time it is, in seconds."""
        return self.now


def test_so_many_are_taken_in_a_window_and_again_in_the_next():
    clock = Clock()
    limit = RateLimit(2, clock)

    assert [True, True, False, False] == [limit.takes("a") for _ in range(4)]
    assert limit.takes("b")
    clock.now += WINDOW_S - 1
    assert not limit.takes("a")
    # The window begins with the first time, and what is refused does not prolong it.
    clock.now += 1
    assert [True, True, False] == [limit.takes("a") for _ in range(3)]


def test_whether_a_limit_is_reached_is_told_without_counting():
    limit = RateLimit(1, Clock())

    assert [False, False] == [limit.is_reached("a") for _ in range(2)]
    limit.count("a")
    assert limit.is_reached("a")


def test_strangers_cannot_fill_the_memory_nor_let_who_comes_often_off():
    limit = RateLimit(10, Clock())
    for number in range(60_000):
        limit.count(number)
        taken = limit.takes("often")

    assert not taken
    assert len(limit._counts) == 20_000
