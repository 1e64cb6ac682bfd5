"""The laws that hold for every history of a member, whatever happened in it."""

from dataclasses import replace
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.fold import fold
from app.domain.ledger import Account, Kind, Redemption
from app.domain.program import ReturnPolicy
from tests.app.domain.histories import (
    DEBT,
    HOURS,
    LAST_HOUR,
    MEMBER_ACCOUNTS,
    Reckoning,
    drawn_commands,
    drawn_credits,
    entangled,
    hour,
    reckoned,
)
from tests.builders.sometimes import sometimes
from tests.reckoning.points import Purse

NOWS = st.integers(0, LAST_HOUR + 1).map(hour)
AFTER_ALL = hour(LAST_HOUR + 1)
SPENDING = {Kind.RESERVE, Kind.ADJUST}
few = settings(max_examples=50)
OFTEN_ENOUGH = (
    "points came back",
    "ended points came back",
    "ended points paid a debt",
    "what had paid a debt came back",
    "points paid a debt",
    "redeemed",
    *(f"returned of {each}" for each in ("pending", "available", "expired", "owed")),
)
PLACES = [each for each in Account if each not in (Account.ISSUED, Account.ADJUSTED)]


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_every_account_adds_up_by_lot_and_over_all(credits, commands, now):
    folded = fold(credits, commands, now)
    sums = reckoned(folded)

    assert 0 == sum(sums.totals.values())
    for lot in folded.lots:
        assert 0 == sum(lot.points.values())
        for account in Account:
            assert lot.at(account) == sums.by_lot[lot.name, account]
    for account in MEMBER_ACCOUNTS:
        assert folded.balance(account) == sums.totals[account]
        assert 0 == sums.by_lot[DEBT, account]
    assert folded.owed == sums.owed


def test_every_point_is_where_counting_one_by_one_puts_it():
    with sometimes(*OFTEN_ENOUGH) as seen:

        @settings(max_examples=500)
        @given(st.tuples(drawn_credits(), drawn_commands()) | entangled(), NOWS)
        def must_agree(history, now):
            credits, commands = history
            folded = fold(credits, commands, now)
            purse = Purse(credits, commands, now)
            by_lot = purse.by_lot()

            seen.update(set(_told(folded)))
            for lot in folded.lots:
                for place in PLACES:
                    assert by_lot[lot.name, place] == lot.at(place)
            totals = reckoned(folded).totals
            assert purse.balances() == {each: totals[each] for each in Account}

        must_agree()


def _told(folded):
    """What happened, of what is rare enough to be missed."""
    for each in folded.movements:
        is_over = each.expires_at is not None and each.expires_at <= each.at
        if each.kind == Kind.REFUND and each.target == Account.AVAILABLE:
            yield "ended points came back" if is_over else "points came back"
            if each.source == Account.OWED:
                yield "what had paid a debt came back"
        if each.kind == Kind.REPAY:
            yield "ended points paid a debt" if is_over else "points paid a debt"
        if each.kind == Kind.REVERSE:
            yield f"returned of {each.source}"
        if each.kind == Kind.REDEEM:
            yield "redeemed"


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_no_lot_ever_holds_less_than_nothing(credits, commands, now):
    folded = fold(credits, commands, now)
    sums = Reckoning(folded)

    for movement in folded.movements:
        sums.take(movement)
        assert sums.owed >= 0
        for lot in sums.dates:
            for account in (*MEMBER_ACCOUNTS, Account.EXPIRED):
                assert sums.by_lot[lot, account] >= 0


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_nobody_owes_while_having_points_to_spend(credits, commands, now):
    folded = fold(credits, commands, now)
    sums = Reckoning(folded)

    for at, movements in groupby(folded.movements, key=lambda movement: movement.at):
        for movement in movements:
            sums.take(movement)
        assert not (sums.owed and sums.spendable(at))


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_movements_are_told_in_the_order_of_the_world(credits, commands, now):
    times = [movement.at for movement in fold(credits, commands, now).movements]

    assert times == sorted(times)


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_what_expires_first_is_spent_first_and_nothing_after_its_date(
    credits, commands, now
):
    def look(sums, movement):
        spends = movement.source == Account.AVAILABLE and movement.kind in SPENDING
        if spends:
            assert movement.lot == sums.spendable(movement.at)[0]

    reckoned(fold(credits, commands, now), look)


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_expired_points_pay_for_nothing(credits, commands, now):
    def look(sums, movement):
        is_own = movement.cause.endswith(f"@{movement.lot}")
        if movement.source == Account.AVAILABLE and movement.kind != Kind.EXPIRE:
            assert is_own or sums.is_open(movement.lot, movement.at)
        if movement.kind == Kind.EXPIRE:
            assert not sums.is_open(movement.lot, movement.at)

    reckoned(fold(credits, commands, now), look)


@few
@given(drawn_credits(), drawn_commands())
def test_time_leaves_no_expired_points_to_spend(credits, commands):
    for lot in fold(credits, commands, AFTER_ALL).lots:
        is_for_ever = lot.expires_at is None and lot.lapse is None
        assert is_for_ever or 0 == lot.at(Account.AVAILABLE)


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_no_more_is_taken_back_than_was_said(credits, commands, now):
    folded = fold(credits, commands, now)
    for credit in credits:
        taken = dict.fromkeys((each.cause for each in credit.reversals), 0)
        for movement in folded.movements:
            if movement.kind == Kind.REVERSE and movement.cause in taken:
                taken[movement.cause] += movement.points
        for each in credit.reversals:
            if credit.return_policy == ReturnPolicy.UNLIMITED:
                assert each.points == taken[each.cause]
            assert each.points >= taken[each.cause]
        assert sum(taken.values()) <= credit.points


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_each_return_policy_reaches_as_far_as_it_says(credits, commands, now):
    policies = {credit.lot: credit.return_policy for credit in credits}
    for movement in fold(credits, commands, now).movements:
        if movement.kind == Kind.REVERSE:
            policy = policies[movement.cause.rpartition("@")[2]]
            if policy == ReturnPolicy.ONLY_PENDING:
                assert Account.PENDING == movement.source
            if policy == ReturnPolicy.WITHIN_BALANCE:
                assert Account.OWED != movement.source
            assert Account.RESERVED != movement.source


@few
@given(drawn_credits(), drawn_commands())
def test_points_are_redeemed_by_captured_rewards_and_by_nothing_else(credits, commands):
    def ended(command):
        if isinstance(command, Redemption) and not command.captured_at:
            return replace(command, voided_at=command.voided_at or AFTER_ALL)
        return command

    commands = [ended(command) for command in commands]
    spent = sum(
        command.points - sum(back.points for back in command.returns)
        for command in commands
        if isinstance(command, Redemption) and command.captured_at
    )

    sums = reckoned(fold(credits, commands, AFTER_ALL))

    assert spent == sums.totals[Account.REDEEMED]
    assert 0 == sums.totals[Account.RESERVED]


@few
@given(drawn_credits(policies=(ReturnPolicy.UNLIMITED,)), drawn_commands(), NOWS)
def test_what_is_left_is_what_was_earned_less_all_that_went(credits, commands, now):
    sums = reckoned(fold(credits, commands, now)).totals
    earned = sum(credit.points for credit in credits)
    reversed_ = sum(each.points for credit in credits for each in credit.reversals)

    assert earned - reversed_ == -sums[Account.ISSUED]
    assert earned - reversed_ == (
        sum(sums[account] for account in MEMBER_ACCOUNTS)
        + sums[Account.OWED]
        + sums[Account.REDEEMED]
        + sums[Account.EXPIRED]
        + sums[Account.ADJUSTED]
    )


@few
@given(drawn_credits(), drawn_commands())
def test_a_voided_reward_gives_back_to_the_lots_it_was_taken_from(credits, commands):
    voided = {
        command.cause
        for command in commands
        if isinstance(command, Redemption) and command.voided_at
    }
    taken, given_back = {}, {}
    for movement in fold(credits, commands, AFTER_ALL).movements:
        key = movement.cause, movement.lot, movement.expires_at
        # What lots had paid of its debt comes back to these, and was never taken.
        is_debt = movement.lot == DEBT or movement.source == Account.OWED
        if movement.cause in voided and not is_debt:
            book = taken if movement.kind == Kind.RESERVE else given_back
            book[key] = book.get(key, 0) + movement.points

    assert taken == given_back


@few
@given(drawn_credits(), drawn_commands(), NOWS, st.data())
def test_the_order_of_hearing_changes_nothing(credits, commands, now, data):
    heard = data.draw(st.permutations(credits)), data.draw(st.permutations(commands))

    assert fold(credits, commands, now) == fold(*heard, now)


@few
@given(drawn_credits(), drawn_commands(), NOWS)
def test_nothing_moves_by_time_alone_before_the_next_due_moment(credits, commands, now):
    folded = fold(credits, commands, now)
    later = hour(LAST_HOUR * 9)
    if folded.due_at is not None:
        assert folded.due_at > now
        later = folded.due_at - (hour(1) - hour(0)) / 3600

    assert folded.movements == fold(credits, commands, later).movements


@few
@given(drawn_credits(), HOURS)
def test_points_that_are_all_there_move_at_the_due_moment(credits, now):
    whole = [replace(credit, reversals=()) for credit in credits]
    folded = fold(whole, (), now)

    if folded.due_at is not None:
        assert folded.movements != fold(whole, (), folded.due_at).movements
