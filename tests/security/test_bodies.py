"""What becomes of each strange body: set aside with a reason, or read exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.credits import MemberOrder, assess, credits
from app.domain.errors import UnreadableMessage
from app.domain.events import OrderChanged
from app.domain.program import Program
from tests.app.platforms.said import heard
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import an_order
from tests.security.callers import ask
from tests.security.matrix import ROUTES, Caller, Route

ASIDE = "set aside"
PRICE = ("line_items", 0, "price")


def _put(body: Any, path: tuple[str | int, ...], raw: bytes) -> bytes:
    """A body with raw JSON in one place, whether or not it is JSON."""
    body = json.loads(json.dumps(body))
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "HERE"
    return json.dumps(body).encode().replace(b'"HERE"', raw)


def _nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


# An order of 100.00 EUR at a point for each euro: (where, what stands there, outcome).
ORDERS: dict[str, tuple[tuple[str | int, ...], bytes, str | int]] = {
    "NaN": (PRICE, b"NaN", ASIDE),
    "NaN in quotes": (PRICE, b'"NaN"', ASIDE),
    "Infinity": (PRICE, b"Infinity", ASIDE),
    "-Infinity in quotes": (PRICE, b'"-Infinity"', ASIDE),
    "1e999": (PRICE, b"1e999", ASIDE),
    "1e999 in quotes": (PRICE, b'"1e999"', ASIDE),
    "a number instead of text is read to the last digit": (PRICE, b"99.99", 99),
    "a number that no float can hold": (PRICE, b"99.99999999999999999999", 100),
    "a number just below, past the digits of a float": (
        PRICE,
        b"99.994999999999999999999",
        99,
    ),
    "an exponent": (PRICE, b'"1e2"', 100),
    "a comma": (PRICE, b'"1,000.00"', ASIDE),
    "a currency within": (PRICE, b'"EUR 100.00"', ASIDE),
    "hexadecimal": (PRICE, b'"0x64"', ASIDE),
    "true for money": (PRICE, b"true", ASIDE),
    "a list for money": (PRICE, b"[100]", ASIDE),
    "10^18 of money": (PRICE, b'"1000000000000000000"', ASIDE),
    "10^18 of money, a number": (PRICE, b"1000000000000000000", ASIDE),
    "10^18 in total": (("total_price",), b'"1000000000000000000.00"', ASIDE),
    "10^18 units": (("line_items", 0, "quantity"), b"1000000000000000000", ASIDE),
    "half a unit": (("line_items", 0, "quantity"), b"1.5", ASIDE),
    "units past 64 bits": (
        ("line_items", 0, "quantity"),
        b"18446744073709551616",
        ASIDE,
    ),
    "an id of 5,000 digits": (("id",), b"9" * 5000, ASIDE),
    "money of 5,000 digits": (PRICE, b"9" * 5000, ASIDE),
    "an id past 2^53 keeps its digits": (("id",), b"820982911946154508", 100),
    "half an id": (("id",), b"1.5", ASIDE),
    "true for an id": (("id",), b"true", ASIDE),
    "a currency that none is": (("currency",), b'"DOGE"', ASIDE),
    "a currency in lower case": (("currency",), b'"eur"', ASIDE),
    "a currency and a line end": (("currency",), b'"EUR\\n"', ASIDE),
    "an empty currency": (("currency",), b'""', ASIDE),
    "no currency at all": (("currency",), b"null", ASIDE),
    "NUL in text": (("name",), b'"#1\\u0000"', ASIDE),
    "a bare NUL": (("name",), b'"#1\0"', ASIDE),
    "a bare line end in text": (("name",), b'"#1\n"', ASIDE),
    "a lone surrogate": (("name",), b'"\\ud800"', ASIDE),
    "the second half of a surrogate": (("name",), b'"\\udc00 and more"', ASIDE),
    "halves in the wrong order": (("name",), b'"\\udc00\\ud800"', ASIDE),
    "text that is not UTF-8": (("name",), b'"caf\xe9"', ASIDE),
    "over-long UTF-8": (("name",), b'"\xc0\xaf"', ASIDE),
    "a surrogate as UTF-8": (("name",), b'"\xed\xa0\x80"', ASIDE),
    "a comment": (("note",), b"1 /* one */", ASIDE),
    "a comma at the end": (("note",), b"[1,]", ASIDE),
    "a number with a leading zero": (("note",), b"01", ASIDE),
    # What no field of ours reads is passed over, at any depth that the parser takes.
    "64 levels where nobody reads": (("note",), _nested(64), 100),
    "100,000 levels where nobody reads": (("note",), _nested(100_000), ASIDE),
    "100,000 lists for lines": (("line_items",), b"[" * 100_000, ASIDE),
    # Shopify signs the bytes and one reader reads them: the last of two counts.
    "a name twice": (PRICE, b'"1.00","price":"100.00"', 100),
    "a name twice, the first strange": (PRICE, b'"NaN","price":"100.00"', 100),
    "a name twice, the last strange": (PRICE, b'"100.00","price":"NaN"', ASIDE),
}

WHOLE: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "two documents": json.dumps(an_order()).encode() * 2,
    "UTF-16": json.dumps(an_order()).encode("utf-16"),
    "UTF-8 with a byte order mark": b"\xef\xbb\xbf" + json.dumps(an_order()).encode(),
    "a form": b"id=5001&line_items=",
}


def _body(how: str) -> bytes:
    path, raw, _ = ORDERS[how]
    return _put(an_order(), path, raw)


def _earned(raw: bytes) -> str | int:
    """The points that an order earns by the default programme, or ASIDE."""
    try:
        event = heard("orders/paid", raw).event
    except UnreadableMessage:
        return ASIDE
    assert isinstance(event, OrderChanged)
    order = MemberOrder(1, event.facts, Program(), "UTC")
    return sum(given.points for given in credits([assess(order)]))


@pytest.mark.parametrize("how", ORDERS)
def test_a_strange_order_is_set_aside_or_read_exactly(how: str):
    assert ORDERS[how][2] == _earned(_body(how))


@pytest.mark.parametrize("how", WHOLE)
def test_what_is_no_document_is_set_aside(how: str):
    assert ASIDE == _earned(WHOLE[how])


def test_a_key_that_is_there_twice_is_one_thing_to_every_reader():
    raw = b'{"id":1,"id":2,"line_items":[]}'

    assert "2" == heard("orders/paid", raw).order_id == str(json.loads(raw)["id"])


def test_strange_bodies_hold_up_no_true_one_and_leave_no_points(line: TestLine):
    strange = [_body(how) for how in ORDERS if ORDERS[how][2] == ASIDE]
    for raw in [*strange, *WHOLE.values()]:
        assert 200 == line.deliver("orders/paid", raw).status_code
    line.settle(("orders/paid", an_order()))

    rows = line.inbox()
    assert {"quarantined"} == {row.state for row in rows[:-1]}
    assert all(row.note.startswith("orders/paid: ") for row in rows[:-1])
    assert "settled" == rows[-1].state
    assert {"available": 100, "issued": -100} == line.totals()
    assert line.audit() is None


CART = {"currency": "EUR", "lines": [{"price_minor": 10000, "quantity": 1}]}
CART_PRICE = ("lines", 0, "price_minor")
CART_ID = ("lines", 0, "product_id")

# A cart of 100.00 EUR: (where, what stands there, the answer: points or a status).
CARTS: dict[str, tuple[tuple[str | int, ...], bytes, str | int]] = {
    "NaN": (CART_PRICE, b"NaN", "400"),
    "Infinity where nobody reads": (("note",), b"Infinity", "400"),
    "1e999": (CART_PRICE, b"1e999", "400"),
    "a fraction is not cut off": (CART_PRICE, b"12.7", "422"),
    "text for money": (CART_PRICE, b'"100"', "422"),
    "true for money": (CART_PRICE, b"true", "422"),
    "10^18 of money": (CART_PRICE, b"1000000000000000000", "422"),
    "money of 5,000 digits": (CART_PRICE, b"9" * 5000, "400"),
    "less than nothing": (CART_PRICE, b"-1", "422"),
    "half a unit": (("lines", 0, "quantity"), b"0.5", "422"),
    "a currency and a line end": (("currency",), b'"EUR\\n"', "422"),
    "a currency in lower case": (("currency",), b'"eur"', "422"),
    "an id with NUL": (CART_ID, b'"1\\u0000"', "422"),
    "an id that is half a character": (CART_ID, b'"\\ud800"', "400"),
    "an object for an id": (CART_ID, b'{"id": 1}', "422"),
    "an id past 64 bits": (CART_ID, b"18446744073709551616", "422"),
    "an id of 5,000 letters": (CART_ID, b'"' + b"x" * 5000 + b'"', "422"),
    "an id past 2^53": (CART_ID, b"820982911946154508", 100),
    "a tag with NUL, which is only compared": (
        ("lines", 0, "tags"),
        b'["\\u0000"]',
        100,
    ),
    "5,000 letters for a tag": (
        ("lines", 0, "tags"),
        b'["' + b"x" * 5000 + b'"]',
        "422",
    ),
    "text that is not UTF-8": (("note",), b'"caf\xe9"', "400"),
    "64 levels in all": (("note",), _nested(63), 100),
    "65 levels in all": (("note",), _nested(64), "400"),
    "65 levels of lists": (("note",), b"[" * 64 + b"]" * 64, "400"),
    "10,000 levels where nobody reads": (("note",), _nested(10_000), "400"),
    "a name twice": (CART_PRICE, b'1,"price_minor":10000', "400"),
    "a name twice that says the same": (
        CART_PRICE,
        b'10000,"price_minor":10000',
        "400",
    ),
    "a name twice, written in two ways": (
        CART_PRICE,
        b'1,"price\\u005fminor":10000',
        "400",
    ),
    "a name twice where nobody reads": (("note",), b'{"a":1,"a":2}', "400"),
    "a name in two objects": (("note",), b'{"a":{"a":1},"b":{"a":1}}', 100),
}


@pytest.fixture(scope="module")
def answers(module_line: TestLine) -> dict[str, Any]:
    query = proxy_query()
    return {
        how: module_line.client.post(
            f"/proxy/estimate?{query}",
            data=_put(CART, path, raw),
            content_type="application/json",
        )
        for how, (path, raw, _) in CARTS.items()
    }


@pytest.mark.parametrize("route", [each for each in ROUTES if each.body], ids=str)
@pytest.mark.parametrize(
    "strange", [b'{"a":1,"a":1}', _nested(65)], ids=["twice", "deep"]
)
def test_every_door_but_the_stores_refuses_names_twice_and_deep_bodies(
    module_line: TestLine, route: Route, strange: bytes
):
    before = len(module_line.inbox())
    [caller] = [each for each in ASKING if route.answers[each] in (200, 202)][:1]

    answer = ask(module_line.client, route, caller, raw=strange, object_id=len(strange))

    if caller is Caller.STORE:
        # It is signed, and lost for good if it is not taken.
        assert 200 == answer.status_code
        assert before + 1 == len(module_line.inbox())
    else:
        assert 400 == answer.status_code
        assert before == len(module_line.inbox())


ASKING = (Caller.STORE, Caller.CUSTOMER, Caller.BUYER, Caller.TOOL)


@pytest.mark.parametrize("how", CARTS)
def test_a_strange_cart_is_refused_or_read_exactly(answers: dict[str, Any], how: str):
    answer = answers[how]

    told = answer.get_json()
    if answer.status_code == 200:
        assert CARTS[how][2] == told["points"]
    else:
        assert CARTS[how][2] == str(answer.status_code)
        assert told["error"]
