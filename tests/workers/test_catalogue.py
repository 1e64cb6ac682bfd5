"""What a store's products are is known before an order comes, whatever was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.events import ProductRead
from app.domain.program import Counting, Program
from app.platforms.base import Catalogue, StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk_products import ShopifyCatalogue
from app.platforms.shopify.tokens import FixedToken
from app.sandbox import catalogue
from app.sandbox.admin import bulk
from app.sandbox.shelves import COLLECTIONS
from app.sandbox_token import SANDBOX_DOMAIN
from app.storage import products
from app.storage.products import Product, known_products
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.open_store import TOKEN, served
from tests.builders.shopify import a_line, an_order, later
from workers import catalogue as reading
from workers.catalogue import ReadingCatalogues

COFFEE, CERAMICS, GIFTS = map(str, COLLECTIONS)
BLEND, DECAF, MUG = (str(catalogue.PRODUCTS[number].product_id) for number in (0, 2, 3))


class Shop(Installation):
    """A sandbox store that is open to the app, which reads its products."""

    def __post_init__(self) -> None:
        """Have the store let the app in."""
        super().__post_init__()
        api = AdminApi(self.shop.url, FixedToken(TOKEN))
        self.catalogue: Catalogue = ShopifyCatalogue(api)
        self.reading = ReadingCatalogues(
            self.line.database, self.line.keys, lambda _: self.catalogue
        )

    def read(self) -> None:
        """Have the products read now, all steps of it, and what was told settled."""
        self.step("operation = null")
        for _ in range(2):
            self.step()
        assert self.row("operation, note") == (None, None)
        self.line.worker.drain()

    def read_later(self) -> None:
        """Let a minute pass since the last reading: stores tell time in seconds."""
        self.line.tamper(
            "update product set collections_at = collections_at - interval '1 minute'"
        )
        self.read()

    def step(self, change: str = "attempts = 0") -> None:
        """Take the next step now."""
        self.line.tamper(f"update catalogue set due_at = now(), {change}")
        assert self.reading.work() == 1

    def row(self, columns: str) -> Any:
        """What is kept of the reading."""
        with self.line.database.auditor() as connection:
            found = connection.execute(text(f"select {columns} from catalogue"))
            return tuple(found.one())

    def due_in_s(self) -> float:
        """In how many seconds the products are to be read again."""
        return float(self.row("extract(epoch from due_at - clock_timestamp())")[0])

    def known(self, product_id: str) -> Product:
        """What is known of a product."""
        with self.line.in_program() as connection:
            store = self.line.store
            found = known_products(connection, store.program_id, [product_id])
        return found[store.store_id, product_id]

    def told(self) -> list[set[str]]:
        """The products of each message that the readings brought."""
        return [
            {
                each["product_id"]
                for each in json.loads(self.line.opened(row))["products"]
            }
            for row in self.line.inbox()
            if row.topic == reading.TOPIC
        ]

    def buy(self, number: int, product_id: str, **changes: Any) -> dict[str, Any]:
        """Have somebody buy one thing for 100."""
        bought = a_line("100.00", product_id=int(product_id))
        body = an_order(bought, id=number, **changes)
        self.send("orders/paid", body)
        return body

    def send(self, topic: str, body: Any) -> None:
        """Have the store send a message, and have it settled."""
        headers = {"X-Shopify-Shop-Domain": SANDBOX_DOMAIN}
        assert self.line.deliver(topic, body, **headers).status_code == 200
        self.line.worker.drain()


@pytest.fixture
def shop(line: TestLine, tmp_path: Path) -> Iterator[Shop]:
    """A store that was set up, of whose products nothing was heard."""
    with served(tmp_path / "shop") as opened:
        made = Shop(line, opened)
        made.open()
        made.setting_up.work()
        assert made.store
        line.store = made.store
        yield made
        made.close()


def _without(*collection_ids: str) -> Program:
    excluded = frozenset(collection_ids)
    return Program(counting=Counting(excluded_collection_ids=excluded))


def test_what_was_there_before_the_app_is_known_each_time_it_is_set_up(shop: Shop):
    assert shop.reading.work() == 1
    for _ in range(2):
        shop.step()
    shop.line.worker.drain()

    decaf = shop.known(DECAF)
    assert (decaf.tags, decaf.collection_ids) == (("sale",), (COFFEE,))
    assert decaf.tags_at == decaf.collections_at == shop.row("read_at")[0]
    assert [len(each) for each in shop.told()] == [len(catalogue.PRODUCTS)]
    assert shop.due_in_s() > 80_000
    shop.line.set_program(_without(CERAMICS))
    shop.buy(5001, MUG)
    shop.buy(5002, DECAF)
    assert shop.line.standing(7001).available == 100

    shop.shop.store.app.uninstall()
    shop.hear()
    assert shop.row("due_at") == (None,)
    shop.shop.store.app.install()
    shop.open()
    shop.setting_up.work()
    assert shop.due_in_s() <= 0


def test_the_terms_of_an_order_stay_those_of_its_first_credit(shop: Shop):
    shop.line.set_program(_without(GIFTS))
    shop.read()
    order = shop.buy(5001, MUG)
    shop.shop.store.shelves.collect("morning-mug", [int(CERAMICS), int(GIFTS)])
    shop.read_later()
    shop.buy(5002, MUG)
    shop.send("orders/updated", later(order, note="by hand"))
    assert shop.line.standing(7001).available == 100

    shop.shop.store.shelves.collect("morning-mug", [])
    shop.read_later()
    shop.buy(5003, MUG)
    assert shop.line.standing(7001).available == 200
    assert shop.line.audit() is None
    assert shop.line.violations() == []


def test_what_lost_messages_would_have_told_is_found_and_no_more(shop: Shop):
    shop.read()
    with shop.shop.store.data.transaction() as rows:
        rows.save_setting("weather", {"lose_percent": 100})
    shop.shop.store.shelves.tag("house-blend", ["new", "Fair"])
    shop.shop.store.shelves.collect("morning-mug", [int(GIFTS)])
    shop.read()
    shop.read()

    assert shop.told()[1:] == [{BLEND, MUG}]
    assert shop.known(BLEND).tags == ("Fair", "new")
    assert shop.known(MUG).collection_ids == (GIFTS,)


def test_changes_in_a_row_have_the_products_read_again_once(shop: Shop):
    shop.read()
    shop.line.tamper("update catalogue set read_at = read_at - interval '1 hour'")
    shop.shop.store.shelves.collect("morning-mug", [int(GIFTS)])
    shop.shop.store.shelves.collect("espresso-pair", [int(GIFTS)])
    shop.hear(ago=timedelta(minutes=1))
    assert 30 <= shop.due_in_s() <= 60
    shop.read()
    assert shop.told()[1:] == [{MUG, str(catalogue.PRODUCTS[4].product_id)}]
    assert shop.due_in_s() > 80_000

    shop.shop.store.shelves.tag("house-blend", ["new"])
    shop.hear()
    assert 500 <= shop.due_in_s() <= 600


def test_a_file_that_failed_or_was_overtaken_is_made_again(shop: Shop):
    with shop.shop.store.data.transaction() as rows:
        bulk.let_fail(rows)
    for _ in range(3):
        shop.step()
    said = "the store's file: internal server error"
    assert shop.row("operation, note") == (None, said)

    shop.step()
    shop.step()
    shop.shop.store.shelves.collect("morning-mug", [int(GIFTS)])
    shop.hear()
    shop.step()

    assert shop.row("operation") == (None,)
    assert shop.due_in_s() <= 600
    shop.read()
    assert shop.known(MUG).collection_ids == (GIFTS,)


def test_a_reading_that_breaks_off_goes_on_with_the_same_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    shop.step()
    [operation] = shop.row("operation")
    shop.step()
    listed = shop.catalogue.products

    def broken(file: Path) -> Iterator[Any]:
        yield from list(listed(file))[:4]
        raise StoreAway("away")

    monkeypatch.setattr(shop.catalogue, "products", broken)
    shop.step()
    assert shop.row("operation, note") == (operation, "away")
    shop.line.worker.drain()
    monkeypatch.setattr(shop.catalogue, "products", listed)
    shop.step()

    # The first three were told before it broke off, and are told no more.
    count = len(catalogue.PRODUCTS)
    parts = [min(3, count - before) for before in range(0, count, 3)]
    assert [len(each) for each in shop.told()] == parts
    assert shop.row("operation, note") == (None, None)


def test_messages_and_readings_come_to_the_same_in_any_order(line: TestLine):
    """Two that say different things of one moment come to one of the two, always."""
    at = datetime(2026, 11, 1, 10, tzinfo=UTC)
    then = [at + timedelta(minutes=minute) for minute in range(4)]
    told = [("webhook", ("c",), then[2]), ("webhook", ("b",), then[2])]
    told += [("read", ("d", "a"), then[0]), ("read", ("e",), then[3])]
    with line.in_program() as connection:
        for number, order in enumerate(permutations(told)):
            id_ = str(number)
            for how, words, since in order:
                if how == "webhook":
                    products.note_tags(connection, line.store, id_, words, since)
                else:
                    read = ProductRead(id_, words, words, min(since, then[1]))
                    products.note_read(connection, line.store, [read], since)
        known = known_products(
            connection, line.store.program_id, map(str, range(number + 1))
        )

    assert len(known) == 24
    assert set(known.values()) == {Product(("c",), ("e",), then[2], then[3])}
