"""The Admin API's one address: who may ask, what goes wrong, and the answer."""

from __future__ import annotations

import hmac
import time
from functools import partial
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from graphql import GraphQLSchema

from app.sandbox import catalogue, grants
from app.sandbox.admin import (
    bucket,
    bulk,
    discounts,
    gift_cards,
    metafields,
    orders,
    set_up,
    store_credit,
    trouble,
)
from app.sandbox.admin.carrying_out import carry_out
from app.sandbox.admin.schema import admin_schema
from app.sandbox.admin.words import Answer, Call, amount, number_of
from app.sandbox.deliveries import API_VERSION
from app.sandbox.line_bodies import gid
from app.sandbox.store import Store, the_store
from app.sandbox_token import sandbox_token

blueprint = Blueprint("admin_api", __name__)

_SCHEMA: GraphQLSchema = admin_schema()


@blueprint.post(f"/admin/api/{API_VERSION}/graphql.json")
def graphql() -> ResponseReturnValue:
    """Answer a document."""
    store = the_store()
    app = _asking(store, request.headers.get("X-Shopify-Access-Token", ""))
    if app is None:
        words = "[API] Invalid API key or access token (unrecognized login)"
        return jsonify(errors=words), 401
    with store.data.transaction() as rows:
        kind = trouble.take(rows)
    if kind == trouble.TOO_MANY:
        return jsonify(errors="Exceeded 2 calls per second."), 429, _RETRY
    if kind == trouble.BROKEN:
        return jsonify(errors="Internal Server Error"), 500
    if kind == trouble.HANG_BEFORE:
        return _too_late(store)
    answer = _answered(store, app, kind == trouble.THROTTLED)
    return _too_late(store) if kind == trouble.HANG_AFTER else answer


def _asking(store: Store, token: str) -> str | None:
    """Return which app has the token: the one there is, or the store's custom app."""
    custom = sandbox_token(store.settings.secret)
    if hmac.compare_digest(token.encode(), custom.encode()):
        return "custom app"
    with store.data.reading() as rows:
        return "app" if grants.opens(rows, token, store.clock()) else None


_RETRY = {"Retry-After": "2.0"}


def _too_late(store: Store) -> ResponseReturnValue:
    """Let the app wait; should it wait to the end, it learns nothing either."""
    time.sleep(store.settings.hang_s)
    return jsonify(errors="Gateway Timeout"), 504


def _answered(store: Store, app: str, is_drained: bool) -> ResponseReturnValue:
    with store.data.transaction() as rows:
        call = Call(rows, store.settings, store.clock())
        has = bucket.look(rows, store.settings.plan, app, call.now)
        if is_drained:
            has = has.taken(has.left)
        return jsonify(carry_out(_SCHEMA, call, request.get_json(), _roots(call), has))


def _roots(call: Call) -> Answer:
    """Say which function answers which field."""
    answers: dict[str, Any] = {
        "bulkOperation": partial(bulk.find, root_url=request.url_root),
        "bulkOperationRunQuery": partial(bulk.begin, schema=_SCHEMA),
        "codeDiscountNodeByCode": discounts.by_code,
        "customer": store_credit.customer,
        "discountCodeBasicCreate": discounts.make_basic,
        "discountCodeDeactivate": discounts.deactivate,
        "discountCodeFreeShippingCreate": discounts.make_free_shipping,
        "giftCardCreate": gift_cards.make,
        "giftCardDeactivate": gift_cards.deactivate,
        "giftCards": gift_cards.search,
        "metafieldDefinitionCreate": set_up.define_metafield,
        "metafieldsDelete": metafields.delete,
        "metafieldsSet": metafields.set_all,
        "order": orders.find,
        "orders": orders.search,
        "product": _product,
        "refund": orders.find_refund,
        "shop": _shop,
        "storeCreditAccountCredit": store_credit.give,
        "webhookSubscriptionCreate": set_up.subscribe,
        "webhookSubscriptions": set_up.list_subscriptions,
    }

    def rooted(answer: Any) -> Any:
        return lambda _info, **arguments: answer(call, **arguments)

    return {field: rooted(answer) for field, answer in answers.items()}


def _product(call: Call, id: str) -> Answer | None:
    product = catalogue.find_by_id(number_of("Product", id))
    if product is None:
        return None
    price = amount(product.price_minor, call.currency)
    prices = {"maxVariantPrice": price, "minVariantPrice": price}
    return {"id": id, "title": product.title, "priceRangeV2": prices}


def _shop(call: Call) -> Answer:
    return {
        "id": gid("Shop", 1),
        "currencyCode": call.currency,
        "ianaTimezone": call.settings.timezone,
    }
