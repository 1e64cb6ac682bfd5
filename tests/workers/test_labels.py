"""Tags and segments over the whole line, whoever the customers turn out to be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from app.domain.actions import Review
from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Program
from app.domain.rewards import Donation
from app.domain.tiers import Engagement, Tier, Tiers
from app.storage.tier_standings import find_tier
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import a_line, a_merge, a_refund, an_order
from workers.terms import Terms
from workers.tier_moves import TierMove, tier_moves

PLACED_AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
FOR_VIPS = Multiplier(
    times=Decimal(3), conditions=Conditions(customer_tags=frozenset({"vip"}))
)
PROGRAM = Program(earning=(PurchasePoints(), FOR_VIPS))
REDACTION = {
    "shop_id": 1,
    "shop_domain": "test.myshopify.com",
    "customer": {"id": 7001, "email": "ada@example.com", "phone": None},
}


def _tags(end: str, hours: float, *tags: str, customer: int = 7001) -> tuple[str, Any]:
    """A message that tags were added or removed, so many hours after the order."""
    return f"customer.tags_{end}", {
        "customerId": f"gid://shopify/Customer/{customer}",
        "tags": list(tags or ["VIP"]),
        "occurredAt": (PLACED_AT + timedelta(hours=hours)).isoformat(),
    }


def _segment(end: str, segment: int = 31, customer: int = 7001) -> tuple[str, Any]:
    return f"customer.{end}_segment", {
        "shop_id": "gid://shopify/Shop/1",
        "customer_id": f"gid://shopify/Customer/{customer}",
        "segment_id": f"gid://shopify/Segment/{segment}",
    }


def test_messages_in_any_order_come_to_the_same_points(line: TestLine):
    line.set_program(PROGRAM)
    for number, order in enumerate(permutations(range(4))):
        customer = 7100 + number
        buyer = {"customer": {"id": customer}, "email": None}
        told = [
            _tags("added", -2, customer=customer),
            _tags("removed", 1, customer=customer),
            ("orders/paid", an_order(id=5100 + number, **buyer)),
            _tags("removed", -3, "vip", "press", customer=customer),
        ]
        for place in order:
            line.settle(told[place])
        assert line.standing(customer).available == 300, order

    assert (line.audit(), line.violations()) == (None, [])


def test_a_tag_that_was_heard_of_late_gives_and_takes_what_the_campaign_does(
    line: TestLine,
):
    line.set_program(PROGRAM)
    line.settle(("orders/paid", an_order()))
    before = line.standing(7001).available
    line.settle(_tags("added", -2))
    tagged = line.standing(7001).available
    line.settle(_tags("removed", -1))

    assert (before, tagged, line.standing(7001).available) == (100, 300, 100)
    assert (line.audit(), line.violations()) == (None, [])


def test_merged_customers_keep_their_tags_until_the_kept_one_loses_them(
    line: TestLine,
):
    line.set_program(PROGRAM)
    line.settle(_tags("added", -5, customer=7002))
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    line.settle(("orders/paid", an_order()))
    merged = line.standing(7001).available
    line.settle(_tags("removed", -1))

    assert (merged, line.standing(7001).available) == (300, 100)
    assert (line.audit(), line.violations()) == (None, [])


def test_forgetting_somebody_deletes_their_tags_and_changes_no_points(line: TestLine):
    """Only what a campaign asks for stays, under no id, as the ledger says it too."""
    line.set_program(PROGRAM)
    order = an_order(a_line("60.00"), a_line("40.00", id=12))
    line.settle(_tags("added", -1, "VIP", "knits-socks"), _segment("joined"))
    line.settle(("orders/paid", order))
    line.settle(("customers/redact", REDACTION | {"orders_to_redact": [5001]}))
    line.settle(_tags("removed", -2), _tags("added", -2, "likes-tea"))
    line.settle(("refunds/create", a_refund("40.00", (12, 1, "40.00"))))

    assert not line.mentions("7001", "knits-socks", "likes-tea")
    assert line.totals() == {"available": 180, "issued": -180}
    with line.in_program() as connection:
        rows = connection.exec_driver_sql("select kind, name from customer_label")
        assert [tuple(row) for row in rows] == [("tag", "vip")]
    assert (line.audit(), line.violations()) == (None, [])


def test_forgetting_the_kept_of_two_changes_no_points_either(line: TestLine):
    """What the merged one had still ends where the kept one lost it."""
    line.set_program(PROGRAM)
    line.settle(_tags("added", -9, customer=7002), _tags("removed", -5))
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    line.settle(_tags("added", -1), _tags("removed", 1))
    line.settle(("orders/paid", an_order(a_line("60.00"), a_line("40.00", id=12))))
    line.settle(("customers/redact", REDACTION | {"orders_to_redact": [5001]}))
    line.settle(("refunds/create", a_refund("40.00", (12, 1, "40.00"))))

    assert line.totals() == {"available": 180, "issued": -180}
    with line.in_program() as connection:
        rows = connection.exec_driver_sql(
            "select distinct customer_id from customer_label"
        )
        assert all(name.startswith("forgotten/") for name in rows.scalars())
    assert (line.audit(), line.violations()) == (None, [])


def test_a_data_request_lists_tags_and_segments(line: TestLine):
    line.settle(_tags("added", 0), _segment("joined"), _segment("left"))
    body = REDACTION | {"orders_requested": [], "data_request": {"id": 99}}
    line.settle(("customers/data_request", body))

    [path] = (line.home / "data_requests").glob("*.json")
    told = [
        (each["kind"], each["name"], each["is_given"])
        for member in json.loads(path.read_text())["members"]
        for each in member["tags_and_segments"]
    ]
    assert sorted(told) == [
        ("segment", "31", False),
        ("segment", "31", True),
        ("tag", "vip", True),
    ]


def test_the_tags_of_a_customer_say_nothing_of_another_stores_customer(
    line: TestLine,
):
    line.add_store("other.myshopify.com")
    line.set_program(PROGRAM)
    topic, body = _tags("added", -1)
    line.deliver(topic, body, **{"X-Shopify-Shop-Domain": "other.myshopify.com"})
    line.settle(("orders/paid", an_order()))

    assert line.standing(7001).available == 100


def test_a_cart_is_told_what_a_segment_brings_to_who_is_signed_in(line: TestLine):
    chosen = Conditions(segments=frozenset({"31"}))
    twice = Multiplier(times=Decimal(2), conditions=chosen)
    line.set_program(Program(earning=(PurchasePoints(), twice)))
    line.settle(_segment("joined"))
    cart = {
        "currency": "EUR",
        "lines": [{"product_id": 21, "price_minor": 1000, "quantity": 1}],
    }

    found = [
        line.client.post(f"/proxy/estimate?{proxy_query(who)}", json=cart).get_json()
        for who in ("7001", "7002", "")
    ]

    assert [answer["points"] for answer in found] == [20, 10, 10]


CLUB = Tier(name="Club", customer_tags=frozenset({"club"}), entry_points=50)


def test_a_tier_comes_and_goes_with_its_tag(line: TestLine):
    line.set_program(Program(tiers=Tiers(ladder=(CLUB,))))
    line.settle(_tags("added", 0, "Club"))
    told = line.ask("standing", "7001").get_json()
    with line.in_program() as connection:
        tier = find_tier(connection, line.store.program_id, line.member_id(7001))
    line.settle(_tags("removed", 2, "club"))

    assert told["tier"]["name"] == "Club"
    # What a store calls its customers is for nobody else to read.
    assert "reason" not in told["tier"]
    assert tier.reason == "Club comes with the customer tag “club”"
    assert told["available"] == 50
    assert line.ask("standing", "7001").get_json()["tier"] is None
    assert line.standing(7001).available == 50
    assert (line.audit(), line.violations()) == (None, [])


def test_a_dry_run_knows_the_tags_that_a_new_program_asks_for(line: TestLine):
    line.settle(_tags("added", 0, "Club"), _tags("added", 0, customer=7002))
    new = Program(tiers=Tiers(ladder=(CLUB,)))
    ids = [line.member_id(7001), line.member_id(7002)]
    with line.in_program() as connection:
        terms = Terms(connection, line.store.program_id, line.keys)
        moves = list(tier_moves(connection, terms, ids, new, line.clock()))

    assert moves == [TierMove(ids[0], None, "Club")]


def test_a_score_counts_actions_once_they_are_approved(line: TestLine):
    needs = (Engagement(score=10, per_action=Decimal(10)),)
    friends = Tiers(ladder=(Tier(name="Friend", needs=needs, entry_points=5),))
    line.set_program(
        Program(tiers=friends, actions=(Review(points=7, needs_approval=True),))
    )
    told = {"action": "review", "key": "one", "by": "staff"}
    line.ask_own("actions/report", "report", told | {"customer_id": "7001"})
    waiting = line.ask("standing", "7001").get_json()["tier"]
    line.ask_own("actions/decide", "decide", told | {"is_approved": True})

    assert waiting is None
    assert line.ask("standing", "7001").get_json()["tier"]["name"] == "Friend"
    assert line.standing(7001).available == 7 + 5
    assert (line.audit(), line.violations()) == (None, [])


def test_what_is_offered_to_the_tagged_and_to_regulars_is_given_to_them_alone(
    line: TestLine,
):
    line.set_program(
        Program(
            rewards=(
                _given("vips", only_customer_tags=frozenset({"vip"})),
                _given("regulars", only_after_orders=2),
            )
        )
    )
    line.settle(("orders/paid", an_order()))
    assert _can_have(line) == {"vips": False, "regulars": False}
    line.settle(_tags("added", 0))
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    line.settle(("orders/paid", an_order(id=5003, test=True, name="#1003")))

    assert _can_have(line) == {"vips": True, "regulars": True}
    line.settle(_tags("removed", 1))
    assert _can_have(line) == {"vips": False, "regulars": True}


def _given(key: str, **limits: Any) -> Donation:
    cause = {"cause": "trees", "amount": Decimal(1)}
    return Donation(points_cost=5, key=key, **cause, **limits)


def _can_have(line: TestLine) -> dict[str, bool]:
    """What is offered, where the decision is the same."""
    told = line.ask("standing", "7001").get_json()["rewards"]
    offered = {each["id"]: (each["available"], each["reason"]) for each in told}
    decided = {id_: line.redeem(7001, id_) for id_ in offered}
    for id_, (is_available, reason) in offered.items():
        assert (decided[id_]["state"] != "refused") == is_available
        assert is_available or decided[id_]["reason"] == reason
    return {id_: is_available for id_, (is_available, _) in offered.items()}
