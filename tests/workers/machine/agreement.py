"""Compares what the line kept with what the oracle expects, member by member."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from app.domain.advance import kept_lot
from app.domain.ledger import Account, Kind
from app.domain.orders import earliest
from tests.app.domain.told import sums
from tests.workers.machine.contents import Contents, Kept
from tests.workers.machine.oracle import Expected, Oracle, Person
from tests.workers.machine.reached import reached_by_deeds, reached_by_wishes


def must_agree(found: Contents, oracle: Oracle, now: datetime) -> None:
    """Raise where a member has not what the oracle says, or has what nobody should.

    Of members who are due, and at whom nobody has looked yet, only whose orders they
    have is compared.
    """
    expected = oracle.expected(now)
    members = _members(found, oracle)
    _add_advocates(members, found, oracle)
    assert members.keys() == expected.keys()
    for person, member_id in members.items():
        _must_agree(found.members[member_id], expected[person], now)
    assert found.nobodys == {
        order_id for order_id in oracle.facts if oracle.owner(order_id) is None
    }
    for member_id in found.members.keys() - members.values():
        assert found.members[member_id].is_empty()


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


def _must_agree(kept: Kept, expected: Expected, now: datetime) -> None:
    if kept.due_at and kept.due_at <= now:
        return
    end = expected.fold
    effects = sums(end.movements)
    assert effects == kept.effects
    assert balances(effects) == kept.balances
    assert end.owed == -kept.balances[Account.OWED]
    assert kept.lots == {
        lot.name: kept_lot(lot, expected.credits[lot.name]) for lot in end.lots
    }
    assert kept.settled_to == end.settled_to
    assert kept.tier == expected.climbed.standing
    assert kept.progress == expected.engaged.progress
    due_at = earliest(end.due_at, expected.climbed.due_at, expected.engaged.due_at)
    if due_at:
        # A release that was put off leaves the next look too early, never too late.
        assert kept.due_at
        assert kept.due_at <= due_at


def balances(effects: Counter[str]) -> dict[str, int]:
    """What every account holds after these effects."""
    found = {str(account): 0 for account in Account}
    for key, points in effects.items():
        source, target = key.rpartition(":")[2].split(">")
        found[source] -= points
        found[target] += points
    return found


def reached(oracle: Oracle, now: datetime) -> Counter[str]:
    """Which of the rarer things have happened to somebody."""
    found: Counter[str] = Counter()
    found["refund before its order"] += oracle.waiting_refunds()
    found["guest claimed"] += oracle.claimed_guests()
    for expected in oracle.expected(now).values():
        spent = False
        standing, gifts = expected.climbed.standing, expected.climbed.gifts
        found["tier reached"] += bool(standing and standing.tier)
        found["gift of a tier taken back"] += any(each.reversals for each in gifts)
        for each in expected.fold.movements:
            if each.kind == Kind.REVERSE:
                found["refund into debt"] += each.source == Account.OWED
                found["late refund of an expired lot"] += each.source == Account.EXPIRED
                found["redeemed, then refunded"] += spent
            found["debt repaid by a later credit"] += each.kind == Kind.REPAY
            spent = spent or each.kind == Kind.REDEEM
    found.update(reached_by_wishes(oracle))
    found.update(reached_by_deeds(oracle, now))
    return found
