"""What of a programme came about in a year, told by what was kept of it.

A programme with something that nobody ever got promises too much, and a year in which
it could not be got shows nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from app.domain.earning import Bonus, Campaign, Multiplier
from app.domain.ledger import Kind
from app.domain.program import Program
from app.storage import tables
from app.storage.actions import as_progress
from tests.workers.years.friends_year import SENDS_BACK
from tests.workers.years.shop_year import ShopYear

_ledger = tables.ledger_transaction


def never_came_about(year: ShopYear) -> set[str]:
    """What a programme promises, and nobody got: `tier Gold`, `action review`."""
    with year.line.in_program() as connection:
        found = _found(connection)
    found |= {f"tier {name}" for name in year.tiers}
    found |= {f"reward {id_}" for id_ in year.had}
    return set(_promised(year.program)) - found


def _promised(program: Program) -> Iterator[str]:
    yield from (f"tier {tier.name}" for tier in program.tiers.ladder)
    yield from (f"gift of {t.name}" for t in program.tiers.ladder if t.entry_points)
    yield from (f"reward {reward.id}" for reward in program.rewards)
    yield from (f"action {rule.action}" for rule in program.actions)
    yield from (f"card {card.id}" for card in program.stamp_cards)
    yield from (f"challenge {each.name}" for each in program.challenges)
    yield from (f"surprise {each.name}" for each in program.surprises)
    for rule in program.earning:
        if isinstance(rule, Campaign):
            yield f"campaign {_told(rule)}"
    if program.tiers.give_on_birthdays:
        yield "birthday in a tier"
    if program.holds_points:
        yield "points released"
    if program.expires_after_months:
        yield "points expired"
    if program.expires_after_inactive_months:
        yield "points lapsed"
    if program.referral:
        yield from ("friend rewarded", "friend fell")


def _told(rule: Campaign) -> str:
    """What an order's award says of a campaign."""
    if isinstance(rule, Multiplier):
        return f"{rule.times.normalize():f} times the points"
    assert isinstance(rule, Bonus)
    return f"a bonus of {rule.points} points"


def _found(connection: Connection) -> set[str]:
    found: set[str] = set()
    for row in connection.execute(select(_ledger)):
        found |= set(_by_lot(row))
    for document in connection.execute(select(tables.member_progress.c.document)):
        progress = as_progress(json.dumps(document[0]))
        found |= {f"card {each.card_id}" for each in progress.stamps if each.full}
        found |= {f"challenge {c.name}" for c in progress.challenges if c.is_rewarded}
    return found


def _by_lot(row: Any) -> Iterator[str]:
    """What a movement of points shows to have come about."""
    sort, _, rest = row.lot.partition("/")
    name, path = rest.partition("/")[0], row.effect_key.rpartition(":")[2]
    if sort == "order" and row.breakdown:
        for part in row.breakdown["why"].split("; "):
            yield f"campaign {part.partition(' for ')[0]}"
    elif sort == "referral" and rest == f"r{SENDS_BACK}":
        if row.kind == Kind.REVERSE:
            yield "friend fell"
    elif sort == "referral" and path == "pending>available":
        yield "friend rewarded"
    elif row.kind == Kind.EARN:
        yield {
            "tier": f"gift of {name}",
            "action": f"action {name}",
            "gift": f"surprise {name}",
            "tier-birthday": "birthday in a tier",
        }.get(sort, "")
    if path == "pending>available":
        yield "points released"
    if row.cause.startswith("inactivity/"):
        yield "points lapsed"
    elif row.kind == Kind.EXPIRE:
        yield "points expired"
