"""Installs stores: asks them for tokens, keeps these, and remembers who came back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import available_timezones

from app.access import Access, Closed, given
from app.audit_log import note
from app.jobs import Bell
from app.platforms.base import StoreAway
from app.platforms.shopify.about import ask_about
from app.platforms.shopify.id_tokens import IdToken
from app.platforms.shopify.tokens import FixedToken, Tokens
from app.storage import access, kept_messages, stores
from app.storage.stores import Store

PLATFORM = "shopify"
_REPLAYED = 1000
# Who comes while another of the same store is let in, is asked to come again.
_PATIENCE_S = 2

Ask = Callable[[str], Tokens]


class Arrivals:
    """Lets stores in; one that is there, and whose tokens are good, stays as it is."""

    def __init__(self, way: Access, bell: Bell) -> None:
        self._way, self._bell = way, bell

    def by_id_token(self, token: IdToken) -> Store:
        """Return the store where somebody has opened the app, installed by now.

        Raises StoreAway or TokensRefused where it would not give us tokens.
        """
        store = self._still_open(token.domain) or self._let_in(
            token.domain,
            lambda url: self._way.endpoint.by_id_token(url, token.written),
            self._at_home,
            was_shut=True,
        )
        self._note_opened(store, token.at)
        return store

    def by_code(self, domain: str, code: str, at: datetime) -> Store:
        """Return the store whose owner has just agreed; raises as `by_id_token`."""
        was_shut = self._still_open(domain) is None
        store = self._let_in(
            domain,
            lambda url: self._way.endpoint.by_code(url, code),
            lambda _: None,
            was_shut=was_shut,
        )
        self._note_opened(store, at)
        return store

    def in_place(self, domain: str) -> Store | None:
        """Return a store that is installed and still lets us in, which it is asked.

        Raises StoreAway where it gives no answer.
        """
        store = self._at_home(domain)
        opener = self._way.opener(store) if store else None
        if store is None or opener is None:
            return None
        try:
            ask_about(self._way.url(domain), opener)
        except Closed:
            return None
        return store

    def _still_open(self, domain: str) -> Store | None:
        """Return a store whose tokens are good, as far as it can be asked just now.

        Word of its leaving may be on the way still, and the tokens of before are dead.
        """
        try:
            return self.in_place(domain)
        except StoreAway:
            return self._at_home(domain)

    def _at_home(self, domain: str) -> Store | None:
        """Return a store that is installed and open, None where something is amiss."""
        store = self._known(domain)
        if store is None or store.uninstalled_at:
            return None
        with self._way.database.program(store.program_id) as connection:
            kept = access.find(connection, self._way.keys, store)
        return store if kept and not kept.was_refused else None

    def _known(self, domain: str) -> Store | None:
        with self._way.database.auditor() as connection:
            return stores.find_store(connection, PLATFORM, domain)

    def _let_in(
        self,
        domain: str,
        ask: Ask,
        was_let_in: Callable[[str], Store | None],
        *,
        was_shut: bool,
    ) -> Store:
        """Ask for tokens and keep them; others who come meanwhile wait."""
        with self._way.database.receiver() as connection:
            access.lock(connection, domain, _PATIENCE_S)
            store = was_let_in(domain)
            if store:
                return store
            tokens = ask(self._way.url(domain))
            store = self._installed(domain, tokens, was_shut=was_shut)
            with self._way.database.program(store.program_id) as connection:
                access.keep(connection, self._way.keys, store, given(tokens))
        self._hear_again(domain)
        return store

    def _installed(self, domain: str, tokens: Tokens, *, was_shut: bool) -> Store:
        """Return the store, installed anew where it is new or comes back.

        One that took our tokens no more has been away, if nobody told of it.
        """
        store = self._known(domain)
        if store and not store.uninstalled_at and not (was_shut and self._had(store)):
            return store
        about = ask_about(self._way.url(domain), FixedToken(tokens.access))
        zone = about.timezone if about.timezone in available_timezones() else "UTC"
        database = self._way.database
        store = stores.install(database, PLATFORM, domain, about.currency, zone)
        where = {"program_id": store.program_id, "store_id": store.store_id}
        note("store installed", "the store", **where)
        return store

    def _had(self, store: Store) -> bool:
        """Whether something opened a store before."""
        with self._way.database.program(store.program_id) as connection:
            return access.find(connection, self._way.keys, store) is not None

    def _note_opened(self, store: Store, at: datetime) -> None:
        with self._way.database.program(store.program_id) as connection:
            stores.note_opened(connection, store, at)

    def _hear_again(self, domain: str) -> None:
        """Have workers look at what the store said before, and set it up."""
        with self._way.database.auditor() as connection:
            early = kept_messages.of_nobody(connection, PLATFORM, domain, _REPLAYED)
        with self._way.database.sweeper() as connection:
            for message_id in early:
                kept_messages.replay(connection, message_id)
        self._bell.ring()
