"""From what a member bought and did to the surprises that followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.domain.engagement.happenings import Happening
from app.domain.engagement.missed import Missed
from app.domain.engagement.reward_lot import Since, reward_lot
from app.domain.engagement.surprise import After, Surprise
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit, Reversal
from app.domain.prizes import Prize, prize
from app.domain.program import Program
from app.domain.reasons import NO_REASON, Reason, because

# Whether there is a surprise left under a programme, for the lot of that name.
Gives = Callable[[Program, Surprise, str], bool]


def without_budgets(_program: Program, surprise: Surprise, _lot: str) -> bool:
    """Give whatever has no budget, where none is allotted."""
    return not surprise.budget


def gift_lot(name: str, occasion: str) -> str:
    """Return the name of the lot that a surprise is, by what it followed."""
    return f"gift/{name}/{occasion}"


# The same for every order and action, so they are made once.
_NOT_DRAWN = because("not_drawn")
_NO_BUDGET = because("budget_too_low")


@dataclass
class Gifts:
    """What surprises gave, and under which version, by lot.

    `prizes` are the rewards that still stand. `charged` says what each that was given
    counts in its budget, also where its order went back: it may have been taken.
    `missed` are those that did not follow, by what the order or action is known by.
    """

    given: dict[str, Credit] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    prizes: dict[str, Prize] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    missed: dict[str, tuple[Missed, ...]] = field(default_factory=dict)

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Return the credits alone."""
        return tuple(self.given.values())


def surprised(
    happenings: Sequence[Happening],
    currency: str,
    versions: Versions,
    gives: Gives = without_budgets,
) -> Gifts:
    """Return what followed a member's happenings, which are in the order of their time.

    A surprise whose order went back whole goes back too, but it was given: it counts
    towards what a member may have of it, so that nobody draws again and again. One that
    found no budget was not given. Of each that follows such happenings, either it was
    given or it is told why not.
    """
    gifts, times = Gifts(), Counter[str]()
    for happening in happenings:
        if happening.number:
            _take_back(gifts, happening)
            continue
        missed = []
        for surprise in _following(happening):
            had = times[surprise.name]
            reason = _lost_because(surprise, happening, currency, had)
            if not reason and not _give(gifts, surprise, happening, versions, gives):
                reason = _NO_BUDGET
            if reason:
                missed.append(Missed(surprise.name, reason))
            else:
                times[surprise.name] += 1
        if missed:
            gifts.missed[happening.id] = tuple(missed)
    return gifts


def _following(happening: Happening) -> Iterable[Surprise]:
    """Return the surprises that follow happenings of this sort."""
    after = After.ORDER if happening.kept else After.ACTION
    return (each for each in happening.program.surprises if each.after == after)


def _lost_because(
    surprise: Surprise, happening: Happening, currency: str, had: int
) -> Reason:
    """Return why a surprise does not follow, whatever is left of its budget.

    What holds for ever is told before the draw.
    """
    closed = (
        surprise.closed_to_order(happening.kept, currency)
        if happening.kept
        else surprise.closed_to_action(happening.action)
    )
    if closed:
        return closed
    if had >= surprise.times_per_member_max:
        return because("had_so_often", times=surprise.times_per_member_max)
    return NO_REASON if surprise.is_drawn(happening.id) else _NOT_DRAWN


def _give(
    gifts: Gifts,
    surprise: Surprise,
    happening: Happening,
    versions: Versions,
    gives: Gives,
) -> bool:
    """Give a surprise, and return whether there was one left."""
    lot = gift_lot(surprise.name, happening.id)
    program = versions.of(lot, happening.program)
    known = (each for each in program.surprises if each.name == surprise.name)
    terms = next(known, surprise)
    if not gives(program, terms, lot):
        return False
    if terms.reward:
        gifts.prizes[lot] = prize(lot, f"gift/{terms.name}", terms, program)
        gifts.charged[lot] = program.charge_of(terms)
        return True
    gifts.programs[lot] = program
    reason = f"surprise “{terms.shown_name()}”"
    since = Since(happening.when, happening.timezone)
    given = reward_lot(lot, terms.points, happening.at, since, program, reason)
    gifts.given[lot] = replace(given, return_policy=program.return_policy)
    return True


def _take_back(gifts: Gifts, happening: Happening) -> None:
    """Take back what followed an order of which nothing is left."""
    if happening.kept is None or any(happening.kept.parts_minor):
        return
    for lot in [lot for lot in gifts.prizes if _followed(lot, happening)]:
        del gifts.prizes[lot]
    for lot, credit in gifts.given.items():
        if _followed(lot, happening) and not credit.reversals:
            cause = f"{happening.cause}@{lot}"
            back = Reversal(cause, happening.at, credit.points, happening.reason)
            gifts.given[lot] = replace(credit, reversals=(back,))


def _followed(lot: str, happening: Happening) -> bool:
    return lot.partition("/")[2].partition("/")[2] == happening.id
