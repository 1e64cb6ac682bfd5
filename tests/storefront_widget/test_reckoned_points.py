"""What Liquid reckons by itself is what the app would answer, or nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.credits import TierThen
from app.domain.earning import Bonus, Campaign, Multiplier, PurchasePoints, Stacking
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.estimate import Bound, bound, estimate
from app.domain.money import minor_units
from app.domain.orders import Line
from app.domain.plain_terms import TermsNow, terms_at
from app.domain.program import Counting, Limits, Program
from app.domain.rounding import Rounding
from app.domain.tiers import Tier, Tiers
from app.platforms.shopify.earning_terms import document_of
from tests.storefront_widget.theme import a_customer, render

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = "Europe/Berlin"
IN_THE_PRODUCT = r"Earns you ([0-9]+) points?"
IN_THE_CART = r"This order earns ([0-9]+) points?"

rates = st.decimals("0.01", 30, places=2)
# Most are about some products; some hold for all, for a tier or a day, or nowhere here.
conditions = st.builds(
    Conditions,
    tags=st.sampled_from([frozenset({"Mugs"}), frozenset({"Sale"})]),
    product_ids=st.sampled_from([frozenset(), frozenset({"22"})]),
    amount_min=st.sampled_from([Decimal(0), Decimal(50)]),
    tiers=st.sampled_from([frozenset(), frozenset({"Silver"})]),
) | st.sampled_from(
    [
        Conditions(),
        Conditions(weekdays=frozenset({Weekday.MONDAY})),
        Conditions(weekdays=frozenset({Weekday.TUESDAY})),
        Conditions(tiers=frozenset({"Silver", "Gold  class"})),
        Conditions(tiers=frozenset({"Gold  class"}), channels=frozenset({"web"})),
        Conditions(product_ids=frozenset({"21"})),
        Conditions(tags=frozenset({"mugs"}), collection_ids=frozenset({"7"})),
        Conditions(channels=frozenset({"pos"})),
        Conditions(amount_min=Decimal(20)),
        Conditions(customer_tags=frozenset({"vip"})),
        Conditions(ends_at=datetime.fromisoformat("2026-11-23")),
        Conditions(starts_at=datetime.fromisoformat("2999-01-01")),
    ]
)
campaigns = st.one_of(
    st.builds(
        Multiplier, times=st.decimals("1.01", 3, places=2), conditions=conditions
    ),
    st.just(Multiplier(times=Decimal(2), name="spring", budget=Budget(points=9))),
    st.builds(Bonus, points=st.integers(1, 50), conditions=conditions),
)
programs = st.builds(
    Program,
    earning=st.tuples(
        st.lists(st.builds(PurchasePoints, rate=rates), min_size=1, max_size=2),
        st.lists(campaigns, max_size=2),
    ).map(lambda rules: (*rules[0], *rules[1])),
    stacking=st.sampled_from(Stacking),
    counting=st.builds(
        Counting,
        includes_tax=st.booleans(),
        includes_gift_cards=st.booleans(),
        excluded_tags=st.sampled_from([frozenset(), frozenset({"Sale"})]),
        excluded_product_ids=st.sampled_from([frozenset(), frozenset({"22"})]),
    ),
    limits=st.builds(
        Limits,
        order_amount_min=st.decimals(0, 40, places=3),
        points_per_order_max=st.none() | st.integers(1, 400),
    ),
    rounding=st.sampled_from(Rounding),
    tiers=st.builds(
        Tiers,
        ladder=st.tuples(
            st.builds(Tier, name=st.just("Silver"), earn_times=st.just(Decimal(1))),
            st.builds(
                Tier,
                name=st.just("Gold  class"),
                earn_times=st.decimals(1, 3, places=2),
            ),
        ),
    ),
)
items = st.builds(
    dict,
    id=st.sampled_from([21, 22]),
    price=st.integers(0, 9000),
    quantity=st.integers(1, 4),
    off=st.integers(0, 900),
    tags=st.sampled_from([["mugs"], [], ["SALE", "mugs"]]),
    gift_card=st.booleans(),
)
carts = st.lists(items, min_size=1, max_size=3)
tiers = st.sampled_from([None, "-", "Silver", "Gold class"])


@settings(max_examples=120)
@given(
    programs,
    carts,
    tiers,
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([True, True, False]),
)
def test_a_page_reckons_what_the_app_would_answer(
    program: Program,
    cart: list[dict[str, Any]],
    tier: str | None,
    currency: str,
    taxes_fit: bool,
):
    if currency == "JPY":
        # Liquid has hundredths of every currency, but no store has half a yen.
        scaled = (
            {name: each[name] * 100 for name in ("price", "off")} for each in cart
        )
        cart = [each | amounts for each, amounts in zip(cart, scaled, strict=True)]
    page = _page(program, currency)
    taxes_included = program.counting.includes_tax == taxes_fit
    page["taxes_included"] = taxes_included
    holds = bound(program.counting, [None], taxes_included=taxes_included)
    is_exact = holds is Bound.EXACT
    page["is_told"] = is_exact and not _may_have_a_campaign(program, cart)
    customer = a_customer(balance=5, **({"tier": tier} if tier else {}))
    whose = {"customer": customer} if tier else {}
    told = _reckoned("cart-points", IN_THE_CART, page | whose, _cart(cart))
    assert told in (None, _estimated(program, cart, tier, currency))

    [first, *_] = cart
    alone = first | {"quantity": 1, "off": 0}
    page["is_told"] = is_exact and not _may_have_a_campaign(program, [alone])
    told = _reckoned("product-points", IN_THE_PRODUCT, page | whose, _product(first))
    assert told in (None, _estimated(program, [alone], tier, currency))


def _may_have_a_campaign(program: Program, cart: list[dict[str, Any]]) -> bool:
    """Whether a page cannot know what campaigns do to anything that counts."""
    counting, here = program.counting, NOW.replace(hour=13, tzinfo=None)
    bought = []
    for each in cart:
        names = {f"tag {tag.lower()}" for tag in each["tags"]} | {f"id {each['id']}"}
        left_out = {f"tag {tag.lower()}" for tag in counting.excluded_tags}
        left_out |= {f"id {product_id}" for product_id in counting.excluded_product_ids}
        if not names & left_out and (
            counting.includes_gift_cards or not each["gift_card"]
        ):
            bought.append(names)
    for rule in program.earning:
        if not isinstance(rule, Campaign):
            continue
        only = rule.conditions
        starts, ends = only.starts_at or here, only.ends_at
        if starts > here or (ends and ends <= here) or only.channels == {"pos"}:
            continue
        if only.weekdays and Weekday.MONDAY not in only.weekdays:
            continue
        about = {f"tag {tag}" for tag in only.tags}
        about |= {f"id {product_id}" for product_id in only.product_ids}
        is_more = only.amount_min or only.customer_tags or isinstance(rule, Bonus)
        for_all = not about and not only.collection_ids
        if for_all and not is_more and not rule.budget:
            continue
        if only.collection_ids or for_all or any(about & names for names in bought):
            return True
    return False


@pytest.mark.parametrize(
    ("tags", "in_the_product", "in_the_cart"),
    [([], 24, 72), (["Tea"], None, None), (["tea", "Sale"], 0, 48)],
    ids=["another product", "what it is about", "what does not count"],
)
def test_a_campaign_takes_the_number_only_from_what_it_is_about(
    tags: list[str], in_the_product: int | None, in_the_cart: int | None
):
    twice = Multiplier(times=Decimal(2), conditions=Conditions(tags=frozenset({"tea"})))
    counting = Counting(includes_tax=True, excluded_tags=frozenset({"sale"}))
    page = _page(Program(earning=(PurchasePoints(), twice), counting=counting))
    mug = {"id": 21, "price": 2400, "tags": ["mugs"], "gift_card": False}
    mug |= {"quantity": 2, "off": 0}
    other = mug | {"id": 22, "tags": tags, "quantity": 1}
    page |= {"taxes_included": True, "is_told": in_the_product is not None}
    assert in_the_product == _reckoned(
        "product-points", IN_THE_PRODUCT, page, _product(other)
    )
    assert in_the_cart == _reckoned(
        "cart-points", IN_THE_CART, page, _cart([mug, other])
    )


def _page(program: Program, currency: str = "EUR") -> dict[str, Any]:
    """What a store knows for as long as the terms of `NOW` hold."""
    terms = terms_at(program, currency, PLACE, NOW).terms
    return _under(TermsNow(terms, None), currency)


def _under(told: TermsNow, currency: str = "EUR") -> dict[str, Any]:
    document = document_of(told.terms, currency, told.until)
    return {
        "app": {"metafields": {"tallymark": {"earning": {"value": document}}}},
        "shop": {"currency": currency},
    }


def _product(item: dict[str, Any]) -> dict[str, Any]:
    variant = {"id": 1, "price": item["price"]}
    product = {
        "id": item["id"],
        "tags": item["tags"],
        "gift_card?": item["gift_card"],
        "variants": [variant],
        "selected_or_first_available_variant": variant,
    }
    return {"product": product}


def _cart(items: list[dict[str, Any]]) -> dict[str, Any]:
    told = [
        {
            "product_id": each["id"],
            "product": _product(each)["product"],
            "original_price": each["price"],
            "quantity": each["quantity"],
            "original_line_price": each["price"] * each["quantity"],
            "final_line_price": max(0, each["price"] * each["quantity"] - each["off"]),
            "gift_card": each["gift_card"],
        }
        for each in items
    ]
    return {"cart": {"item_count": len(told), "items": told}}


def _reckoned(
    block: str, words: str, page: dict[str, Any], about: dict[str, Any]
) -> int | None:
    """The number on a page, None where its prices lack tax that counts, or have it."""
    taxes_included = page.get("taxes_included", False)
    store = {
        "currency": {"iso_code": page["shop"]["currency"]},
        "taxes_included": taxes_included,
    }
    cart = about.get("cart", {}) | store
    html = render(block, **page | about | {"cart": cart})
    found = re.search(words, html)
    is_told = page.get("is_told", True)
    assert is_told != ("Earn points with" in html)
    assert taxes_included == (" taxes-included" in html)
    if not is_told:
        assert found is None
        return None
    return int(found[1]) if found else 0


def _estimated(
    program: Program, items: list[dict[str, Any]], tier: str | None, currency: str
) -> int:
    """What the app answers about the same lines as the page would send.

    Where it is exact, it is the same whether or not prices have tax in them.
    """
    units = minor_units(currency)
    lines = [
        Line(
            id="1",
            product_id=str(each["id"]),
            quantity=each["quantity"],
            current_quantity=None,
            price_minor=each["price"] * units // 100,
            discount_minor=min(each["off"], each["price"] * each["quantity"])
            * units
            // 100,
            tax_minor=0,
            is_gift_card=each["gift_card"],
            tags=tuple(each["tags"]),
        )
        for each in items
    ]
    name = "Gold  class" if tier == "Gold class" else tier
    then = TierThen(None if name == "-" else name, "") if name else None
    return estimate(program, lines, currency, NOW, timezone=PLACE, tier=then).points


def test_a_member_whom_the_store_does_not_show_yet_is_told_no_number():
    gold = Tier(name="Gold", earn_times=Decimal(2))
    page = _page(Program(tiers=Tiers(ladder=(gold,)))) | {"customer": a_customer()}
    item = {"id": 21, "price": 2400, "tags": [], "gift_card": False}
    html = render("product-points", **page | _product(item))
    assert "Earn points with this product" in html

    plain = _page(Program()) | {"customer": a_customer()}
    assert 24 == _reckoned("product-points", IN_THE_PRODUCT, plain, _product(item))


def test_terms_that_are_over_are_no_terms():
    item = {"id": 21, "price": 2400, "tags": [], "gift_card": False}
    terms = terms_at(Program(), "EUR", PLACE, NOW).terms
    for days, is_told in ((-1, False), (1, True)):
        until = datetime.now(UTC) + timedelta(days=days)
        html = render(
            "product-points", **_under(TermsNow(terms, until)) | _product(item)
        )
        assert is_told == ("Earns you 24 points" in html)
        assert is_told != ("Earn points with this product" in html)


@pytest.mark.parametrize(
    "program",
    [
        Program(earning=(PurchasePoints(), Bonus(points=5))),
        Program(
            earning=(
                PurchasePoints(),
                Bonus(points=5, conditions=Conditions(collection_ids=frozenset({"7"}))),
            )
        ),
        Program(counting=Counting(excluded_collection_ids=frozenset({"7"}))),
        Program(counting=Counting(includes_shipping=True)),
        Program(earning=(PurchasePoints(rate=Decimal("0.0000000001")),)),
        Program(
            counting=Counting(
                excluded_product_ids=frozenset(str(10**12 + n) for n in range(5000))
            )
        ),
    ],
    ids=[
        "campaign",
        "of a collection",
        "collection",
        "shipping",
        "long numbers",
        "long lists",
    ],
)
def test_where_a_page_cannot_reckon_it_is_given_nothing(program: Program):
    told = terms_at(program, "EUR", PLACE, NOW)
    assert {} == document_of(told.terms, "EUR", told.until)
