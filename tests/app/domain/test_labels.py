"""Tags and segments: what holds when, and what is made of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import assess_all
from app.domain.customer import Customer
from app.domain.earning import Eligible, Multiplier, Occasion, Part, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.labels import (
    NO_LABELS,
    LabelFact,
    LabelKind,
    Labels,
    LabelsThen,
    labels_of,
)
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.rewards import Asked, FreeShipping, limits_in_words
from app.domain.tiers import Downgrade, Spending, Tier, Tiers
from app.domain.tiers.climb import Climb
from app.domain.tiers.words import tiers_in_words
from tests.app.domain.deeds import a_deed, day
from tests.app.domain.heard import PAID, PLACED_AT, an_owned, days, heard
from tests.builders.shopify import a_line, an_order

TAG, SEGMENT = LabelKind.TAG, LabelKind.SEGMENT
VIP = frozenset({"vip"})


def _fact(at: float, *, name="vip", kind=TAG, given=True, holder="a", kept=True):
    return LabelFact(kind, name, day(at), given, holder, kept)


def _called(*facts: LabelFact) -> Labels:
    return labels_of(facts)


FACTS = st.lists(
    st.builds(
        _fact,
        st.integers(0, 8),
        name=st.sampled_from(["vip", "press"]),
        kind=st.sampled_from(LabelKind),
        given=st.booleans(),
        holder=st.sampled_from("ab"),
    ),
    max_size=12,
)


def _reckoned(facts: list[LabelFact], at: datetime) -> LabelsThen:
    """What held, by the last word on each label of each customer."""
    held = set()
    for fact in facts:
        same = [
            other
            for other in facts
            if (other.kind, other.name, other.holder)
            == (fact.kind, fact.name, fact.holder)
            and other.at <= at
        ]
        if same and max(same, key=lambda each: (each.at, not each.is_given)).is_given:
            held.add((fact.kind, fact.name))
    return LabelsThen(
        *(frozenset(n for k, n in held if k is kind) for kind in (TAG, SEGMENT))
    )


@given(FACTS, st.randoms(use_true_random=False), st.integers(0, 9).map(day))
def test_what_holds_is_the_last_word_in_whatever_order_the_words_came(
    facts, chance, at
):
    shuffled = chance.sample(facts + facts, 2 * len(facts))

    assert labels_of(facts) == labels_of(shuffled)
    assert labels_of(facts).at(at) == _reckoned(facts, at)
    assert labels_of(facts).last == _reckoned(facts, day(9))


@given(FACTS)
def test_times_of_one_label_never_touch(facts):
    for kind in LabelKind:
        for name in ("vip", "press"):
            theirs = [
                each
                for each in labels_of(facts).spans
                if (each.kind, each.name) == (kind, name)
            ]
            for one, other in pairwise(theirs):
                assert one.until < other.since


def test_what_a_merged_customer_had_ends_where_the_kept_one_loses_it():
    merged = _fact(1, holder="b", kept=False)

    assert _called(merged, _fact(5, given=False)).at(day(4)).tags == VIP
    assert _called(merged, _fact(5, given=False)).last.tags == frozenset()
    own = _fact(3, holder="b", kept=False, given=False)
    assert _called(_fact(0), merged, own).last.tags == VIP


def test_what_is_given_and_taken_at_one_moment_is_taken():
    assert _called(_fact(1), _fact(1, given=False)).spans == ()


def _points(program: Program, called: Labels = NO_LABELS) -> int:
    order = an_owned(heard((PAID, an_order(a_line("100.00")))), program)
    [found] = assess_all([order], Beside(labels=called))
    return found.points


def _around_the_order(kind=TAG, name="vip") -> tuple[LabelFact, LabelFact]:
    facts = LabelFact(kind, name, PLACED_AT, is_given=True)
    return facts, LabelFact(kind, name, PLACED_AT + days(1), is_given=False)


@pytest.mark.parametrize(
    ("conditions", "kind", "name"),
    [
        (Conditions(customer_tags=frozenset({" VIP", "press"})), TAG, "vip"),
        (Conditions(segments=frozenset({"31"})), SEGMENT, "31"),
    ],
)
def test_a_campaign_is_for_those_who_were_called_so_when_they_ordered(
    conditions, kind, name
):
    twice = Multiplier(times=Decimal(2), conditions=conditions)
    program = Program(earning=(PurchasePoints(), twice))
    given_, taken = _around_the_order(kind, name)
    late = LabelFact(kind, name, PLACED_AT + days(0.1), is_given=True)

    assert 200 == _points(program, labels_of([given_, taken]))
    assert 200 == _points(program, labels_of([given_]))
    assert 100 == _points(program, labels_of([late]))
    assert 100 == _points(program)
    assert program.looks_at_history


def test_one_who_is_not_called_so_reads_why():
    placed = Occasion(PLACED_AT.replace(tzinfo=None), labels=LabelsThen(VIP))
    order = Eligible(100, "EUR", (Part(None, 100),), placed)
    press = Conditions(customer_tags=frozenset({"press"}))
    chosen = Conditions(segments=frozenset({"31"}))

    assert press.met_by(order).reason == "the campaign is for customers tagged “press”"
    assert chosen.met_by(order).reason == (
        "the campaign is for customers of another segment"
    )
    assert press.in_words(Translator("EUR")) == " as one of the customers we chose"
    assert chosen.in_words(Translator("EUR")) == " as one of the customers we chose"


CLUB = Tier(name="Club", customer_tags=frozenset({"Club", "gift"}), entry_points=50)
LADDER = (Tier(name="Silver", needs=(Spending(amount=Decimal(10)),)), CLUB)


def _levels(tiers: Tiers, called: Labels, *at: float, deeds=()) -> list[int]:
    found = []
    for moment in at:
        climb = Climb(tiers, (), called)
        for deed in deeds:
            climb.add(deed)
        climb.run_through(day(moment))
        found.append(climb.hold.level)
    return found


def test_a_tag_holds_its_tier_while_it_is_there_and_for_the_days_of_grace():
    called = _called(_fact(1, name="club"), _fact(5, name="club", given=False))

    assert _levels(Tiers(ladder=LADDER), called, 0.9, 1, 4.9, 5) == [0, 2, 2, 0]
    for downgrade in Downgrade:
        kind = Tiers(ladder=LADDER, grace_days=3, downgrade=downgrade)
        assert _levels(kind, called, 4.9, 5, 7.9, 8) == [2, 2, 2, 0]


def test_who_loses_the_tag_is_in_the_tier_that_their_orders_reach():
    called = _called(_fact(1, name="club"), _fact(5, name="club", given=False))

    assert [2, 1] == _levels(Tiers(ladder=LADDER), called, 4, 5, deeds=[a_deed(20, 0)])


def test_a_tag_that_comes_back_within_the_days_of_grace_leaves_no_gap():
    called = _called(
        _fact(1, name="club"),
        _fact(5, name="club", given=False),
        _fact(7, name="gift"),
    )
    climb = Climb(Tiers(ladder=LADDER, grace_days=3), (), called)
    climb.run_through(day(20))

    assert [(change.at, change.level) for change in climb.changes] == [(day(1), 2)]
    assert climb.hold.reason == "gift"


def _standing(called: Labels, now: datetime, grace_days: int = 0):
    program = Program(tiers=Tiers(ladder=LADDER, grace_days=grace_days))
    eras = [Era(BEGINNING, program)]
    return climbed([], Beside(labels=called), eras, now, "EUR", "UTC")


def test_a_member_reads_which_tag_the_tier_comes_with_and_gets_its_gift_once():
    begun = _called(_fact(1, name="club"))
    ended = _called(_fact(1, name="club"), _fact(5, name="club", given=False))

    found = _standing(begun, day(2))
    assert found.standing.reason == "Club comes with the customer tag “club”"
    assert found.standing.until is None
    assert [(gift.points, gift.at) for gift in found.gifts] == [(50, day(1))]
    after = _standing(ended, day(6), grace_days=3)
    assert "was taken away; it is kept until 9 January 2026" in after.standing.reason
    assert after.standing.until == after.due_at == day(8)
    assert after.gifts == found.gifts
    assert _standing(ended, day(9), grace_days=3).standing.tier is None
    assert list(tiers_in_words(Tiers(ladder=(CLUB,)), Translator("EUR"))) == [
        "Club, for an invitation from us: 50 points once, as a welcome"
    ]


def test_a_word_from_a_clock_that_is_fast_counts_at_once():
    found = _standing(_called(_fact(9, name="club")), day(2))

    assert found.standing.tier == "Club"


def _asked() -> Asked:
    return Asked(day(0).replace(tzinfo=None), "EUR")


def test_a_reward_may_be_for_those_who_ordered_before_or_have_a_tag():
    after = FreeShipping(points_cost=1, only_after_orders=2)
    tagged = FreeShipping(points_cost=1, only_customer_tags=frozenset({"VIP "}))

    assert after.offer(Customer(available=1, orders=2), _asked())
    refused = after.offer(Customer(available=1, orders=1), _asked())
    assert "it is for members with 2 paid orders or more" == str(refused.reason)
    assert tagged.offer(Customer(available=1, tags=VIP), _asked())
    refused = tagged.offer(Customer(available=1, tags={"press"}), _asked())
    assert "it is for customers that the store chose" == str(refused.reason)
    assert limits_in_words(after, Translator()) == ", after 2 paid orders"
