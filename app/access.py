"""The app's way into its stores: a good token for each call, renewed once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.config import Settings
from app.platforms.base import StoreAway
from app.platforms.shopify.domains import is_shop
from app.platforms.shopify.tokens import (
    Opener,
    TokenEndpoint,
    Tokens,
    TokensRefused,
)
from app.sandbox_token import SANDBOX_DOMAIN
from app.storage import access
from app.storage.access import REST_S, Given, Sealed
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store

_log = structlog.get_logger()


class Closed(StoreAway):
    """Nothing opens the store until its owner opens the app there again."""

    wait_s = REST_S
    is_shut = True

    def __init__(self) -> None:
        super().__init__("nothing opens the store: its owner must open the app there")


class Renewing(StoreAway):
    """Another process takes long to renew the tokens."""

    wait_s = 5.0

    def __init__(self) -> None:
        super().__init__("its tokens are being renewed")


@dataclass(frozen=True)
class Access:
    """Opens stores in the name of the app."""

    database: Database
    keys: Keyring
    client_id: str
    secret: str = field(repr=False)
    sandbox_url: str | None = None

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Access:
        """Return the way into stores for these settings."""
        return cls(
            database,
            Keyring(settings.sealing_secrets),
            settings.shopify_api_key or "",
            settings.shopify_secrets[0] if settings.shopify_secrets else "",
            settings.sandbox_url,
        )

    def url(self, domain: str) -> str:
        """Return where the API of the store at a domain is asked.

        Raises StoreAway where a domain is no store's own. None such is ever kept; but
        whoever is asked is handed the app's secret, so it is looked at here once more.
        """
        if self.sandbox_url and domain == SANDBOX_DOMAIN:
            return self.sandbox_url
        if not is_shop(domain):
            raise StoreAway("its domain is not one that Shopify gives its stores")
        return f"https://{domain}"

    @cached_property
    def endpoint(self) -> TokenEndpoint:
        """Return what gives tokens."""
        return TokenEndpoint(self.client_id, self.secret, answer_s=5)

    def opener(self, store: Store) -> Opener | None:
        """Return what opens a store, None where nothing does."""
        with self.database.program(store.program_id) as connection:
            if access.find(connection, self.keys, store) is None:
                return None
        return StoreOpener(self, store)


class StoreOpener(Opener):
    """Opens one store: reads its tokens at each call, and renews them in time."""

    def __init__(self, way: Access, store: Store) -> None:
        self._way, self._store = way, store

    def token(self) -> str:
        """Return the token of now, renewed where it would soon end."""
        kept = self._kept()
        return kept.token if kept.is_fresh else self._renewed(kept.version)

    def token_after(self, refused: str) -> str:
        """Return what followed on a token that was refused, or have it follow."""
        kept = self._kept()
        return kept.token if kept.token != refused else self._renewed(kept.version)

    def _kept(self) -> access.Access:
        with self._way.database.program(self._store.program_id) as connection:
            kept = access.find(connection, self._way.keys, self._store)
        if kept is None:
            raise Closed
        return kept

    def _renewed(self, version: int) -> str:
        """Return the token that follows on a version; other processes wait for it."""
        try:
            with self._way.database.program(self._store.program_id) as connection:
                access.lock(connection, self._store.domain)
                token = self._renewed_alone(connection, version)
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise Renewing from None
            raise
        if token is None:
            raise Closed
        return token

    def _renewed_alone(self, connection: Connection, version: int) -> str | None:
        """Renew a version of the tokens, unless another process was faster.

        The old ones can be renewed until the new ones are used for the first time, and
        those are kept before that; so an answer that was lost is asked for again.
        """
        kept = access.find(connection, self._way.keys, self._store)
        if kept is None or kept.version != version:
            return kept.token if kept else None
        if kept.refresh is None:
            access.note_refused(connection, self._store, version)
            return None
        if not kept.may_ask_again:
            return None
        url = self._way.url(self._store.domain)
        try:
            tokens = self._way.endpoint.renewed(url, kept.refresh)
        except TokensRefused as error:
            store_id = self._store.store_id
            _log.warning("tokens refused", store_id=store_id, reason=str(error))
            is_told = not error.is_our_fault
            access.note_refused(connection, self._store, version, is_told=is_told)
            return None
        new, keys = given(tokens), self._way.keys
        is_kept = access.renew(connection, keys, self._store, version, new)
        return tokens.access if is_kept else None


def given(tokens: Tokens) -> Given:
    """Return tokens as they are kept."""
    return Given(Sealed(tokens.access, tokens.refresh), tokens.scopes, tokens.lives_s)
