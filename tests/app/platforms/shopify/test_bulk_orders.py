"""The store's file of all orders says what their messages said, and may never come."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from app.platforms.base import StoreAway
from app.platforms.shopify import bodies
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.platforms.shopify.scopes import ALL_ORDERS, SCOPES
from app.platforms.shopify.tokens import FixedToken
from app.sandbox import cart, catalogue, order_steps
from app.sandbox.admin import bulk
from app.sandbox.order_steps import CARD, Buyer, Stamp
from app.sandbox.orders import Order
from app.sandbox.refunds import RefundRequest, refund
from tests.builders.open_store import TOKEN, OpenStore
from workers.archive import PastFile
from workers.steps import Step

AGES_AGO = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(open_store: OpenStore) -> ShopifyArchive:
    open_store.store.app.set_scopes([*SCOPES, ALL_ORDERS])
    return ShopifyArchive(AdminApi(open_store.url, FixedToken(TOKEN)))


@pytest.fixture
def file(tmp_path, archive) -> PastFile:
    return PastFile(tmp_path / "orders", archive, pause=lambda _: None)


def _bought(open_store: OpenStore, day: int, *, returned: bool = False) -> Order:
    ada, at = open_store.ada, AGES_AGO + timedelta(days=day)
    first, *others = catalogue.PRODUCTS[:3]
    handles = (product.handle for product in others)
    wanted = dict.fromkeys([catalogue.choice(first, catalogue.MONTHLY), *handles], 2)
    with open_store.store.data.transaction() as rows:
        stamp = Stamp(rows.next_number(), "abcdef", at.isoformat(), "EUR")
        buyer = Buyer(ada.email, ada.name, ada.id)
        chosen = cart.price(wanted, None)
        order = order_steps.place(chosen, buyer, CARD, rows.next_id, stamp)
        if returned:
            request = RefundRequest(units={order.lines[0].id: 1})
            order = refund(order, request, rows.next_id, at.isoformat())
        rows.save_order(order)
    return order


def test_all_orders_since_a_moment_come_whole(open_store, archive, file):
    _bought(open_store, 1)
    plain, returned = _bought(open_store, 11), _bought(open_store, 12, returned=True)
    with open_store.store.data.transaction() as rows:
        ends = AGES_AGO + timedelta(days=20)
        late = {each.id for each in rows.orders() if each.created_at > ends.isoformat()}
    first, *_, last = file.make(AGES_AGO + timedelta(days=10))
    told = {id_: told for id_, told in file.orders() if int(id_) not in late}

    assert list(told) == [str(plain.id), str(returned.id)]
    count = len(told) + len(late)
    assert first == Step("The store writes its file", count // 2, count)
    assert last == Step("Refunds are read", count, count)
    for order in (plain, returned):
        asked = archive.read(str(order.id))
        assert told[str(order.id)].at == asked.at
        heard = msgspec.json.decode(told[str(order.id)].body, type=bodies.Order)
        whole = msgspec.json.decode(asked.body, type=bodies.Order)
        by_id = lambda line: line.id  # noqa: E731
        lines = sorted(heard.line_items, key=by_id), sorted(whole.line_items, key=by_id)
        assert lines[0] == lines[1]
        plans = {line.selling_plan_id for line in lines[0]}
        assert plans == {catalogue.MONTHLY.plan_id, None}
        assert heard.refunds == whole.refunds
        assert heard.shipping_lines == whole.shipping_lines
        assert heard.customer == whole.customer


def test_it_goes_on_after_a_break(open_store, archive, file, tmp_path, monkeypatch):
    since = AGES_AGO + timedelta(days=100)
    for day in (101, 102, 103):
        _bought(open_store, day, returned=True)
    began, read, reads = archive.begin, archive.read, []

    def broken(order_id: str):
        reads.append(order_id)
        if len(reads) == 2:
            raise StoreAway("away")
        return read(order_id)

    monkeypatch.setattr(archive, "read", broken)
    with pytest.raises(StoreAway):
        list(file.make(since))
    with (tmp_path / "orders" / "orders.jsonl").open("ab") as whole:
        whole.write(b'{"order_id": "cut sh')
    monkeypatch.setattr(archive, "begin", None)
    list(file.make(since))
    monkeypatch.setattr(archive, "begin", began)

    assert len(reads) == 4
    assert len(list(file.orders())) >= 3
    file.note(2)
    assert file.told == 2
    list(file.make(None))
    assert file.told == 0


def test_a_file_that_the_store_does_not_finish_is_begun_anew(open_store, file):
    with open_store.store.data.transaction() as rows:
        bulk.let_fail(rows)
    with pytest.raises(StoreAway, match="internal server error"):
        list(file.make(None))
    list(file.make(None))

    assert len(list(file.orders())) > 0


def test_a_query_that_cannot_be_is_refused(open_store, archive, monkeypatch):
    document = "app.platforms.shopify.bulk_orders.document_text"
    monkeypatch.setattr(document, lambda _: "{ orders { edges { node { nothing } } } }")

    with pytest.raises(StoreAway, match="nothing"):
        archive.begin(None)


def test_what_is_forgotten_by_the_store_is_begun_anew(archive):
    assert archive.state("gid://shopify/BulkOperation/1").failed
