"""The birthdays that members gave: a month and a day, never a year, and sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from app.domain.engagement.days import BirthdayGiven
from app.domain.events import BirthdayTold
from app.storage import personal
from app.storage.personal import Told
from app.storage.sealing import Keyring

_FIELD = "birthday"

# What a birthday is kept as on which a tier gave points, and who says so.
IN_A_TIER = "tier-birthday"
_CALENDAR = "calendar"


def keep(
    connection: Connection,
    keys: Keyring,
    whose: tuple[int, int, int],
    event: BirthdayTold,
) -> None:
    """Keep a birthday of a member (program, store, member), once for each key."""
    program_id, store_id, member_id = whose
    # All days are of one length, so that length tells nothing.
    day = f"{event.month:02}-{event.day:02}".encode()
    told = Told(_FIELD, event.key, store_id, member_id, event.at, day)
    personal.keep(connection, keys, program_id, told)


def given_by(
    connection: Connection,
    keys: Keyring,
    program_id: int,
    member_ids: Iterable[int],
    timezones: Mapping[int, str],
) -> dict[int, list[BirthdayGiven]]:
    """Return the birthdays that members gave, by member, oldest first."""
    given: dict[int, list[BirthdayGiven]] = defaultdict(list)
    for told in personal.told_by(connection, keys, program_id, member_ids):
        if told.field == _FIELD:
            month, day = map(int, told.value.split(b"-"))
            zone = timezones[told.store_id]
            birthday = BirthdayGiven(told.key, month, day, told.at, zone)
            given[told.member_id].append(birthday)
    return given


def was_in_a_tier(row: Any) -> bool:
    """Whether an action that is kept is a birthday on which a tier gave points."""
    return bool(row.action == IN_A_TIER and row.reported_by == _CALENDAR)


def keep_earned(
    connection: Connection, program_id: int, store_id: int, member_ids: Iterable[int]
) -> None:
    """Keep what birthdays earned as bare facts, before the birthdays are forgotten.

    A day that earned is in the ledger as such, so this tells nothing more.
    """
    values = {"p": program_id, "s": store_id, "members": list(member_ids)}
    values |= {"calendar": _CALENDAR}
    connection.execute(_KEEP_DAYS, values)


_KEEP_DAYS = text("""
    insert into action (program_id, action, key, store_id, member_id, at, state,
                        reported_by)
    select program_id, split_part(day, '/', 1), substring(day from '/(.*)$'),
           :s, member_id, min(effective_at), 'accepted', :calendar
    from ledger_transaction
    cross join regexp_replace(lot, '^action/', '') as day
    where program_id = :p and member_id = any(cast(:members as bigint[]))
      and kind = 'earn'
      and (lot like 'action/birthday/%' or lot like 'tier-birthday/%')
    group by program_id, member_id, day
    having sum(points) > 0
    on conflict do nothing
""")
