"""What the client makes in a store, it makes once, whatever happens on the way."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from app.domain.grants import (
    AlreadyUsed,
    Benefit,
    GiftCardGift,
    Grant,
    Granted,
    GrantRefused,
    OrderDiscount,
    PercentDiscount,
    ProductDiscount,
    Revoked,
    RevokedInPart,
    ShippingDiscount,
    StoreCreditGift,
)
from app.domain.reasons import because, in_own_words
from app.platforms.base import StoreAtWork, StoreAway
from app.platforms.shopify.admin_api import AdminApi, StoreBusy
from app.platforms.shopify.gift_cards import GiftCards
from app.platforms.shopify.store_credit import StoreCredit
from app.sandbox import balances, cart, catalogue, codes
from app.sandbox.admin import trouble
from app.sandbox.discounts import (
    FIXED_AMOUNT,
    ORDERS,
    PERCENTAGE,
    PRODUCTS,
    SHIPMENTS,
    SHIPPING,
    Discount,
)
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.purse import Purse
from tests.builders.open_store import OpenStore

COFFEE = catalogue.PRODUCTS[0]
BENEFITS: tuple[Benefit, ...] = (
    OrderDiscount(1234, "EUR"),
    PercentDiscount(15),
    ShippingDiscount(),
    ProductDiscount(str(COFFEE.product_id)),
    StoreCreditGift(700, "EUR"),
    GiftCardGift(2500, "EUR"),
)
DISCOUNTS = BENEFITS[:4]
DISCOUNT_KINDS = tuple(type(each) for each in DISCOUNTS)
every_benefit = pytest.mark.parametrize(
    "benefit", BENEFITS, ids=lambda b: type(b).__name__
)
every_discount = pytest.mark.parametrize(
    "benefit", DISCOUNTS, ids=lambda b: type(b).__name__
)
_numbers = itertools.count(1)


def a_grant(store: OpenStore, benefit: Benefit, since: datetime) -> Grant:
    """A grant for Ada under a code that no other test has."""
    code = f"TALLY-{next(_numbers):05d}"
    ada, mark = str(store.ada.id), f"wish-{code}"
    return Grant(code, "A reward", benefit, ada, since, mark=mark)


def made(store: OpenStore, grant: Grant) -> int:
    """How many things there are in the store that this grant has made."""
    with store.store.data.reading() as rows:
        all_codes = [*codes.made(rows), *codes.added(rows)]
        found = [each.code == grant.code for each in all_codes]
        cards = [grant.mark in (card.note or "") for card in balances.cards(rows)]
        if isinstance(grant.benefit, StoreCreditGift):
            return len(balances.credits_of(rows, store.ada.id))
        return sum(found) + sum(cards)


@pytest.fixture(autouse=True)
def _fresh_account(open_store: OpenStore) -> None:
    with open_store.store.data.transaction() as rows:
        rows.connection.execute("DELETE FROM credits")


def _refused(words: str) -> GrantRefused:
    return GrantRefused(in_own_words(words))


def _card(store: OpenStore) -> balances.GiftCard:
    with store.store.data.reading() as rows:
        return balances.cards(rows)[0]


def _discount(store: OpenStore, grant: Grant) -> Discount:
    with store.store.data.reading() as rows:
        found = codes.find(rows, grant.code)
    assert found
    return found


@every_benefit
def test_a_grant_is_made_once_and_found_again(
    open_store: OpenStore, benefit: Benefit, since: datetime
):
    grant = a_grant(open_store, benefit, since)
    first = open_store.admin().grant(grant)
    again = open_store.admin().grant(grant)

    assert isinstance(first, Granted)
    assert again == first
    assert made(open_store, grant) == 1


@every_benefit
@pytest.mark.parametrize("kind", trouble.KINDS)
def test_what_goes_wrong_on_the_way_makes_nothing_twice(
    open_store: OpenStore, benefit: Benefit, since: datetime, kind: str
):
    grant = a_grant(open_store, benefit, since)
    # No grant asks more often than this: trouble meets each of its calls in turn.
    for calls_before in range(4):
        open_store.let_happen(*[trouble.NONE] * calls_before, kind)
        try:
            open_store.admin().grant(grant)
        except StoreAway:
            assert made(open_store, grant) <= 1
    open_store.let_happen()

    assert isinstance(open_store.admin().grant(grant), Granted)
    assert made(open_store, grant) == 1


@pytest.mark.parametrize(
    ("kind", "count"), [(trouble.HANG_BEFORE, 0), (trouble.HANG_AFTER, 1)]
)
def test_no_answer_in_time_leaves_open_what_was_done(
    slow_store: OpenStore, since: datetime, kind: str, count: int
):
    grant = a_grant(slow_store, PercentDiscount(10), since)
    slow_store.let_happen(kind)
    with pytest.raises(StoreAway, match="ReadTimeout"):
        slow_store.admin(answer_s=1).grant(grant)

    for _ in range(200):
        if made(slow_store, grant) == count and slow_store.has_no_trouble_left():
            break
        time.sleep(0.05)
    assert made(slow_store, grant) == count
    assert isinstance(slow_store.admin().grant(grant), Granted)
    assert made(slow_store, grant) == 1


@pytest.mark.parametrize(
    ("benefit", "kind", "value"),
    [
        (OrderDiscount(1234, "EUR"), FIXED_AMOUNT, 1234),
        (PercentDiscount(15), PERCENTAGE, 15),
        (ShippingDiscount(), SHIPPING, 0),
        (ProductDiscount(str(COFFEE.product_id)), FIXED_AMOUNT, COFFEE.price_minor),
    ],
)
def test_a_discount_is_what_the_grant_says(
    open_store: OpenStore, since: datetime, benefit: Benefit, kind: str, value: int
):
    ends_at = since + timedelta(days=30)
    grant = a_grant(open_store, benefit, since)
    grant = replace(grant, ends_at=ends_at, order_amount_min_minor=4050)
    open_store.admin().grant(grant)
    found = _discount(open_store, grant)

    assert (found.kind, found.value) == (kind, value)
    assert (found.usage_limit, found.customer_id) == (1, open_store.ada.id)
    assert found.goods_min_minor == 4050
    assert (found.starts_at, found.ends_at) == (since.isoformat(), ends_at.isoformat())
    is_of_one = isinstance(benefit, ProductDiscount)
    assert found.product_ids == ((COFFEE.product_id,) if is_of_one else ())
    # An order has one discount on its postage, so two of those never go together.
    goods, postage = {ORDERS, PRODUCTS}, {SHIPMENTS}
    assert {*found.combines} == (goods if kind == SHIPPING else goods | postage)


def test_a_gift_card_has_the_code_without_its_hyphens(
    open_store: OpenStore, since: datetime
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    grant = replace(grant, ends_at=since + timedelta(days=400))
    open_store.admin().grant(grant)
    with open_store.store.data.reading() as rows:
        card = balances.cards(rows)[0]

    assert card.code == grant.code.replace("-", "").lower()
    assert (card.balance_minor, card.customer_id) == (2500, open_store.ada.id)
    assert card.expires_on == (since + timedelta(days=400)).date().isoformat()


def test_two_credits_of_one_worth_are_told_apart(
    open_store: OpenStore, since: datetime
):
    admin = open_store.admin()
    grants = [a_grant(open_store, StoreCreditGift(700, "EUR"), since) for _ in "12"]
    granted = [admin.grant(grant) for grant in [*grants, *grants]]

    assert granted[:2] == granted[2:]
    assert granted[0] != granted[1]
    with open_store.store.data.reading() as rows:
        assert balances.balance_of(rows, open_store.ada.id) == 1400


def test_credit_that_was_spent_is_still_found(open_store: OpenStore, since: datetime):
    grant = a_grant(open_store, StoreCreditGift(700, "EUR"), since)
    first = open_store.admin().grant(grant)
    store, ada = open_store.store, open_store.ada
    chosen = cart.price({"low-bowl": 1}, None)
    buyer = Buyer(ada.email, ada.name, ada.id)
    store.place_order(chosen, buyer, CARD, Purse(with_credit=True))

    assert open_store.admin().grant(grant) == first
    assert open_store.admin().revoke(grant) == AlreadyUsed()
    with store.data.reading() as rows:
        assert balances.balance_of(rows, ada.id) == 0


@every_discount
def test_an_unused_code_is_revoked(
    open_store: OpenStore, benefit: Benefit, since: datetime
):
    grant = a_grant(open_store, benefit, since)
    admin = open_store.admin()
    admin.grant(grant)

    assert admin.revoke(grant) == Revoked()
    assert _discount(open_store, grant).status(open_store.store.clock()) == "EXPIRED"
    assert admin.revoke(grant) == Revoked()


@every_benefit
def test_what_was_made_for_somebody_who_is_forgotten_is_revoked_too(
    open_store: OpenStore, benefit: Benefit, since: datetime
):
    grant = a_grant(open_store, benefit, since)
    admin = open_store.admin()
    admin.grant(grant)

    assert admin.revoke(replace(grant, customer_id="")) == Revoked()
    if isinstance(benefit, DISCOUNT_KINDS):
        now = open_store.store.clock()
        assert _discount(open_store, grant).status(now) == "EXPIRED"


@every_discount
def test_a_used_code_can_no_longer_be_revoked(
    open_store: OpenStore, benefit: Benefit, since: datetime
):
    grant = a_grant(open_store, benefit, since)
    admin = open_store.admin()
    admin.grant(grant)
    with open_store.store.data.transaction() as rows:
        codes.count_use(rows, _discount(open_store, grant))

    assert admin.revoke(grant) == AlreadyUsed()
    assert admin.revoke(grant) == AlreadyUsed()


@pytest.mark.parametrize("left_minor", [2500, 2499, 0])
def test_a_gift_card_is_revoked_while_all_of_it_is_left(
    open_store: OpenStore, since: datetime, left_minor: int
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    admin = open_store.admin()
    admin.grant(grant)
    with open_store.store.data.transaction() as rows:
        card = balances.cards(rows)[0]
        balances.save_card(rows, replace(card, balance_minor=left_minor))

    expected = Revoked() if left_minor == 2500 else AlreadyUsed()
    assert admin.revoke(grant) == expected
    assert admin.revoke(grant) == expected
    # What is left on one that was used stays with whoever has it.
    assert (expected == Revoked()) == bool(_card(open_store).deactivated_at)


@pytest.mark.parametrize("is_known", [True, False])
def test_of_a_card_that_is_used_as_it_ends_what_was_left_is_told(
    open_store: OpenStore,
    since: datetime,
    monkeypatch: pytest.MonkeyPatch,
    is_known: bool,
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    admin = open_store.admin()
    made = admin.grant(grant)
    assert isinstance(made, Granted)
    grant = replace(grant, store_ref=made.store_ref if is_known else None)
    asked = AdminApi._asked

    def asked_late(self: AdminApi, document: str, *arguments: Any):
        if document == "end_gift_card":
            with open_store.store.data.transaction() as rows:
                card = replace(balances.cards(rows)[0], balance_minor=1000)
                balances.save_card(rows, card)
        return asked(self, document, *arguments)

    monkeypatch.setattr(AdminApi, "_asked", asked_late)
    for _ in "12":
        answer = admin.revoke(grant)
        assert isinstance(answer, RevokedInPart)
        assert Fraction(answer.left, answer.whole) == Fraction(2, 5)


@pytest.mark.parametrize("note", [None, "for the fair", "Tallymark {code}"])
def test_a_card_is_ours_whatever_the_people_of_the_store_write_on_it(
    open_store: OpenStore, since: datetime, note: str | None
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    admin = open_store.admin()
    made = admin.grant(grant)
    card = _card(open_store)
    assert card.code not in (card.note or "").lower()
    with open_store.store.data.transaction() as rows:
        note = note and note.format(code=grant.code)
        balances.save_card(rows, replace(card, note=note))

    assert admin.grant(grant) == made
    assert admin.revoke(grant) == Revoked()
    assert _card(open_store).deactivated_at


def test_a_card_that_the_search_does_not_know_yet_is_not_taken_for_revoked(
    open_store: OpenStore, since: datetime, monkeypatch: pytest.MonkeyPatch
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    admin = open_store.admin()
    made = admin.grant(grant)
    assert isinstance(made, Granted)
    monkeypatch.setattr(GiftCards, "_alike", lambda *_: [])
    for attempt in admin.grant, admin.revoke, admin.withdraw:
        with pytest.raises(StoreAtWork, match="taken"):
            attempt(grant)

    # What the store calls it is enough.
    assert admin.revoke(replace(grant, store_ref=made.store_ref)) == Revoked()
    assert _card(open_store).deactivated_at


def test_the_code_of_a_card_that_was_withdrawn_is_taken_for_good(
    open_store: OpenStore, since: datetime
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    admin = open_store.admin()
    assert [admin.withdraw(grant) for _ in "12"] == [Revoked()] * 2

    # As an older call of another worker would, that comes late.
    assert isinstance(admin.grant(grant), GrantRefused)
    card = _card(open_store)
    assert (card.initial_minor, bool(card.deactivated_at)) == (1, True)


def test_who_gave_a_credit_second_takes_it_off_again(
    open_store: OpenStore, since: datetime, monkeypatch: pytest.MonkeyPatch
):
    grant = a_grant(open_store, StoreCreditGift(700, "EUR"), since)
    first = open_store.admin().grant(grant)
    # It looks before the other's credit is there, and comes to give it after.
    find, looks = StoreCredit._find, [[]]

    def look(self: StoreCredit, of: Grant) -> list[str]:
        return looks.pop() if looks else find(self, of)

    monkeypatch.setattr(StoreCredit, "_find", look)
    assert open_store.admin().grant(grant) == first
    with open_store.store.data.reading() as rows:
        given = balances.credits_of(rows, open_store.ada.id)
    assert [each.amount_minor for each in given] == [700, 700, -700]


def test_credit_on_an_account_counts_as_used(open_store: OpenStore, since: datetime):
    grant = a_grant(open_store, StoreCreditGift(700, "EUR"), since)
    admin = open_store.admin()
    assert admin.revoke(grant) == Revoked()
    admin.grant(grant)

    assert admin.revoke(grant) == AlreadyUsed()


@every_benefit
def test_what_was_never_made_is_as_good_as_revoked(
    open_store: OpenStore, benefit: Benefit, since: datetime
):
    assert open_store.admin().revoke(a_grant(open_store, benefit, since)) == Revoked()


@pytest.mark.parametrize("kind", trouble.KINDS)
def test_revoking_can_be_repeated_after_trouble(
    open_store: OpenStore, since: datetime, kind: str
):
    grant = a_grant(open_store, ShippingDiscount(), since)
    admin = open_store.admin()
    admin.grant(grant)
    open_store.let_happen(trouble.NONE, kind)
    with pytest.raises(StoreAway):
        admin.revoke(grant)

    assert admin.revoke(grant) == Revoked()


def _edit(store: OpenStore, grant: Grant, **changes: object) -> None:
    """Have the owner change the discount in the store."""
    with store.store.data.transaction() as rows:
        codes.save(rows, replace(codes.find(rows, grant.code), **changes))


@pytest.mark.parametrize("limit", [None, 100])
def test_a_code_whose_limit_the_owner_changed_is_ended_before_points_come_back(
    open_store: OpenStore, since: datetime, limit: int | None
):
    grant = a_grant(open_store, OrderDiscount(500, "EUR"), since)
    admin = open_store.admin()
    first = admin.grant(grant)
    _edit(open_store, grant, usage_limit=limit, once_per_customer=False)

    assert admin.grant(grant) == first
    assert admin.revoke(grant) == Revoked()
    assert _discount(open_store, grant).status(open_store.store.clock()) == "EXPIRED"


def test_a_code_that_the_store_moved_to_whom_its_customer_became_is_ended(
    open_store: OpenStore, since: datetime
):
    grant = a_grant(open_store, OrderDiscount(500, "EUR"), since)
    admin = open_store.admin()
    first = admin.grant(grant)
    with open_store.store.data.reading() as rows:
        grace = rows.customers()[1]
    _edit(open_store, grant, customer_id=grace.id)

    assert admin.grant(grant) == first
    assert admin.revoke(grant) == Revoked()
    assert _discount(open_store, grant).status(open_store.store.clock()) == "EXPIRED"


def test_a_gift_card_of_another_sort_under_the_code_is_not_taken_for_ours(
    open_store: OpenStore, since: datetime
):
    grant = a_grant(open_store, GiftCardGift(2500, "EUR"), since)
    open_store.admin().grant(grant)
    alike = replace(grant, code=grant.code.replace("-", ""), mark="another")

    assert isinstance(open_store.admin().grant(alike), GrantRefused)


@pytest.mark.parametrize(
    ("benefit", "words"),
    [
        (PercentDiscount(10), "Customer is invalid"),
        (ShippingDiscount(), "Customer is invalid"),
        (GiftCardGift(500, "EUR"), "The customer could not be found."),
        (StoreCreditGift(500, "EUR"), "Owner does not exist"),
    ],
)
def test_a_customer_that_is_not_there_is_given_nothing(
    open_store: OpenStore, since: datetime, benefit: Benefit, words: str
):
    grant = replace(a_grant(open_store, benefit, since), customer_id="1")

    assert open_store.admin().grant(grant) == _refused(words)


def test_what_the_store_will_not_make_is_refused_in_its_words(
    open_store: OpenStore, since: datetime
):
    def asked(benefit: Benefit) -> object:
        return open_store.admin().grant(a_grant(open_store, benefit, since))

    assert asked(ProductDiscount("1")) == GrantRefused(because("product_not_sold"))
    assert asked(StoreCreditGift(5, "USD")) == _refused(
        "The currency provided is not currently supported"
    )
    assert asked(GiftCardGift(0, "EUR")) == _refused(
        "Initial amount must be greater than 0"
    )
    long = replace(a_grant(open_store, GiftCardGift(1, "EUR"), since), code="A" * 21)
    assert open_store.admin().grant(long) == GrantRefused(because("code_not_fit"))


def test_a_wrong_token_opens_nothing(open_store: OpenStore, since: datetime):
    grant = a_grant(open_store, PercentDiscount(10), since)
    with pytest.raises(StoreAway, match="401"):
        open_store.admin("nonsense").grant(grant)

    assert made(open_store, grant) == 0


@pytest.mark.parametrize(
    ("kind", "wait_s"), [(trouble.TOO_MANY, 2.0), (trouble.THROTTLED, 1.0)]
)
def test_a_busy_store_says_how_long_to_wait(
    open_store: OpenStore, since: datetime, kind: str, wait_s: float
):
    open_store.let_happen(kind)
    with pytest.raises(StoreBusy) as caught:
        open_store.admin().grant(a_grant(open_store, ShippingDiscount(), since))

    assert caught.value.wait_s == wait_s
