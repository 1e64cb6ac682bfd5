"""From what a member bought and did to the surprises that followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.domain.engagement.deeds import Deed
from app.domain.engagement.surprise import After, Surprise
from app.domain.engagement.versions import Versions
from app.domain.expiry import expires_at, patience
from app.domain.ledger import Credit, Reversal
from app.domain.program import Program

# Whether there is a surprise left under a programme, for the lot of that name.
Gives = Callable[[Program, Surprise, str], bool]


def without_budgets(_program: Program, surprise: Surprise, _lot: str) -> bool:
    """Give whatever has no budget, where none is allotted."""
    return not surprise.budget


def gift_lot(name: str, occasion: str) -> str:
    """Return the name of the lot that a surprise is, by what it followed."""
    return f"gift/{name}/{occasion}"


@dataclass
class Gifts:
    """What surprises gave, and under which version, by lot."""

    given: dict[str, Credit] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Return the credits alone."""
        return tuple(self.given.values())


def surprised(
    deeds: Sequence[Deed],
    currency: str,
    versions: Versions,
    gives: Gives = without_budgets,
) -> Gifts:
    """Return what followed a member's deeds, which are in the order of their time.

    A surprise whose order went back whole goes back too, but it was given: it counts
    towards what a member may have of it, so that nobody draws again and again. One that
    found no budget was not given.
    """
    gifts, times = Gifts(), Counter[str]()
    for deed in deeds:
        if deed.number:
            _take_back(gifts, deed)
            continue
        for surprise in _won(deed, currency):
            is_allowed = times[surprise.name] < surprise.times_per_member_max
            if is_allowed and _give(gifts, surprise, deed, versions, gives):
                times[surprise.name] += 1
    return gifts


def _won(deed: Deed, currency: str) -> Iterable[Surprise]:
    for surprise in deed.program.surprises:
        takes_part = (
            surprise.is_for_order(deed.kept, currency)
            if deed.kept
            else surprise.after == After.ACTION
        )
        if takes_part and surprise.is_drawn(deed.id):
            yield surprise


def _give(
    gifts: Gifts, surprise: Surprise, deed: Deed, versions: Versions, gives: Gives
) -> bool:
    """Give a surprise, and return whether there was one left."""
    lot = gift_lot(surprise.name, deed.id)
    program = versions.of(lot, deed.program)
    known = (each for each in program.surprises if each.name == surprise.name)
    terms = next(known, surprise)
    if not gives(program, terms, lot):
        return False
    gifts.programs[lot] = program
    gifts.given[lot] = Credit(
        lot=lot,
        cause=lot,
        at=deed.at,
        points=terms.points,
        expires_at=expires_at(deed.when, program),
        patience=patience(deed.when, program),
        return_policy=program.return_policy,
        reason=f"surprise “{terms.shown_name()}”",
    )
    return True


def _take_back(gifts: Gifts, deed: Deed) -> None:
    """Take back what followed an order of which nothing is left."""
    if deed.kept is None or any(deed.kept.parts_minor):
        return
    for lot, credit in gifts.given.items():
        of_this = lot.partition("/")[2].partition("/")[2] == deed.id
        if of_this and not credit.reversals:
            cause = f"{deed.cause}@{lot}"
            back = Reversal(cause, deed.at, credit.points, deed.reason)
            gifts.given[lot] = replace(credit, reversals=(back,))
