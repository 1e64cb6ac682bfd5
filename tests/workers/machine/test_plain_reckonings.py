"""The domain comes to what plain and slow code does, whatever a member did.

Random lives compare both too, on the whole line; here they are many more, and small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.actions import Action, State
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.credits import MemberOrder, assess_all
from app.domain.earning.budget import Budget
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.engagement.surprise import Surprise
from app.domain.ledger import Credit
from app.domain.prizes import left
from app.domain.program import ActionLimits, Program
from app.domain.referral import Case, Referral, outcomes
from app.domain.referral import State as Claimed
from app.domain.referral_terms import Doubt, ReferralTerms
from tests.app.domain.engaged import BEGIN, Ordered, histories, under
from tests.workers.machine.plain_engagement import engaged
from tests.workers.machine.plain_prizes import Prize, as_kept, untaken
from tests.workers.machine.plain_referral import Brought, brought_by
from tests.workers.machine.programs import ENGAGED, changed

NOW = BEGIN + timedelta(days=400)
HOURS = st.integers(0, 60 * 24).map(lambda hours: timedelta(hours=hours))
SCARCE = Surprise(
    name="scarce", points=4, seed="s", times_per_member_max=2, budget=Budget(points=9)
)
PARCEL = replace(SCARCE, name="parcel", reward="off", seed="t")
PROGRAM = replace(
    ENGAGED,
    stamp_cards=(
        *ENGAGED.stamp_cards,
        StampCard(name="visits", stamps=2, points=8, stamp_for=StampFor.VISIT),
        StampCard(name="large", stamps=4, points=9, amount_min=Decimal(30)),
        StampCard(name="free", stamps=2, reward="mug"),
    ),
    challenges=(
        Challenge(name="spend", steps=(SpendStep(amount=Decimal(90)),), points=5),
        Challenge(
            name="all",
            steps=(OrdersStep(orders=2), ActStep(action="review", times=2)),
            points=6,
        ),
        Challenge(name="free", steps=(OrdersStep(orders=2),), reward="draw"),
    ),
    surprises=(*ENGAGED.surprises, SCARCE, PARCEL),
    action_limits=ActionLimits(points_per_day_max=45, points_per_member_max=140),
)
OTHER = replace(changed(PROGRAM), version=2)
ACTIONS = st.lists(
    st.builds(
        Action,
        st.sampled_from(["review", "review", "social-instagram", "joining", "other"]),
        st.sampled_from("abcdef"),
        HOURS.map(lambda after: BEGIN + after),
        st.sampled_from([State.ACCEPTED, *State]),
    ),
    max_size=9,
    unique_by=lambda action: action.lot,
)
BIRTHDAYS = st.lists(
    st.builds(
        BirthdayGiven,
        st.sampled_from("abc"),
        st.integers(1, 12),
        st.integers(1, 28),
        st.integers(0, 390).map(lambda days: BEGIN + timedelta(days=days)),
    ),
    max_size=3,
    unique_by=lambda given: given.key,
)


def _bare(credits: Iterable[Credit]) -> list[Credit]:
    """Credits by their lots, without words."""
    bare = [
        replace(
            each,
            reason="",
            reversals=tuple(replace(back, reason="") for back in each.reversals),
        )
        for each in credits
    ]
    return sorted(bare, key=lambda each: each.lot)


@settings(max_examples=60)
@given(
    histories(),
    ACTIONS,
    BIRTHDAYS,
    st.sets(st.integers(5000, 5006)),
    st.integers(0, 40),
)
def test_cards_challenges_surprises_and_actions_come_to_the_same(
    history: list[Ordered],
    actions: list[Action],
    given_days: list[BirthdayGiven],
    lucky: set[int],
    changes_after: int,
):
    then = BEGIN + timedelta(days=changes_after)
    versions = under((BEGIN, PROGRAM), (then, OTHER))
    orders = [
        each.owned(versions.at(BEGIN + timedelta(days=each.day))) for each in history
    ]
    acts = Acts(tuple(actions), tuple(given_days))

    def is_allotted(lot: str) -> bool:
        return any(lot.endswith(f"/{order_id}") for order_id in lucky)

    found = engagement(
        assess_all(orders),
        acts,
        versions,
        NOW,
        lambda _, surprise, lot: not surprise.budget or is_allotted(lot),
    )
    plain = engaged(orders, acts, versions.at, NOW, is_allotted)

    assert _bare(plain.credits) == _bare(found.credits)
    assert plain.progress == replace(found.progress, unearned=())
    assert plain.unearned == {each.action for each in found.progress.unearned}
    assert plain.charged == found.charged
    # It is looked again no later than when a day comes that may earn.
    if plain.due_at:
        assert found.due_at
        assert found.due_at <= plain.due_at


SOURCES = st.sampled_from(["stamps/a", "gift/b"])
REWARDS = st.sampled_from(["off", "mug"])


@settings(max_examples=100)
@given(
    st.lists(st.builds(Prize, st.integers(1, 2), SOURCES, REWARDS, st.just("A"))),
    st.lists(st.tuples(SOURCES, REWARDS)),
)
def test_as_many_prizes_are_left_as_plain_code_says(
    prizes: list[Prize], taken: list[tuple[str, str]]
):
    found = left(as_kept(prizes), Counter(taken))
    plain = Counter(untaken(prizes, taken))

    told = {Prize(each.version, *each.name, each.title): each.times for each in found}
    assert plain == told


TERMS = ReferralTerms(
    advocate_points=70,
    order_amount_min=Decimal(20),
    stand_days=5,
    friends_per_month_max=2,
)


@st.composite
def _claims(draw: st.DrawFn) -> list[tuple[Referral, list[MemberOrder], bool]]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        times = st.none() | HOURS.map(lambda after: BEGIN + after)
        state = draw(st.sampled_from([Claimed.ACCEPTED, *Claimed]))
        # What was refused as it was decided on was so for a reason.
        least = int(state is Claimed.REFUSED)
        reasons = draw(st.sets(st.sampled_from(Doubt), min_size=least, max_size=1))
        referral = Referral(
            f"r{number}",
            1,
            10,
            20 + number,
            str(number),
            1,
            state,
            BEGIN + timedelta(days=draw(st.integers(-1, 9))),
            tuple(reasons),
            overruled_at=draw(times),
            refused_at=draw(times),
        )
        orders = [each.owned(Program()) for each in draw(histories())]
        found.append((referral, orders, draw(st.booleans())))
    return found


@settings(max_examples=60)
@given(_claims(), histories())
def test_friends_come_to_the_same(
    claims: list[tuple[Referral, list[MemberOrder], bool]], history: list[Ordered]
):
    own = [each.owned(Program()) for each in history]
    found = outcomes([Case(each, TERMS, *rest) for each, *rest in claims], own)
    plain = brought_by(
        Brought(each, TERMS, theirs, own, is_later) for each, theirs, is_later in claims
    )

    assert _bare(plain) == _bare(each.credit for each in found if each.credit)
