"""From what a member bought and did to the steps of challenges, and what they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain.challenges import Challenge
from app.domain.engagement.happenings import Happening
from app.domain.engagement.reward_lot import Since, reward_lot
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit, Reversal
from app.domain.prizes import Prize, prize
from app.domain.program import Program


@dataclass(frozen=True)
class ChallengeCredits:
    """What challenges gave, by lot, and under which version; who is rewarded now.

    `prizes` are the rewards of those that are done now.
    """

    credits: tuple[Credit, ...]
    programs: dict[str, Program]
    rewarded: frozenset[str]
    prizes: tuple[Prize, ...] = ()


def challenged(
    happenings: Sequence[Happening], currency: str, versions: Versions
) -> ChallengeCredits:
    """Return what the challenges of a member gave for all that happened, in order."""
    in_force = [(each, versions.at(each.at)) for each in happenings]
    names = {each.name for _, program in in_force for each in program.challenges}
    runs = [_Run(name, currency, versions) for name in sorted(names)]
    for run in runs:
        for happening, program in in_force:
            run.take(happening, program)
    return ChallengeCredits(
        tuple(credit for run in runs for credit in run.credits.values()),
        {lot: program for run in runs for lot, program in run.programs.items()},
        frozenset(run.name for run in runs if run.rewarded_by),
        tuple(run.prize for run in runs if run.prize),
    )


def progress_of(
    challenge: Challenge, happenings: Sequence[Happening], currency: str
) -> tuple[int, ...]:
    """Return how far each step of a challenge is, no farther than it has to be."""
    tally = _Tally(challenge)
    for happening in happenings:
        tally.put(happening)
    return tally.reached(currency)


@dataclass
class _Tally:
    """How far each step of a challenge is, by all happenings that were put to it."""

    challenge: Challenge
    sums: list[int] = field(default_factory=list)
    _parts: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sums = [0] * len(self.challenge.steps)

    def put(self, happening: Happening) -> None:
        """Have a happening count as it stands now, and no more as it stood before."""
        if not self.challenge.is_open_at(happening.on_the_wall):
            return
        steps = self.challenge.steps
        part = [
            step.of_order(happening.kept)
            if happening.kept
            else step.of_action(happening.action)
            for step in steps
        ]
        before = self._parts.get(happening.id, [0] * len(steps))
        self._parts[happening.id] = part
        changes = zip(self.sums, part, before, strict=True)
        self.sums = [total + now - was for total, now, was in changes]

    def reached(self, currency: str) -> tuple[int, ...]:
        """Return how far each step is, no farther than it has to be."""
        targets = self.challenge.targets(currency)
        return tuple(map(min, self.sums, targets))

    def is_done(self, currency: str) -> bool:
        """Whether every step is."""
        return self.reached(currency) == self.challenge.targets(currency)


class _Run:
    """One challenge over all that a member does; what it gave is in `credits`."""

    def __init__(self, name: str, currency: str, versions: Versions) -> None:
        self.name = name
        self.credits: dict[str, Credit] = {}
        self.programs: dict[str, Program] = {}
        self.rewarded_by: str | None = None
        self.prize: Prize | None = None
        self._currency, self._versions = currency, versions
        self._tally: _Tally | None = None
        self._deeds: dict[str, Happening] = {}

    def take(self, happening: Happening, program: Program) -> None:
        """Let a happening happen: it may complete the challenge, or undo that.

        The programme is the one in force at that time, which may know it no more.
        """
        self._deeds[happening.id] = happening
        self._heed(program.challenge(self.name))
        if self._tally is None:
            return
        self._tally.put(happening)
        is_done = self._tally.is_done(self._currency)
        if is_done and not self.rewarded_by:
            self._reward(happening, program, self._tally.challenge)
        elif self.rewarded_by and not is_done:
            self._take_back(happening, self.rewarded_by)

    def _heed(self, challenge: Challenge | None) -> None:
        """Go by the newest terms; what is rewarded stays so by those it had."""
        known = self._tally and self._tally.challenge
        if challenge == known or self.rewarded_by:
            return
        self._tally = None
        if challenge:
            self._tally = _Tally(challenge)
            for happening in self._deeds.values():
                self._tally.put(happening)

    def _reward(
        self, happening: Happening, program: Program, challenge: Challenge
    ) -> None:
        lot = f"challenge/{self.name}/{happening.id}"
        if lot in self.credits:
            lot += f"/again-{len(self.credits)}"
        program = self._versions.of(lot, program)
        terms = program.challenge(self.name) or challenge
        self.rewarded_by = lot
        if terms.reward:
            self.prize = prize(lot, f"challenge/{self.name}", terms, program)
            return
        self.programs[lot] = program
        reason = f"challenge “{terms.shown_name()}” is done"
        since = Since(happening.when, happening.timezone)
        self.credits[lot] = reward_lot(
            lot, terms.points, happening.at, since, program, reason
        )

    def _take_back(self, happening: Happening, lot: str) -> None:
        self.rewarded_by = self.prize = None
        if lot not in self.credits:
            return
        reason = f"{happening.reason}, so a challenge is not done any more"
        cause = f"{happening.cause}/{happening.id}@{lot}"
        points = self.credits[lot].points
        back = Reversal(cause, happening.at, points, reason)
        self.credits[lot] = replace(self.credits[lot], reversals=(back,))
