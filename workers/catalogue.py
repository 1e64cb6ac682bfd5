"""Reads stores' products, with tags and collections, for what orders earn by them.

A store tells of a product only when it changes, and never which collections it is in.
What is unknown here goes through the inbox like any message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from app.jobs import Bell
from app.platforms.base import Catalogue, Listing
from app.storage import due_catalogues, own_messages, stores
from app.storage.database import Database
from app.storage.leases import DueStore
from app.storage.products import Product, known_products
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.due_stores import attempt_each

BATCH = 5
ASKED_EVERY_S = 5.0
CLOSED_S = 3600.0
TOPIC = "products/read"
# So many products of the file are compared at once, and told in one message at most.
AT_ONCE = 100

CatalogueOf = Callable[[Store], Catalogue | None]

_log = structlog.get_logger()


@dataclass(frozen=True)
class ReadingCatalogues:
    """Works through the stores that are due, each a step further at a time."""

    database: Database
    keys: Keyring
    catalogue_of: CatalogueOf
    bell: Bell | None = None

    def work(self) -> int:
        """Take a step with each store that is due; return how many there were."""
        with self.database.sweeper() as connection:
            claimed = due_catalogues.claim(connection, BATCH)
        attempt_each(claimed, self._attempt, self._postpone)
        return len(claimed)

    def _attempt(self, due: DueStore) -> None:
        with self.database.program(due.program_id) as connection:
            store = stores.stores_of(connection, due.program_id)[due.store_id]
            operation = due_catalogues.operation(connection, due)
        catalogue = self.catalogue_of(store)
        if catalogue is None:
            self._postpone(due, "nothing opens the store", CLOSED_S)
        elif operation is None:
            self._wait(due, catalogue.begin())
        else:
            self._follow(due, store, catalogue, operation)

    def _follow(
        self, due: DueStore, store: Store, catalogue: Catalogue, operation: str
    ) -> None:
        """Go on with a file that the store was asked for."""
        state = catalogue.state(operation)
        if state.failed or not state.begun_at:
            self._postpone(due, f"the store's file: {state.failed}", 60, anew=True)
        elif not state.is_done:
            self._wait(due, operation)
        else:
            if state.url:
                self._read(store, catalogue, state.url, operation, state.begun_at)
            with self.database.program(due.program_id) as connection:
                due_catalogues.finish(connection, due, state.begun_at)

    def _read(
        self,
        store: Store,
        catalogue: Catalogue,
        url: str,
        operation: str,
        as_of: datetime,
    ) -> None:
        """Tell what the file says that is not known; again, where that broke off.

        A message is known by its part of the file, so it is told once however often.
        """
        count = told = 0
        with TemporaryDirectory() as folder:
            file = Path(folder) / "products.jsonl"
            catalogue.fetch(url, file)
            for part, some in enumerate(_parts(catalogue.products(file))):
                news = self._news(store, some)
                key = f"catalogue/{operation.rpartition('/')[2]}/{part}"
                self._tell(store, key, news, as_of)
                count, told = count + len(some), told + len(news)
        _log.info("products read", store_id=store.store_id, products=count, told=told)

    def _news(self, store: Store, some: Iterable[Listing]) -> list[Listing]:
        """Return those of which something else, or something older, is known."""
        by_id = {each.product_id: each for each in some}
        with self.database.program(store.program_id) as connection:
            known = known_products(connection, store.program_id, by_id)
        return [
            each
            for id_, each in by_id.items()
            if not _is_known(each, known.get((store.store_id, id_), Product()))
        ]

    def _tell(
        self, store: Store, key: str, news: list[Listing], as_of: datetime
    ) -> None:
        if not news:
            return
        products = [
            {
                "product_id": each.product_id,
                "collection_ids": each.collection_ids,
                "tags": each.tags,
                # The file was written after it was begun, so what it says of a product
                # that had not changed by then was so then.
                "tags_at": max(each.updated_at, as_of).isoformat(),
            }
            for each in news
        ]
        body = json.dumps({"at": as_of.isoformat(), "products": products})
        with self.database.program(store.program_id) as connection:
            own_messages.keep(connection, self.keys, store, TOPIC, key, body)
        if self.bell:
            self.bell.ring()

    def _wait(self, due: DueStore, operation: str) -> None:
        with self.database.program(due.program_id) as connection:
            due_catalogues.wait(connection, due, operation, ASKED_EVERY_S)

    def _postpone(
        self, due: DueStore, note: str, least_s: float, *, anew: bool = False
    ) -> None:
        with self.database.program(due.program_id) as connection:
            due_catalogues.postpone(connection, due, note, least_s, anew=anew)


def _parts(products: Iterator[Listing]) -> Iterator[list[Listing]]:
    while some := list(islice(products, AT_ONCE)):
        yield some


def _is_known(listing: Listing, known: Product) -> bool:
    return (
        known.tags_at is not None
        and known.collections_at is not None
        and known.tags_at >= listing.updated_at
        and set(known.tags) == set(listing.tags)
        and set(known.collection_ids) == set(listing.collection_ids)
    )
