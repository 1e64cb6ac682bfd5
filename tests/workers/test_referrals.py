"""Friends over the whole line: a link, a gift, an order that stands, points."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from app.domain.program import Program
from app.domain.referral import Referral
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import Doubt, ReferralTerms
from app.storage import referrals
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order
from tests.builders.side_by_side import begin_amid

TERMS = ReferralTerms(advocate_points=200, stand_days=14)
HOME = {"address1": "1 Mill Lane", "zip": "AB1 2CD", "country_code": "GB"}


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store where Ada, who has ordered once, may bring friends."""
    return _with(line, TERMS)


def _with(line: TestLine, terms: ReferralTerms) -> TestLine:
    line.set_program(Program(rewards=(), referral=terms))
    ada = ADA | {"email": "ada.l@gmail.com", "default_address": HOME}
    order = an_order(customer=ada, email="ada.l@gmail.com", billing_address=HOME)
    line.settle(("orders/paid", order | {"phone": "+49 151 2345678"}))
    return line


def _friend(number: int, **more: Any) -> dict[str, Any]:
    mail = {"email": f"friend{number}@example.com", "verified_email": True}
    return {"id": number} | mail | more


def _joins(shop: TestLine, number: int, **more: Any) -> None:
    shop.settle(("customers/create", _friend(number, **more)))


def _code(shop: TestLine, customer_id: int = 7001) -> str:
    member_id = shop.member_id(customer_id)
    return code_of_member("secret", shop.store.program_id, member_id)


def _claims(
    shop: TestLine, number: int, code: str = "", **more: Any
) -> dict[str, Any] | None:
    """A friend follows the link; what they are told of their gift, if they get it."""
    body = {"code": code or _code(shop), "device": str(uuid4())} | more
    answer = shop.post("referrals", str(number), body)
    assert 202 == answer.status_code, answer.get_json()
    shop.worker.drain()
    shop.fulfilling.work()
    told = shop.ask("standing", str(number)).get_json()
    return next(iter(told["redemptions"]), None)


def _buys(shop: TestLine, number: int, *more: Any, **changes: Any) -> dict[str, Any]:
    placed_at = shop.days_ago(0)
    order = an_order(
        a_line("40.00"),
        id=number - 2000,
        name=f"#{number - 2000}",
        customer=_friend(number),
        email=f"friend{number}@example.com",
        created_at=placed_at,
        processed_at=placed_at,
        updated_at=placed_at,
    )
    shop.settle(("orders/paid", order | changes), *more)
    return order


def _brought(shop: TestLine) -> list[Referral]:
    with shop.in_program() as connection:
        return referrals.in_state(connection, shop.store.program_id, None, 100)


def _points(shop: TestLine) -> tuple[int, int]:
    """What Ada has, and what waits, besides the 100 points of her own order."""
    standing = shop.standing(7001)
    return standing.available - 100, standing.pending


def _decide(shop: TestLine, approved: bool) -> None:
    [claim] = _brought(shop)
    body = {"referral_id": claim.id, "approved": approved}
    shop.ask_own("referrals/decide", str(uuid4()), body)
    shop.fulfilling.work()


def _holds(shop: TestLine) -> None:
    assert [] == shop.violations()
    assert shop.audit() is None


def test_a_friend_gets_a_gift_and_the_advocate_points_once_the_order_stood(
    shop: TestLine,
):
    _joins(shop, 8001)
    gift = _claims(shop, 8001)
    assert gift
    assert ("granted", 0, "€5.00 off") == (
        gift["state"],
        gift["points"],
        gift["name"],
    )
    [grant] = shop.pretended.made.values()
    assert ("8001", 2000) == (grant.customer_id, grant.order_amount_min_minor)

    _buys(shop, 8001, discount_codes=[{"code": gift["code"]}])
    assert (0, 200) == _points(shop)
    shop.pass_days(13)
    shop.worker.settle_due()
    assert (0, 200) == _points(shop)
    shop.pass_days(1.1)
    shop.worker.settle_due()
    assert (200, 0) == _points(shop)
    told = shop.ask("standing", "8001").get_json()["redemptions"]
    assert ["used"] == [each["state"] for each in told]
    _holds(shop)


@pytest.mark.parametrize("days", [0, 20])
def test_an_order_that_falls_takes_the_points_back(shop: TestLine, days: int):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    shop.pass_days(days)
    shop.worker.settle_due()
    refund = a_refund(
        "30.00", (11, 1, "30.00"), order_id=6001, created_at=shop.days_ago(0)
    )
    shop.settle(("refunds/create", refund | {"processed_at": shop.days_ago(0)}))

    # Ten are left, and the first order has to be twenty at least.
    assert (0, 0) == _points(shop)
    taken = [row for row in shop.transactions(7001) if row.kind == "reverse"]
    assert [(200, f"refund/9001@referral/{_brought(shop)[0].id}")] == [
        (row.points, row.cause) for row in taken
    ]
    _holds(shop)


def test_an_order_that_keeps_enough_keeps_the_points(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    refund = a_refund("20.00", (11, 1, "20.00"), order_id=6001)
    shop.settle(("refunds/create", refund))
    shop.pass_days(15)
    shop.worker.settle_due()

    assert (200, 0) == _points(shop)


def test_a_refund_before_its_order_comes_to_the_same(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    shop.settle(("refunds/create", a_refund("40.00", (11, 1, "40.00"), order_id=6001)))
    _buys(shop, 8001)

    assert (0, 0) == _points(shop)
    _holds(shop)


@pytest.mark.parametrize(
    ("friend", "reason", "state"),
    [
        ({"email": "a.d.a.l+2@googlemail.com"}, "same_email", "refused"),
        ({"phone": "0151/2345678"}, "same_phone", "review"),
        ({"default_address": HOME | {"zip": "ab12cd"}}, "same_address", "review"),
    ],
)
def test_one_person_with_two_accounts_is_noticed(
    shop: TestLine, friend: dict[str, Any], reason: str, state: str
):
    _joins(shop, 8001, **friend)
    assert _claims(shop, 8001) is None

    [claim] = _brought(shop)
    assert (state, (reason,)) == (claim.state, claim.reasons)
    assert {} == shop.pretended.made
    _buys(shop, 8001)
    shop.pass_days(15)
    shop.worker.settle_due()
    assert (0, 200 if state == "review" else 0) == _points(shop)
    _holds(shop)


def test_the_owner_tells_a_household_apart(shop: TestLine):
    _joins(shop, 8001, default_address=HOME)
    _claims(shop, 8001)
    _buys(shop, 8001, shipping_address=HOME)
    _decide(shop, approved=True)
    told = shop.ask("standing", "8001").get_json()["redemptions"]
    assert ["granted"] == [each["state"] for each in told]

    shop.pass_days(15)
    shop.worker.settle_due()
    assert (200, 0) == _points(shop)
    _holds(shop)


def test_a_refusal_ends_the_gift_and_takes_the_points(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    shop.pass_days(15)
    shop.worker.settle_due()
    assert (200, 0) == _points(shop)

    _decide(shop, approved=False)
    assert (0, 0) == _points(shop)
    assert {} == shop.pretended.made
    _holds(shop)


def test_who_is_approved_after_a_refusal_gets_another_gift(shop: TestLine):
    _joins(shop, 8001)
    first = _claims(shop, 8001)
    _decide(shop, approved=False)
    _decide(shop, approved=True)
    _decide(shop, approved=True)
    told = shop.ask("standing", "8001").get_json()["redemptions"]

    assert {"ended", "granted"} == {each["state"] for each in told}
    [grant] = shop.pretended.made.values()
    assert first and first["code"] != grant.code
    _buys(shop, 8001, discount_codes=[{"code": grant.code}])
    assert (0, 200) == _points(shop)
    _holds(shop)

    _decide(shop, approved=False)
    _decide(shop, approved=True)
    told = shop.ask("standing", "8001").get_json()["redemptions"]
    assert ["ended", "used"] == sorted(each["state"] for each in told)


@pytest.mark.parametrize(("refuses", "waits"), [(False, 200), (True, 0)])
def test_a_card_that_both_pay_with_is_noticed_at_the_first_order(
    line: TestLine, refuses: bool, waits: int
):
    one = frozenset({Doubt.SAME_PAYMENT}) if refuses else frozenset()
    rest = TERMS.reviews - one
    shop = _with(line, replace(TERMS, refuses=one, reviews=rest))
    card = {"credit_card_company": "Visa", "credit_card_number": "•••• 4242"}
    paid = {"kind": "sale", "status": "success", "amount": "1", "payment_details": card}
    shop.settle(("order_transactions/create", {"id": 1, "order_id": 5001} | paid))
    _joins(shop, 8001)
    assert _claims(shop, 8001)
    _buys(shop, 8001)
    shop.pass_days(10)
    assert (0, 200) == _points(shop)

    shop.settle(("order_transactions/create", {"id": 2, "order_id": 6001} | paid))
    shop.pass_days(10)
    shop.worker.settle_due()
    assert (0, waits) == _points(shop)
    _holds(shop)


def test_nobody_brings_themselves(shop: TestLine):
    assert _claims(shop, 7001) is None

    [claim] = _brought(shop)
    assert ("refused", ("own_link",)) == (claim.state, claim.reasons)
    _decide(shop, approved=True)
    assert [claim] == _brought(shop)
    assert {} == shop.pretended.made
    _holds(shop)


def test_ten_accounts_in_an_hour_are_looked_at(shop: TestLine):
    code = _code(shop)
    for number in range(8001, 8011):
        _joins(shop, number)
        body = {"code": code, "device": str(uuid4())}
        assert 202 == shop.post("referrals", str(number), body).status_code
    shop.worker.drain()
    shop.fulfilling.work()

    states = [each.state for each in _brought(shop)]
    assert (3, 7) == (states.count("accepted"), states.count("review"))
    assert {("velocity",)} == {
        each.reasons for each in _brought(shop) if each.state == "review"
    }
    assert 3 == len(shop.pretended.made)
    _holds(shop)


def test_accounts_that_share_a_browser_are_looked_at(shop: TestLine):
    device = str(uuid4())
    _joins(shop, 8001)
    _joins(shop, 8002)
    _joins(shop, 8003)
    assert _claims(shop, 8001, device=device)
    assert _claims(shop, 8002, device=device) is None
    assert _claims(shop, 8003, is_own_browser=True) is None

    assert [("same_device",)] * 2 == [each.reasons for each in _brought(shop)[:2]]
    assert not shop.mentions(device)[1:]


def test_who_has_ordered_before_is_no_new_friend(shop: TestLine):
    _buys(shop, 8001)
    assert _claims(shop, 8001) is None

    [claim] = _brought(shop)
    assert ("refused", ("not_first_order",)) == (claim.state, claim.reasons)
    assert (0, 0) == _points(shop)


def test_an_earlier_order_heard_of_late_takes_the_points(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    assert (0, 200) == _points(shop)
    shop.settle(
        ("orders/paid", an_order(id=4999, customer=_friend(8001), email="x@y.example"))
    )

    assert (0, 0) == _points(shop)
    _holds(shop)


def test_a_first_order_that_is_too_small_brings_nothing(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001, line_items=[a_line("19.99")])
    assert (0, 0) == _points(shop)


def test_the_first_who_brought_a_friend_stays_so(shop: TestLine):
    _buys(shop, 8002)
    _joins(shop, 8001)
    _claims(shop, 8001)
    _claims(shop, 8001, _code(shop, 8002))

    [claim] = _brought(shop)
    assert shop.member_id(7001) == claim.advocate_id


def test_a_month_brings_no_more_than_the_owner_allows(line: TestLine):
    shop = _with(line, replace(TERMS, friends_per_month_max=1))
    for number in (8001, 8002):
        _joins(shop, number)
        _claims(shop, number)
        _buys(shop, number)
    assert (0, 200) == _points(shop)
    _holds(shop)


def test_a_claim_waits_until_it_is_known_who_the_friend_is(shop: TestLine):
    assert _claims(shop, 8001) is None
    assert ["waiting"] == [each.state for each in _brought(shop)]

    _joins(shop, 8001)
    shop.fulfilling.work()
    assert ["accepted"] == [each.state for each in _brought(shop)]
    assert 1 == len(shop.pretended.made)
    _holds(shop)


def test_a_member_keeps_their_link_and_friends_through_a_merge(shop: TestLine):
    code = _code(shop)
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    shop.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))
    _joins(shop, 8002)
    _claims(shop, 8002, code)

    assert 200 == shop.standing(7002).pending
    assert {shop.member_id(7002)} == {each.advocate_id for each in _brought(shop)}
    _holds(shop)


def test_a_link_followed_while_its_member_becomes_part_of_another_counts(
    shop: TestLine,
):
    """The claim names nobody who is merged, only a link of one of them."""
    _joins(shop, 8001)
    claim = {"code": _code(shop), "device": str(uuid4())}
    begin_amid(
        shop,
        lambda: shop.post("referrals", "8001", claim),
        lambda: shop.deliver("customers/merge", a_merge(kept=7002, deleted=7001)),
    )

    assert [shop.member_id(7002)] == [each.advocate_id for each in _brought(shop)]


def test_who_turns_out_to_be_their_own_friend_gets_nothing(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    shop.settle(("customers/merge", a_merge(kept=7001, deleted=8001)))

    assert 0 == shop.standing(7001).pending
    _holds(shop)


def test_the_forgotten_leave_what_was_found_and_nothing_else(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001, billing_address=HOME)
    assert (0, 200) == _points(shop)
    body = {"shop_domain": DOMAIN, "customer": _friend(8001), "orders_to_redact": []}
    shop.settle(("customers/redact", body))

    [claim] = _brought(shop)
    assert (None, None, ()) == (claim.customer_id, claim.device, claim.marks)
    assert ("same_address",) == claim.reasons
    assert [] == [name for name in shop.mentions("8001") if name != "inbox"]
    shop.pass_days(15)
    shop.settle(("customers/update", ADA))
    assert (0, 200) == _points(shop)
    _holds(shop)


def test_a_data_request_shows_marks_and_nobody_else(shop: TestLine):
    _joins(shop, 8001)
    _claims(shop, 8001)
    request = {
        "shop_domain": DOMAIN,
        "customer": {"id": 8001},
        "data_request": {"id": 77},
        "orders_requested": [],
    }
    shop.settle(("customers/data_request", request))
    [file] = (shop.home / "data_requests").iterdir()

    told = file.read_text()
    assert '"by a friend"' in told
    assert '"mail:' in told
    assert "7001" not in told


def test_who_ordered_before_friends_were_brought_is_no_new_friend(line: TestLine):
    line.set_program(Program(rewards=()))
    _joins(line, 8001)
    _buys(line, 8001)
    shop = _with(line, TERMS)
    _joins(shop, 8001, updated_at=shop.days_ago(0))

    assert _claims(shop, 8001) is None
    assert [("not_first_order",)] == [each.reasons for each in _brought(shop)]


def test_marks_are_kept_only_where_friends_are_brought(line: TestLine):
    line.settle(("orders/paid", an_order(phone="+49 151 2345678")))
    assert [] == line.mentions("mail:", "phone:")

    _with(line, TERMS)
    assert {"customer", "order_fact"} == set(line.mentions("mail:", "phone:"))


def test_neither_learns_the_mail_or_the_name_of_the_other(shop: TestLine):
    _joins(shop, 8001, first_name="Canary")
    _claims(shop, 8001)
    _buys(shop, 8001)
    for who, others in (("7001", ("friend8001", "Canary")), ("8001", ("ada",))):
        told = shop.ask("standing", who).get_data(as_text=True).lower()
        assert not [name for name in others if name.lower() in told]


def test_the_standing_tells_of_friends_and_changes_with_them(shop: TestLine):
    before = shop.ask("standing", "7001")
    assert before.get_json()["referral"] == {
        "code": _code(shop),
        "points": 200,
        "gift": "€5.00 off",
        "friends": 0,
        "pending": 0,
    }
    _joins(shop, 8001)
    _claims(shop, 8001)
    _buys(shop, 8001)
    after = shop.ask("standing", "7001")

    assert before.headers["ETag"] != after.headers["ETag"]
    told = after.get_json()["referral"]
    assert (1, 200, "€5.00 off") == (told["friends"], told["pending"], told["gift"])


@pytest.mark.parametrize("code", ["ABCDEFGHJK", "../../etc", "a" * 40, "•", "A"])
def test_a_code_that_is_nobodys_is_kept_nowhere(shop: TestLine, code: str):
    _joins(shop, 8001)
    before = len(shop.inbox())
    answer = shop.post("referrals", "8001", {"code": code, "device": "12345678"})

    assert (202, None) == (answer.status_code, answer.get_json()["gift"])
    assert before == len(shop.inbox())
    assert 403 == shop.post("referrals", "", {}).status_code
    assert 422 == shop.post("referrals", "8001", {"code": ""}).status_code


def _said(shop: TestLine, customer: str, code: str, **asked: str) -> tuple[Any, str]:
    """What a code brings a customer, asked before and then by claiming it."""
    looked = shop.ask(f"referrals/{quote(code)}", customer, **asked).get_json()
    body = {"code": code, "device": "12345678"}
    claimed = shop.post("referrals", customer, body, **asked).get_json()
    assert looked == {name: claimed[name] for name in looked}
    assert bool(looked["reason"]) == bool(looked["reason_code"])
    shop.worker.drain()
    return looked["gift"], looked["reason_code"]


def _can_claim(shop: TestLine, customer: str) -> bool:
    told: bool = shop.ask("standing", customer).get_json()["can_claim"]
    return told


def test_a_code_is_typed_in_any_way_and_brings_the_gift_of_the_link(shop: TestLine):
    _joins(shop, 8001)
    code = _code(shop)
    typed = f" {code[:4]}-{code[4:7].lower()} {code[7:]} "
    assert _can_claim(shop, "8001")
    assert ("€5.00 off", "") == _said(shop, "8001", typed)
    # The same claim once more says the same.
    assert ("€5.00 off", "") == _said(shop, "8001", code)
    assert 1 == len(_brought(shop))
    assert not _can_claim(shop, "8001")
    shop.fulfilling.work()
    told = shop.ask("standing", "8001").get_json()
    assert ["€5.00 off"] == [each["name"] for each in told["redemptions"]]


def test_a_code_that_brings_nothing_says_why(shop: TestLine):
    code = _code(shop)
    assert (None, "code_of_nobody") == _said(shop, "8001", "ABCDEFGHJK")
    assert (None, "own_code") == _said(shop, "7001", code)
    assert not _can_claim(shop, "7001")
    _buys(shop, 8002)
    assert (None, "ordered_before") == _said(shop, "8002", code)
    assert not _can_claim(shop, "8002")
    _joins(shop, 8001)
    _claims(shop, 8001)
    assert (None, "brought_before") == _said(shop, "8001", _code(shop, 8002))
    _joins(shop, 8003)
    _claims(shop, 8003)
    claim = next(each for each in _brought(shop) if each.customer_id == "8003")
    body = {"referral_id": claim.id, "approved": False}
    shop.ask_own("referrals/decide", str(uuid4()), body)
    assert (None, "code_refused") == _said(shop, "8003", code)
    german = shop.ask("referrals/A", "8001", lang="de").get_json()["reason"]
    assert german.startswith("den Code hat niemand")

    shop.set_program(Program(rewards=()))
    assert (None, "no_friends_codes") == _said(shop, "8004", code)
    assert not _can_claim(shop, "8004")


def test_guests_and_strangers_are_told_what_a_code_brings_and_may_claim(shop: TestLine):
    told = shop.ask(f"referrals/{_code(shop)}").get_json()
    assert ("€5.00 off", "") == (told["gift"], told["reason_code"])
    assert _can_claim(shop, "")
    assert _can_claim(shop, "9999")


def test_a_link_keeps_its_code_for_the_stores_pages(shop: TestLine):
    page = shop.ask(f"r/{_code(shop)}")
    assert f"/?tallymark_friend={_code(shop)}" in page.get_data(as_text=True)

    nobodys = shop.ask("r/ABCDEFGHJK")
    assert 200 == nobodys.status_code
    assert "tallymark_friend" not in nobodys.get_data(as_text=True)


def test_terms_may_turn_a_doubt_off(line: TestLine):
    shop = _with(line, replace(TERMS, reviews=frozenset({Doubt.SAME_PHONE})))
    _joins(shop, 8001, default_address=HOME)
    assert _claims(shop, 8001)


def test_a_percentage_is_a_gift_too(line: TestLine):
    shop = _with(line, replace(TERMS, gift_amount=None, gift_percent=15))
    _joins(shop, 8001)
    gift = _claims(shop, 8001)
    assert gift
    assert "15% off" == gift["name"]
    assert Decimal(20) == TERMS.order_amount_min
