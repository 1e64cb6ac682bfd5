"""Short histories of a member, and where each must end."""

from itertools import permutations

import pytest

from app.domain.fold import fold
from app.domain.ledger import Account, Debit, Kind, Redemption, Reversal
from app.domain.program import ReturnPolicy
from tests.app.domain.histories import a_credit, a_return, hour, settled


def _balances(folded):
    found = {
        account: folded.balance(account)
        for account in (
            Account.AVAILABLE,
            Account.PENDING,
            Account.RESERVED,
            Account.EXPIRED,
        )
    }
    found["owed"] = folded.owed
    return {str(name): points for name, points in found.items() if points}


def _redemption(points, at, returns=(), **ends):
    ends = {name: hour(when) for name, when in ends.items()}
    return Redemption("redemption/1", hour(at), points, returns=returns, **ends)


def test_points_are_there_as_soon_as_they_are_earned():
    assert {"available": 10} == _balances(settled([a_credit("a", 10)]))


def test_what_the_store_reported_happened_whatever_its_clock_says():
    assert {"available": 10} == _balances(settled([a_credit("a", 10, at=50)], now=1))


def test_held_points_cannot_be_spent_until_they_are_released():
    credit = a_credit("a", 10, is_held=True, releases_at=hour(5))

    assert {"pending": 10} == _balances(settled([credit], now=4.99))
    assert {"available": 10} == _balances(settled([credit], now=5))
    assert hour(5) == settled([credit], now=4).due_at


def test_points_end_at_their_date_to_the_moment():
    credit = a_credit("a", 10, expires_at=hour(5))

    assert {"available": 10} == _balances(settled([credit], now=4.99))
    assert {"expired": 10} == _balances(settled([credit], now=5))
    assert hour(5) == settled([credit], now=4).due_at
    assert settled([credit], now=5).due_at is None


def test_points_never_expire_while_they_are_held():
    credit = a_credit("a", 10, is_held=True, releases_at=hour(8), expires_at=hour(5))

    assert {"pending": 10} == _balances(settled([credit], now=6))
    assert {"expired": 10} == _balances(settled([credit], now=8))
    unknown = a_credit("a", 10, is_held=True, expires_at=hour(5))
    assert {"pending": 10} == _balances(settled([unknown]))


def test_points_earned_past_their_date_are_gone_at_once():
    credit = a_credit("a", 10, at=7, expires_at=hour(5))

    folded = settled([credit], [Debit("debit/1", hour(7), 4)])

    assert {"expired": 10, "owed": 4} == _balances(folded)


def test_the_lot_that_expires_first_is_spent_first():
    credits = [
        a_credit("never", 10, at=0),
        a_credit("late", 10, at=1, expires_at=hour(50)),
        a_credit("soon", 10, at=2, expires_at=hour(40)),
    ]

    folded = settled(credits, [_redemption(15, 3, captured_at=4)], now=5)

    left = {lot.name: lot.at(Account.AVAILABLE) for lot in folded.lots}
    assert {"never": 10, "late": 5, "soon": 0} == left


def test_points_that_expire_now_cannot_be_spent_now():
    credit = a_credit("a", 10, expires_at=hour(5))

    folded = settled([credit], [_redemption(10, 5, captured_at=6)])

    assert {"expired": 10, "owed": 10} == _balances(folded)


def test_a_reserved_reward_is_neither_spent_nor_available():
    assert {"available": 6, "reserved": 4} == _balances(
        settled([a_credit("a", 10)], [_redemption(4, 1)])
    )


def test_reserved_points_do_not_expire_but_their_rest_does():
    credit = a_credit("a", 10, expires_at=hour(5))

    assert {"expired": 6, "reserved": 4} == _balances(
        settled([credit], [_redemption(4, 1)])
    )


def test_a_voided_reward_gives_back_the_same_points_with_their_dates():
    credits = [a_credit("a", 4, expires_at=hour(40)), a_credit("b", 4)]

    folded = settled(credits, [_redemption(6, 1, voided_at=2)], now=3)

    assert {"a": 4, "b": 4} == {
        lot.name: lot.at(Account.AVAILABLE) for lot in folded.lots
    }
    assert {"available": 4, "expired": 4} == _balances(
        settled(credits, [_redemption(6, 1, voided_at=2)], now=40)
    )


def _back(points, at, number=1):
    return Reversal(f"refund/{number}@redemption/1", hour(at), points, "returned")


def _by_lot(folded):
    return {lot.name: lot.at(Account.AVAILABLE) for lot in folded.lots}


def test_a_returned_order_gives_spent_points_back_to_what_expires_last():
    credits = [a_credit("a", 4, expires_at=hour(40)), a_credit("b", 4)]
    spent = _redemption(6, 1, captured_at=2, returns=(_back(1, 3), _back(3, 4, 2)))

    folded = settled(credits, [spent], now=5)

    # Two of b and four of a were spent: b has its own back first, then a two of its.
    assert {"a": 2, "b": 4} == _by_lot(folded)
    assert {"available": 4, "expired": 2} == _balances(
        settled(credits, [spent], now=41)
    )


def test_spent_points_given_back_after_their_date_are_expired():
    credit = a_credit("a", 10, expires_at=hour(5))
    spent = _redemption(4, 1, captured_at=2, returns=(_back(4, 8),))

    folded = settled([credit], [spent], now=9)

    assert {"expired": 10} == _balances(folded)


def test_spent_points_given_back_pay_what_their_own_order_leaves_owing():
    late = a_credit("a", 10, reversals=(Reversal("refund/9@a", hour(5), 10),))
    spent = _redemption(10, 1, captured_at=2, returns=(_back(6, 6),))

    folded = settled([late], [spent], now=7)

    assert {"owed": 4} == _balances(folded)


@pytest.mark.parametrize("parts", [(10,), (4, 6), (1, 4, 5)])
def test_ended_points_pay_what_their_own_order_left_owing_in_however_many_parts(parts):
    """The order went back once its points were spent; then the reward's does, late."""
    late = a_credit("a", 10, expires_at=hour(7), reversals=a_return(10, at=5))
    backs = tuple(_back(each, 8 + n, n) for n, each in enumerate(parts))

    folded = settled([late], [_redemption(10, 1, captured_at=2, returns=backs)])

    assert {} == _balances(folded)


def test_points_given_back_after_their_date_are_expired():
    credit = a_credit("a", 10, expires_at=hour(5))

    folded = settled([credit], [_redemption(4, 1, voided_at=8)])

    assert {"expired": 10} == _balances(folded)
    assert hour(8) == folded.movements[-1].at


def test_points_given_back_pay_what_is_owed():
    credit = a_credit("a", 10)
    commands = [_redemption(8, 1, voided_at=3), Debit("debit/1", hour(2), 5)]

    assert {"available": 5} == _balances(settled([credit], commands))


@pytest.mark.parametrize("is_repaid_before", [False, True])
def test_a_voided_reward_costs_nothing_though_some_of_it_was_owed(is_repaid_before):
    late_return = a_return(4, at=1)
    credits = [
        a_credit("a", 10, reversals=late_return),
        a_credit("b", 4, at=3 if is_repaid_before else 5),
    ]

    folded = settled(credits, [_redemption(10, 2, voided_at=4)])

    assert {"available": 10} == _balances(folded)


@pytest.mark.parametrize(
    ("policy", "balances"),
    [
        (ReturnPolicy.UNLIMITED, {"owed": 7}),
        (ReturnPolicy.WITHIN_BALANCE, {}),
        (ReturnPolicy.ONLY_PENDING, {"available": 3}),
    ],
)
def test_a_return_of_spent_points_follows_the_policy(policy, balances):
    credits = [
        a_credit("a", 10, return_policy=policy, reversals=a_return(10, at=5)),
    ]

    assert balances == _balances(settled(credits, [_redemption(7, 1, captured_at=2)]))


@pytest.mark.parametrize("policy", ReturnPolicy)
def test_a_return_of_pending_points_takes_them_under_every_policy(policy):
    credit = a_credit(
        "a",
        10,
        is_held=True,
        releases_at=hour(9),
        return_policy=policy,
        reversals=a_return(4, at=5),
    )

    assert {"available": 6} == _balances(settled([credit]))


def test_a_return_takes_from_its_own_lot_before_any_other():
    credits = [
        a_credit("a", 10, reversals=a_return(10, at=5)),
        a_credit("b", 10, expires_at=hour(40)),
    ]

    folded = settled(credits, [_redemption(4, 1, captured_at=2)], now=6)

    assert {"a": 0, "b": 6} == {
        lot.name: lot.at(Account.AVAILABLE) for lot in folded.lots
    }


def test_what_had_expired_counts_as_given_back():
    credit = a_credit("a", 10, expires_at=hour(3), reversals=a_return(10, at=5))

    assert {} == _balances(settled([credit]))


def test_nothing_is_owed_for_points_that_were_never_of_use():
    credit = a_credit("a", 10, expires_at=hour(3), reversals=a_return(10, at=5))

    for voided_at in (4, 6):
        assert {} == _balances(
            settled([credit], [_redemption(4, 1, voided_at=voided_at)])
        )


def test_later_points_pay_what_is_owed_first():
    credits = [
        a_credit("a", 10, reversals=a_return(10, at=5)),
        a_credit("b", 8, at=6),
    ]

    folded = settled(credits, [_redemption(7, 1, captured_at=2)])

    assert {"available": 1} == _balances(folded)
    assert [7] == [each.points for each in folded.movements if each.kind == Kind.REPAY]


def test_held_points_pay_what_is_owed_when_they_are_released():
    credits = [a_credit("a", 10, at=2, is_held=True, releases_at=hour(5))]
    debit = Debit("debit/1", hour(1), 4)

    assert {"pending": 10, "owed": 4} == _balances(settled(credits, [debit], now=4))
    assert {"available": 6} == _balances(settled(credits, [debit], now=5))


def test_a_return_told_as_of_before_its_order_waits_for_it():
    credit = a_credit("a", 10, at=5, reversals=a_return(10, at=1))

    assert {} == _balances(settled([credit]))


def test_a_late_order_is_spent_as_if_it_had_come_in_time():
    """The three events whose end depended on the order of arrival."""
    credits = [a_credit("a", 1), a_credit("b", 1, at=0, expires_at=hour(6))]
    spent = _redemption(1, 1, captured_at=1)

    for heard in permutations(credits):
        folded = fold(heard, [spent], hour(7))
        assert {"available": 1} == _balances(folded)
        assert [] == [each for each in folded.movements if each.kind == Kind.EXPIRE]


def test_two_partial_returns_are_two_effects():
    credit = a_credit(
        "a",
        10,
        reversals=(
            Reversal("refund/1@a", hour(1), 3),
            Reversal("refund/2@a", hour(1), 7),
        ),
    )

    folded = settled([credit])

    assert 3 == len({each.key for each in folded.movements})
    assert {} == _balances(folded)


def test_points_an_owner_gave_are_adjusted_and_not_issued():
    folded = settled([a_credit("grant", 5, source=Account.ADJUSTED)])

    assert [Kind.ADJUST] == [each.kind for each in folded.movements]
    assert (-5, 0) == (
        folded.balance(Account.ADJUSTED),
        folded.balance(Account.ISSUED),
    )


def test_a_capture_wins_over_a_void():
    folded = settled(
        [a_credit("a", 5)], [_redemption(5, 1, captured_at=2, voided_at=3)]
    )

    assert 5 == folded.balance(Account.REDEEMED)


def test_nothing_is_due_where_time_changes_nothing():
    assert settled([]).due_at is None
    assert settled([a_credit("a", 10)], now=0).due_at is None
    assert settled([a_credit("a", 10, is_held=True)], now=0).due_at is None


def test_the_first_of_several_moments_is_due():
    credits = [
        a_credit("a", 1, expires_at=hour(9)),
        a_credit("b", 1, is_held=True, releases_at=hour(7)),
        a_credit("c", 1, expires_at=hour(2)),
    ]

    assert hour(7) == settled(credits, now=3).due_at
    assert hour(9) == settled(credits, now=7).due_at
