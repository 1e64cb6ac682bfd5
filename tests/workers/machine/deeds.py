"""What members did beside ordering, by a bookkeeping of our own."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from app.domain import events
from app.domain.actions import Action, Newsletter, Reported, State
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts
from app.domain.ledger import Credit
from app.domain.program import Program

Person = tuple[str, str]
IN_A_TIER = "tier-birthday"
# A store tells when a record was made, and at a moment whether there is an account.
Record = tuple[datetime, datetime, bool | None]


class Deeds:
    """Actions, joinings and birthdays of one store's members, each under its key."""

    def __init__(self, domain: str, program: Program) -> None:
        """Begin with nothing done."""
        self._domain, self._program = domain, program
        self.actions: dict[tuple[str, str], tuple[Person, Action]] = {}
        self.birthdays: dict[str, tuple[Person, BirthdayGiven]] = {}
        self._records: dict[str, set[Record]] = defaultdict(set)

    def joined(self, change: events.CustomerChanged, person: Person) -> None:
        """Learn when a customer's record was made, and whether they have an account."""
        if change.joined_at:
            key = self._key(f"joined {change.customer_id}")
            told = self._records[key]
            told.add((change.joined_at, change.at, change.has_account))
            made_at = min(made_at for made_at, _, _ in told)
            opened_at = _opened_at(made_at, told)
            joining = Action("joining", key, made_at, opened_at=opened_at)
            whose, _ = self.actions.get(("joining", key), (person, joining))
            self.actions["joining", key] = whose, joining

    def subscribed(self, told: events.MailSubscribed, person: Person) -> None:
        """Learn that somebody subscribed to mail, once for each second."""
        second = told.at.astimezone(UTC).isoformat(timespec="seconds")
        key = self._key(f"subscribed {told.customer_id} {second}")
        action = Action(Newsletter.kind, key, told.at)
        self.actions.setdefault((Newsletter.kind, key), (person, action))

    def _key(self, words: str) -> str:
        """Under what it is kept what the store itself says of a customer."""
        named = f"shopify/{self._domain}:{words}".encode()
        return hmac.digest(b"secret", named, "sha256").hex()[:32]

    def report(self, told: events.ActionReported, person: Person) -> None:
        """Learn of an action; the first to report a key is believed."""
        rule = self._program.action(told.action)
        waits = isinstance(rule, Reported) and rule.needs_approval
        state = State.WAITING if waits else State.ACCEPTED
        action = Action(told.action, told.key, told.at, state)
        self.actions.setdefault((told.action, told.key), (person, action))

    def decide(self, told: events.ActionDecided) -> None:
        """Learn what the owner thinks of an action; the first word stands."""
        known = self.actions.get((told.action, told.key))
        if known and known[1].state == State.WAITING:
            state = State.ACCEPTED if told.is_approved else State.REFUSED
            changed = known[0], replace(known[1], state=state)
            self.actions[told.action, told.key] = changed

    def born(self, told: events.BirthdayTold, person: Person) -> None:
        """Learn of a birthday."""
        given = BirthdayGiven(told.key, told.month, told.day, told.at)
        self.birthdays.setdefault(told.key, (person, given))

    def of(self, person: Person, following: Callable[[Person], Person]) -> Acts:
        """All that somebody did, those included who became part of them."""
        did = [act for by, act in self.actions.values() if following(by) == person]
        given = [day for by, day in self.birthdays.values() if following(by) == person]
        paid = [act for act in did if act.action == IN_A_TIER]
        did = [act for act in did if act.action != IN_A_TIER]
        return Acts(tuple(did), tuple(given), tuple(paid))

    def whose(self, action: str, key: str) -> Person:
        """Who did something, or gave a birthday."""
        known = self.actions.get((action, key)) or self.birthdays[key]
        return known[0]

    def people(self) -> set[Person]:
        """Everybody who did anything."""
        acted = {person for person, _ in self.actions.values()}
        return acted | {person for person, _ in self.birthdays.values()}

    def settle_on(self, following: Callable[[Person], Person]) -> None:
        """Have everything be of who somebody is by now."""
        for kept in self.actions, self.birthdays:
            for key, (person, what) in list(kept.items()):
                kept[key] = following(person), what  # type: ignore[index]

    def forget_birthdays(self, person: Person, earned: Iterable[Credit]) -> None:
        """Forget when somebody was born, and keep the days that earned."""
        for credit in earned:
            action, _, key = credit.lot.removeprefix("action/").partition("/")
            if action in ("birthday", IN_A_TIER):
                day = Action(action, key, credit.at)
                self.actions.setdefault((action, key), (person, day))
        self.birthdays = {
            key: known for key, known in self.birthdays.items() if known[0] != person
        }


def _opened_at(made_at: datetime, told: Iterable[Record]) -> datetime | None:
    """When an account was opened, by docs/actions.md: as old as the record may be.

    Unless there was none before the moment at which there first was one.
    """
    told = list(told)
    open_at = min((at for _, at, has_account in told if has_account), default=None)
    if open_at is None:
        return None
    was_shut = any(at < open_at for _, at, has_account in told if has_account is False)
    return open_at if was_shut else made_at
