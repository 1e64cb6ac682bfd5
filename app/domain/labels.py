"""What a store calls its customers, tags and segments, and which held when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Times = tuple[datetime, datetime | None]


class LabelKind(StrEnum):
    """Staff and apps tag customers; a segment has those who meet its conditions."""

    TAG = "tag"
    SEGMENT = "segment"


def as_compared(name: str) -> str:
    """Return a tag or segment as it is compared: without capitals and outer spaces."""
    return name.strip().lower()


def all_compared(names: Iterable[str]) -> frozenset[str]:
    """Return names as they are compared, without those that say nothing."""
    return frozenset(filter(None, map(as_compared, names)))


@dataclass(frozen=True)
class LabelFact:
    """At `at` a customer got a label, or lost it where `is_given` is false.

    `is_kept` is false for a customer who became part of another of the same member.
    """

    kind: LabelKind
    name: str
    at: datetime
    is_given: bool
    holder: str = ""
    is_kept: bool = True


@dataclass(frozen=True)
class Span:
    """A label, held from `since` on and before `until`, for good where that is None."""

    kind: LabelKind
    name: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is held at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class LabelsThen:
    """What somebody was called at a moment."""

    tags: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()


NO_LABELS_THEN = LabelsThen()


@dataclass(frozen=True)
class Labels:
    """What a member was ever called, and when."""

    spans: tuple[Span, ...] = ()

    def at(self, moment: datetime) -> LabelsThen:
        """Return what held at a moment."""
        return _together(each for each in self.spans if each.holds(moment))

    @property
    def last(self) -> LabelsThen:
        """Return what holds after all that was reported, whatever clocks say."""
        return _together(each for each in self.spans if each.until is None)

    @property
    def tags(self) -> Iterator[Span]:
        """Yield the tags among them."""
        return (each for each in self.spans if each.kind is LabelKind.TAG)


NO_LABELS = Labels()


def labels_of(facts: Iterable[LabelFact]) -> Labels:
    """Return what the facts about all customers of a member come to.

    A label is held if any of these customers has it. Nothing is heard any more of one
    who became part of another, so what they had ends where the other loses it.
    """
    by_label: dict[tuple[LabelKind, str], list[LabelFact]] = defaultdict(list)
    for fact in facts:
        by_label[fact.kind, fact.name].append(fact)
    spans = [
        Span(*label, since, until)
        for label, about in sorted(by_label.items())
        for since, until in _united(
            times
            for holder in {fact.holder for fact in about}
            for times in _times(_about(holder, about))
        )
    ]
    return Labels(tuple(spans))


def _about(holder: str, facts: list[LabelFact]) -> list[LabelFact]:
    """Return the facts that say when a customer had a label, oldest first."""
    theirs = [fact for fact in facts if fact.holder == holder]
    if not theirs[0].is_kept:
        theirs += [fact for fact in facts if fact.is_kept and not fact.is_given]
    # What was given and taken at the same moment is taken: nothing tells the two
    # messages apart but their topic, which is not signed.
    return sorted(theirs, key=lambda fact: (fact.at, not fact.is_given))


def _times(facts: Iterable[LabelFact]) -> Iterator[Times]:
    """Yield from when until when these facts about one customer say a label held."""
    since: datetime | None = None
    for fact in facts:
        if fact.is_given:
            since = since or fact.at
        elif since:
            if since < fact.at:
                yield since, fact.at
            since = None
    if since:
        yield since, None


def _united(times: Iterable[Times]) -> list[Times]:
    """Return times without those that overlap: each pair of them as one."""
    found: list[Times] = []
    for since, until in sorted(times, key=lambda each: each[0]):
        if found and (found[-1][1] is None or since <= found[-1][1]):
            begin, end = found[-1]
            found[-1] = begin, end and until and max(end, until)
        else:
            found.append((since, until))
    return found


def _together(spans: Iterable[Span]) -> LabelsThen:
    held = list(spans)
    return LabelsThen(
        *(
            frozenset(each.name for each in held if each.kind is kind)
            for kind in (LabelKind.TAG, LabelKind.SEGMENT)
        )
    )
