"""Rewards that were won, reckoned once more from docs/rewards.md: one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.challenges import Challenge
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.prizes import Won
from app.domain.program import Program

# What won something, and the reward that it brings.
Name = tuple[str, str]


@dataclass(frozen=True, order=True)
class Prize:
    """One reward that was won once, by the terms of a version of the programme."""

    version: int
    source: str
    reward_id: str
    title: str

    @property
    def name(self) -> Name:
        """What a wish for it says."""
        return self.source, self.reward_id


def a_prize(
    source: str, terms: StampCard | Challenge | Surprise, program: Program
) -> Prize:
    """What a card, a challenge or a surprise brings that names a reward."""
    return Prize(program.version, source, terms.reward, terms.shown_name())


def as_kept(prizes: Iterable[Prize]) -> tuple[Won, ...]:
    """Prizes as they are kept with a member: what is alike as one."""
    prizes = sorted(prizes)
    return tuple(
        Won(each.source, each.title, each.reward_id, each.version, prizes.count(each))
        for each in dict.fromkeys(prizes)
    )


def untaken(prizes: Iterable[Prize], taken: Iterable[Name]) -> list[Prize]:
    """What can still be taken of all that stands won.

    Each that was taken uses up the oldest one that won it. Where that went back since,
    it uses up whatever else the same source brought.
    """
    left, outlived = sorted(prizes), []
    for name in taken:
        its_own = [each for each in left if each.name == name]
        if its_own:
            left.remove(its_own[0])
        else:
            outlived.append(name[0])
    for source in outlived:
        others = [each for each in left if each.source == source]
        if others:
            left.remove(others[0])
    return left
