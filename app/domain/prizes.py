"""Rewards that were won: what a member may take for nothing, and what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from app.domain.customer import Customer
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.reasons import NO_REASON, Reason, because
from app.domain.redemptions import Redemption
from app.domain.rewards import (
    Asked,
    NotOffered,
    Reward,
    RewardTerms,
    SlotLeft,
    name_of,
    slots_left,
    terms_of,
)

# What won a reward, for ever, and the reward's own id.
Name = tuple[str, str]


class Terms(Protocol):
    """A stamp card, a challenge or a surprise: it brings points, or a reward."""

    @property
    def points(self) -> int:
        """Return the points, which it brings where it names no reward."""

    @property
    def reward(self) -> str:
        """Return the id of the reward that it brings, empty for points."""

    def shown_name(self) -> str:
        """Return what shoppers read."""


@dataclass(frozen=True)
class Won:
    """A reward that can be taken so many times for nothing, as one version has it.

    `source` names for ever what won it, `title` as shoppers read it.
    """

    source: str
    title: str
    reward_id: str
    version: int
    times: int = 1

    @property
    def name(self) -> Name:
        """Return what tells it from all else that a member takes."""
        return self.source, self.reward_id


@dataclass(frozen=True)
class Prize:
    """What one lot won: a full card, a challenge that is done, a surprise."""

    lot: str
    won: Won


def prize(lot: str, source: str, terms: Terms, program: Program) -> Prize:
    """Return what a lot won once by the terms of a version of the programme."""
    return Prize(lot, Won(source, terms.shown_name(), terms.reward, program.version))


def together(prizes: Iterable[Prize]) -> tuple[Won, ...]:
    """Return all that was won, what is alike as one, the oldest version first."""
    times = Counter[Won]()
    for each in prizes:
        times[replace(each.won, times=0)] += each.won.times
    found = (replace(won, times=number) for won, number in times.items() if number)
    return tuple(sorted(found, key=lambda won: (won.version, won.name, won.title)))


def taken(wishes: Iterable[Redemption]) -> Counter[Name]:
    """Return what was taken of what was won, and did not come back."""
    return Counter(
        (each.prize, each.reward.id) for each in wishes if each.prize and each.is_taken
    )


def left(won: Iterable[Won], used: Mapping[Name, int]) -> list[Won]:
    """Return what can still be taken, the oldest version of each first.

    What was taken uses up what won it. Where that went back since, it uses up what the
    same source wins next, of whatever reward: nobody has more than was won.
    """
    open_uses, stays = Counter(used), []
    for each in won:
        times = min(each.times, open_uses[each.name])
        open_uses[each.name] -= times
        stays.append(replace(each, times=each.times - times))
    owed = Counter[str]()
    for (source, _), times in open_uses.items():
        owed[source] += times
    return list(_without(stays, owed))


def _without(won: Iterable[Won], owed: Counter[str]) -> Iterator[Won]:
    for each in won:
        times = min(each.times, owed[each.source])
        owed[each.source] -= times
        if each.times > times:
            yield replace(each, times=each.times - times)


def waiting(won: Iterable[Won]) -> list[Won]:
    """Return what is left, each reward of a source once, as its oldest version has."""
    found: dict[Name, Won] = {}
    for each in won:
        known = found.get(each.name)
        times = each.times + (known.times if known else 0)
        found[each.name] = replace(known or each, times=times)
    return list(found.values())


_NOT_YET = {
    "stamps": "card_not_full",
    "challenge": "challenge_not_done",
}


def next_of(
    name: Name, won: Iterable[Won], used: Mapping[Name, int]
) -> Won | NotOffered:
    """Return what a wish for something that was won takes, or why there is nothing."""
    found = next((each for each in left(won, used) if each.name == name), None)
    if found:
        return found
    source = name[0]
    if any(times and each == source for (each, _), times in used.items()):
        return NotOffered(because("taken_already"))
    return NotOffered(because(_NOT_YET.get(source.partition("/")[0], "not_won")))


@dataclass(frozen=True)
class Waiting:
    """What a member may take for nothing, as they see it.

    `reason` says why it cannot be had now, where it cannot.
    """

    reward: Reward
    prize: str
    won_with: str
    times: int
    id: str
    kind: str
    name: str
    details: str
    is_available: bool
    reason: Reason = NO_REASON
    slots: tuple[SlotLeft, ...] = ()
    terms: RewardTerms | None = None

    def told(self, say: Translator) -> Waiting:
        """Return the same in a language."""
        name = name_of(self.reward, say)
        return replace(self, name=name, reason=self.reason.told_in(say.language))


def shown(won: Won, reward: Reward, customer: Customer, asked: Asked) -> Waiting:
    """Return what was won as its member sees it."""
    slots = slots_left(reward.slots, asked)
    # Which date does not matter yet, as long as there is one.
    slot = slots[0].starts_at if slots else None
    answer = reward.offer(customer, replace(asked, slot=slot, is_won=True))
    return Waiting(
        reward,
        won.source,
        won.title,
        won.times,
        reward.id,
        reward.kind,
        name_of(reward, Translator(asked.currency)),
        reward.details,
        bool(answer),
        answer.reason if isinstance(answer, NotOffered) else NO_REASON,
        slots,
        # It cost no points that could come back.
        replace(terms_of(reward, asked.currency), unused_returns=True) or None,
    )


def brought(program: Program, terms: Terms, say: Translator) -> str:
    """Return in words what a card, a challenge or a surprise brings."""
    if not terms.reward:
        return say("brought.points", points=terms.points)
    return say("brought.reward", reward=reward_name(program, terms, say))


def reward_name(program: Program, terms: Terms, say: Translator) -> str | None:
    """Return the name of the reward that is brought, None where it is points."""
    if not terms.reward:
        return None
    reward = program.reward(terms.reward)
    return name_of(reward, say) if reward else terms.reward
