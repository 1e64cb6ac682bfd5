"""A bar that shows how far a long command is; without a screen, a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from workers.steps import Step

_LINE_EVERY_S = 10.0

Item = TypeVar("Item")
Show = Callable[[Step], None]


def followed(
    items: Iterable[Item],
    step_of: Callable[[Item], Step],
    console: Console | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Item | None:
    """Show on standard error how far each item says it is; return the last."""
    console = console or Console(stderr=True)
    has_screen = console.is_terminal and not console.is_dumb_terminal
    last = None
    with _drawn(console) if has_screen else _told(console, clock) as show:
        for last in items:
            show(step_of(last))
    return last


@contextmanager
def _drawn(console: Console) -> Iterator[Show]:
    """Draw a bar for each thing that is done; what has no known end only moves."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as progress:

        def show(step: Step) -> None:
            if step.doing not in bars:
                bars[step.doing] = progress.add_task(step.doing, total=None, words="")
            progress.update(
                bars[step.doing],
                completed=step.done,
                total=_total(step),
                words=_in_words(step),
            )

        yield show


@contextmanager
def _told(console: Console, clock: Callable[[], float]) -> Iterator[Show]:
    """Write a line when something begins, now and then, and when it has ended."""
    last: Step | None = None
    is_told, told_at = True, 0.0

    def tell(step: Step) -> None:
        nonlocal is_told, told_at
        console.out(f"{step.doing}: {_in_words(step)}", highlight=False)
        is_told, told_at = True, clock()

    def show(step: Step) -> None:
        nonlocal last, is_told
        begins = last is None or last.doing != step.doing
        if begins and last and not is_told:
            tell(last)
        last, is_told = step, False
        if begins or clock() - told_at >= _LINE_EVERY_S:
            tell(step)

    yield show
    if last and not is_told:
        tell(last)


def _in_words(step: Step) -> str:
    total = _total(step)
    return f"{step.done:,}" if total is None else f"{step.done:,} of {total:,}"


def _total(step: Step) -> int | None:
    """Return of how many; a store may have more by now than it said at first."""
    return None if step.total is None else max(step.total, step.done)
