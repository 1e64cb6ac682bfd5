"""Rounds in turn, and what they come to: a median and how far the rounds lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Size:
    """How much to do: enough to trust the figures, or just enough to see it run."""

    rounds: int
    customers: int
    orders: int
    seconds: float
    burst: int
    small_entries: int
    large_entries: int
    member_entries: int


FULL = Size(5, 1_000, 3_000, 4, 10_000, 10_000, 1_000_000, 5_000)
QUICK = Size(5, 1_000, 500, 1.5, 2_000, 1_000, 50_000, 500)
TINY = Size(1, 40, 60, 0.5, 120, 1_000, 2_000, 60)
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}


@dataclass(frozen=True)
class Spread:
    """A figure from several rounds."""

    median: float
    low: float
    high: float
    rounds: tuple[float, ...]


def spread(values: Sequence[float]) -> Spread:
    """Return what rounds come to."""
    return Spread(median(values), min(values), max(values), tuple(values))


def interleaved(count: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Measure in turn, A B A B; the first turn of each only warms up."""
    for measure in measures:
        measure()
    rounds = [[measure() for measure in measures] for _ in range(count)]
    return [list(column) for column in zip(*rounds, strict=True)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return the ratio of figures that were measured in the same round."""
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, against what, and what is to be held.

    The limit is on the ratio where there is one, else on our own figure.
    """

    what: str
    unit: str
    ours: Spread
    baseline: str = ""
    theirs: Spread | None = None
    ratio: Spread | None = None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        judged = (self.ratio or self.ours).median
        if self.at_least is not None:
            return judged >= self.at_least
        return judged <= self.at_most if self.at_most is not None else None


def compared(
    what: str, unit: str, columns: Sequence[Sequence[float]], **more: object
) -> Row:
    """Return the row of our figures and a baseline's from the same rounds."""
    ours, theirs = columns
    return Row(
        what,
        unit,
        spread(ours),
        theirs=spread(theirs),
        ratio=ratio(ours, theirs),
        **more,  # type: ignore[arg-type]
    )
