"""A signed body that makes no sense is unreadable, and never anything worse."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.chain import Entry, Transaction, chained
from app.domain.credits import MemberOrder, assess, credits
from app.domain.errors import OfAnotherRelease, UnreadableMessage
from app.domain.events import OrderChanged
from app.domain.explain import explain
from app.domain.fold import fold
from app.domain.money import MINOR_MAX
from app.domain.program import Program
from app.platforms.base import Message
from app.platforms.own import Own
from tests.app.platforms.said import BODIES, RECEIVED_AT, heard
from tests.builders.shopify import a_line, an_order

TOPICS = sorted(BODIES)
PROGRAM = Program(credit_after_days=30, expires_after_months=12)


def _settled(told):
    """Work out all that an order comes to, as the worker will."""
    if isinstance(told.event, OrderChanged):
        order = MemberOrder(1, told.event.facts, PROGRAM, "Pacific/Auckland")
        assessed = assess(order)
        folded = fold(credits([assessed]), (), datetime(2027, 11, 22, tzinfo=UTC))
        assert all(movement.points <= MINOR_MAX for movement in folded.movements)
        for movement in folded.movements:
            moment = movement.at
            entry = Entry("available", movement.points, 0, 0)
            chained(
                b"",
                Transaction(
                    *(1, 1, 1, movement.key, movement.kind, "", "", movement.points),
                    *(None, moment, moment, movement.expires_at, "", None, (entry,)),
                ),
            )
        given = credits([assessed])
        explain(assessed, given[0] if given else None)


def _read(topic, raw):
    """A body is either unreadable, or all of it can be worked with and kept."""
    with suppress(UnreadableMessage):
        _settled(heard(topic, raw))


def _with(text, path=("name",)):
    """An order with a piece of raw JSON in one place."""
    body = json.loads(json.dumps(an_order()))
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "HERE"
    return json.dumps(body).replace('"HERE"', text).encode()


LINE = ("line_items", 0)
RAW = {
    "nothing": b"",
    "a blank": b" ",
    "null": b"null",
    "a list": b"[]",
    "a number": b"5",
    "cut": json.dumps(an_order()).encode()[:-20],
    "something after it": json.dumps(an_order()).encode() + b"{}",
    "not UTF-8": _with('"caf\xe9"').decode("utf-8").encode("latin-1"),
    "UTF-16": json.dumps(an_order()).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(an_order()).encode(),
    "deep lists": _with("[" * 50_000 + "]" * 50_000, ("note",)),
    "deep objects": _with('{"a":' * 50_000 + "1" + "}" * 50_000, ("note",)),
    "deep lines": _with("[" * 50_000 + "]" * 50_000, ("line_items",)),
    "a lone surrogate": _with('"\\ud800"'),
    "a lone surrogate in an address": _with('"\\udfff@example.com"', ("email",)),
    "NaN": _with("NaN", (*LINE, "price")),
    "NaN in quotes": _with('"NaN"', (*LINE, "price")),
    "signalling NaN": _with('"sNaN"', (*LINE, "price")),
    "infinity": _with('"-Infinity"', (*LINE, "price")),
    "a long id": _with("9" * 5000, ("id",)),
    "a long price": _with("9" * 5000, (*LINE, "price")),
    "a long quantity": _with("9" * 5000, (*LINE, "quantity")),
    "a long fraction": _with('"0.' + "9" * 5000 + '"', (*LINE, "price")),
    "a vast exponent": _with('"1e999999"', (*LINE, "price")),
    "a vast exponent, unquoted": _with("1e999999", (*LINE, "price")),
    "a tiny exponent": _with('"1e-999999"', (*LINE, "price")),
    "10^18": _with('"1000000000000000000.00"', (*LINE, "price")),
    "10^18 units": json.dumps(
        an_order(a_line("100.00", 10**18)) | {"total_price": "100.00"}
    ).encode(),
    "most money, many units": json.dumps(
        an_order(a_line("9999999999999.99", 10**18))
    ).encode(),
    "a negative price": _with('"-5.00"', (*LINE, "price")),
    "a negative quantity": _with("-5", (*LINE, "quantity")),
    "a negative total": _with('"-100.00"', ("total_price",)),
    "no known currency": _with('"DOGE"', ("currency",)),
    "no currency": _with('""', ("currency",)),
    "a price of another sort": _with("[5]", (*LINE, "price")),
    "true for an id": _with("true", ("id",)),
    "half an id": _with("1.5", ("id",)),
    "lines of another sort": _with('"lines"', ("line_items",)),
    "a time of another sort": _with('"yesterday"', ("processed_at",)),
    "the first day": _with('"0001-01-01T00:00:00+14:00"', ("processed_at",)),
    "the last day": _with('"9999-12-31T23:59:59-12:00"', ("processed_at",)),
    "the last day of an update": _with('"9999-12-31T23:59:59Z"', ("updated_at",)),
    "a key twice": b'{"id":1,"id":2,"line_items":[],"line_items":[]}',
}


@pytest.mark.parametrize("how", RAW)
def test_a_strange_order_is_unreadable_or_can_be_worked_with(how):
    _read("orders/paid", RAW[how])


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"id":'])
def test_a_body_without_sense_is_unreadable_under_every_topic(topic, raw):
    with pytest.raises(UnreadableMessage):
        heard(topic, raw)


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("orders/paid", ("id",)),
        ("orders/paid", ("name",)),
        ("orders/paid", ("customer", "id")),
        ("orders/paid", ("line_items", 0, "product_id")),
        ("customers/update", ("id",)),
        ("products/update", ("tags",)),
    ],
)
def test_no_text_with_nul_comes_through_since_the_database_keeps_none(topic, path):
    body = json.loads(json.dumps(BODIES[topic]))
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "a\0b"
    try:
        told = heard(topic, body)
    except UnreadableMessage:
        return
    assert "\\x00" not in repr(told)


def test_a_vast_number_is_refused_without_working_it_out():
    raw = _with('"1e200000"', (*LINE, "price"))
    started_at = time.process_time()

    with pytest.raises(UnreadableMessage):
        heard("orders/paid", raw)

    assert time.process_time() - started_at < 0.5


@pytest.mark.parametrize("topic", ["points/adjust", "tiers/give"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"points": 1.5}',
        b'{"customer_id": "1", "tier": "Gold", "reason": "", "until": "2026-11-22"}',
        b"[" * 50_000,
        b"\xff",
    ],
)
def test_our_own_messages_are_read_as_strictly(raw, topic):
    message = Message("1", topic, raw, RECEIVED_AT, str)

    with pytest.raises(OfAnotherRelease):
        Own().translate(message)


STRANGE = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        2**200,
        10**18,
        1.5,
        "",
        "1e999999",
        "-0.005",
        "NaN",
        "JPY",
        "\0",
        "refunded",
        "2026-11-01T10:00:00-12:00",
        "0001-01-01T00:00:00+14:00",
        [],
        {},
        [{}],
        {"shop_money": {"amount": "1.00", "currency_code": "USD"}},
    ]
)


@st.composite
def mutated(draw):
    """A true body, some of whose parts are something else, gone, or doubled."""
    topic = draw(st.sampled_from(TOPICS))
    body = json.loads(json.dumps(BODIES[topic]))
    for _ in range(draw(st.integers(1, 3))):
        place = body
        while True:
            keys = [*place] if isinstance(place, dict) else [*range(len(place))]
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            action = draw(st.sampled_from(["strange", "gone", "wrapped"]))
            if action == "strange":
                place[key] = draw(STRANGE)
            elif action == "gone":
                del place[key]
            else:
                place[key] = [place[key], place[key]]
            break
    return topic, json.dumps(body).encode()


@settings(max_examples=300)
@given(mutated())
def test_a_body_with_strange_parts_is_unreadable_or_can_be_worked_with(told):
    _read(*told)


@settings(max_examples=100)
@given(st.sampled_from(TOPICS), st.data())
def test_a_body_with_bytes_changed_is_unreadable_or_can_be_worked_with(topic, data):
    raw = bytearray(json.dumps(BODIES[topic]).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _read(topic, bytes(raw))
