"""The domain comes to what plain and slow code does, whatever a member did.

Random lives compare both too, on the whole line; here they are many more, and small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.actions import Action, Joining, State
from app.domain.actions.joining import Counts
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.credits import MemberOrder, assess_all
from app.domain.earning.budget import Budget
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit
from app.domain.prizes import left
from app.domain.program import ActionLimits, ExpiryRounding, Program
from app.domain.referral import Case, Referral, outcomes
from app.domain.referral import State as Claimed
from app.domain.referral_terms import Doubt, ReferralTerms
from tests.app.domain.engaged import BEGIN, Ordered, histories, under
from tests.builders.sometimes import sometimes
from tests.workers.machine.plain_engagement import Engaged, engaged
from tests.workers.machine.plain_prizes import Prize, as_kept, untaken
from tests.workers.machine.plain_referral import Brought, brought_by
from tests.workers.machine.programs import ENGAGED, changed

NOW = BEGIN + timedelta(days=400)
WALL = BEGIN.replace(tzinfo=None)
HOURS = st.integers(0, 60 * 24).map(lambda hours: timedelta(hours=hours))
SCARCE = Surprise(
    name="scarce", points=4, seed="s", times_per_member_max=2, budget=Budget(points=9)
)
PARCEL = replace(SCARCE, name="parcel", reward="off", seed="t")
PROGRAM = replace(
    ENGAGED,
    stamp_cards=(
        *ENGAGED.stamp_cards,
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
        Challenge(
            name="window",
            steps=(OrdersStep(orders=2), ActStep(action="newsletter")),
            points=7,
            starts_at=WALL + timedelta(days=3),
            ends_at=WALL + timedelta(days=25),
        ),
    ),
    surprises=(*ENGAGED.surprises, SCARCE, PARCEL),
    action_limits=ActionLimits(points_per_day_max=45, points_per_member_max=140),
)
OTHER = replace(
    changed(PROGRAM),
    version=2,
    actions=(Joining(points=13, counts=Counts.ACCOUNT), *PROGRAM.actions[1:]),
    expiry_rounding=ExpiryRounding.MONTH_END,
)
_MOMENTS = HOURS.map(lambda after: BEGIN + after)
_NAMES = "review review social-instagram newsletter survey event custom-repair-cafe"
ACTIONS = st.lists(
    st.builds(
        Action,
        st.sampled_from([*_NAMES.split(), "other"]),
        st.sampled_from("abcdef"),
        _MOMENTS,
        st.sampled_from([State.ACCEPTED, *State]),
    )
    # A record, and maybe the account that was opened then or later.
    | st.builds(
        Action,
        st.just("joining"),
        st.sampled_from("ab"),
        _MOMENTS,
        opened_at=st.none() | _MOMENTS,
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


# What must have earned in some draws, by the beginnings of the names of lots.
EARNS = {
    **{each: f"action/{each}/" for each in _NAMES.split()},
    "visits": "stamps/visits-2/",
    "large orders": "stamps/large-4/",
    "window": "challenge/window/",
    "steps": "challenge/all/",
    "surprise": "gift/scarce/",
}


def test_cards_challenges_surprises_and_actions_come_to_the_same():
    names = *EARNS, "record", "account", "visits rolled back"
    with sometimes(*names) as seen:

        @settings(max_examples=80)
        @given(
            histories(),
            ACTIONS,
            BIRTHDAYS,
            st.sets(st.integers(5000, 5006)),
            st.integers(0, 40),
        )
        def must_agree(
            history: list[Ordered],
            actions: list[Action],
            given_days: list[BirthdayGiven],
            lucky: set[int],
            changes_after: int,
        ) -> None:
            then = BEGIN + timedelta(days=changes_after)
            versions = under((BEGIN, PROGRAM), (then, OTHER))
            orders = [
                each.owned(versions.at(BEGIN + timedelta(days=each.day)))
                for each in history
            ]
            acts = Acts(tuple(actions), tuple(given_days))
            plain = _must_be_same(orders, acts, versions, lucky)
            for credit in plain.credits:
                seen.update(_earned_by(credit))

        must_agree()


def _must_be_same(
    orders: list[MemberOrder], acts: Acts, versions: Versions, lucky: set[int]
) -> Engaged:
    """Hold the domain against plain code, and return what that comes to."""

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
    return plain


def _earned_by(credit: Credit) -> Iterator[str]:
    """What earned something, and what lost it again."""
    lot = credit.lot
    yield from (name for name, begin in EARNS.items() if lot.startswith(begin))
    if lot.startswith("action/joining/"):
        yield "account" if "-" in lot else "record"
    if lot.startswith(EARNS["visits"]) and credit.reversals:
        yield "visits rolled back"


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
UNBOUND = replace(TERMS, friends_per_month_max=None)


@st.composite
def _claims(draw: st.DrawFn) -> list[tuple[Referral, list[MemberOrder], bool]]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        never = st.none() | st.none() | st.none()
        times = never | HOURS.map(lambda after: BEGIN + after)
        state = draw(st.sampled_from([*[Claimed.ACCEPTED] * 5, *Claimed]))
        # What was refused as it was decided on was so for a reason.
        least = int(state is Claimed.REFUSED)
        doubts = st.sets(st.sampled_from(Doubt), min_size=least, max_size=1)
        reasons = draw(doubts if least else st.just(set[Doubt]()) | doubts)
        referral = Referral(
            f"r{number}",
            1,
            10,
            20 + number,
            str(number),
            1,
            state,
            BEGIN + timedelta(days=draw(st.integers(-1, 2))),
            tuple(reasons),
            overruled_at=draw(times),
            refused_at=draw(times),
        )
        orders = [each.owned(Program()) for each in draw(histories())]
        is_later = draw(st.sampled_from([False, False, False, True]))
        found.append((referral, orders, is_later))
    return found


def test_friends_come_to_the_same():
    names = "earned", "rolled back", "more than a month allows"
    with sometimes(*names, least=2) as seen:

        @settings(max_examples=60)
        @given(_claims(), histories())
        def must_agree(
            claims: list[tuple[Referral, list[MemberOrder], bool]],
            history: list[Ordered],
        ) -> None:
            own = [each.owned(Program()) for each in history]
            plain, free = (_brought(claims, own, terms) for terms in (TERMS, UNBOUND))
            seen["earned"] += bool(plain)
            seen["rolled back"] += any(each.reversals for each in plain)
            seen["more than a month allows"] += len(plain) < len(free)

            found = outcomes([Case(each, TERMS, *rest) for each, *rest in claims], own)
            assert _bare(plain) == _bare(each.credit for each in found if each.credit)

        must_agree()


def _brought(
    claims: list[tuple[Referral, list[MemberOrder], bool]],
    own: list[MemberOrder],
    terms: ReferralTerms,
) -> list[Credit]:
    return brought_by(
        Brought(each, terms, theirs, own, is_later) for each, theirs, is_later in claims
    )
