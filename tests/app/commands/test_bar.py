"""A long command shows how far it is, whether anybody has a screen or not."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console

from app.commands.bar import followed
from workers.steps import Step

FILE = [Step("The file", done, 1200) for done in (0, 600, 1200)]
ORDERS = [Step("Orders", done) for done in (10, 20, 30, 40)]


def _followed(*, has_screen: bool, moments: Iterator[float]) -> str:
    console = Console(file=io.StringIO(), force_terminal=has_screen, width=100)
    last = followed([*FILE, *ORDERS], lambda step: step, console, moments.__next__)
    assert last == ORDERS[-1]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_screen_a_line_is_written_now_and_then_and_at_each_end():
    """The clock is looked at for each step that might be written, and after each."""
    moments = iter([0, 5, 6, 6, 7, 8, 20, 20, 21, 22])
    written = _followed(has_screen=False, moments=moments)

    assert written.splitlines() == [
        "The file: 0 of 1,200",
        "The file: 1,200 of 1,200",
        "Orders: 10",
        "Orders: 30",
        "Orders: 40",
    ]


def test_on_a_screen_there_is_a_bar_for_each_thing():
    drawn = _followed(has_screen=True, moments=iter(()))

    assert "1,200 of 1,200" in drawn
    assert "━" in drawn
    assert "\x1b[" in drawn


def test_a_store_may_have_more_by_now_than_it_said():
    console = Console(file=io.StringIO(), force_terminal=False)
    followed([Step("Orders", 7, 5)], lambda step: step, console)
    assert isinstance(console.file, io.StringIO)

    assert console.file.getvalue() == "Orders: 7 of 7\n"


def test_of_nothing_nothing_is_said():
    console = Console(file=io.StringIO(), force_terminal=False)
    nothing: list[Step] = []

    assert followed(nothing, lambda step: step, console) is None
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
