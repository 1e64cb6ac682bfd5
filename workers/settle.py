"""Settles members: works out what their ledger should say, and posts the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain import ledger as words
from app.domain.advance import KeptLot, Whereabouts, advance, kept_lot
from app.domain.allotments import Allotment
from app.domain.book import Moment
from app.domain.climbing import climbed
from app.domain.credits import Assessment, credits, unearned_because
from app.domain.engagement.missed import Missed
from app.domain.engagement.outcomes import Name, Outcome
from app.domain.engagement.progress import Progress
from app.domain.fold import fold
from app.domain.ledger import Account, Credit, Debit, Kind, Movement
from app.domain.money import in_words
from app.domain.orders import earliest
from app.domain.tiers.standing import TierStanding
from app.storage import (
    actions,
    budgets,
    commands,
    ledger,
    members,
    orders,
    redemptions,
    showings,
    standings,
)
from app.storage.ledger import Book, Posting
from app.storage.members import Head
from app.storage.orders import KeptOrder
from workers.activity import lapses
from workers.allot import Used, allotting
from workers.beside import besides
from workers.engage import acts_of, engagements, new_outcomes, told_in_ledger
from workers.refer import outcomes
from workers.terms import Terms, with_outcome


@dataclass(frozen=True)
class News:
    """An order as it is assessed now; `is_first` if it never earned before."""

    assessed: Assessment
    is_first: bool


@dataclass
class Unsettled:
    """Members whose ledger may have to change.

    Of those in `whole` the whole history is folded, and they may have more to see than
    points; of the others only what is new about some orders, where that will do.
    """

    whole: set[int] = field(default_factory=set)
    news: dict[int, list[News]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Settled:
    """What settling a member comes to: what to post, and where that leaves things.

    `pins` are orders that earn by something for the first time, with their terms, and
    `reasons` others of which it changed why they earn nothing, or bring no surprise.
    """

    head: Head
    changes: list[tuple[Movement, int | None]]
    breakdowns: Mapping[str, dict[str, Any]]
    lots: list[KeptLot]
    gone: list[str]
    settled_to: Moment | None
    due_at: datetime | None
    tier: TierStanding | None = None
    pins: list[KeptOrder] = field(default_factory=list)
    reasons: list[KeptOrder] = field(default_factory=list)
    progress: Progress | None = None
    allotments: list[tuple[Allotment | None, Allotment]] = field(default_factory=list)
    outcomes: Mapping[Name, Outcome] = field(default_factory=dict)


def settle(
    connection: Connection, terms: Terms, unsettled: Unsettled, now: datetime
) -> int:
    """Bring the ledgers of members to where they should be; return postings.

    Members are locked, lowest id first. Settling again changes nothing.
    """
    wanted = unsettled.whole | unsettled.news.keys()
    if not wanted:
        return 0
    heads = members.lock_members(connection, terms.program_id, wanted)
    settled = list(_short_ways(connection, terms, heads, unsettled, now))
    rest = heads.keys() - {each.head.member_id for each in settled}
    if rest:
        left = {member_id: heads[member_id] for member_id in sorted(rest)}
        lock = budgets.lock_budgets
        settled += whole_histories(connection, terms, left, now, lock)
    posted = _write(connection, terms.program_id, settled, unsettled.whole, now)
    showings.note(connection, terms.program_id, heads, now)
    return posted


def _short_ways(
    connection: Connection,
    terms: Terms,
    heads: Mapping[int, Head],
    unsettled: Unsettled,
    now: datetime,
) -> Iterator[Settled]:
    """Settle the members of whom only what is new has to be looked at."""
    news = {
        member_id: theirs
        for member_id, theirs in unsettled.news.items()
        if member_id in heads and member_id not in unsettled.whole
    }
    if not news or terms.look_at_history:
        return
    named = (
        (member_id, each.assessed.order.lot)
        for member_id, theirs in news.items()
        for each in theirs
    )
    lots = standings.kept_lots(connection, terms.program_id, named)
    found = [
        settled
        for member_id, theirs in news.items()
        if (settled := _short_way(heads[member_id], theirs, lots, now))
    ]
    # A reversal that was posted once, and corrected away, must not be posted again.
    taken = (
        (each.head.member_id, movement.key)
        for each in found
        for movement, _ in each.changes
        if movement.kind == Kind.REVERSE
    )
    again = ledger.members_with_effects(connection, terms.program_id, taken)
    yield from (each for each in found if each.head.member_id not in again)


def _short_way(
    head: Head,
    news: Iterable[News],
    lots: Mapping[tuple[int, str], KeptLot],
    now: datetime,
) -> Settled | None:
    if head.last_sequence and head.settled_to is None:
        return None
    changes: list[tuple[Credit, KeptLot | None]] = []
    for each in news:
        kept = lots.get((head.member_id, each.assessed.order.lot))
        credit = next(iter(credits([each.assessed])), None)
        if (credit is None and kept) or (kept is None and not each.is_first):
            return None
        if credit:
            changes.append((credit, kept))
    owed, _ = head.balances.get(Account.OWED, (0, 0))
    whereabouts = Whereabouts(head.settled_to, head.due_at, -owed)
    found = advance(whereabouts, changes, now)
    if found is None:
        return None
    return Settled(
        head,
        [(movement, None) for movement in found.movements],
        _breakdowns(each.assessed for each in news),
        [lot for lot in found.lots if lots.get((head.member_id, lot.name)) != lot],
        [],
        found.settled_to,
        found.due_at,
    )


def whole_histories(
    connection: Connection,
    terms: Terms,
    heads: Mapping[int, Head],
    now: datetime,
    used: Used = budgets.used_of,
) -> Iterator[Settled]:
    """Fold all that is known of members, and compare it with their ledgers.

    Where the outcome is to be written, `used` locks the budgets that it allots.
    """
    program_id = terms.program_id
    posted = ledger.posted_effects(connection, program_id, heads)
    accepted = commands.commands_of(connection, program_id, heads)
    known = besides(connection, terms, heads, now, posted=posted)
    lots = standings.lots_of(connection, program_id, heads)
    kept = _orders(connection, program_id, heads)
    returns = _returns(connection, program_id, accepted)
    brought = outcomes(connection, terms, heads)
    acts = acts_of(connection, terms, heads)
    engaged = engagements(terms, posted, acts, now)
    ordered = {member_id: terms.applied(kept[member_id]) for member_id in heads}
    allotted = allotting(connection, terms, ordered, acts, posted, now, used)
    lapsed = lapses(connection, terms, heads)
    for member_id, head in heads.items():
        theirs, allots = known[member_id], allotted(member_id)
        assessed = allots.assessed(ordered[member_id], theirs)
        climb = climbed(assessed, theirs, terms.eras, now, *terms.place)
        given, taken = _commands(accepted[member_id], returns)
        beside = engaged(member_id, assessed, allots.gives)
        friends = [each.credit for each in brought.get(member_id, ()) if each.credit]
        earned = (*credits(assessed), *given, *climb.gifts, *beside.credits, *friends)
        credited = {each.lot: each for each in earned}
        ending = lapsed(member_id, assessed, taken, credited.values())
        target = fold(ending, taken, now)
        fresh = [kept_lot(lot, credited[lot.name]) for lot in target.lots]
        yield Settled(
            head,
            ledger.differences(posted[member_id], target),
            _breakdowns(assessed) | told_in_ledger(beside),
            *_changed(lots[member_id], fresh),
            target.settled_to,
            earliest(target.due_at, climb.due_at, beside.due_at),
            climb.standing,
            *_outcomes(kept[member_id], assessed, credited, beside.missed),
            beside.progress if terms.has_engagement else None,
            allots.changes(assessed, earned, target.movements, beside.charged),
            new_outcomes(beside, acts.get(member_id)),
        )


def _changed(
    before: Iterable[KeptLot], fresh: Iterable[KeptLot]
) -> tuple[list[KeptLot], list[str]]:
    """Return the lots that are not as they were, and the names of those gone."""
    old = {lot.name: lot for lot in before}
    return [lot for lot in fresh if old.pop(lot.name, None) != lot], list(old)


def _outcomes(
    kept: Iterable[KeptOrder],
    assessed: Iterable[Assessment],
    credited: Mapping[str, Credit],
    missed: Mapping[str, tuple[Missed, ...]],
) -> tuple[list[KeptOrder], list[KeptOrder]]:
    """Return the orders whose terms are new, and others of which a reason is."""
    pins, reasons = list[KeptOrder](), list[KeptOrder]()
    for order, each in zip(kept, assessed, strict=True):
        reason = unearned_because(each, credited.get(each.order.lot))
        new = with_outcome(order, each, reason, missed.get(each.order.id, ()))
        if new.pinned_tags is not order.pinned_tags:
            pins.append(new)
        elif new is not order:
            reasons.append(new)
    return pins, reasons


def _write(
    connection: Connection,
    program_id: int,
    settled: Iterable[Settled],
    whole: set[int],
    now: datetime,
) -> int:
    """Write what settling came to, each table once."""
    postings: list[Posting] = []
    heads: list[Head] = []
    tiers: list[Head] = []
    lots: list[tuple[int, KeptLot]] = []
    gone: list[tuple[int, str]] = []
    told: list[KeptOrder] = []
    progress: dict[int, Progress] = {}
    allotted: list[tuple[Allotment | None, Allotment]] = []
    outcomes: dict[Name, Outcome] = {}
    besides: list[int] = []
    for each in settled:
        member_id, book = each.head.member_id, Book(each.head)
        postings += ledger.post(book, program_id, each.changes, each.breakdowns, now)
        head = book.head(each.settled_to, each.due_at, each.tier)
        heads += [head] if head != each.head else []
        tiers += [head] if head.tier != each.head.tier else []
        lots += [(member_id, lot) for lot in each.lots]
        gone += [(member_id, name) for name in each.gone]
        told += each.pins + each.reasons
        progress |= {member_id: each.progress} if each.progress else {}
        allotted += each.allotments
        outcomes |= each.outcomes
        is_seen = (each.lots or member_id in whole) and not each.changes
        besides += [member_id] if is_seen else []
    ledger.write(connection, postings)
    standings.remove_lots(connection, program_id, gone)
    standings.save_lots(connection, program_id, lots)
    members.save_heads(connection, program_id, heads)
    members.save_tiers(connection, program_id, tiers)
    if besides:
        members.note_change(connection, program_id, besides)
    orders.save_outcomes(connection, program_id, told)
    actions.save_progress(connection, program_id, progress)
    actions.save_outcomes(connection, program_id, outcomes)
    budgets.save_allotments(connection, program_id, allotted)
    return len(postings)


def _orders(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[KeptOrder]]:
    kept: dict[int, list[KeptOrder]] = defaultdict(list)
    for order in orders.orders_of(connection, program_id, member_ids):
        kept[order.member_id or 0].append(order)
    return kept


def _returns(
    connection: Connection, program_id: int, accepted: Mapping[int, list[Any]]
) -> dict[str, tuple[words.Reversal, ...]]:
    """Return what came back of redemptions, by id, from the orders that used them."""
    redeeming = [
        member_id
        for member_id, theirs in accepted.items()
        if any(each.kind == "redemption" for each in theirs)
    ]
    if not redeeming:
        return {}
    kept = redemptions.of_members(connection, program_id, redeeming)
    wishes = [wish for theirs in kept.values() for wish in theirs]
    used = [(each.store_id, each.used_order_id) for each in wishes]
    facts = orders.facts_of(connection, program_id, [(s, o) for s, o in used if o])
    return {
        wish.id: wish.returns(facts.get((wish.store_id, wish.used_order_id or "")))
        for wish in wishes
    }


def _commands(
    rows: Iterable[Any], returns: Mapping[str, tuple[words.Reversal, ...]]
) -> tuple[list[Credit], list[Debit | words.Redemption]]:
    """Return accepted commands as credits and as what takes points."""
    given: list[Credit] = []
    taken: list[Debit | words.Redemption] = []
    for row in rows:
        cause = f"{row.kind}/{row.command_id}"
        if row.kind == "redemption":
            taken.append(_redemption(row, cause, returns.get(row.command_id, ())))
        elif row.points > 0:
            given.append(
                Credit(
                    lot=cause,
                    cause=cause,
                    at=row.accepted_at,
                    points=row.points,
                    source=Account.ADJUSTED,
                    reason=row.reason,
                )
            )
        else:
            taken.append(Debit(cause, row.accepted_at, -row.points, row.reason))
    return given, taken


def _redemption(
    row: Any, cause: str, returns: tuple[words.Reversal, ...]
) -> words.Redemption:
    return words.Redemption(
        cause,
        row.accepted_at,
        row.points,
        row.captured_at,
        row.voided_at,
        row.reason,
        returns,
    )


def _breakdowns(assessed: Iterable[Assessment]) -> dict[str, dict[str, Any]]:
    """Return, by order, what its credit will say for ever: which rule, base and why."""
    return {each.order.lot: _breakdown(each) for each in assessed if each.points}


def _breakdown(each: Assessment) -> dict[str, Any]:
    assert each.count
    assert each.order.facts.snapshot
    currency = each.order.facts.snapshot.currency
    return {
        "program_version": each.order.program.version,
        "rules": [rule.kind for rule in each.order.program.earning],
        "currency": currency,
        "base": in_words(each.count.base_minor, currency),
        "why": each.award.reason,
        **({"tier": each.order.tier.reason} if each.order.tier else {}),
        "lines": [
            {
                "line_id": counted.line.id,
                "net": in_words(counted.net_minor, currency),
                "excluded_because": counted.excluded_because,
            }
            for counted in each.count.lines
        ],
    }
