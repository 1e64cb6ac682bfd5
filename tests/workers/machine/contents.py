"""What the tables of a programme hold, by person, without ids and recording times."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Table, select

from app.domain.advance import KeptLot
from app.domain.allotments import Allotment
from app.domain.book import Moment
from app.domain.engagement.progress import Progress
from app.domain.ledger import Account
from app.domain.prizes import Name
from app.domain.referral import Referral
from app.domain.tiers.standing import TierStanding
from app.storage import birthdays, redemptions, tables
from app.storage.actions import as_progress
from app.storage.budget_tables import allotment
from app.storage.database import Database
from app.storage.prizes_seen import prizes_left
from app.storage.referrals import _as_referral
from app.storage.sealing import Keyring
from app.storage.stores import program_history
from app.storage.tier_standings import as_tier_standing
from tests.workers.machine.wishes import Decided

_LOT = [name for name in KeptLot.__dataclass_fields__ if name != "name"]


@dataclass
class Kept:
    """All that is kept of one member."""

    balances: dict[str, int]
    settled_to: Moment | None
    due_at: datetime | None
    tier: TierStanding | None
    lots: dict[str, KeptLot] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    orders: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    wishes: list[tuple[str, Any]] = field(default_factory=list)
    acts: list[tuple[str, str, Any]] = field(default_factory=list)
    brought: list[tuple[str, Any]] = field(default_factory=list)
    called: list[tuple[Any, ...]] = field(default_factory=list)
    hands: dict[str, Any] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    progress: Progress = field(default_factory=Progress)
    prizes: Counter[Name] = field(default_factory=Counter)

    def is_empty(self) -> bool:
        """Whether nothing is left of what was ever this member's."""
        kept = self.lots, self.orders, self.commands, self.wishes, self.acts
        rest = self.brought, self.hands
        return not (any(self.balances.values()) or any(kept) or any(rest))


@dataclass
class Contents:
    """All that is kept of one programme; `nobodys` are orders without a member."""

    members: dict[int, Kept]
    nobodys: set[str]
    customers: list[tuple[Any, ...]]
    claims: list[tuple[Any, ...]]
    tombstones: int
    referrals: list[Referral] = field(default_factory=list)
    allotments: list[Allotment] = field(default_factory=list)
    donated: dict[str, Decimal] = field(default_factory=dict)

    def decided(self) -> dict[str, Decided]:
        """When each wish was accepted, and its points kept or let go."""
        return {
            id_: Decided(*what[2:])
            for kept in self.members.values()
            for id_, what in kept.commands.items()
            if what[0] == "redemption"
        }

    def in_words(self) -> list[str]:
        """Everything that another installation with the same history must have too."""
        told = [
            repr((each.balances, each.settled_to, each.effects, each.lots))
            + repr((each.orders, each.commands, each.tier, each.wishes))
            + repr((each.acts, each.brought, each.called, each.progress))
            + repr(each.hands)
            for each in self.members.values()
            if not each.is_empty()
        ]
        # More may have been allotted for a while to what came first another time.
        held = [(each.lot, each.budget, each.used) for each in self.allotments]
        held = [each for each in held if each[-1]]
        rest = self.customers, self.claims, self.tombstones, held
        return [*sorted(told), repr((sorted(self.nobodys), rest))]


def contents(database: Database, keys: Keyring, program_id: int) -> Contents:
    """Read a programme's tables."""
    with database.auditor() as connection:
        found = _read(connection, program_id)
        wanted, zones = list(found.members), defaultdict[int, str](lambda: "UTC")
        given = birthdays.given_by(connection, keys, program_id, wanted, zones)
    for member_id, days in given.items():
        found.members[member_id].acts += [
            ("birthday", day.key, (day.month, day.day, day.at)) for day in days
        ]
    return found


def _read(connection: Connection, program_id: int) -> Contents:
    def rows(table: Table) -> list[Any]:
        query = select(table).where(table.c.program_id == program_id)
        return sorted(connection.execute(query), key=repr)

    members = {row.member_id: _member(row) for row in rows(tables.member)}
    for row in rows(tables.lot):
        lot = KeptLot(row.lot, *(getattr(row, name) for name in _LOT))
        members[row.member_id].lots[row.lot] = lot
    effects: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows(tables.ledger_transaction):
        effects[row.member_id][row.effect_key] += row.points
    for member_id, found in effects.items():
        assert min(found.values()) >= 0
        members[member_id].effects = Counter(dict(sorted((+found).items())))
        members[member_id].undone = found.keys() - +found
    nobodys = set()
    for row in rows(tables.order_fact):
        if row.member_id is None:
            nobodys.add(row.order_id)
        else:
            facts = json.dumps(row.facts, sort_keys=True)
            what = facts, row.customer_id, row.email_key, row.is_forgotten
            members[row.member_id].orders[row.order_id] = what
    for row in rows(tables.command):
        what = row.kind, row.points, row.accepted_at, row.captured_at, row.voided_at
        members[row.member_id].commands[row.command_id] = what
    _read_beside(members, rows)
    _read_prizes(connection, program_id, members)
    return Contents(
        members,
        nobodys,
        [
            (row.customer_id, row.email_key, row.email_at, row.merged_into)
            for row in rows(tables.customer)
        ],
        [
            (row.email_key, row.claimed_by, row.claimed_at)
            for row in rows(tables.address)
            if row.claimed_by
        ],
        len(rows(tables.tombstone)),
        [_as_referral(row) for row in rows(tables.referral)],
        [_allotment(row) for row in rows(allotment)],
        redemptions.donated(connection, program_id),
    )


_WISH = (
    "customer_id reward_id state points requested_at valid_until used_order_id used_at "
    "ended_at gives_back slot prize reward"
)
_CLAIM = "customer_id state claimed_at reasons marks overruled_at refused_at"


def _read_beside(members: dict[int, Kept], rows: Callable[[Table], list[Any]]) -> None:
    """Read what members asked for, did and claimed."""
    for row in rows(tables.redemption):
        wish = {name: getattr(row, name) for name in _WISH.split()}
        members[row.member_id].wishes.append((row.redemption_id, wish))
    for row in rows(tables.action):
        told = row.at, row.state, row.open_at, row.shut_at
        act = row.action, row.key, told
        members[row.member_id].acts.append(act)
    for row in rows(tables.referral):
        claim = {name: getattr(row, name) for name in _CLAIM.split()}
        for member_id in row.advocate_id, row.friend_id:
            members[member_id].brought.append((row.referral_id, claim))
    for row in rows(tables.customer_label):
        # Of the forgotten only a number is left, which another installation has not.
        holder = row.customer_id.partition("/")[0]
        label = holder, row.kind, row.name, row.at, row.is_given
        members[row.member_id].called.append(label)
    for row in rows(tables.tier_grant):
        what = row.tier, row.since, row.until, row.accepted_at
        members[row.member_id].hands[row.command_id] = what
    for row in rows(tables.member_progress):
        document = json.dumps(row.document)
        members[row.member_id].progress = as_progress(document)


def _read_prizes(
    connection: Connection, program_id: int, members: dict[int, Kept]
) -> None:
    """Read what is left of what members won, as it is shown to them."""
    winners = [id_ for id_, each in members.items() if each.progress.won]
    if winners:
        history = program_history(connection, program_id)
        wishes = redemptions.of_members(connection, program_id, winners)
        for id_ in winners:
            won = prizes_left(history, members[id_].progress.won, wishes[id_])
            members[id_].prizes = Counter({each.name: each.times for each, _ in won})


def _allotment(row: Any) -> Allotment:
    return Allotment(row.budget, row.lot, row.allotted, row.used, row.ran_out)


def _member(row: Any) -> Kept:
    balances = {str(account): getattr(row, account) for account in Account}
    settled_to = row.settled_to and (row.settled_to, row.settled_rank)
    return Kept(balances, settled_to, row.due_at, _tier(row))


def _tier(row: Any) -> TierStanding | None:
    told = None if row.tier_told is None else json.dumps(row.tier_told)
    return as_tier_standing(
        SimpleNamespace(
            tier=row.tier,
            tier_since=row.tier_since,
            tier_until=row.tier_until,
            tier_told=told,
        )
    )
