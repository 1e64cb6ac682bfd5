"""What a run came to, fault by fault: how long stores and their points had to wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.faults.deck import words
from tests.faults.journal import Answer
from tests.faults.run import Round
from tests.faults.site import Outage

Key = tuple[str, str]


@dataclass(frozen=True)
class Effect:
    """When a delivery was kept and when it was done, by the database's clock."""

    received_at: float
    finished_at: float
    attempts: int

    @property
    def seconds(self) -> float:
        """From the one to the other."""
        return self.finished_at - self.received_at


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the median, the 99th of a hundred and the last, 0 where there are none."""
    ordered = sorted(values)
    if not ordered:
        return {"p50": 0, "p99": 0, "max": 0}
    return {
        "p50": round(ordered[len(ordered) // 2], 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
        "max": round(ordered[-1], 3),
    }


@dataclass(frozen=True)
class Heard:
    """All that the store was answered, and what became of it."""

    answers: list[Answer]
    effects: Mapping[Key, Effect]

    @cached_property
    def _by_key(self) -> dict[Key, list[Answer]]:
        found: dict[Key, list[Answer]] = defaultdict(list)
        for each in self.answers:
            found[each.domain, each.delivery_id].append(each)
        return found

    @cached_property
    def _taken_at(self) -> list[float]:
        return sorted(each.at for each in self.answers if each.answer == 200)

    def unknown_commits(self) -> dict[str, int]:
        """Return how many deliveries were kept though no 200 said so, by what came.

        Whoever sent them could not know, and sent them again.
        """
        found: dict[str, int] = defaultdict(int)
        for key, answers in self._by_key.items():
            kept = self.effects.get(key)
            unsure = [each for each in answers if each.answer != 200]
            if kept:
                told = next((a for a in unsure if kept.received_at <= a.at), None)
                before = [a for a in answers if a.answer == 200]
                if told and (not before or told.at < before[0].at):
                    found[str(told.answer)] += 1
        return dict(found)

    def of(self, rounds: list[Round]) -> dict[str, Any]:
        """Return what came of one kind of fault."""
        keys = {(one.domain, one.delivery_id) for each in rounds for one in each.sent}
        answers = [one for key in keys for one in self._by_key[key]]
        effects = [self.effects[key] for key in keys if key in self.effects]
        outages = [each for round_ in rounds for each in round_.outages]
        return {
            "times": len(rounds),
            "deliveries": len(keys),
            "answers": len(answers),
            "answer_s": spread(each.seconds for each in answers),
            "answered_s_max": max(map(self._waited, keys), default=0),
            "effect_s": spread(each.seconds for each in effects),
            "taken_once_s": spread(
                each.seconds for each in effects if each.attempts == 1
            ),
            "settled_without_a_bell": sum(each.swept for each in rounds),
            "away": self._away(outages) if outages else None,
        }

    def _waited(self, key: Key) -> float:
        """From the first time that a delivery was sent to the answer 200."""
        answers = self._by_key[key]
        taken = [each.at for each in answers if each.answer == 200]
        return taken[0] - (answers[0].at - answers[0].seconds) if taken else 0

    def _away(self, outages: list[Outage]) -> dict[str, Any]:
        """Return what the store was told while something was gone, and afterwards."""
        asked = [
            each
            for each in self.answers
            if any(one.holds(each.at - each.seconds) for one in outages)
        ]
        return {
            "s_max": round(max(one.ended_at - one.began_at for one in outages), 1),
            "answers": len(asked),
            "not_200": sum(each.answer != 200 for each in asked),
            "s": spread(each.seconds for each in asked),
            "taken_again_s_max": round(max(map(self._taken_again, outages)), 3),
            "drained_s_max": round(max(map(self._drained, outages)), 3),
        }

    def _taken_again(self, outage: Outage) -> float:
        """From the end of an outage to the next answer 200."""
        later = (at for at in self._taken_at if at >= outage.ended_at)
        return next(later, outage.ended_at) - outage.ended_at

    def _drained(self, outage: Outage) -> float:
        """From the end of an outage until all that came before was done."""
        done = (
            each.finished_at
            for each in self.effects.values()
            if outage.began_at <= each.received_at <= outage.ended_at
        )
        return max(0, max(done, default=0) - outage.ended_at)


def by_fault(heard: Heard, rounds: list[Round]) -> dict[str, Any]:
    """Return, by kind of fault, how long what was sent meanwhile had to wait."""
    grouped: dict[str, list[Round]] = defaultdict(list)
    for each in rounds:
        grouped[words(each.fault)].append(each)
    return {name: heard.of(some) for name, some in sorted(grouped.items())}
