"""What an app sets up in the store: definitions of metafields, and subscriptions."""

from __future__ import annotations

from typing import Any

from app.sandbox import grants
from app.sandbox.admin import scopes
from app.sandbox.admin.words import Answer, Call
from app.sandbox.line_bodies import gid
from app.sandbox.store_data import Rows

_DEFINITIONS = "metafield definitions"
_SUBSCRIPTIONS = "webhook subscriptions"


def _kept(rows: Rows, name: str) -> list[dict[str, Any]]:
    saved = rows.setting(name, [])
    assert isinstance(saved, list)
    return saved


def definitions(rows: Rows) -> list[dict[str, Any]]:
    """Return the definitions that there are."""
    return _kept(rows, _DEFINITIONS)


def subscriptions(rows: Rows) -> list[dict[str, Any]]:
    """Return the subscriptions that the Admin API was asked for."""
    return _kept(rows, _SUBSCRIPTIONS)


def define_metafield(call: Call, definition: Answer) -> Answer:
    """Keep a definition, once for each key of a namespace."""
    kept = definitions(call.rows)
    if any(
        (each["namespace"], each["key"]) == (definition["namespace"], definition["key"])
        for each in kept
    ):
        error = {
            "code": "TAKEN",
            "field": ["definition", "key"],
            "message": "Key is in use for Customer metafields.",
        }
        return {"createdDefinition": None, "userErrors": [error]}
    made = {**definition, "id": gid("MetafieldDefinition", call.rows.next_id())}
    call.rows.save_setting(_DEFINITIONS, [*kept, made])
    return {"createdDefinition": made, "userErrors": []}


def subscribe(call: Call, topic: str, webhookSubscription: Answer) -> Answer:  # noqa: N803
    """Keep a subscription; an address without TLS, or a topic out of scope, is not."""
    kept, uri = subscriptions(call.rows), webhookSubscription["uri"]
    refused = None
    if not scopes.may_hear(grants.scopes(call.rows), topic):
        refused = "You cannot create a webhook subscription with the specified topic"
    elif not uri.startswith("https://"):
        refused = "Address protocol http:// is not supported"
    elif any((each["topic"], each["uri"]) == (topic, uri) for each in kept):
        refused = "Address for this topic has already been taken"
    if refused:
        error = {"field": ["webhookSubscription", "uri"], "message": refused}
        return {"webhookSubscription": None, "userErrors": [error]}
    made = {
        "id": gid("WebhookSubscription", call.rows.next_id()),
        "topic": topic,
        "uri": uri,
    }
    call.rows.save_setting(_SUBSCRIPTIONS, [*kept, made])
    return {"webhookSubscription": made, "userErrors": []}


def list_subscriptions(call: Call, first: int | None = None) -> Answer:
    """Return the first subscriptions."""
    return {"nodes": subscriptions(call.rows)[:first]}
