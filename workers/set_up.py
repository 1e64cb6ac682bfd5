"""Sets stores up after each installation, and looks after them once a month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.access import Access
from app.domain.plain_terms import TermsNow, terms_at
from app.domain.program import Program
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.earning_terms import Document, EarningTerms, document_of
from app.platforms.shopify.perks import Perks
from app.platforms.shopify.set_up import define_metafields, subscribe
from app.storage import access, due_catalogues, due_set_ups, ledger, showings, stores
from app.storage.due_set_ups import DueSetUp
from app.storage.stores import Store
from workers.due_stores import attempt_each

BATCH = 5
WEBHOOKS_PATH = "/webhooks/shopify"

_log = structlog.get_logger()


class SettingUp:
    """Works through the stores that are due."""

    def __init__(
        self,
        way: Access,
        public_url: str | None,
        clock: Callable[[Connection], datetime] = ledger.now,
    ) -> None:
        """Set stores up by this way; a custom app's messages come to `public_url`."""
        self._way, self._public_url = way, public_url
        self._clock = clock

    def work(self) -> int:
        """Set up what is due; return how many stores were looked at."""
        with self._way.database.sweeper() as connection:
            claimed = due_set_ups.claim(connection, BATCH)
        attempt_each(claimed, self._attempt, self._postpone)
        return len(claimed)

    def note_versions(self) -> int:
        """Have stores looked after whose programme has changed; return how many."""
        with self._way.database.sweeper() as connection:
            return due_set_ups.note_versions(connection, self._clock(connection))

    def _attempt(self, due: DueSetUp) -> None:
        with self._way.database.program(due.program_id) as connection:
            store = stores.stores_of(connection, due.program_id)[due.store_id]
            kept = access.find(connection, self._way.keys, store)
            now = self._clock(connection)
            history = stores.program_history(connection, due.program_id)
            program, newest = history.at(now), history.versions[-1][1]
            again_at = self._terms(connection, store).until
        is_custom = bool(kept and kept.refresh is None)
        refused = self._set_up(store, is_custom=is_custom)
        refused += self._carry_out(store, program, now)
        refused += self._tell_terms(store)
        if refused:
            _log.warning("set-up refused", store_id=due.store_id, refused=len(refused))
        with self._way.database.program(due.program_id) as connection:
            words, versions = (
                "; ".join(refused) or None,
                (program.version, newest.version),
            )
            due_set_ups.finish(connection, due, versions, words, again_at)
        if kept:
            with self._way.database.program(due.program_id) as connection:
                due_catalogues.enter(connection, due.program_id, due.store_id)
            self._enter_members(due)

    def _enter_members(self, due: DueSetUp) -> None:
        """Have members shown who were there before the store was open."""
        entered = showings.PAGE
        while entered == showings.PAGE:
            with self._way.database.program(due.program_id) as connection:
                entered = showings.enter_store(connection, due.program_id, due.store_id)

    def _set_up(self, store: Store, *, is_custom: bool) -> list[str]:
        """Return what the store refused, in its words."""
        opener = self._way.opener(store)
        if opener is None:
            return []
        api = AdminApi(self._way.url(store.domain), opener)
        refused = define_metafields(api)
        if is_custom and self._public_url:
            refused += subscribe(api, self._public_url + WEBHOOKS_PATH)
        elif is_custom:
            refused.append("set TALLYMARK_URL, so that its messages can come to us")
        return refused

    def _carry_out(self, store: Store, program: Program, now: datetime) -> list[str]:
        """Have the store do what tiers promise; return what it refused."""
        opener = self._way.opener(store)
        if opener is None:
            return []
        perks = Perks(AdminApi(self._way.url(store.domain), opener))
        return perks.carry_out(program.tiers.ladder, now)

    def _tell_terms(self, store: Store) -> list[str]:
        """Have the store's pages reckon points by themselves, as far as they can."""
        opener = self._way.opener(store)
        if opener is None:
            return []

        def wanted() -> Document:
            with self._way.database.program(store.program_id) as connection:
                told = self._terms(connection, store)
            return document_of(told.terms, store.currency, told.until)

        return EarningTerms(AdminApi(self._way.url(store.domain), opener)).tell(wanted)

    def _terms(self, connection: Connection, store: Store) -> TermsNow:
        """Return the terms of this moment, and until when they are known to hold."""
        now = self._clock(connection)
        history = stores.program_history(connection, store.program_id)
        told = terms_at(history.at(now), store.currency, store.timezone, now)
        changes = [history.next_change(now), told.until]
        until = min((each for each in changes if each is not None), default=None)
        return TermsNow(told.terms, until)

    def _postpone(self, due: DueSetUp, note: str, least_s: float) -> None:
        with self._way.database.program(due.program_id) as connection:
            due_set_ups.postpone(connection, due, note, least_s)
