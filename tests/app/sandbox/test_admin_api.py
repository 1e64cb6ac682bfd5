"""The sandbox's Admin API fails where Shopify's would."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.platforms.shopify.past_orders import Count
from app.sandbox.store import Store
from app.sandbox_token import sandbox_token
from tests.app.sandbox.conftest import SECRET

URL = "/admin/api/2026-10/graphql.json"
TOKEN = {"X-Shopify-Access-Token": sandbox_token(SECRET)}
MAKE = """
mutation Make($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { code field message }
  }
}
"""
GOOD = {
    "title": "A reward",
    "code": "SAVE",
    "startsAt": "2026-11-01T10:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {
        "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        "items": {"all": True},
    },
}


def _ask(shop: Flask, query: str, /, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    answer = shop.test_client().post(URL, json=body, headers=TOKEN)
    assert answer.status_code == 200
    return answer.get_json()


def _errors(shop: Flask, **changes: Any) -> list[str]:
    told = _ask(shop, MAKE, discount={**GOOD, **changes})
    return [
        each["code"] for each in told["data"]["discountCodeBasicCreate"]["userErrors"]
    ]


@pytest.mark.parametrize("token", [None, "", "nonsense", "ä"])
def test_without_the_token_nothing_is_answered(shop: Flask, token: str | None):
    headers = {} if token is None else {"X-Shopify-Access-Token": token}
    body = {"query": "{ shop { currencyCode } }"}
    answer = shop.test_client().post(URL, json=body, headers=headers)

    assert answer.status_code == 401
    assert "data" not in answer.get_json()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ shop { name", "Syntax Error"),
        ("{ shop { nonsense } }", "Cannot query field 'nonsense'"),
        ("{ codeDiscountNodeByCode { id } }", "is required"),
        ("{ product(id: 1.5) { id } }", "ID cannot represent"),
    ],
)
def test_a_wrong_document_is_not_carried_out(shop: Flask, query: str, words: str):
    told = _ask(shop, query)

    assert "data" not in told
    assert words in told["errors"][0]["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"nonsense": 1},
        {"startsAt": "yesterday"},
        {"startsAt": "2026-11-01T10:00:00"},
        {"context": {"all": "ALL", "customers": {"add": []}}},
        {"customerGets": {"value": {"discountAmount": {"amount": 5.0}}}},
        {"customerGets": {"value": {"discountAmount": {"amount": "NaN"}}}},
        {"customerGets": {"value": {"discountAmount": {"amount": "five"}}}},
    ],
)
def test_a_wrong_input_is_not_carried_out(shop: Flask, changes: dict[str, Any]):
    told = _ask(shop, MAKE, discount={**GOOD, **changes})

    assert told["errors"]
    assert "data" not in told
    assert _errors(shop) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "welcome10"}, "TAKEN"),
        ({"code": ""}, "BLANK"),
        ({"title": ""}, "BLANK"),
        ({"endsAt": GOOD["startsAt"]}, "END_DATE_BEFORE_START_DATE"),
        ({"context": {"customers": {"add": ["gid://shopify/Customer/1"]}}}, "INVALID"),
        (
            {"customerGets": {"value": {"percentage": 1.5}, "items": {"all": True}}},
            "VALUE_OUTSIDE_RANGE",
        ),
        ({"customerGets": {"value": {"percentage": 0.5}}}, "BLANK"),
        (
            {
                "customerGets": {
                    "value": {"percentage": 0.5},
                    "items": {
                        "products": {"productsToAdd": ["gid://shopify/Product/1"]}
                    },
                }
            },
            "INVALID",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_code(
    shop: Flask, changes: dict[str, Any], code: str
):
    assert _errors(shop, **changes) == [code]


def test_a_code_is_taken_in_either_case(shop: Flask):
    assert _errors(shop) == []
    assert _errors(shop, code="save") == ["TAKEN"]


@pytest.mark.parametrize(
    ("query", "requested", "actual"),
    [
        ("{ shop { currencyCode } }", 1, 1),
        ("{ order(id: 1) { id customer { id } } }", 2, 0),
        ("{ orders(first: 10) { nodes { id } pageInfo { endCursor } } }", 12, 3),
        ("{ orders(first: 10) { edges { node { customer { id } } } } }", 22, 4),
        (
            "{ orders(first: 5) { nodes { lineItems(first: 4) { nodes { id } } } } }",
            37,
            7,
        ),
        (
            "{ orders(first: 5) { nodes { ...it } } }"
            " fragment it on Order { refunds { id } }",
            12,
            3,
        ),
        (
            'mutation { discountCodeDeactivate(id: "1") { userErrors { code } } }',
            10,
            10,
        ),
    ],
)
def test_the_cost_of_a_call_is_told(
    shop: Flask, buy: Any, query: str, requested: int, actual: int
):
    buy(house_blend=1, low_bowl=1)
    cost = _ask(shop, query)["extensions"]["cost"]

    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (requested, actual)
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 2000.0 - actual,
        "restoreRate": 100.0,
    }


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        ("limit: 1", {"count": 1, "precision": "AT_LEAST"}),
        ("limit: null", {"count": 2, "precision": "EXACT"}),
        (
            "query: \"updated_at:<='2020-01-01T00:00:00Z'\"",
            {"count": 0, "precision": "EXACT"},
        ),
    ],
)
def test_a_count_says_whether_it_is_all(
    shop: Flask, buy: Any, limit: str, count: dict[str, Any]
):
    for _ in "12":
        buy(house_blend=1)
    asked = f"{{ ordersCount({limit}) {{ count precision }} }}"
    told = _ask(shop, asked)["data"]["ordersCount"]

    assert told == count
    assert Count(**told).exact == (None if told["count"] == 1 else told["count"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (
            "{ orders(first: 50) { nodes { lineItems(first: 20) { nodes { id } } } } }",
            "MAX_COST_EXCEEDED",
        ),
        ("{ orders { nodes { id } } }", "BAD_REQUEST"),
    ],
)
def test_a_document_without_bounds_is_not_carried_out(
    shop: Flask, query: str, code: str
):
    told = _ask(shop, query)

    assert "data" not in told
    assert [code] == [each["extensions"]["code"] for each in told["errors"]]


def test_what_is_not_there_cannot_be_ended(shop: Flask):
    for field, kind, words in (
        ("discountCodeDeactivate", "DiscountCodeNode", "Code discount"),
        ("discountAutomaticDeactivate", "DiscountAutomaticNode", "Automatic discount"),
        ("giftCardDeactivate", "GiftCard", "The gift card"),
    ):
        told = _ended(shop, field, f"gid://shopify/{kind}/1")
        assert told[0]["message"].startswith(f"{words} ")


def _ended(shop: Flask, field: str, id_: str) -> Any:
    query = f'mutation {{ {field}(id: "{id_}") {{ userErrors {{ code message }} }} }}'
    return _ask(shop, query)["data"][field]["userErrors"]


def _automatic(title: str, *tags: str) -> dict[str, Any]:
    gets = {"value": {"percentage": 0.1}, "items": {"all": True}}
    told = {name: GOOD[name] for name in ("startsAt", "context")}
    return told | {"title": title, "tags": [*tags], "customerGets": gets}


def test_discounts_of_both_sorts_are_listed_and_found(shop: Flask):
    _ask(shop, MAKE, discount=GOOD)
    make = """
    mutation Make($discount: DiscountAutomaticBasicInput!) {
      discountAutomaticBasicCreate(automaticBasicDiscount: $discount) {
        automaticDiscountNode { id }
        userErrors { message }
      }
    }
    """
    for discount in (_automatic("Gold", "gold"), _automatic("Silver", "silver")):
        _ask(shop, make, discount=discount)
    chosen = "id discount { __typename ... on DiscountAutomaticBasic { title } }"
    listing = f"""query Listed($first: Int, $after: String, $query: String) {{
      discountNodes(first: $first, after: $after, query: $query) {{
        nodes {{ {chosen} }}
        pageInfo {{ hasNextPage endCursor }}
      }}
    }}"""

    def listed(**asked: Any) -> Any:
        return _ask(shop, listing, **asked)["data"]["discountNodes"]

    one = listed(first=2)
    two = listed(first=2, after=one["pageInfo"]["endCursor"])
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (1, 0)
    nodes = one["nodes"] + two["nodes"]
    kinds = [each["id"].split("/")[-2] for each in nodes]
    assert kinds == ["DiscountCodeNode", *["DiscountAutomaticNode"] * 2]
    assert listed(first=9, query="tag:silver")["nodes"] == nodes[-1:]

    find = f"query Find($id: ID!) {{ discountNode(id: $id) {{ {chosen} }} }}"
    found = [_ask(shop, find, id=each["id"])["data"]["discountNode"] for each in nodes]
    assert found == nodes
    nobody = "gid://shopify/DiscountCodeNode/1"
    assert _ask(shop, find, id=nobody)["data"]["discountNode"] is None
    # By the number of one sort nothing of the other is ended.
    code, automatic = (int(each["id"].split("/")[-1]) for each in nodes[:2])
    for field, kind, number in (
        ("discountCodeDeactivate", "DiscountCodeNode", automatic),
        ("discountAutomaticDeactivate", "DiscountAutomaticNode", code),
    ):
        assert _ended(shop, field, f"gid://shopify/{kind}/{number}")
    assert _ended(shop, "discountAutomaticDeactivate", nodes[1]["id"]) == []


MEMBERS = """
query Members($segment: ID!, $after: String) {
  customerSegmentMembers(segmentId: $segment, first: 1, after: $after) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SEGMENT = """
mutation Segment($name: String!, $query: String!) {
  segmentCreate(name: $name, query: $query) { segment { id } userErrors { message } }
}
"""


def _members(shop: Flask, segment: str) -> list[int]:
    """Return who is in a segment, asked for one by one."""
    found: list[int] = []
    after = None
    while True:
        told = _ask(shop, MEMBERS, segment=segment, after=after)
        page = told["data"]["customerSegmentMembers"]
        for each in page["edges"]:
            kind, _, number = each["node"]["id"].rpartition("/")
            assert kind == "gid://shopify/CustomerSegmentMember"
            found.append(int(number))
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_segments_list_who_was_put_there_by_hand_or_by_a_tag(shop: Flask, store: Store):
    mary, twin = (
        store.customers.register(name, f"{name}@example.com") for name in ("mary", "al")
    )
    for each in (mary, twin):
        store.labels.join(each.id, 31)
    store.labels.add_tags(twin.id, "Gold")
    told = _ask(shop, SEGMENT, name="Gold", query="customer_tags CONTAINS 'gold'")
    made = told["data"]["segmentCreate"]["segment"]["id"]
    listed = _ask(shop, "{ segments(first: 9) { nodes { id name } } }")

    by_hand = "gid://shopify/Segment/31"
    assert _members(shop, by_hand) == [mary.id, twin.id]
    assert _members(shop, made) == [twin.id]
    assert _members(shop, "gid://shopify/Segment/32") == []
    assert {by_hand, made} <= {e["id"] for e in listed["data"]["segments"]["nodes"]}
    gone = _ask(shop, MEMBERS, segment="gid://shopify/Segment/33")
    assert gone["errors"][0]["message"] == "Segment does not exist"
