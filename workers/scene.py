"""Where events happen: one store within one transaction, and who is to be erased."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.domain.events import Event, RedemptionTaken
from app.domain.orders import OrderFacts
from app.domain.redemptions import code_key, code_of
from app.storage import kept_messages, tombstones
from app.storage.identities import Identities
from app.storage.sealing import Keyring
from app.storage.stores import Store


def conceal(secret_key: str, email: str) -> str:
    """Return the keyed hash under which an e-mail address is known here."""
    normal = unicodedata.normalize("NFKC", email).strip().casefold()
    return hmac.digest(secret_key.encode(), normal.encode(), "sha256").hex()


def named_rewards(
    scene: Scene, facts: Iterable[OrderFacts], others: Iterable[Event]
) -> set[str]:
    """Return by what the rewards are locked that orders used, or steps were taken with.

    By their codes, which are all that orders tell of them.
    """
    codes = {
        code for each in facts if each.snapshot for code in each.snapshot.discount_codes
    }
    key, program_id = scene.secret_key, scene.store.program_id
    codes |= {
        code_of(key, program_id, each.redemption_id)
        for each in others
        if isinstance(each, RedemptionTaken)
    }
    return {f"reward {code_key(key, code)}" for code in codes}


@dataclass
class Erased:
    """Whose messages are to lose their bodies.

    `asked_for` are the ids that are looked for in bodies of which it is not known whom
    they name.
    """

    customer_ids: set[str] = field(default_factory=set)
    order_ids: set[str] = field(default_factory=set)
    everything: bool = False
    asked_for: set[str] = field(default_factory=set)

    def is_anything(self) -> bool:
        """Whether there is anything to erase."""
        return bool(self.customer_ids or self.order_ids or self.everything)


@dataclass
class _Asked:
    """For how long people who were asked about stay forgotten, who of them do.

    Those of `before` do until they do something anew in the installation of now.
    """

    people: set[str] = field(default_factory=set)
    for_good: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)
    is_empty: bool | None = None


@dataclass(frozen=True)
class Scene:
    """Where an event happened, and what a handler needs to keep it."""

    connection: Connection
    store: Store
    people: Identities
    secret_key: str
    keys: Keyring
    home: Path
    keeps_marks: bool = False
    erased: Erased = field(default_factory=Erased)
    _asked: _Asked = field(default_factory=_Asked)

    @classmethod
    def of(
        cls,
        connection: Connection,
        store: Store,
        secret_key: str,
        keys: Keyring,
        home: Path,
        *,
        keeps_marks: bool = False,
    ) -> Scene:
        """Set the scene in one store; marks of people are kept only where needed."""
        people = Identities(connection, store.program_id, store.store_id)
        return cls(connection, store, people, secret_key, keys, home, keeps_marks)

    def key(self, person: str) -> str:
        """Return the keyed hash under which a forgotten id or address is remembered.

        It tells the store by its domain, so it is the same in a database that was
        restored, or made anew.
        """
        named = f"{self.store.platform}/{self.store.domain}:{person}".encode()
        return hmac.digest(self.secret_key.encode(), named, "sha256").hex()

    @property
    def is_empty(self) -> bool:
        """Whether everybody of the store is forgotten, and it has not come back."""
        self.ask_after(())
        return bool(self._asked.is_empty)

    def ask_after(self, people: Collection[str]) -> None:
        """Look up at one go whether any of these are to stay forgotten."""
        asked = self._asked
        keys = {
            self.key(person): person for person in people if person not in asked.people
        }
        if not keys and asked.is_empty is not None:
            return
        found = tombstones.find_buried(self.connection, self.store, keys)
        asked.is_empty = found.is_empty
        asked.people.update(keys.values())
        asked.for_good.update(keys[key] for key in found.for_good)
        asked.before.update(keys[key] for key in found.before)

    def forgotten(
        self, people: Iterable[str], joined_at: datetime | None = None
    ) -> set[str]:
        """Return which of these customer ids and addresses are to stay forgotten.

        Who was forgotten in an installation before this one is not once they came back,
        or where they joined since.
        """
        wanted = set(people)
        self.ask_after(wanted)
        before = wanted & self._asked.before
        is_back = self._is_since(joined_at)
        back = wanted if is_back else self.people.customers(before).keys()
        return self._staying(wanted, back)

    def forgotten_buyers(
        self, people: Iterable[str], ordered_at: datetime | None
    ) -> set[str]:
        """Return which of these stay forgotten whatever they ordered at a moment.

        An order of before is nobody's, also once its buyer is back.
        """
        wanted = set(people)
        self.ask_after(wanted)
        return self._staying(wanted, wanted if self._is_since(ordered_at) else ())

    def _is_since(self, moment: datetime | None) -> bool:
        return moment is not None and moment > self.store.installed_at

    def _staying(self, wanted: set[str], back: Iterable[str]) -> set[str]:
        asked = self._asked
        again = wanted & (asked.for_good | asked.before.difference(back))
        again = wanted if asked.is_empty else again
        self.erased.customer_ids.update(again)
        return again

    def bury(self, people: Iterable[str]) -> None:
        """Have these customer ids, addresses and orders stay forgotten."""
        keys = [self.key(person) for person in people]
        tombstones.bury(self.connection, self.store, keys)
        self._asked.people.clear()
        self._asked.is_empty = None

    def erase(self, keys: Keyring) -> None:
        """Empty the bodies that name the forgotten, once messages know their ids."""
        if self.erased.is_anything():
            here = self.store.program_id, self.store.store_id
            ids = self.erased.asked_for
            named = kept_messages.naming(self.connection, keys, *here, ids)
            kept_messages.erase_bodies(
                self.connection,
                *here,
                message_ids=named if ids else (),
                customer_ids=self.erased.customer_ids,
                order_ids=self.erased.order_ids,
                everything=self.erased.everything,
            )
