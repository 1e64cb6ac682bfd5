"""What owners set is told to shoppers, but for what is kept from them for a reason."""

from decimal import Decimal

import pytest

from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.conditions import Conditions
from app.domain.languages.translator import Translator
from app.domain.program import Program
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
