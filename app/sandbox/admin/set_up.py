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
# Of a definition that does not say who may see what it is about.
_NO_ACCESS = {"admin": None, "customerAccount": "NONE", "storefront": "NONE"}


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
    if find_definition(call, definition):
        error = {
            "code": "TAKEN",
            "field": ["definition", "key"],
            "message": "Key is in use for Customer metafields.",
        }
        return {"createdDefinition": None, "userErrors": [error]}
    access = {**_NO_ACCESS, **(definition.get("access") or {})}
    id_ = gid("MetafieldDefinition", call.rows.next_id())
    made = {**definition, "access": access, "id": id_}
    call.rows.save_setting(_DEFINITIONS, [*definitions(call.rows), made])
    return {"createdDefinition": made, "userErrors": []}


def find_definition(call: Call, identifier: Answer) -> Answer | None:
    """Return the definition of a key of a namespace, None where there is none."""
    kept = definitions(call.rows)
    return next((each for each in kept if _place(each) == _place(identifier)), None)


def change_definition(call: Call, definition: Answer) -> Answer:
    """Change the name and the access of a definition, as far as they are told."""
    found = find_definition(call, definition)
    if found is None:
        error = {
            "code": "NOT_FOUND",
            "field": ["definition"],
            "message": "Definition not found.",
        }
        return {"updatedDefinition": None, "userErrors": [error]}
    access = {**found["access"], **(definition.get("access") or {})}
    changed = {**found, **definition, "access": access}
    kept = [
        changed if each["id"] == found["id"] else each
        for each in definitions(call.rows)
    ]
    call.rows.save_setting(_DEFINITIONS, kept)
    return {"updatedDefinition": changed, "userErrors": []}


def _place(definition: Answer) -> tuple[str, str]:
    return definition["namespace"], definition["key"]


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


# Which function answers which field.
ANSWERS = {
    "metafieldDefinition": find_definition,
    "metafieldDefinitionCreate": define_metafield,
    "metafieldDefinitionUpdate": change_definition,
    "webhookSubscriptionCreate": subscribe,
    "webhookSubscriptions": list_subscriptions,
}
