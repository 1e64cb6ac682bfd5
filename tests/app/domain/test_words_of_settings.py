"""What owners set is told to shoppers, but for what is kept from them for a reason."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.conditions import Conditions
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.tiers import Downgrade, OrdersPlaced, Tier, Tiers, Window
from app.domain.words import program_in_words

EUROS = Translator("EUR")


@pytest.mark.parametrize(
    ("policy", "clause"),
    [
        (PartlyReturned.PROPORTIONAL, ""),
        (
            PartlyReturned.KEEP,
            ", all of which you keep if you return only a part of it",
        ),
        (
            PartlyReturned.ALL_OR_NOTHING,
            ", all of which go back if you return any of it",
        ),
    ],
)
def test_what_becomes_of_a_bonus_with_a_part_of_its_order_is_told(policy, clause):
    large = Conditions(amount_min=Decimal(100))
    bonus = Bonus(points=30, partly_returned=policy, conditions=large)

    told = program_in_words(Program(earning=(PurchasePoints(), bonus)), EUROS)

    assert f"You earn 30 points more with an order from €100.00 on{clause}." in told


KEPT = "Once you no longer meet a tier, you keep it for 30 days more."
STEPS = "Once you no longer meet a tier, you go down one step every 30 days."
GRANTED = (
    "When your membership, your subscription or your invitation ends, you keep its "
    "tier for 30 days more."
)


@pytest.mark.parametrize(
    ("window", "downgrade", "told"),
    [
        (Window.LIFETIME, Downgrade.BY_BALANCE, [GRANTED]),
        (Window.LIFETIME, Downgrade.ONE_DOWN, [GRANTED]),
        (Window.ROLLING, Downgrade.BY_BALANCE, [KEPT]),
        (Window.ROLLING, Downgrade.ONE_DOWN, [STEPS, GRANTED]),
    ],
)
def test_grace_is_told_wherever_it_holds(window, downgrade, told):
    by_need = Tier(name="Silver", needs=(OrdersPlaced(orders=3),))
    gold = replace(
        by_need,
        name="Gold",
        product_ids=frozenset({"9"}),
        selling_plan_ids=frozenset({"77"}),
        customer_tags=frozenset({"friend"}),
    )
    tiers = Tiers(
        ladder=(by_need, gold), window=window, grace_days=30, downgrade=downgrade
    )
    without = replace(tiers, ladder=(by_need,))

    assert program_in_words(Program(tiers=tiers), EUROS)[-len(told) :] == told
    alone = [sentence for sentence in told if sentence != GRANTED]
    end = ["What you return no longer counts for your tier.", *alone]
    assert program_in_words(Program(tiers=without), EUROS)[-len(end) :] == end
