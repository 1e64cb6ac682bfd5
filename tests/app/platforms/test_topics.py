"""Each topic says one thing, and its body under another topic does no harm."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain import events
from app.domain.errors import UnreadableMessage
from app.domain.labels import LabelKind
from app.platforms.shopify import Shopify
from app.platforms.shopify.topics import TOPICS
from tests.app.platforms.said import BODIES, DOMAIN, ORDER_TOPICS, RECEIVED_AT, heard
from tests.builders.shopify import an_order

PAYLOADS = sorted((Path(__file__).parents[2] / "payloads").glob("*.json"))
# Topics that take one another's bodies rightly: they say the same of the same thing.
ALIKE = [
    {*ORDER_TOPICS},
    {"disputes/create", "disputes/update"},
    {"customers/create", "customers/update"},
    {"products/create", "products/update"},
    {"collections/create", "collections/update", "collections/delete"},
]
# Nothing in these bodies says which of the two they are: docs/security.md has it.
TWINS = [
    {"customer.tags_added", "customer.tags_removed"},
    {"customer.joined_segment", "customer.left_segment"},
]


def _are_alike(one, other):
    return one == other or any({one, other} <= topics for topics in [*ALIKE, *TWINS])


HARMLESS = (
    events.Ignored,
    events.OrderChanged,
    events.CustomerDeleted,
    events.CustomerChanged,
    # The store is asked for its products, and says itself what they are.
    events.CollectionsChanged,
)
SWAPS = [
    (sent, claimed)
    for sent in BODIES
    for claimed in TOPICS
    if not _are_alike(sent, claimed)
]


def test_every_topic_has_a_true_body_here():
    assert {*TOPICS} == {*BODIES}
    assert all(Shopify().knows(topic) for topic in BODIES)
    assert not Shopify().knows("carts/update")


@pytest.mark.parametrize(
    ("topic", "event"),
    [
        ("orders/paid", events.OrderChanged),
        ("orders/edited", events.Ignored),
        ("orders/delete", events.OrderChanged),
        ("refunds/create", events.OrderChanged),
        ("order_transactions/create", events.OrderChanged),
        ("disputes/update", events.OrderChanged),
        ("customers/create", events.CustomerChanged),
        ("customers/delete", events.CustomerDeleted),
        ("customers/merge", events.CustomersMerged),
        ("customers_email_marketing_consent/update", events.MailSubscribed),
        ("customer.tags_added", events.LabelsChanged),
        ("customer.left_segment", events.LabelsChanged),
        ("products/update", events.ProductChanged),
        ("collections/delete", events.CollectionsChanged),
        ("app/uninstalled", events.StoreUninstalled),
        ("app/scopes_update", events.StoreScopesChanged),
        ("customers/data_request", events.CustomerDataRequested),
        ("customers/redact", events.CustomerRedacted),
        ("shop/redact", events.StoreRedacted),
        ("carts/update", events.Ignored),
    ],
)
def test_a_topic_is_heard_as_its_event(topic, event):
    assert isinstance(heard(topic, BODIES.get(topic, {})).event, event)


@pytest.mark.parametrize(("sent", "claimed"), SWAPS)
def test_a_body_under_another_topic_does_no_harm(sent, claimed):
    """It is refused, or it speaks of nothing that there is under that name."""
    try:
        told = heard(claimed, BODIES[sent])
    except UnreadableMessage:
        return
    assert isinstance(told.event, HARMLESS)
    assert "5001" != told.order_id or isinstance(told.event, events.Ignored)
    if isinstance(told.event, events.CustomerChanged):
        assert told.event.email_key is None
    else:
        assert "7001" != told.customer_id
    if isinstance(told.event, events.OrderChanged):
        assert told.event.facts.paid_at is None


FORGEABLE = (
    events.StoreRedacted,
    events.StoreUninstalled,
    events.CustomerRedacted,
    events.CustomersMerged,
    events.CustomerDataRequested,
)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_no_real_body_can_be_passed_off_as_a_farewell(path):
    """Topics are not signed: a stranger may send a true body under any of them."""
    body = path.read_bytes()
    own = path.name.partition("__")[0].replace("_", "/", 1)
    about_store = ("app_uninstalled", "shop_update")
    for topic in TOPICS:
        try:
            event = heard(topic, body).event
        except UnreadableMessage:
            continue
        if isinstance(event, FORGEABLE) and not path.name.startswith(about_store):
            assert own == topic.replace("_", "/", 1) or own.startswith("customers/")
            assert own.split("/")[1][:4] in topic


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_every_real_body_is_read_under_its_own_topic(path):
    name = path.name.partition("__")[0]
    own = [topic for topic in TOPICS if topic.replace("/", "_") == name]
    for topic in own:
        heard(topic, path.read_bytes())


def test_a_body_that_names_its_store_says_which():
    for topic in ("app/uninstalled", "customers/redact", "shop/redact"):
        assert DOMAIN == heard(topic, BODIES[topic]).domain
    assert heard("orders/paid", BODIES["orders/paid"]).domain is None


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://Test.myshopify.com/1/orders/ab?key=c", "test.myshopify.com"),
        ("https://shop.example/1/orders/ab", None),
        ("https://test.myshopify.com.evil.example/1", None),
        ("https://evil.example/https://test.myshopify.com/", None),
        ("test.myshopify.com", None),
        (None, None),
    ],
)
def test_the_address_of_an_order_says_its_store(url, domain):
    body = an_order(order_status_url=url)

    assert domain == heard("orders/updated", body).domain


def test_addresses_are_concealed():
    for topic, body in BODIES.items():
        assert "'ada@example.com'" not in repr(heard(topic, body))


def test_an_unproven_address_claims_nothing():
    customer = BODIES["customers/update"] | {"verified_email": False}

    assert heard("customers/update", customer).event.email_key is None
    order = an_order(customer=customer)
    assert heard("orders/paid", order).event.customer.email_key is None


@pytest.mark.parametrize("customer", [None, {"id": None, "email": "ada@example.com"}])
def test_a_guest_has_no_id(customer):
    told = heard("orders/paid", an_order(customer=customer))

    assert told.customer_id is None
    assert told.event.customer is None
    assert "key of ada@example.com" == told.event.facts.buyer.email_key


def test_a_merge_that_has_not_happened_is_ignored():
    body = BODIES["customers/merge"] | {"status": "failed"}

    assert isinstance(heard("customers/merge", body).event, events.Ignored)


def test_a_merge_says_who_stays():
    event = heard("customers/merge", BODIES["customers/merge"]).event

    assert ("7001", "7002") == (event.kept_id, event.deleted_id)


@pytest.mark.parametrize("tags", ["Sale, New", "Sale,New,", ["Sale", " New "]])
def test_tags_are_read_from_a_text_or_a_list(tags):
    event = heard("products/update", BODIES["products/update"] | {"tags": tags}).event

    assert ("Sale", "New") == event.tags


def test_tags_of_customers_are_heard_as_they_are_compared_with_the_stores_time():
    told = heard("customer.tags_removed", BODIES["customer.tags_removed"])

    assert "7001" == told.customer_id
    assert told.event == events.LabelsChanged(
        "7001",
        LabelKind.TAG,
        frozenset({"vip", "press"}),
        is_given=False,
        at=datetime(2026, 11, 1, 10, 0, 0, 123000, tzinfo=UTC),
    )


def test_a_segment_is_known_by_its_number_and_joined_when_the_message_was_made():
    event = heard("customer.joined_segment", BODIES["customer.joined_segment"]).event

    assert event == events.LabelsChanged(
        "7001", LabelKind.SEGMENT, frozenset({"31"}), is_given=True, at=RECEIVED_AT
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"customerId": "7001"},
        {"customerId": "gid://shopify/Order/7001"},
        {"tags": "vip"},
        {"tags": ["v" * 256]},
        {"occurredAt": "1905-05-05T05:00:00Z"},
        {"occurredAt": None},
    ],
    ids=str,
)
def test_tags_that_cannot_be_read_are_set_aside(wrong):
    with pytest.raises(UnreadableMessage):
        heard("customer.tags_added", BODIES["customer.tags_added"] | wrong)


def _consented(**changes):
    body = BODIES["customers_email_marketing_consent/update"]
    consent = body["email_marketing_consent"] | changes
    told = heard(
        "customers_email_marketing_consent/update",
        body | {"email_marketing_consent": consent},
    )
    assert "7001" == told.customer_id
    return told.event


def test_who_subscribed_to_mail_did_so_when_the_store_says():
    assert datetime(2026, 11, 1, 10, tzinfo=UTC) == _consented().at
    assert RECEIVED_AT == _consented(consent_updated_at=None, state="SUBSCRIBED").at
    for state in ("unsubscribed", "not_subscribed", "pending", "redacted", "invalid"):
        assert isinstance(_consented(state=state), events.Ignored)


def test_tags_that_name_none_are_ignored():
    body = BODIES["customer.tags_added"] | {"tags": [" "]}

    assert isinstance(heard("customer.tags_added", body).event, events.Ignored)


def test_a_dispute_that_names_no_order_is_ignored():
    body = BODIES["disputes/create"] | {"order_id": None}

    assert isinstance(heard("disputes/create", body).event, events.Ignored)


def test_a_time_without_zone_is_read_as_utc():
    body = an_order(processed_at="2026-11-01T10:00:00", cancelled_at="2026-11-02T10:00")
    snapshot = heard("orders/paid", body | {"cancelled_at": "2026-11-02T10:00:00"})

    assert UTC == snapshot.event.facts.snapshot.processed_at.tzinfo
    assert datetime(2026, 11, 2, 10, tzinfo=UTC) == (
        snapshot.event.facts.snapshot.cancelled_at
    )


def test_a_body_without_times_happened_when_it_came():
    body = an_order() | dict.fromkeys(("created_at", "processed_at", "updated_at"))

    assert RECEIVED_AT == heard("orders/paid", body).event.facts.paid_at


def test_ids_as_numbers_and_as_texts_are_the_same():
    told = [heard("orders/paid", an_order(id=id_)).order_id for id_ in (5001, "5001")]

    assert ["5001", "5001"] == told


def test_an_old_total_does_not_pass_for_money_of_the_shopper():
    """Without the shopper's total there is no rate, so none may be made up."""
    body = an_order(currency="USD", presentment_currency="JPY")
    snapshot = heard("orders/paid", body).event.facts.snapshot

    assert 0 == snapshot.presentment_total_minor


def test_fields_that_are_of_no_use_may_be_anything():
    body = an_order() | {"note_attributes": 5, "client_details": [1, {"a": None}]}

    assert heard("orders/paid", json.dumps(body).encode()).order_id == "5001"
