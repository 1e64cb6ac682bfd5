"""Where events happen: one store within one transaction, and who is to be erased."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from app.storage import identities, kept_messages
from app.storage.identities import Identities
from app.storage.sealing import Keyring
from app.storage.stores import Store


def conceal(secret_key: str, email: str) -> str:
    """Return the keyed hash under which an e-mail address is known here."""
    normal = unicodedata.normalize("NFKC", email).strip().casefold()
    return hmac.digest(secret_key.encode(), normal.encode(), "sha256").hex()


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
    _asked: dict[str, bool] = field(default_factory=dict)

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
        """Return the keyed hash under which a forgotten id or address is remembered."""
        named = f"{self.store.store_id}:{person}".encode()
        return hmac.digest(self.secret_key.encode(), named, "sha256").hex()

    def forgotten(self, people: Iterable[str]) -> set[str]:
        """Return which of these customer ids and addresses are to stay forgotten."""
        wanted = set(people)
        keys = {self.key(person): person for person in wanted - self._asked.keys()}
        if keys:
            store = self.store
            found = identities.buried(
                self.connection, store.program_id, store.store_id, keys
            )
            self._asked.update({keys[key]: key in found for key in keys})
        again = {person for person in wanted if self._asked[person]}
        self.erased.customer_ids.update(again)
        return again

    def bury(self, people: Iterable[str]) -> None:
        """Have these customer ids and addresses stay forgotten."""
        keys = [self.key(person) for person in people]
        store = self.store
        identities.bury(self.connection, store.program_id, store.store_id, keys)
        self._asked.clear()

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
