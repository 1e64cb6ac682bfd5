"""Metafields say what they should, and an older value never covers a newer one."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.offers import Offered
from app.domain.rewards import Goods
from app.platforms.base import StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.metafields import (
    CUSTOMERS_MAX,
    CustomerGone,
    Kept,
    Metafields,
    Moved,
    NotWritten,
    Wish,
    Written,
    values_of,
)
from app.platforms.shopify.set_up import define_metafields
from app.platforms.shopify.tokens import FixedToken
from app.sandbox.admin import trouble
from app.sandbox.customer_desk import FIRST_CUSTOMERS
from tests.builders.open_store import TOKEN, OpenStore

POINTS = {"balance": "120", "next_reward": '{"name": "Tea"}', "tier": "Silver"}


def the_fields(store: OpenStore) -> Metafields:
    """The way to a store's metafields."""
    return Metafields(AdminApi(store.url, FixedToken(TOKEN), answer_s=30))


def a_wish(customer_id: int, kept: Any = (), **values: str | None) -> Wish:
    """A wish for one customer, given what is known of them."""
    return Wish(str(customer_id), POINTS | values, dict(kept))


@pytest.fixture
def customers(open_store: OpenStore) -> list[int]:
    """The ids of the store's customers, who have no metafields yet."""
    with open_store.store.data.transaction() as rows:
        rows.connection.execute("DELETE FROM owned_values")
        return [each.id for each in rows.customers()][: len(FIRST_CUSTOMERS)]


def test_what_is_written_is_what_the_store_says(
    open_store: OpenStore, customers: list[int]
):
    define_metafields(AdminApi(open_store.url, FixedToken(TOKEN)))
    wishes = [a_wish(each, balance=str(each)) for each in customers]
    written = the_fields(open_store).write(wishes)

    for each in customers:
        assert open_store.said_of(each) == POINTS | {"balance": str(each)}
        outcome = written[str(each)]
        assert isinstance(outcome, Written)
        again = a_wish(each, outcome.kept, balance=str(each))
        assert again.is_fulfilled
    assert CUSTOMERS_MAX * len(POINTS) <= 25


def test_only_what_changed_is_set_and_what_ended_is_set_to_nothing(
    open_store: OpenStore, customers: list[int]
):
    fields, ada = the_fields(open_store), customers[0]
    first = fields.write([a_wish(ada)])[str(ada)]
    assert isinstance(first, Written)
    wish = a_wish(ada, first.kept, balance="7", tier=None)
    assert wish.changes == {"balance": "7", "tier": "-"}

    second = fields.write([wish])[str(ada)]

    assert isinstance(second, Written)
    told = {"balance": "7", "next_reward": POINTS["next_reward"], "tier": "-"}
    assert {key: each.value for key, each in second.kept.items()} == told
    assert open_store.said_of(ada) == told


def test_a_value_that_somebody_else_wrote_is_not_covered(
    open_store: OpenStore, customers: list[int]
):
    """The others of the same call are written all the same."""
    fields, (ada, grace, linus) = the_fields(open_store), customers
    old = fields.write([a_wish(ada)])[str(ada)]
    assert isinstance(old, Written)
    fields.write([a_wish(ada, old.kept, balance="500")])

    late = [a_wish(ada, old.kept, balance="200"), a_wish(grace), a_wish(linus)]
    outcomes = fields.write(late)

    assert open_store.said_of(ada)["balance"] == "500"
    moved = outcomes[str(ada)]
    assert isinstance(moved, Moved)
    assert moved.kept["balance"].value == "500"
    assert open_store.said_of(grace) == open_store.said_of(linus) == POINTS
    assert isinstance(fields.write([a_wish(ada, moved.kept)])[str(ada)], Written)
    assert open_store.said_of(ada) == POINTS


def test_a_tier_that_ended_does_not_cover_the_next_one(
    open_store: OpenStore, customers: list[int]
):
    """Whoever was to write the end of it comes late, when there is a newer tier."""
    fields, ada = the_fields(open_store), customers[0]
    first = fields.write([a_wish(ada)])[str(ada)]
    assert isinstance(first, Written)
    fields.write([a_wish(ada, first.kept, tier="Gold")])

    late = fields.write([a_wish(ada, first.kept, tier=None)])[str(ada)]

    assert open_store.said_of(ada)["tier"] == "Gold"
    assert isinstance(late, Moved)
    ended = fields.write([a_wish(ada, late.kept, tier=None)])[str(ada)]
    assert isinstance(ended, Written)
    assert open_store.said_of(ada)["tier"] == "-"
    assert a_wish(ada, ended.kept, tier=None).is_fulfilled


def test_a_digest_that_nothing_has_is_found_out(
    open_store: OpenStore, customers: list[int]
):
    wish = a_wish(customers[0], {"balance": Kept("1", "no digest")})
    outcome = the_fields(open_store).write([wish])

    assert outcome == {wish.customer_id: Moved({})}
    assert open_store.said_of(customers[0]) == {}


def test_customers_who_are_gone_or_refused_hold_up_nobody(
    open_store: OpenStore, customers: list[int]
):
    ada, grace, _ = customers
    wishes = [a_wish(17), a_wish(ada, tier="two\nlines"), a_wish(grace)]
    outcomes = the_fields(open_store).write(wishes)

    assert outcomes["17"] == CustomerGone()
    assert isinstance(outcomes[str(ada)], NotWritten)
    assert open_store.said_of(ada) == {}
    assert open_store.said_of(grace) == POINTS


@pytest.mark.parametrize("kind", trouble.KINDS)
def test_a_lost_answer_is_found_out_at_the_next_try(
    open_store: OpenStore, customers: list[int], kind: str
):
    fields, wish = the_fields(open_store), a_wish(customers[0])
    open_store.let_happen(kind)
    with pytest.raises(StoreAway):
        fields.write([wish])
    was_written = open_store.said_of(customers[0]) == POINTS
    assert was_written == (kind == trouble.HANG_AFTER)

    outcome = fields.write([wish])[wish.customer_id]

    assert isinstance(outcome, Moved if was_written else Written)
    assert a_wish(customers[0], outcome.kept).is_fulfilled


def test_values_are_what_themes_read():
    """Of the next reward they read its name and the points that it still needs."""
    goods = Goods(points_cost=50, key="tea", title="Thé")
    tea = Offered(goods, "tea", "goods", "Thé", 50, 45, 0.1, False, True)
    assert values_of(5, tea, "Silver") == {
        "balance": "5",
        "next_reward": '{"name": "Thé", "points_needed": 45}',
        "tier": "Silver",
    }
    nothing = {"balance": "0", "next_reward": None, "tier": None}
    assert values_of(0, None, None) == nothing
