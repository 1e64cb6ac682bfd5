"""What customers are called, and when, by a bookkeeping of our own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain import events
from app.domain.labels import LabelKind, Labels, Span
from app.domain.program import Program

Person = tuple[str, str]
Label = tuple[LabelKind, str]
NOBODY = "forgotten"


@dataclass(frozen=True)
class Told:
    """A customer got a label at a moment, or lost it, and whose news that was."""

    person: Person
    customer: str
    label: Label
    at: datetime
    is_given: bool


class Called:
    """Tags and segments of one store's customers."""

    def __init__(self, program: Program, following: Callable[[Person], Person]) -> None:
        """Begin with nobody called anything; `following` says who became whom."""
        self._program, self._following = program, following
        self.told: set[Told] = set()

    def hear(self, told: events.LabelsChanged) -> None:
        """Learn that a customer got labels, or lost them."""
        customer = told.customer_id
        for name in told.names:
            label, person = (told.kind, name), ("customer", customer)
            self.told.add(Told(person, customer, label, told.at, told.is_given))

    def of(self, person: Person) -> Labels:
        """All that somebody was ever called, with those who became part of them."""
        about = self._about(person)
        holders = {each.customer for each in about}
        return Labels(tuple(_spans(about, person[1], holders)))

    def _about(self, person: Person) -> list[Told]:
        return [each for each in self.told if self._following(each.person) == person]

    def forget(self, people: Collection[Person], customers: Collection[str]) -> None:
        """Keep of customers only what points depend on, and under no id.

        Of somebody's customers those go along who became part of another.
        """
        for person in people:
            about = self._about(person)
            gone = {each.customer for each in about} - {person[1]}
            gone |= {person[1]} & set(customers)
            spans = list(_spans(about, person[1], gone))
            self.told -= {each for each in about if each.customer in gone}
            for span in spans:
                label = span.kind, span.name
                if label in self._program.labels:
                    self.told.add(Told(person, NOBODY, label, span.since, True))
                    if span.until:
                        self.told.add(Told(person, NOBODY, label, span.until, False))


def _spans(about: list[Told], kept: str, holders: Collection[str]) -> Iterator[Span]:
    """From when until when any of these held a label: looked at moment by moment."""
    for label in sorted({each.label for each in about}):
        alike = [each for each in about if each.label == label]
        since: datetime | None = None
        for at in sorted({each.at for each in alike}):
            holds = any(_holds(each, alike, kept, at) for each in holders)
            if holds and since is None:
                since = at
            elif since and not holds:
                yield Span(*label, since, at)
                since = None
        if since:
            yield Span(*label, since)


def _holds(customer: str, about: list[Told], kept: str, at: datetime) -> bool:
    """Whether one customer has a label at a moment.

    Of one who became part of another nothing is heard any more: what the other loses
    then, they lose too. What was given and taken at one moment is taken.
    """
    heard = [
        each
        for each in about
        if each.at <= at
        and (each.customer == customer or (each.customer == kept and not each.is_given))
    ]
    last = max(heard, key=lambda each: (each.at, not each.is_given), default=None)
    return last is not None and last.is_given
