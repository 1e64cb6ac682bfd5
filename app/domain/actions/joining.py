"""Points for opening an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.domain.actions.base import Action, ActionRule, Most
from app.domain.reasons import Reason, because
from app.domain.settings import setting


class Counts(StrEnum):
    """What makes a customer one who has joined.

    Stores make a record of everybody, of guests who buy something too; an account is
    opened by who signs in.
    """

    RECORD = "record"
    ACCOUNT = "account"


def opened_at(
    made_at: datetime, open_at: datetime | None, shut_at: datetime | None
) -> datetime | None:
    """Return when a customer's account was opened, None while none is known.

    No store tells that. It tells whether there is one, which was first so at `open_at`,
    and first not so at `shut_at`. Where it was not so before, the account was opened
    by `open_at`; else it may be as old as the record, and counts as that.
    """
    if open_at is None:
        return None
    return open_at if shut_at is not None and shut_at < open_at else made_at


def openings(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield that accounts were opened, as actions beside the records of customers.

    The time is in the key: what is in the ledger does not move, so where an earlier
    time is heard of, what was earned at the later one goes back.
    """
    for each in actions:
        if each.opened_at is not None:
            key = f"{each.key}-{int(each.opened_at.timestamp())}"
            yield replace(each, key=key, at=each.opened_at, is_opening=True)


@dataclass(frozen=True, kw_only=True)
class Joining(ActionRule):
    """Once, when the customer's record was made, or their account opened.

    >>> from app.domain.languages.translator import Translator
    >>> Joining(points=100).in_words(Translator())
    '100 points for opening an account, once'
    >>> Joining().most
    Most(a_day=None, a_year=None, ever=1)
    """

    kind: ClassVar[str] = "joining"
    english: ClassVar[dict[str, str]] = {
        "name": "Open an account",
        "deed": "opening an account",
    }

    counts: Counts = setting(
        "What counts as joining",
        default=Counts.RECORD,
        hint="guests have a record, but no account",
    )

    def refuses(self, action: Action) -> Reason | None:
        """Return why this one is not the one that counts; None where it is."""
        if action.is_opening == (self.counts is Counts.ACCOUNT):
            return None
        return because("joined_by_record" if action.is_opening else "joined_by_account")

    @property
    def most(self) -> Most:
        """How often one member may earn by it: once, also where two became one."""
        return Most(ever=1)
