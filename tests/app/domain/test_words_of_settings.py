"""What owners set is told to shoppers, but for what is kept from them for a reason."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from app.domain.challenges import Challenge, OrdersStep
from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.conditions import Conditions
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import After
from app.domain.languages import LANGUAGES
from app.domain.languages.translator import Translator
from app.domain.program import ExpiryRounding, Program, ReturnPolicy
from app.domain.rewards.slot import Slot
from app.domain.settings import Setting, Sort, settings_of
from app.domain.tiers import (
    Downgrade,
    OrdersPlaced,
    PointsEarned,
    Tier,
    Tiers,
    Window,
)
from app.domain.valuation import Valuation
from app.domain.words import parts_in_words, program_in_words
from app.storage.program_document import KINDS

EUROS = Translator("EUR")


@pytest.mark.parametrize(
    ("policy", "clause"),
    [
        (PartlyReturned.PROPORTIONAL, ""),
        (
            PartlyReturned.KEEP,
            " (you keep all of them if you return only a part of it)",
        ),
        (
            PartlyReturned.ALL_OR_NOTHING,
            " (all of them go back if you return any of it)",
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


def _of_returns(program: Program) -> tuple[str, ...]:
    parts = {part.title: part.lines for part in parts_in_words(program, EUROS)}
    return parts["When you return something"]


def test_points_that_go_back_whatever_the_return_policy_are_told():
    card, challenge = (
        StampCard(name="tea"),
        Challenge(name="big", steps=(OrdersStep(),)),
    )
    gold = Tiers(ladder=(Tier(name="Gold", entry_points=50),))
    kept = Program(return_policy=ReturnPolicy.ONLY_PENDING)
    own = "If you return something before its points can be spent, they go back; later "
    own += "you keep them."
    debt = "; if you have spent them, your next points make up for them."

    for program, undone in (
        (replace(kept, stamp_cards=(card,)), "a full stamp card"),
        (replace(kept, challenges=(challenge,)), "a challenge that you have done"),
        (replace(kept, tiers=gold), "a tier"),
        (
            replace(kept, stamp_cards=(card,), challenges=(challenge,), tiers=gold),
            "a full stamp card, a challenge that you have done or a tier",
        ),
    ):
        always = f"If a return undoes {undone}, the points for it always go back{debt}"
        assert _of_returns(program) == (own, always)
    rewarded = (replace(card, reward="free_shipping-300"),)
    for other in (
        replace(kept, stamp_cards=rewarded),
        replace(kept, tiers=Tiers(ladder=(Tier(name="Gold", ships_free=True),))),
    ):
        assert _of_returns(other) == (own,)
    unlimited = Program(stamp_cards=(card,), tiers=gold)
    assert len(_of_returns(unlimited)) == 1


# What shoppers are not told, or not all of, and why: by setting, most with its class.
_NO_IDS = "that there are some is told; ids of a store tell shoppers nothing"
_NO_TAGS = "that we choose is told; what a store calls its customers is for nobody else"
_COSTS = "what points cost the store is the owner's to know"
_LEFT = "that there is an end is told; how much there is, is the owner's to know"
_DATES = "dates are shown with their places left, where one is chosen"
SILENCES = {
    "product_ids": _NO_IDS,
    "collection_ids": _NO_IDS,
    "excluded_product_ids": _NO_IDS,
    "excluded_collection_ids": _NO_IDS,
    "selling_plan_ids": _NO_IDS,
    "segments": _NO_TAGS,
    "customer_tags": _NO_TAGS,
    "only_customer_tags": _NO_TAGS,
    "Budget.points": _LEFT,
    "Budget.cost": _LEFT,
    "Surprise.percent": "whether it is certain is told; the chance is the owner's",
    "Program.rounding": "it moves an order by less than a point",
    "Program.expiry_warned_days": "the warning itself says the day, in time",
    "Valuation.per_100_points": _COSTS,
    "Valuation.spent_percent": _COSTS,
    "Campaign.name": "it names the budget in the ledger",
    "Reward.key": "it names the reward in the ledger",
    "FreeProduct.product_id": "shoppers know no ids: the owner's title names it",
    "Joining.counts": "an account always brings a record: what is told holds for both",
    "Reported.shoppers_report": "shoppers see the button, or none",
    "Slot.starts_at": _DATES,
    "Slot.places": _DATES,
    "Surprise.seed": "who knows it knows the draw",
    "ReferralTerms.friends_per_hour_max": "a sign of fraud",
    "ReferralTerms.refuses": "signs of fraud",
    "ReferralTerms.reviews": "signs of fraud",
}

# Without these a setting has no effect: of a class, and of one setting.
_NEED = OrdersPlaced(orders=3)
_NEEDED: dict[str, dict[str, Any]] = {
    "Program": {"valuation": Valuation(per_100_points=Decimal(1))},
    "Program.expiry_rounding": {"expires_after_months": 12},
    "Program.expires_on": {
        "expires_after_months": 12,
        "expiry_rounding": ExpiryRounding.FIXED_DAY,
    },
    "Program.stacking": {
        "earning": (PurchasePoints(), Multiplier(times=Decimal(2))) * 2
    },
    "Campaign.budget": {"name": "offer"},
    "PointsAsMoney.points_cost": {"step": 1},
    "Goods.cancel_hours": {"slots": (Slot(starts_at=datetime(2027, 3, 1)),)},  # noqa: DTZ001
    "Surprise.action": {"after": After.ACTION},
    "Tiers": {"ladder": (Tier(name="Gold", needs=(_NEED,), product_ids={"9"}),)},
    "Tiers.months": {"window": Window.ROLLING},
    "Tiers.downgrade": {"window": Window.ROLLING, "grace_days": 30},
    "Tier.needs_all": {"needs": (_NEED, PointsEarned(points=9))},
    "Tier.product_months": {"product_ids": frozenset({"9"})},
    "Tier.plan_months": {"selling_plan_ids": frozenset({"9"})},
    "ReferralTerms.gift_percent": {"gift_amount": None},
}


def _names(kind: type, each: str) -> list[str]:
    """Return how a setting may be written: by its class, a base of it, or alone."""
    return [*(f"{one.__name__}.{each}" for one in kind.__mro__), each]


def _needed(kind: type, each: str) -> dict[str, Any]:
    named = [kind.__name__, *_names(kind, each)]
    return {key: given for one in named for key, given in _NEEDED.get(one, {}).items()}


def _made(kind: type, **given: Any) -> Any:
    """Return an object with what it requires, and with what is given."""
    required = {
        each.name: "some" if each.sort is Sort.TEXT else _values(each)[0]
        for each in settings_of(kind)
        if each.is_required
    }
    return kind(**(required | _NEEDED.get(kind.__name__, {}) | given))


def _others(each: Setting, value: Any) -> list[Any]:
    """Return values of a setting that are not this one, small and large."""
    none = [None] if each.is_optional else []
    return [other for other in (*none, *_values(each)) if other != value]


def _values(each: Setting) -> list[Any]:
    if each.sort in (Sort.NUMBER, Sort.AMOUNT):
        as_its_sort = int if each.sort is Sort.NUMBER else Decimal
        least = each.about.least or 1
        if each.about.above is not None:
            least = each.about.above + 1
        return [as_its_sort(number) for number in (least + 16, least, least + 1)]
    if each.sort is Sort.CHOICE:
        return list(each.of)
    if each.sort is Sort.CHOICES:
        return [frozenset(list(each.of)[:2])]
    if each.sort is Sort.KINDS:
        return [(_made(KINDS[each.of][0]),), (_made(KINDS[each.of][-1]),)]
    if each.sort is Sort.PARTS:
        return [(_made(each.of),)]
    if each.sort is Sort.PART:
        return [_made(each.of)] if each.is_optional else []
    return {
        Sort.TEXT: ["06-30"] if each.name == "expires_on" else ["one", "other"],
        Sort.SWITCH: [True, False],
        Sort.MOMENT: [datetime(2027, 1, day) for day in (1, 2)],  # noqa: DTZ001
        Sort.NAMES: [frozenset({"7"}), frozenset({"8"})],
        Sort.AMOUNTS: [{"EUR": Decimal(7)}],
    }[each.sort]


Within = Callable[[Any], Program]


def _homes(kind: type, within: Within) -> Iterator[tuple[type, Within]]:
    """Yield each class of settings of a programme, and how one of it is put in one."""
    yield kind, within
    for each in settings_of(kind):
        if each.sort not in (Sort.PART, Sort.PARTS, Sort.KINDS):
            continue
        for of in KINDS[each.of] if each.sort is Sort.KINDS else (each.of,):
            yield from _homes(of, _inside(kind, each, within))


def _inside(kind: type, each: Setting, within: Within) -> Within:
    def put(part: Any) -> Program:
        value = part if each.sort is Sort.PART else (part,)
        given = _needed(kind, each.name) | {each.name: value}
        return within(_made(kind, **given))

    return put


HOMES = list(_homes(Program, lambda program: program))


@cache
def _untold() -> dict[str, set[str]]:
    """Return which settings can be set without a word, and to what, in any place."""
    untold = defaultdict(set)
    for kind, within in HOMES:
        for each in settings_of(kind):
            needed = _needed(kind, each.name)
            base = _made(kind, **needed)
            if each.name in getattr(base, "idle_settings", ()):
                continue
            value = getattr(base, each.name)
            for tag in LANGUAGES:
                say = Translator("EUR", tag)
                told: dict[tuple[str, ...], Any] = {}
                for other in (value, *_others(each, value)):
                    program = within(_made(kind, **needed | {each.name: other}))
                    words = tuple(program_in_words(program, say))
                    if words in told:
                        how = f"{tag}: {told[words]!r} as {other!r}"
                        untold[_silence(kind, each.name)].add(how)
                    told[words] = other
    return untold


def _silence(kind: type, each: str) -> str:
    """Return as what it is kept back, and its own name where it is not."""
    names = _names(kind, each)
    return next((one for one in names if one in SILENCES), names[0])


def test_whatever_is_set_changes_the_words_or_is_kept_back_for_a_reason():
    untold = {name: how for name, how in _untold().items() if name not in SILENCES}

    assert not untold


def test_nothing_that_is_told_is_said_to_be_kept_back():
    assert set(SILENCES) == SILENCES.keys() & _untold().keys()
