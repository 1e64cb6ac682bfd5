"""What the app needs to have in a store: metafields for members, and its messages.

Both are asserted each time anew; what is there already is as good as made, once it says
what it should. An app's own subscriptions are in `shopify.app.toml`, so only a custom
app has to ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError
from app.platforms.shopify.topics import TOPICS

# `$app` stands for a name of the app's own, which no other app can write to.
NAMESPACE = "$app"
METAFIELDS = (
    ("balance", "Points", "number_integer"),
    ("next_reward", "Next reward", "json"),
    ("tier", "Tier", "single_line_text_field"),
)
# Shopify sends these to all apps, by their configuration alone.
COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
_TAKEN = "TAKEN"


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    created_definition: Known | None = None
    webhook_subscription: Known | None = None


class _Made(Answer):
    made: _Payload


class _Access(Answer):
    admin: str | None
    customer_account: str
    storefront: str | None


class _Definition(Answer):
    name: str
    access: _Access


class _Defined(Answer):
    metafield_definition: _Definition | None


# Themes and customer accounts may show metafields; nobody else may change them.
_ACCESS = _Access("MERCHANT_READ", customer_account="READ", storefront="PUBLIC_READ")


class _Subscription(Answer):
    topic: str
    uri: str


class _Nodes(Answer):
    nodes: tuple[_Subscription, ...]


class _Found(Answer):
    webhook_subscriptions: _Nodes


def define_metafields(api: AdminApi) -> list[str]:
    """Have all metafields defined; return in the store's words what it refused.

    A definition of an earlier version of ours is changed to what it should be now; all
    but its type can be.
    """
    refused: list[str] = []
    for key, name, kind in METAFIELDS:
        refused += [f"{key}: {each.message}" for each in _define(api, key, name, kind)]
    return refused


def _define(api: AdminApi, key: str, name: str, kind: str) -> tuple[UserError, ...]:
    """Return why the store would not have a definition as it should be."""
    identity = {"namespace": NAMESPACE, "key": key, "ownerType": "CUSTOMER"}
    wanted = _Definition(name, _ACCESS)
    definition = {**identity, **msgspec.to_builtins(wanted)}
    found = _found(api, identity)
    if found is None:
        whole = {**definition, "type": kind}
        errors = api.ask("define_metafield", _Made, definition=whole).made.user_errors
        if all(each.code != _TAKEN for each in errors):
            return errors
        # Somebody else was quicker, and may be of an earlier version.
        found = _found(api, identity)
    if found == wanted:
        return ()
    return api.ask("change_definition", _Made, definition=definition).made.user_errors


def _found(api: AdminApi, identity: Mapping[str, str]) -> _Definition | None:
    told = api.ask("find_definition", _Defined, identifier=identity)
    return told.metafield_definition


def subscribe(api: AdminApi, uri: str) -> list[str]:
    """Have all our topics sent to an address; return what the store refused."""
    found = api.ask("find_subscriptions", _Found).webhook_subscriptions.nodes
    there = {each.topic for each in found if each.uri == uri}
    refused: list[str] = []
    for topic in sorted(set(map(as_enum, TOPICS.keys() - COMPLIANCE)) - there):
        made = api.ask(
            "make_subscription",
            _Made,
            topic=topic,
            subscription={"uri": uri, "format": "JSON"},
        ).made
        refused += [f"{topic}: {each.message}" for each in made.user_errors]
    return refused


def as_enum(topic: str) -> str:
    """Write a topic as the Admin API names it."""
    return topic.replace("/", "_").replace(".", "_").upper()
