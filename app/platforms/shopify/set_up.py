"""What the app needs to have in a store: metafields for members, and its messages.

Both are asserted each time anew; what is there already is as good as made. An app's own
subscriptions are in `shopify.app.toml`, so only a custom app has to ask for them.
"""

from __future__ import annotations

from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError
from app.platforms.shopify.topics import TOPICS

# `$app` stands for a name of the app's own, which no other app can write to.
NAMESPACE = "$app"
METAFIELDS = (
    ("balance", "Points", "number_integer"),
    ("next_reward", "Next reward", "json"),
    ("tier", "Tier", "single_line_text_field"),
)
# Themes and customer accounts may show them; nobody else may change them.
_ACCESS = {
    "admin": "MERCHANT_READ",
    "customerAccount": "READ",
    "storefront": "PUBLIC_READ",
}
# Shopify sends these to all apps, by their configuration alone.
COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
_TAKEN = "TAKEN"


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    created_definition: Known | None = None
    webhook_subscription: Known | None = None


class _Made(Answer):
    made: _Payload


class _Subscription(Answer):
    topic: str
    uri: str


class _Nodes(Answer):
    nodes: tuple[_Subscription, ...]


class _Found(Answer):
    webhook_subscriptions: _Nodes


def define_metafields(api: AdminApi) -> list[str]:
    """Have all metafields defined; return in the store's words what it refused."""
    refused: list[str] = []
    for key, name, kind in METAFIELDS:
        definition = {
            "namespace": NAMESPACE,
            "key": key,
            "name": name,
            "type": kind,
            "ownerType": "CUSTOMER",
            "access": _ACCESS,
        }
        made = api.ask("define_metafield", _Made, definition=definition).made
        refused += [each.message for each in made.user_errors if each.code != _TAKEN]
    return refused


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
