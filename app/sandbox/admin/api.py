"""The Admin API's one address: who may ask, what goes wrong, and the answer."""

from __future__ import annotations

import hmac
import time
from functools import partial
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from graphql import GraphQLSchema

from app.sandbox import code_jobs, grants
from app.sandbox.admin import (
    automatic_discounts,
    bucket,
    bulk,
    customers,
    discount_nodes,
    discounts,
    disputes,
    gift_cards,
    metafields,
    orders,
    products,
    redeem_codes,
    segments,
    set_up,
    store_credit,
    tags,
    trouble,
)
from app.sandbox.admin.automatic_discounts import BASIC, FREE_SHIPPING, changer, maker
from app.sandbox.admin.carrying_out import carry_out
from app.sandbox.admin.schema import admin_schema
from app.sandbox.admin.words import Answer, Call
from app.sandbox.deliveries import API_VERSION
from app.sandbox.line_bodies import gid
from app.sandbox.outbox import Outbox
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
        return _unknown()
    with store.data.transaction() as rows:
        kind = trouble.take(rows)
        if kind == trouble.EXPIRED:
            grants.expire(rows, store.clock())
            return _unknown()
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


def _unknown() -> ResponseReturnValue:
    words = "[API] Invalid API key or access token (unrecognized login)"
    return jsonify(errors=words), 401


_RETRY = {"Retry-After": "2.0"}


def _too_late(store: Store) -> ResponseReturnValue:
    """Let the app wait; should it wait to the end, it learns nothing either."""
    time.sleep(store.settings.hang_s)
    return jsonify(errors="Gateway Timeout"), 504


def _answered(store: Store, app: str, is_drained: bool) -> ResponseReturnValue:
    with store.data.transaction() as rows:
        code_jobs.run(rows)
        call = Call(rows, store.settings, store.clock())
        has = bucket.look(rows, store.settings.plan, app, call.now)
        if is_drained:
            has = has.taken(has.left)
        roots = _roots(call, store.outbox)
        answer = carry_out(_SCHEMA, call, request.get_json(), roots, has)
    store.wake()
    return jsonify(answer)


def _roots(call: Call, outbox: Outbox) -> Answer:
    """Say what answers which field of this call."""
    answers = _answers(outbox).items()
    return {field: _rooted(answer, call) for field, answer in answers}


def _answers(outbox: Outbox) -> dict[str, Any]:
    """Say which function answers which field."""
    return {
        "bulkOperation": partial(bulk.find, root_url=request.url_root),
        "bulkOperationRunQuery": partial(bulk.begin, schema=_SCHEMA),
        "codeDiscountNodeByCode": discounts.by_code,
        "currentAppInstallation": metafields.installation,
        "customer": store_credit.customer,
        "customers": customers.search,
        "customerSegmentMembers": segments.members,
        "customersCount": customers.count,
        "discountAutomaticBasicCreate": maker(BASIC),
        "discountAutomaticBasicUpdate": changer(BASIC),
        "discountAutomaticDeactivate": automatic_discounts.deactivate,
        "discountAutomaticFreeShippingCreate": maker(FREE_SHIPPING),
        "discountAutomaticFreeShippingUpdate": changer(FREE_SHIPPING),
        "discountCodeBasicCreate": discounts.make_basic,
        "discountCodeDeactivate": discounts.deactivate,
        "discountCodeFreeShippingCreate": discounts.make_free_shipping,
        "discountCodeRedeemCodeBulkDelete": redeem_codes.delete,
        "discountNode": discount_nodes.by_id,
        "discountNodes": discount_nodes.listed,
        "discountRedeemCodeBulkAdd": redeem_codes.add,
        "discountRedeemCodeBulkCreation": redeem_codes.find_creation,
        "disputes": disputes.search,
        "giftCard": gift_cards.find,
        "giftCardCreate": gift_cards.make,
        "giftCardDeactivate": gift_cards.deactivate,
        "giftCards": gift_cards.search,
        "metafieldsSet": metafields.set_all,
        "nodes": tags.nodes,
        "order": orders.find,
        "orders": orders.search,
        "ordersCount": orders.count,
        "product": products.find,
        "products": products.all_products,
        "refund": orders.find_refund,
        "segmentCreate": segments.make,
        "segments": segments.listed,
        "segmentUpdate": segments.change,
        "shop": _shop,
        "storeCreditAccount": store_credit.account,
        "storeCreditAccountCredit": store_credit.give,
        "storeCreditAccountDebit": store_credit.take,
        "tagsAdd": partial(tags.add, outbox=outbox),
        "tagsRemove": partial(tags.remove, outbox=outbox),
        **set_up.ANSWERS,
    }


def _rooted(answer: Any, call: Call) -> Any:
    return lambda _info, **arguments: answer(call, **arguments)


def _shop(call: Call) -> Answer:
    return {
        "id": gid("Shop", 1),
        "currencyCode": call.currency,
        "ianaTimezone": call.settings.timezone,
    }
