"""Compares what the line kept with what the oracle expects, member by member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.advance import kept_lot
from app.domain.ledger import Account
from app.domain.orders import earliest
from tests.app.domain.told import sums
from tests.workers.machine.contents import Contents, Kept
from tests.workers.machine.counted import is_counted
from tests.workers.machine.expecting import Expected
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.people import Person
from tests.workers.machine.plain_prizes import Name, untaken
from tests.workers.machine.plainness import must_be_plain


def must_agree(
    found: Contents, oracle: Oracle, expected: Mapping[Person, Expected], now: datetime
) -> Counter[str]:
    """Raise where a member has not what the oracle says, or has what nobody should.

    Of members who are due, and at whom nobody has looked yet, only whose orders they
    have is compared. Return of how many members all points were counted one by one, and
    how many had less for which limits.
    """
    members = _members(found, oracle)
    _add_advocates(members, found, oracle)
    assert members.keys() == expected.keys()
    held: set[tuple[str, str]] = set()
    seen: Counter[str] = Counter()
    for person, member_id in members.items():
        kept = found.members[member_id]
        seen.update(must_be_plain(expected[person], oracle.timeline, now))
        _must_agree(kept, expected[person], now)
        _must_have_won(kept, expected[person], oracle.wishlist.taken(person), now)
        held |= _held(kept, expected[person], oracle, now)
        known = _must_be_counted(kept, person, expected[person], oracle, now)
        seen["points counted one by one"] += known
    oracle.budgets.must_be_free(held)
    assert found.nobodys == {
        order_id for order_id in oracle.facts if oracle.owner(order_id) is None
    }
    for member_id in found.members.keys() - members.values():
        assert found.members[member_id].is_empty()
    return seen


def _members(found: Contents, oracle: Oracle) -> dict[Person, int]:
    """Which member each person is: one for each, by orders and commands."""
    members: dict[Person, int] = {}
    for member_id, kept in found.members.items():
        people = {oracle.owner(order_id) for order_id in kept.orders}
        for command_id in kept.commands.keys() & oracle.commands.keys():
            person, _ = oracle.commands[command_id]
            people.add(oracle.following(person))
        assert len(people) <= 1, people
        for wish_id, _ in kept.wishes:
            people.add(oracle.following(oracle.wishes[wish_id].person))
        for action, key, _ in kept.acts:
            people.add(oracle.following(oracle.deeds.whose(action, key)))
        for key in kept.hands:
            people.add(oracle.following(oracle.hands[key].person))
        for person in people:
            assert person is not None
            assert person not in members
            members[person] = member_id
    return members


def _add_advocates(members: dict[Person, int], found: Contents, oracle: Oracle) -> None:
    """Add who is known for bringing friends alone, and see whose friends are."""
    for each in found.referrals:
        claim = oracle.friends.claims[each.id]
        for person, member_id in (
            (claim.advocate, each.advocate_id),
            (claim.friend, each.friend_id),
        ):
            whose = members.setdefault(oracle.following(person), member_id)
            assert whose == member_id


def _held(
    kept: Kept, expected: Expected, oracle: Oracle, now: datetime
) -> set[tuple[str, str]]:
    """What a member's lots hold of budgets; of who is due, all that they may hold."""
    orders, effects = expected.known.orders, kept.effects
    charged = expected.engaged.charged
    if not _is_due(kept, now):
        return oracle.budgets.must_hold(orders, effects, charged)
    lots = {key.split(":")[2] for key in effects} | {each.lot for each in orders}
    lots |= charged.keys()
    return {key for key in oracle.budgets.known if key[0] in lots}


def _is_due(kept: Kept, now: datetime) -> bool:
    return kept.due_at is not None and kept.due_at <= now


def _must_agree(kept: Kept, expected: Expected, now: datetime) -> None:
    if _is_due(kept, now):
        return
    assert not expected.engaged.undecided
    end = expected.fold
    effects = sums(end.movements)
    assert effects == kept.effects
    assert balances(effects) == kept.balances
    assert end.owed == -kept.balances[Account.OWED]
    lots = {lot.name: kept_lot(lot, expected.credits[lot.name]) for lot in end.lots}
    assert kept.lots == lots
    assert kept.settled_to == end.settled_to
    assert kept.tier == expected.climbed.standing
    assert replace(kept.progress, unearned=()) == expected.engaged.progress
    unearned = {each.action for each in kept.progress.unearned}
    assert unearned == expected.engaged.unearned
    due_at = earliest(end.due_at, expected.climbed.due_at, expected.engaged.due_at)
    if due_at:
        # A release that was put off leaves the next look too early, never too late.
        assert kept.due_at
        assert kept.due_at <= due_at


def _must_have_won(
    kept: Kept, expected: Expected, taken: Iterable[Name], now: datetime
) -> None:
    """Raise where a member is shown other prizes than they have left."""
    if not _is_due(kept, now):
        left = Counter(each.name for each in untaken(expected.engaged.prizes, taken))
        assert kept.prizes == left


def _must_be_counted(
    kept: Kept, person: Person, expected: Expected, oracle: Oracle, now: datetime
) -> bool:
    """Raise where points were counted, and are others; return whether they were."""
    if _is_due(kept, now):
        return False
    credits = oracle.plain_credits(person)
    if credits is None:
        return False
    assert is_counted(kept, credits, expected.known.commands, now)
    return True


def balances(effects: Counter[str]) -> dict[str, int]:
    """What every account holds after these effects."""
    found = {str(account): 0 for account in Account}
    for key, points in effects.items():
        source, target = key.rpartition(":")[2].split(">")
        found[source] -= points
        found[target] += points
    return found
