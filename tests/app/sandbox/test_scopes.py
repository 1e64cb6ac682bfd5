"""Documents need the scopes that the page names them under, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLType,
    execute_sync,
    get_operation_ast,
    is_composite_type,
    parse,
    type_from_ast,
)

from app.platforms.base import AccessDenied
from app.platforms.shopify.admin_api import AdminApi, document_text
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.platforms.shopify.scopes import ALL_ORDERS, SCOPES
from app.platforms.shopify.set_up import as_enum, subscribe
from app.platforms.shopify.tokens import FixedToken
from app.platforms.shopify.topics import TOPICS
from app.sandbox import cart
from app.sandbox.admin.schema import admin_schema
from app.sandbox.admin.scopes import guard, may_hear
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.outbox import latest
from tests.builders.open_store import TOKEN, OpenStore, served
from tests.test_shopify_app import DOCUMENTS, scopes_table

SCHEMA = admin_schema()
NAMES = sorted(path.stem for path in DOCUMENTS.iterdir())
TABLE = scopes_table()
PLAIN = {
    "ID": "gid://shopify/Customer/1",
    "Boolean": True,
    "Date": "2026-11-01",
    "DateTime": "2026-11-01T10:00:00Z",
    "Int": 1,
}


def _given(kind: GraphQLType | None) -> Any:
    """Make a value that a variable of this sort may have."""
    if isinstance(kind, GraphQLNonNull):
        return _given(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [_given(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        fields = kind.fields.items()
        needed = [each for each in fields if isinstance(each[1].type, GraphQLNonNull)]
        chosen = list(fields)[:1] if kind.is_one_of else needed
        return {name: _given(each.type) for name, each in chosen}
    return PLAIN.get(getattr(kind, "name", ""), "1")


def _answered(_source: Any, info: GraphQLResolveInfo, **_arguments: Any) -> Any:
    """Answer any field with something, so that all of a document is come to."""
    return _something(info.return_type)


def _something(kind: GraphQLType) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _something(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [_something(kind.of_type)]
    return {} if is_composite_type(kind) else _given(kind)


def _denied(name: str, granted: set[str]) -> set[str]:
    """Return the scopes for which a document was refused, whatever its things are."""
    document = parse(document_text(name))
    operation = get_operation_ast(document)
    assert operation
    variables = {
        each.variable.name.value: _given(type_from_ast(SCHEMA, each.type))
        for each in operation.variable_definitions or ()
        if each.type.kind == "non_null_type"
    }
    if name == "set_app_data":
        variables["metafields"][0]["ownerId"] = "gid://shopify/AppInstallation/1"
    found: set[str] = set()
    for which in range(3):

        def is_a(
            _value: Any, _info: Any, kind: GraphQLAbstractType, which: int = which
        ) -> str:
            possible = SCHEMA.get_possible_types(kind)
            return possible[which % len(possible)].name

        result = execute_sync(
            SCHEMA,
            document,
            variable_values=variables,
            field_resolver=_answered,
            type_resolver=is_a,
            middleware=[guard(granted)],
        )
        for error in result.errors or ():
            assert error.extensions
            assert error.extensions["code"] == "ACCESS_DENIED"
            found.add(error.extensions["requiredAccess"])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_document_needs_the_scopes_of_its_rows_and_no_other(name: str):
    assert _denied(name, set(SCOPES)) == set()
    needed = {scope for scope in SCOPES if _denied(name, set(SCOPES) - {scope})}

    assert needed == {scope for scope, (names, _) in TABLE.items() if name in names}


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic_needs_the_scope_of_its_row_and_no_other(topic: str):
    needed = {each for each in SCOPES if not may_hear(set(SCOPES) - {each}, topic)}

    assert may_hear(SCOPES, topic)
    assert needed == {scope for scope, (_, told) in TABLE.items() if topic in told}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[OpenStore]:
    with served(tmp_path) as opened:
        yield opened


def test_what_was_taken_away_is_refused_within_an_order_and_a_file(shop: OpenStore):
    ada = shop.ada
    buyer = Buyer(ada.email, ada.name, ada.id)
    order = shop.store.place_order(cart.price({"low-bowl": 1}, None), buyer, CARD)
    shop.store.app.set_scopes(set(SCOPES) - {"write_customers"})
    api = AdminApi(shop.url, FixedToken(TOKEN))
    past, archive = ShopifyPastOrders(api), ShopifyArchive(api)
    assert past.counted("") == 1
    with pytest.raises(AccessDenied):
        past.read(str(order.id))
    name = archive.begin(None)
    assert ["", "access denied"] == [archive.state(name).failed or "" for _ in "12"]

    shop.store.app.set_scopes(SCOPES)
    assert past.read(str(order.id))


def test_old_orders_are_shown_to_who_may_read_all_of_them(tmp_path: Path):
    now = [datetime.now(UTC)]
    with served(tmp_path, clock=lambda: now[0]) as shop:
        buyer = Buyer(shop.ada.email, shop.ada.name, shop.ada.id)
        order = shop.store.place_order(cart.price({"low-bowl": 1}, None), buyer, CARD)
        past = ShopifyPastOrders(AdminApi(shop.url, FixedToken(TOKEN)))
        now[0] += timedelta(days=61)
        assert (0, None) == (past.counted(""), past.read(str(order.id)))

        shop.store.app.set_scopes([*SCOPES, ALL_ORDERS])
        assert past.counted("") == 1
        assert past.read(str(order.id))


def test_topics_are_neither_sent_nor_promised_without_their_scopes(shop: OpenStore):
    shop.store.app.set_scopes(set(SCOPES) - {"write_customers"})
    shop.store.customers.register("Mary", "mary@example.com")
    refused = subscribe(AdminApi(shop.url, FixedToken(TOKEN)), "https://app.example")
    with shop.store.data.reading() as rows:
        told = [each.topic for each in latest(rows)]

    assert told == ["app/scopes_update"]
    topics = {each.partition(":")[0] for each in refused}
    names = TABLE["write_customers"][1]
    assert topics == {as_enum(topic) for topic in names}
