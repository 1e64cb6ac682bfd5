"""Points that a tier gives on the birthday of a member who is in it that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.actions import Action, Birthday
from app.domain.beside import Beside
from app.domain.birthday_gifts import birthday_gifts
from app.domain.climbing import BEGINNING, Climbed, Era, climbed
from app.domain.credits import assess_all
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.progress import Progress, ways_of
from app.domain.explain_actions import explain_birthdays
from app.domain.labels import LabelFact, LabelKind, labels_of
from app.domain.languages.translator import Translator
from app.domain.ledger import Credit
from app.domain.program import Program
from app.domain.tiers import Spending, Tier, Tiers, Window
from app.domain.tiers.deeds import Deed, Left
from tests.app.domain.deeds import (
    POLICIES,
    a_deed,
    day,
    drawn_deeds,
    reckoned_level,
)
from tests.app.domain.engaged import BEGIN, Ordered, histories, net
from tests.builders.sometimes import sometimes

BORN = BirthdayGiven("born", 12, 20, BEGIN - timedelta(days=100))
NOON = datetime(2026, 12, 20, tzinfo=UTC)
LATER = NOON + timedelta(days=60)


def _tier(name: str, amount: int, points: int, **more) -> Tier:
    needs = (Spending(amount=Decimal(amount)),)
    return Tier(name=name, needs=needs, birthday_points=points, **more)


SILVER, GOLD = _tier("Silver", 20, 30), _tier("Gold", 50, 100)
PROGRAM = Program(tiers=Tiers(ladder=(SILVER, GOLD)))


def _climbed(*ordered: Ordered, born=(BORN,), now=LATER, eras=None, **beside):
    eras = eras or [Era(BEGINNING, PROGRAM)]
    orders = [each.owned(eras[0].program) for each in ordered]
    known = Beside(birthdays=tuple(born), **beside)
    return climbed(assess_all(orders, known), known, eras, now, "EUR", "UTC")


def _paid(found: Climbed) -> list[tuple[str, int]]:
    """The credits of birthdays, each with what is left of it."""
    born = [each.credit for each in found.birthdays if each.credit]
    assert born == [each for each in found.gifts if each.lot.startswith("tier-birth")]
    return [(each.lot, net([each])) for each in born]


def _why(found: Climbed) -> list[str]:
    return [each.reason for each in found.birthdays]


def test_a_member_is_given_what_the_tier_of_that_day_gives_once_a_year():
    [first] = _climbed(Ordered(1, 0, 5)).gifts
    later = _climbed(Ordered(1, 0, 5), now=LATER + timedelta(days=365))

    assert (first.lot, first.at, first.points) == ("tier-birthday/born-2026", NOON, 100)
    assert first.reason == "a birthday in the tier Gold"
    assert [points for _, points in _paid(later)] == [100, 100]


def test_the_birthday_is_waited_for_without_its_day_being_told_long_before():
    found = _climbed(Ordered(1, 0, 5), now=NOON - timedelta(days=20))

    assert found.gifts == ()
    assert found.due_at == BORN.at + timedelta(days=7 * 19)
    day_before = _climbed(Ordered(1, 0, 5), now=NOON - timedelta(days=1))
    assert day_before.due_at == NOON


@pytest.mark.parametrize(
    ("ordered", "why"),
    [
        (Ordered(1, 0, 1), "there was no tier that day"),
        (Ordered(1, 49, 5), "there was no tier that day"),
        (Ordered(1, 0, 9), "the tier Black gives nothing for it"),
    ],
)
def test_who_is_in_no_tier_that_gives_any_gets_nothing(ordered: Ordered, why: str):
    ladder = (*PROGRAM.tiers.ladder, _tier("Black", 90, 0))
    eras = [Era(BEGINNING, Program(tiers=Tiers(ladder=ladder)))]
    found = _climbed(ordered, eras=eras)

    assert (found.gifts, _why(found)) == ((), [why])


def test_a_birthday_has_to_be_known_for_as_long_as_that_action_says():
    lately = BirthdayGiven("born", 12, 20, NOON - timedelta(days=10))
    rule = Birthday(points=7, days_known_before=10)
    sooner = Program(tiers=PROGRAM.tiers, actions=(rule,))

    assert _why(_climbed(Ordered(1, 0, 5), born=[lately])) == [
        "a birthday earns once it has been known for 30 days"
    ]
    eras = [Era(BEGINNING, sooner)]
    assert len(_paid(_climbed(Ordered(1, 0, 5), born=[lately], eras=eras))) == 1


def test_another_birthday_in_the_same_year_is_not_paid():
    other = BirthdayGiven("other", 12, 1, BORN.at + timedelta(days=400))
    moved = [BirthdayGiven("born", 1, 2, BORN.at - timedelta(days=370)), other]
    found = _climbed(
        Ordered(1, -400, 5), born=moved, now=datetime(2028, 1, 1, tzinfo=UTC)
    )

    assert [lot.rpartition("/")[2] for lot, _ in _paid(found)] == [
        "born-2026",
        "born-2027",
    ]
    assert _why(found)[-1] == "a tier gives points for one birthday a year"


def test_a_return_takes_back_what_the_tier_that_is_left_does_not_give():
    silver = Ordered(1, 0, 5, ((60, 2),))
    neither = Ordered(1, 0, 5, ((60, 2), (70, 2)))
    before = Ordered(1, 0, 5, ((10, 2),))

    assert _paid(_climbed(silver)) == [("tier-birthday/born-2026", 30)]
    [gift] = _climbed(neither).gifts
    back = [(each.at.day, each.points) for each in gift.reversals]
    assert back == [(31, 70), (10, 30)]
    assert gift.reversals[0].reason == "Gold was undone by what went back"
    [born] = _climbed(before).birthdays
    assert (born.credit and born.credit.points, born.reason) == (
        30,
        "a birthday in the tier Silver",
    )


def test_a_return_never_gives_more_nor_takes_more_than_was_given():
    ladder = _tier("Silver", 20, 60), _tier("Gold", 50, 40)
    eras = [Era(BEGINNING, Program(tiers=Tiers(ladder=ladder)))]
    [gift] = _climbed(Ordered(1, 0, 5, ((60, 2), (70, 2))), eras=eras).gifts

    assert (gift.points, [each.points for each in gift.reversals]) == (40, [40])


def test_what_time_or_the_store_takes_later_leaves_the_gift():
    rolling = Program(
        tiers=Tiers(ladder=(SILVER, GOLD), window=Window.ROLLING, months=2)
    )
    club = Tier(name="Club", customer_tags=frozenset({"club"}), birthday_points=11)
    tagged = Program(tiers=Tiers(ladder=(club,)))
    facts = [
        LabelFact(LabelKind.TAG, "club", NOON - timedelta(days=1), True),
        LabelFact(LabelKind.TAG, "club", NOON + timedelta(days=1), False),
    ]
    aged = _climbed(Ordered(1, 0, 5), eras=[Era(BEGINNING, rolling)])
    eras = [Era(BEGINNING, tagged)]

    assert (aged.standing.tier, _paid(aged)[0][1]) == (None, 100)
    [(_, points)] = _paid(_climbed(eras=eras, labels=labels_of(facts)))
    assert points == 11


def test_the_day_begins_with_what_happens_at_that_moment():
    year = Tiers(ladder=(SILVER, GOLD), window=Window.CALENDAR_YEAR)
    born = BirthdayGiven("born", 1, 1, BORN.at)
    found = _climbed(
        Ordered(1, 0, 5), born=[born], eras=[Era(BEGINNING, Program(tiers=year))]
    )

    assert _why(found) == ["there was no tier that day"]


def test_the_version_of_the_day_says_how_much():
    richer = Program(version=2, tiers=Tiers(ladder=(_tier("Gold", 50, 500),)))
    begins = NOON + timedelta(days=1)
    eras = [Era(BEGINNING, PROGRAM), Era(begins, richer)]
    found = _climbed(Ordered(1, 0, 5), eras=eras, now=LATER + timedelta(days=365))

    assert [points for _, points in _paid(found)] == [100, 500]
    assert list(explain_birthdays(found.birthdays))[1] == (
        "2027-12-20 birthday (born-2027): earned 500 points by version 2 of the "
        "programme: a birthday in the tier Gold."
    )


def test_what_went_back_and_why_not_is_told():
    found = _climbed(Ordered(1, 0, 5, ((60, 5),)), now=LATER + timedelta(days=365))

    assert list(explain_birthdays(found.birthdays)) == [
        "2026-12-20 birthday (born-2026): earned 100 points by version 1 of the "
        "programme: a birthday in the tier Gold.",
        "2026-12-20 birthday (born-2026): 100 points went back on 2026-12-31, since "
        "Gold was undone by what went back.",
        "2027-12-20 birthday (born-2027): no points of a tier, since there was no tier "
        "that day.",
    ]


def test_a_birthday_that_was_paid_stays_paid_once_it_is_forgotten():
    known = _climbed(Ordered(1, 0, 5))
    kept = Action("tier-birthday", "born-2026", NOON)
    forgotten = _climbed(Ordered(1, 0, 5), born=(), paid_birthdays=(kept,))

    assert forgotten.gifts == known.gifts


def test_only_who_is_in_such_a_tier_is_asked_for_their_birthday():
    ways = {
        tier: ways_of(PROGRAM, Progress(), NOON, "UTC", Translator("EUR"), tier).actions
        for tier in (None, "Silver", "Gold")
    }
    once = ways_of(
        PROGRAM, Progress(birthday_from=LATER), NOON, "UTC", Translator("EUR"), "Gold"
    )

    assert ways[None] == ()
    assert [(way.action, way.points) for way in ways["Silver"]] == [("birthday", 30)]
    assert [way.can_report for way in (*ways["Gold"], *once.actions)] == [True, False]


@given(histories(), st.integers(1, 45), st.randoms(use_true_random=False))
def test_what_is_left_of_a_gift_is_what_the_orders_of_the_day_still_reach(
    ordered: list[Ordered], days: int, shuffled
):
    at = (BEGIN + timedelta(days=days)).replace(hour=0)
    born = BirthdayGiven("born", at.month, at.day, BORN.at)
    placed = [each for each in ordered if BEGIN + timedelta(days=each.day) <= at]

    def reached(spent: int) -> int:
        return 100 if spent >= 5 else 30 if spent >= 2 else 0

    on_the_day = sum(
        each.units - sum(n for day, n in each.back if BEGIN + timedelta(days=day) <= at)
        for each in placed
    )
    found = _climbed(*ordered, born=[born])
    credits = [each.credit for each in found.birthdays if each.credit]

    assert sum(each.points for each in credits) == reached(on_the_day)
    assert net(credits) == reached(sum(each.kept for each in placed))
    shuffled.shuffle(ordered)
    assert _climbed(*ordered, born=[born]).birthdays == found.birthdays


def test_of_every_policy_the_least_stays_that_any_look_back_at_the_day_finds():
    with sometimes("given", "taken back", least=5) as seen:

        @settings(max_examples=150)
        @given(POLICIES, drawn_deeds(), st.integers(0, 9), st.integers(0, 40))
        def must_stay(tiers: Tiers, deeds: list[Deed], which: int, after: int) -> None:
            # Soon after an order, before all of what goes back has done so.
            order = deeds[which % len(deeds)] if deeds else a_deed(60, 1)
            born_on = order.at + timedelta(days=after)
            gift = _least_stays(tiers, deeds or [order], born_on)
            seen["given"] += gift is not None
            seen["taken back"] += gift is not None and bool(gift.reversals)

        must_stay()


def _least_stays(tiers: Tiers, deeds: list[Deed], at: datetime) -> Credit | None:
    """Raise where more or less stays of a gift; return what was given, if anything."""
    given = (30, 10, 20)[: len(tiers.ladder)]
    pairs = zip(tiers.ladder, given, strict=True)
    ladder = tuple(replace(tier, birthday_points=points) for tier, points in pairs)
    program = Program(tiers=replace(tiers, ladder=ladder))
    came = Action("birthday", "b-2026", at)
    known = Beside(paid_birthdays=(came,))
    [gift] = birthday_gifts(deeds, known, lambda _: program, day(5000))

    def points(seen_at: datetime) -> int:
        seen = []
        for deed in (each for each in deeds if each.at <= at):
            left = [each.tally for each in deed.lefts if each.at <= seen_at]
            seen.append(replace(deed, lefts=(Left(deed.at, left[-1]),)))
        return (0, *given)[reckoned_level(tiers, seen, at)]

    later = [left.at for deed in deeds for left in deed.lefts if left.at > at]
    least = min(points(moment) for moment in (at, *later))
    assert (gift.credit.points if gift.credit else 0) == points(at)
    assert (net([gift.credit]) if gift.credit else 0) == least
    return gift.credit


def test_a_membership_that_is_given_back_takes_its_gift_with_it():
    club = Tier(name="Club", product_ids=frozenset({"77"}), birthday_points=25)
    eras = [Era(BEGINNING, Program(tiers=Tiers(ladder=(club,))))]
    kept = Ordered(1, 0, 1, product_id=77)

    assert [points for _, points in _paid(_climbed(kept, eras=eras))] == [25]
    back = replace(kept, back=((60, 1),))
    assert [points for _, points in _paid(_climbed(back, eras=eras))] == [0]
    before = replace(kept, back=((20, 1),))
    assert _paid(_climbed(before, eras=eras)) == []
