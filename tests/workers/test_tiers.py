"""Tiers over the whole line: from signed messages to what a member is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from app.domain.program import Program
from app.domain.tiers import Spending, Tier, Tiers, Window
from app.storage import own_messages
from app.storage.tier_standings import find_tier
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order

SILVER = Tier(
    name="Silver", needs=(Spending(amount=Decimal(100)),), earn_times=Decimal(2)
)
GOLD = Tier(
    name="Gold",
    needs=(Spending(amount=Decimal(300)),),
    earn_times=Decimal(3),
    entry_points=50,
    percent_off=20,
    ships_free=True,
)
ROLLING = Tiers(ladder=(SILVER, GOLD), window=Window.ROLLING, months=12)


def _tier(line: TestLine, customer_id: int = 7001):
    member_id = line.member_id(customer_id)
    with line.in_program() as connection:
        return find_tier(connection, line.store.program_id, member_id)


def _order(line: TestLine, number: int, price: str, days_ago: int, **more):
    at = line.days_ago(days_ago)
    times = {"processed_at": at, "created_at": at, "updated_at": at}
    name = f"#{number}"
    return an_order(a_line(price, id=number), id=number, name=name, **times, **more)


def test_an_order_earns_by_the_tier_in_which_it_was_placed(line: TestLine):
    line.set_program(Program(tiers=ROLLING))

    line.settle(("orders/paid", _order(line, 5001, "100.00", 30)))
    line.settle(("orders/paid", _order(line, 5002, "200.00", 20)))
    line.settle(("orders/paid", _order(line, 5003, "10.00", 10)))

    assert line.standing(7001).available == 100 + 2 * 200 + 50 + 3 * 10
    assert _tier(line).tier == "Gold"
    assert line.violations() == []
    assert line.audit() is None


def test_messages_in_any_order_lead_to_the_same_tier_and_points(line: TestLine):
    line.set_program(Program(tiers=ROLLING))

    for number, price, days in ((5003, "10.00", 10), (5002, "200.00", 20)):
        line.settle(("orders/paid", _order(line, number, price, days)))
    line.settle(("orders/paid", _order(line, 5001, "100.00", 30)))

    assert line.standing(7001).available == 100 + 2 * 200 + 50 + 3 * 10
    assert _tier(line).tier == "Gold"
    assert line.violations() == []


def test_who_has_joined_and_not_bought_is_told_the_way_to_the_first_tier(
    line: TestLine,
):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("customers/create", ADA | {"created_at": line.days_ago(2)}))

    told = line.ask("standing", "7001").get_json()

    assert "Spend €100.00 more to reach Silver" == told["next_tier"]["missing"]
    assert _tier(line).reason.startswith("no tier yet")


def test_a_member_is_told_the_tier_its_perks_and_the_way_on(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "120.00", 30)))

    told = line.ask("standing", "7001").get_json()

    assert told["tier"]["name"] == "Silver"
    assert told["tier"]["perks"] == ["2 times the points"]
    # Why is for people of the store: it may be their own words.
    assert "reason" not in told["tier"]
    assert _tier(line).reason == (
        "Silver asks for €100.00 spent within 12 months, and it was €120.00 spent"
    )
    assert told["tier"]["to_stay"].startswith("Spend €100.00 more by ")
    assert told["next_tier"] == {
        "name": "Gold",
        "progress": 0.4,
        "missing": "Spend €180.00 more to reach Gold",
        "perks": [
            "3 times the points",
            "20% off every order",
            "free shipping",
            "50 points once, as a welcome",
        ],
    }
    assert told["program"]["tiers"][0] == (
        "Silver, for €100.00 spent within 12 months: 2 times the points"
    )


def test_time_alone_takes_a_tier_and_the_clock_sees_to_it(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "100.00", 300)))
    line.settle(("orders/paid", _order(line, 5002, "250.00", 20)))
    before = line.ask("standing", "7001")

    line.pass_days(90)
    line.worker.settle_due()

    assert _tier(line).tier == "Silver"
    after = line.ask("standing", "7001")
    assert before.headers["ETag"] != after.headers["ETag"]
    assert [each.get_json()["tier"]["name"] for each in (before, after)] == [
        "Gold",
        "Silver",
    ]
    assert line.standing(7001).available == 100 + 2 * 250 + 50
    assert line.violations() == []


def test_a_refund_that_undoes_a_tier_takes_its_gift_but_no_points_of_others(
    line: TestLine,
):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))
    line.settle(("orders/paid", _order(line, 5002, "10.00", 20)))
    line.adjust(7001, -370)
    at = line.days_ago(10)
    back = a_refund("300.00", (5001, 1, "300.00"), order_id=5001, processed_at=at)
    line.settle(("refunds/create", back | {"created_at": at}))

    standing = line.standing(7001)
    assert (standing.available, standing.owed) == (0, 340)
    assert _tier(line).tier is None
    assert line.violations() == []
    assert line.audit() is None


def test_two_members_who_become_one_have_one_tier_and_one_gift(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    grace = {"id": 7002, "email": "grace@example.com", "verified_email": True}
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))
    line.settle(("orders/paid", _order(line, 5002, "300.00", 20, customer=grace)))
    assert line.standing(7002).available == 350

    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))

    assert line.standing(7001).available == 300 + 3 * 300 + 50
    assert line.violations() == []
    assert line.audit() is None


def test_tiers_that_begin_on_a_live_program_find_their_members(line: TestLine):
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))
    assert _tier(line) is None

    line.set_program(Program(tiers=ROLLING), line.clock())
    line.worker.settle_due()

    assert _tier(line).tier == "Gold"
    assert line.standing(7001).available == 300 + 50
    assert line.violations() == []


def test_a_cart_is_told_what_it_earns_in_the_tier_of_its_member(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "120.00", 30)))
    cart = {"currency": "EUR", "lines": [{"price_minor": 1000, "quantity": 1}]}

    def points(customer_id: str) -> int:
        query = proxy_query(customer_id)
        answer = line.client.post(f"/proxy/estimate?{query}", json=cart)
        return answer.get_json()["points"]

    assert [points("7001"), points("7009"), points("")] == [20, 10, 10]


def test_a_gift_shows_in_the_history_of_the_member(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))

    history = line.ask("standing", "7001").get_json()["history"]

    assert ("earn", 50, "Gift of a tier") in [
        (each["kind"], each["points"], each["text"]) for each in history
    ]


def _give(line: TestLine, tier: str, key: str, **dates: str) -> None:
    body = {"customer_id": "7001", "tier": tier, "reason": "a friend", **dates}
    with line.in_program() as connection:
        topic, text = "tiers/give", json.dumps(body)
        own_messages.keep(connection, line.keys, line.store, topic, key, text)
    line.worker.drain()


def test_a_tier_that_the_owner_gives_holds_for_orders_until_its_end(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "10.00", 30)))
    since, until = line.days_ago(5), line.days_ago(-5)

    _give(line, "Gold", "friend-1", since=since, until=until)
    _give(line, "Gold", "friend-1", since=since)
    line.settle(("orders/paid", _order(line, 5002, "10.00", 1)))

    assert _tier(line).reason.endswith(": a friend")
    assert line.standing(7001).available == 10 + 50 + 3 * 10
    line.pass_days(6)
    line.worker.settle_due()
    assert _tier(line).tier is None
    assert line.standing(7001).available == 10 + 50 + 3 * 10
    assert line.violations() == []


def test_what_the_owner_says_last_of_a_tier_counts(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    line.settle(("orders/paid", _order(line, 5001, "10.00", 30)))
    _give(line, "Gold", "friend-1")
    assert _tier(line).tier == "Gold"

    _give(line, "Gold", "friend-2", until=line.days_ago(1))

    assert _tier(line).tier is None
    assert line.violations() == []


def test_a_tier_that_was_given_goes_with_its_customer_to_another(line: TestLine):
    line.set_program(Program(tiers=ROLLING))
    grace = {"id": 7002, "email": "grace@example.com", "verified_email": True}
    line.settle(("orders/paid", _order(line, 5001, "10.00", 30)))
    line.settle(("orders/paid", _order(line, 5002, "10.00", 20, customer=grace)))
    _give(line, "Gold", "friend-1")

    line.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))

    assert _tier(line, 7002).tier == "Gold"
    assert line.violations() == []


def test_a_tier_for_a_customer_who_was_never_seen_is_ignored(line: TestLine):
    _give(line, "Gold", "friend-1")

    [message] = line.inbox()
    assert (message.state, message.note) == (
        "ignored",
        "no such customer has been seen",
    )


def test_a_new_version_that_nobody_was_settled_by_yet_is_no_lie(line: TestLine):
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))

    line.set_program(Program(tiers=ROLLING), line.clock())
    assert line.violations() == []

    line.set_program(Program(tiers=ROLLING), line.clock() - timedelta(days=40))
    assert line.violations() == []
    line.worker.settle_due()
    assert line.violations() == []
    assert line.standing(7001).available == 300 + 50


def test_tiers_of_the_future_begin_when_their_time_comes(line: TestLine):
    line.set_program(Program(tiers=ROLLING), line.clock() + timedelta(days=3))
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))
    assert _tier(line) is None

    line.pass_days(4)
    line.worker.settle_due()

    assert _tier(line).tier == "Gold"
    assert line.violations() == []


BORN = replace(GOLD, entry_points=0, birthday_points=70)


def _told_a_birthday(line: TestLine) -> None:
    """Have a member of Gold tell the day that comes in 40 days, as shoppers do."""
    line.set_program(Program(tiers=Tiers(ladder=(SILVER, BORN))))
    line.settle(("orders/paid", _order(line, 5001, "300.00", 30)))
    day = line.clock() + timedelta(days=40)
    body = {"action": "birthday", "month": day.month, "day": day.day}
    told = line.client.post(f"/proxy/actions?{proxy_query('7001')}", json=body)
    assert told.status_code == 202
    line.worker.drain()


def _on_it(line: TestLine) -> None:
    line.pass_days(41)
    line.worker.settle_due()


def test_a_tier_gives_points_on_the_birthday_that_a_member_told(line: TestLine):
    _told_a_birthday(line)
    [offered] = line.ask("standing", "7001").get_json()["actions"]
    assert (offered["action"], offered["points"]) == ("birthday", 70)
    assert not offered["can_report"]
    assert line.ask("standing", "").get_json()["actions"] == []

    _on_it(line)
    assert line.standing(7001).available == 300 + 70
    history = line.ask("standing", "7001").get_json()["history"]
    assert ("earn", 70, "Birthday") in [
        (each["kind"], each["points"], each["text"]) for each in history
    ]
    at = line.days_ago(0)
    back = a_refund("300.00", (5001, 1, "300.00"), order_id=5001, processed_at=at)
    line.settle(("refunds/create", back | {"created_at": at}))

    assert line.standing(7001).available == 0
    assert (line.audit(), line.violations()) == (None, [])


def test_the_forgotten_keep_what_a_tier_gave_on_their_birthday(line: TestLine):
    _told_a_birthday(line)
    _on_it(line)
    request = {
        "shop_id": 1,
        "shop_domain": line.store.domain,
        "customer": {"id": 7001, "email": ADA["email"]},
        "orders_to_redact": [5001],
    }
    line.settle(("customers/redact", request))
    line.pass_days(400)
    line.worker.settle_due()

    assert {"available": 370, "issued": -370} == line.totals()
    assert (line.audit(), line.violations()) == (None, [])


def test_two_members_who_become_one_are_given_one_birthday_a_year(line: TestLine):
    _told_a_birthday(line)
    grace = {"id": 7002, "email": "grace@example.com", "verified_email": True}
    line.settle(("orders/paid", _order(line, 5002, "300.00", 20, customer=grace)))
    day = line.clock() + timedelta(days=39)
    told = {"customer_id": "7002", "key": "g", "month": day.month, "day": day.day}
    line.ask_own("birthdays/tell", "birthday/g", told)
    _on_it(line)
    assert (line.standing(7001).available, line.standing(7002).available) == (370, 370)

    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))

    assert line.standing(7001).available == 300 + 3 * 300 + 70
    assert (line.audit(), line.violations()) == (None, [])
