"""Codes that share a discount: one discount for the same terms, each code used once."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.domain.grants import (
    AlreadyUsed,
    Benefit,
    Grant,
    Granted,
    GrantRefused,
    OrderDiscount,
    PercentDiscount,
    ProductDiscount,
    Revoked,
    ShippingDiscount,
)
from app.domain.reasons import because
from app.platforms.base import StoreAtWork, StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.found_codes import FoundCode
from app.platforms.shopify.scopes import SCOPES
from app.sandbox import catalogue, code_jobs, codes
from app.sandbox.admin import trouble
from app.sandbox.discounts import ORDERS, PRODUCTS, Discount
from app.sandbox.order_steps import CARD, Buyer
from tests.builders.open_store import OpenStore, RememberedDiscounts

COFFEE = catalogue.PRODUCTS[0]
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _fresh_store(open_store: OpenStore) -> None:
    with open_store.store.data.transaction() as rows:
        for table in ("discounts", "redeem_codes", "code_jobs"):
            rows.connection.execute(f"DELETE FROM {table}")
        code_jobs.delay(rows, 0)


@pytest.fixture
def known() -> RememberedDiscounts:
    return RememberedDiscounts()


def a_grant(
    store: OpenStore, benefit: Benefit | None = None, **changes: object
) -> Grant:
    """A grant for Ada that is one of many; `changes` overrule."""
    since = store.store.clock().replace(microsecond=0) - timedelta(days=1)
    code, what = f"TMSHARED{next(_numbers):04d}", benefit or PercentDiscount(10)
    grant = Grant(code, "A reward", what, str(store.ada.id), since, is_one_of_many=True)
    return replace(grant, **changes)  # type: ignore[arg-type]


def _discounts(store: OpenStore) -> list[Discount]:
    with store.store.data.reading() as rows:
        return codes.made(rows)


def _codes(store: OpenStore) -> list[str]:
    with store.store.data.reading() as rows:
        return [each.code for each in codes.added(rows)]


def _delay(store: OpenStore, calls: int) -> None:
    with store.store.data.transaction() as rows:
        code_jobs.delay(rows, calls)


def _buy(store: OpenStore, grant: Grant) -> None:
    """Have somebody without an account use the code."""
    chosen = store.store.priced({"low-bowl": 2}, grant.code, None)
    assert chosen.refusal is None
    store.store.place_order(chosen, Buyer("guest@example.com", "Guest", None), CARD)


@pytest.mark.parametrize(
    "benefit",
    [
        OrderDiscount(1234, "EUR"),
        PercentDiscount(15),
        ShippingDiscount(),
        ProductDiscount(str(COFFEE.product_id)),
    ],
    ids=lambda benefit: type(benefit).__name__,
)
def test_alike_grants_are_codes_of_one_discount(
    open_store: OpenStore, known: RememberedDiscounts, benefit: Benefit
):
    grants = [a_grant(open_store, benefit, order_amount_min_minor=4050) for _ in "123"]
    admin = open_store.admin(shared=known)
    answers = [admin.grant(grant) for grant in [*grants, *grants]]

    [discount] = _discounts(open_store)
    assert {Granted(f"gid://shopify/DiscountCodeNode/{discount.id}")} == set(answers)
    assert sorted(each.code for each in grants) == sorted(_codes(open_store))
    assert (discount.usage_limit, discount.customer_id) == (1, None)
    assert (discount.goods_min_minor, discount.once_per_customer) == (4050, False)
    assert {ORDERS, PRODUCTS} <= {*discount.combines}
    # A code that is there is not asked for again: a late job would bring it back.
    with open_store.store.data.reading() as rows:
        jobs = rows.connection.execute("SELECT count(*) FROM code_jobs").fetchone()[0]
    assert jobs == len(grants)


def test_other_terms_are_another_discount(
    open_store: OpenStore, known: RememberedDiscounts
):
    ends_at = datetime(2027, 12, 3, tzinfo=UTC)
    admin = open_store.admin(shared=known)
    for changes in (
        {},
        {"benefit": PercentDiscount(11)},
        {"title": "Another"},
        {"order_amount_min_minor": 1},
        {"ends_at": ends_at},
        {"ends_at": ends_at + timedelta(days=28)},
        {"ends_at": ends_at + timedelta(days=29)},
        {"is_one_of_many": False},
    ):
        admin.grant(a_grant(open_store, **changes))

    ends = [each.ends_at for each in _discounts(open_store)][::-1]
    january, february = "2028-01-01T00:00:00+00:00", "2028-02-01T00:00:00+00:00"
    assert [None, None, None, None, january, february, None] == ends


@pytest.mark.parametrize("kind", [*trouble.KINDS, "late"])
def test_whatever_goes_wrong_there_is_one_discount_and_one_code(
    open_store: OpenStore, known: RememberedDiscounts, kind: str
):
    grant = a_grant(open_store, ProductDiscount(str(COFFEE.product_id)))
    # So many calls make the first code of a reward: each goes wrong in its turn.
    for calls_before in range(5):
        if kind == "late":
            _delay(open_store, calls_before)
        else:
            open_store.let_happen(*[trouble.NONE] * calls_before, kind)
        try:
            open_store.admin(shared=known).grant(grant)
        except StoreAway:
            assert len(_codes(open_store)) <= len(_discounts(open_store)) <= 1
        # As if the process had died before it could remember anything.
        known.known.clear()
    open_store.let_happen()

    assert isinstance(open_store.admin(shared=known).grant(grant), Granted)
    assert [grant.code] == _codes(open_store)
    assert 1 == len(_discounts(open_store))


def test_workers_who_do_not_know_of_each_other_make_one_discount(
    open_store: OpenStore,
):
    grants = [a_grant(open_store) for _ in range(6)]
    with ThreadPoolExecutor(3) as workers:
        for answer in workers.map(lambda one: open_store.admin().grant(one), grants):
            assert isinstance(answer, Granted)

    assert 1 == len(_discounts(open_store))
    assert sorted(each.code for each in grants) == sorted(_codes(open_store))


def test_a_code_that_the_store_is_still_adding_is_waited_for(
    open_store: OpenStore, known: RememberedDiscounts
):
    grant, admin = a_grant(open_store), open_store.admin(shared=known)
    _delay(open_store, 6)
    with pytest.raises(StoreAtWork, match="is adding"):
        admin.grant(grant)
    with pytest.raises(StoreAtWork, match="is adding"):
        admin.grant(grant)

    assert isinstance(admin.grant(grant), Granted)
    assert [grant.code] == _codes(open_store)


def test_a_code_works_once_for_whoever_has_it(
    open_store: OpenStore, known: RememberedDiscounts
):
    admin = open_store.admin(shared=known)
    first, second = a_grant(open_store), a_grant(open_store)
    for grant in (first, second):
        admin.grant(grant)
    _buy(open_store, first)

    told = open_store.store.priced({"low-bowl": 2}, first.code, None).refusal
    assert told == f"{first.code} has been used already."
    assert admin.revoke(first) == AlreadyUsed()
    assert admin.revoke(second) == Revoked()


def test_one_code_is_taken_away_and_the_others_stay(
    open_store: OpenStore, known: RememberedDiscounts
):
    admin = open_store.admin(shared=known)
    gone, stays = a_grant(open_store), a_grant(open_store)
    for grant in (gone, stays):
        admin.grant(grant)
    _delay(open_store, 1)
    with pytest.raises(StoreAtWork, match="taking the code away"):
        admin.revoke(gone)
    _delay(open_store, 0)

    assert [admin.revoke(gone) for _ in "12"] == [Revoked()] * 2
    assert [stays.code] == _codes(open_store)
    _buy(open_store, stays)


def test_a_code_that_is_used_while_it_is_taken_away_was_used(
    open_store: OpenStore, known: RememberedDiscounts
):
    grant, admin = a_grant(open_store), open_store.admin(shared=known)
    admin.grant(grant)
    _delay(open_store, 2)
    with pytest.raises(StoreAtWork):
        admin.revoke(grant)
    _buy(open_store, grant)

    while grant.code in _codes(open_store):
        with open_store.store.data.transaction() as rows:
            code_jobs.run(rows)
    assert admin.revoke(grant) == AlreadyUsed()


def test_what_is_withdrawn_is_not_made_by_what_was_on_its_way(
    open_store: OpenStore, known: RememberedDiscounts
):
    grant, admin = a_grant(open_store), open_store.admin(shared=known)
    _delay(open_store, 9)
    with pytest.raises(StoreAtWork):
        admin.grant(grant)

    assert [admin.withdraw(grant) for _ in "12"] == [Revoked()] * 2
    with open_store.store.data.transaction() as rows:
        for _ in range(9):
            code_jobs.run(rows)
    assert [] == _codes(open_store)
    told = open_store.store.priced({"low-bowl": 2}, grant.code, None).refusal
    assert told == f"{grant.code} has expired."


def test_a_discount_that_its_owner_deleted_is_made_anew(
    open_store: OpenStore, known: RememberedDiscounts
):
    admin = open_store.admin(shared=known)
    admin.grant(a_grant(open_store))
    with open_store.store.data.transaction() as rows:
        rows.connection.execute("DELETE FROM discounts")
        rows.connection.execute("DELETE FROM redeem_codes")
    grant = a_grant(open_store)
    with pytest.raises(StoreAtWork, match="is gone"):
        admin.grant(grant)

    assert isinstance(admin.grant(grant), Granted)
    assert [grant.code] == _codes(open_store)


def test_a_discount_that_its_owner_ended_has_no_new_codes(
    open_store: OpenStore, known: RememberedDiscounts
):
    admin = open_store.admin(shared=known)
    admin.grant(a_grant(open_store))
    [discount] = _discounts(open_store)
    with open_store.store.data.transaction() as rows:
        codes.save(rows, replace(discount, ends_at=discount.created_at))
    grant = a_grant(open_store)

    assert admin.grant(grant) == GrantRefused(because("discount_ended"))
    assert grant.code not in _codes(open_store)


def test_a_code_that_may_not_be_taken_away_again_is_not_called_undone(
    open_store: OpenStore, known: RememberedDiscounts, monkeypatch: pytest.MonkeyPatch
):
    admin = open_store.admin(shared=known)
    admin.grant(a_grant(open_store))
    [discount] = _discounts(open_store)
    with open_store.store.data.transaction() as rows:
        codes.save(rows, replace(discount, ends_at=discount.created_at))
    send = AdminApi._sent

    def taking_away(self: AdminApi, document: str, *rest: object) -> object:
        if document == "remove_code":
            open_store.store.app.set_scopes([])
        return send(self, document, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(AdminApi, "_sent", taking_away)
    grant = a_grant(open_store)
    try:
        with pytest.raises(StoreAtWork, match="may not be taken away"):
            admin.grant(grant)
    finally:
        open_store.store.app.set_scopes(SCOPES)

    assert grant.code in _codes(open_store)


@pytest.mark.parametrize(
    "changes", [{"usage_limit": None}, {"usage_limit": 9}, {"once_per_customer": True}]
)
def test_of_a_discount_that_its_owner_edited_one_code_goes_and_the_others_stay(
    open_store: OpenStore, known: RememberedDiscounts, changes: dict[str, Any]
):
    admin = open_store.admin(shared=known)
    gone, stays = a_grant(open_store), a_grant(open_store)
    for grant in (gone, stays):
        admin.grant(grant)
    [discount] = _discounts(open_store)
    with open_store.store.data.transaction() as rows:
        codes.save(rows, replace(discount, **changes))

    assert admin.revoke(gone) == Revoked()
    assert [stays.code] == _codes(open_store)
    _buy(open_store, stays)


def test_a_discount_of_a_sort_that_we_never_make_is_not_ours():
    told = b'{"id": "1", "codeDiscount": {"__typename": "DiscountCodeBxgy"}}'
    found = msgspec.json.decode(told, type=FoundCode)

    assert not found.may_be_ours


def test_a_price_that_changed_is_another_discount(
    open_store: OpenStore, known: RememberedDiscounts, monkeypatch: pytest.MonkeyPatch
):
    admin = open_store.admin(shared=known)
    before = a_grant(open_store, ProductDiscount(str(COFFEE.product_id)))
    admin.grant(before)
    dearer = replace(COFFEE, price_minor=COFFEE.price_minor + 100)
    monkeypatch.setattr(catalogue, "find_by_id", lambda _: dearer)
    after = a_grant(open_store, ProductDiscount(str(COFFEE.product_id)))
    admin.grant(after)

    worths = [each.value for each in _discounts(open_store)]
    assert [dearer.price_minor, COFFEE.price_minor] == worths
    assert admin.revoke(before) == Revoked()
