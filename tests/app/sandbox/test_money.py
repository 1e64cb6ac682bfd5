"""Cents are written, read and split without a loss."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.sandbox import cart, catalogue, money

amounts = st.integers(min_value=0, max_value=10_000_000)
some_products = st.dictionaries(
    st.sampled_from([product.handle for product in catalogue.PRODUCTS]),
    st.integers(min_value=1, max_value=20),
    min_size=1,
)
some_discount = st.sampled_from([None, *catalogue.DISCOUNTS])


@given(amounts)
def test_what_is_written_is_read_back(minor: int) -> None:
    assert money.cents(money.text(minor)) == minor


def test_amounts_are_read_as_people_write_them() -> None:
    assert [money.cents(text) for text in ("3", " 3,5 ", "3.05", ".5")] == [
        300,
        350,
        305,
        50,
    ]


def test_what_is_no_amount_is_not_read() -> None:
    for text in ("", ".", "a", "1.234", "-1", "1e3", "\u0661"):
        assert money.cents(text) is None, text


@given(amounts, st.lists(amounts, min_size=1, max_size=12))
def test_parts_sum_to_the_whole_and_are_fair(total: int, weights: list[int]) -> None:
    parts = money.split(total, weights)
    whole = sum(weights)
    assert sum(parts) == (total if whole else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < max(whole, 1)


@given(some_products, some_discount)
def test_a_discount_never_exceeds_a_line_and_spares_gift_cards(
    chosen: dict[str, int], discount: catalogue.Discount | None
) -> None:
    priced = cart.price(chosen, discount)
    goods = sum(x.price_minor for x in priced.lines if not x.product.gift_card)
    assert all(0 <= line.discount_minor <= line.price_minor for line in priced.lines)
    assert all(not x.discount_minor for x in priced.lines if x.product.gift_card)
    expected = {
        None: 0,
        "percentage": (goods * 10 + 50) // 100,
        "fixed_amount": min(500, goods),
    }
    assert priced.discount_minor == expected[discount.kind if discount else None]


def test_large_orders_and_gift_cards_travel_free() -> None:
    assert cart.price({"house-blend": 1}, None).shipping_minor == 490
    assert cart.price({"house-blend": 5}, None).shipping_minor == 0
    assert cart.price({"gift-card": 1}, None).shipping_minor == 0
