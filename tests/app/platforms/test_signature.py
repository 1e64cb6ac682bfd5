"""Only what the store signed is genuine: bodies, and queries of the app proxy."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shopify_app import ShopifyApp

from app.platforms.base import Forged, Genuine
from app.platforms.shopify import Shopify
from app.platforms.shopify.signature import verify_body, verify_query

SECRET, OLD_SECRET = "hush", "hush before"
SECRETS = SECRET, OLD_SECRET
BODY = '{"id":1,"name":"Zoë"}'.encode()
# The example of shopify.dev, "Authenticate app proxies".
OFFICIAL = (
    "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1"
    "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
    "&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
)
OFFICIAL_AT = datetime.fromtimestamp(1317327555, UTC)


def _signed(body=BODY, secret=SECRET):
    return base64.b64encode(_mac(body, secret)).decode()


def _mac(signed, secret=SECRET):
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def _query(text):
    return parse_qs(text, keep_blank_values=True)


def _sign(query, secret=SECRET):
    """The query with the signature that Shopify's own example would give it."""
    joined = "".join(
        sorted(f"{key}={','.join(values)}" for key, values in query.items())
    )
    return query | {"signature": [_mac(joined.encode(), secret).hex()]}


def _a_query(at=OFFICIAL_AT, **more):
    return {
        "shop": ["test.myshopify.com"],
        "logged_in_customer_id": [""],
        "path_prefix": ["/apps/points"],
        "timestamp": [str(int(at.timestamp()))],
    } | more


@pytest.mark.parametrize("length", [0, 1, 2046, 2047, 2048, 4094, 4095, 10_001])
def test_a_body_is_signed_to_its_last_byte(length):
    body = bytes(number % 251 for number in range(length))
    assert Genuine() == verify_body(body, _signed(body), SECRETS)
    assert not verify_body(body + b"x", _signed(body), SECRETS)
    if body:
        other = body[:-1] + bytes([body[-1] ^ 1])
        assert not verify_body(other, _signed(body), SECRETS)


def test_the_official_example_is_genuine():
    assert Genuine() == verify_query(_query(OFFICIAL), SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize("name", sorted(_query(OFFICIAL)))
@pytest.mark.parametrize("change", ["changed", "dropped", "emptied", "doubled"])
def test_a_change_of_any_parameter_is_found(name, change):
    query = _query(OFFICIAL)
    if change == "dropped":
        del query[name]
    elif change == "emptied":
        query[name] = [""]
    elif change == "doubled":
        query[name] = query[name] * 2
    else:
        query[name] = [*query[name][:-1], query[name][-1][:-1] + "9"]

    assert not verify_query(query, SECRETS, OFFICIAL_AT)


def test_an_added_parameter_is_found():
    query = _query(OFFICIAL + "&points=1000")

    assert not verify_query(query, SECRETS, OFFICIAL_AT)


def test_values_of_a_repeated_name_keep_their_order():
    query = _query(OFFICIAL)
    query["extra"] = query["extra"][::-1]

    assert not verify_query(query, SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize(
    ("seconds", "is_genuine"),
    [(-91, False), (-90, True), (0, True), (90, True), (90.5, False), (10**9, False)],
)
def test_a_query_is_good_for_ninety_seconds_either_way(seconds, is_genuine):
    now = OFFICIAL_AT + timedelta(seconds=seconds)

    assert is_genuine == bool(verify_query(_query(OFFICIAL), SECRETS, now))


@pytest.mark.parametrize(
    "timestamp",
    ["", "now", "-1", "1.5", "1e9", " 1317327555", "\u0661", "9" * 400, "9" * 5000],
)
def test_a_signed_timestamp_that_is_no_number_is_refused(timestamp):
    query = _sign(_a_query(timestamp=[timestamp]))

    assert not verify_query(query, SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize("name", ["shop", "timestamp", "logged_in_customer_id"])
def test_even_signed_what_matters_may_be_named_once_only(name):
    query = _a_query()
    query[name] = query[name] * 2

    assert not verify_query(_sign(query), SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize("name", ["shop", "timestamp"])
def test_even_signed_nothing_that_matters_may_be_missing(name):
    query = _a_query()
    del query[name]

    assert not verify_query(_sign(query), SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize("name", ["shop", "logged_in_customer_id", "path_prefix"])
def test_even_signed_no_value_may_hold_what_no_database_keeps(name):
    assert not verify_query(_sign(_a_query(**{name: ["a\0b"]})), SECRETS, OFFICIAL_AT)


def test_two_signatures_are_none():
    query = _sign(_a_query())
    query["signature"] = query["signature"] * 2

    assert not verify_query(query, SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize("signature", ["é", "\u0661" * 64, "0" * 64, "", "💥"])
def test_a_strange_signature_is_only_wrong(signature):
    query = _a_query() | {"signature": [signature]}

    assert isinstance(verify_query(query, SECRETS, OFFICIAL_AT), Forged)


@pytest.mark.parametrize(
    "more", [{"name": ["Zoë 💚"]}, {"größe": ["1"]}, {"Upper": ["1"], "lower": ["2"]}]
)
def test_names_and_values_may_be_of_any_script_and_case(more):
    assert verify_query(_sign(_a_query(**more)), SECRETS, OFFICIAL_AT)


@pytest.mark.parametrize(
    ("secret", "is_genuine"),
    [(SECRET, True), (OLD_SECRET, True), ("", False), ("other", False)],
)
def test_the_present_and_the_former_secret_are_good(secret, is_genuine):
    query = _sign(_a_query(), secret)
    signature = _signed(secret=secret)

    assert is_genuine == bool(verify_query(query, (*SECRETS, ""), OFFICIAL_AT))
    assert is_genuine == bool(verify_body(BODY, signature, (*SECRETS, "")))


def test_without_secrets_nothing_is_genuine():
    assert not verify_query(_sign(_a_query(), ""), (), OFFICIAL_AT)
    assert not verify_body(BODY, _signed(secret=""), ("",))


RIGHT = _signed()
WRONG = {
    "empty": "",
    "blank": " ",
    "of another body": _signed(BODY + b" "),
    "hex": _mac(BODY).hex(),
    "no base64": "not*base64",
    "not padded": RIGHT.rstrip("="),
    "padded twice": RIGHT + "=",
    "cut": RIGHT[:-4],
    "longer": RIGHT + RIGHT,
    "two joined": f"{RIGHT}, {RIGHT}",
    "with a blank": f" {RIGHT}",
    "with a line end": f"{RIGHT}\n",
    "not ASCII": "é" + RIGHT[1:],
    "wide letters": "\uff21" * 44,
    "lower case": RIGHT.lower(),
    "NUL": "\0" * 44,
}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_signature_of_a_body_is_forged(how):
    headers = {"x-shopify-hmac-sha256": WRONG[how]}

    assert isinstance(Shopify(SECRETS).verify(headers, BODY), Forged)


def test_a_missing_signature_is_forged():
    assert not Shopify(SECRETS).verify({}, BODY)
    assert not Shopify(SECRETS).verify({"x-shopify-topic": "orders/paid"}, BODY)


@pytest.mark.parametrize("name", ["x-shopify-hmac-sha256", "shopify-hmac-sha256"])
def test_both_families_of_headers_are_read(name):
    assert Shopify(SECRETS).verify({name: RIGHT}, BODY)


@settings(max_examples=60)
@given(st.binary(max_size=40), st.integers(0, 400), st.integers(1, 255))
def test_one_changed_bit_of_a_body_is_found(body, place, flip):
    changed = bytearray(body or b"x")
    changed[place % len(changed)] ^= flip

    assert verify_body(bytes(body), _signed(body), SECRETS)
    assert not verify_body(bytes(changed), _signed(body), SECRETS)


ORACLE = ShopifyApp(client_id="key", client_secret=SECRET, old_client_secret=OLD_SECRET)


@settings(max_examples=60)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from([SECRET, OLD_SECRET, "other"]),
    st.sampled_from([None, "body", "signature"]),
)
def test_shopifys_own_library_agrees_about_bodies(body, secret, change):
    signature = _signed(body.encode(), secret)
    if change == "body":
        body += "!"
    elif change == "signature":
        signature = "AAAA" + signature[4:]
    headers = {"x-shopify-hmac-sha256": signature}
    request = {"method": "POST", "headers": headers, "url": "", "body": body}

    theirs = ORACLE.verify_webhook_req(request).ok

    assert theirs == bool(Shopify(SECRETS).verify(headers, body.encode()))


# Shopify's library sorts names, its documentation whole pairs; both say the same where
# no name begins another.
names = st.text("abcxyzäß", min_size=2, max_size=2)
anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(anything, max_size=5)


@settings(max_examples=80)
@given(
    st.dictionaries(names, st.lists(texts, min_size=1, max_size=3), max_size=3),
    st.sampled_from([SECRET, OLD_SECRET, "other"]),
    st.sampled_from([0, -60, 60, -200, 200]),
    st.sampled_from([None, "shop", "timestamp", "signature", "logged_in_customer_id"]),
    st.sampled_from(["changed", "dropped", "doubled"]),
)
def test_shopifys_own_library_agrees_about_queries(more, secret, age_s, name, change):
    now = int(time.time())
    query = _sign(_a_query(datetime.fromtimestamp(now + age_s, UTC), **more), secret)
    if name and change == "dropped":
        del query[name]
    elif name and change == "doubled":
        query[name] = query[name] * 2
    elif name:
        query[name] = [query[name][0] + "1"]
    text = urlencode(query, doseq=True)
    request = {"method": "GET", "headers": {}, "url": f"https://a.example/?{text}"}

    theirs = ORACLE.verify_app_proxy_req(request).ok

    ours = verify_query(_query(text), SECRETS, datetime.fromtimestamp(now, UTC))
    assert theirs == bool(ours)
