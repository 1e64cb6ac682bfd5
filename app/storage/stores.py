"""Stores and the programmes that they belong to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    cast,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.domain.errors import ProgramOvertaken, UnknownStore
from app.domain.labels import LabelKind
from app.domain.program import Program
from app.domain.rewards import Reward
from app.storage import tables
from app.storage.database import Database
from app.storage.program_document import dump_program, load_program
from app.storage.rows import among
from app.storage.tier_standings import have_settled

_store = tables.store
_version = tables.program_version

# So many versions of programmes stay read in a process: a version never changes.
_READ_MAX = 512


@dataclass(frozen=True)
class Store:
    """A store in which Tallymark is, or was, installed."""

    program_id: int
    store_id: int
    platform: str
    domain: str
    currency: str
    timezone: str
    installed_at: datetime
    install_count: int
    uninstalled_at: datetime | None
    opened_at: datetime | None
    redacted_install: int = 0

    def identity(self, customer_id: str) -> str:
        """Return what keyed names call a customer.

        It is another name once everybody of the store was forgotten: who comes back
        with it is somebody new, to whom nothing of before leads.
        """
        if not self.redacted_install:
            return customer_id
        return f"{customer_id} after {self.redacted_install}"


def as_store(row: Any) -> Store:
    """Return the store of a row that has all its columns."""
    return Store(**{name: getattr(row, name) for name in Store.__dataclass_fields__})


def install(
    database: Database, platform: str, domain: str, currency: str, timezone: str
) -> Store:
    """Install a store with the default programme of its own, or install it again.

    A store that comes back keeps its programme, its members and their points.
    """
    with database.auditor() as connection:
        known = find_store(connection, platform, domain)
    if known:
        with database.program(known.program_id) as connection:
            _install_again(connection, known)
    else:
        with database.program(0) as connection:
            program_id: int = connection.execute(_NEXT_PROGRAM).scalar_one()
        store = {
            "program_id": program_id,
            "platform": platform,
            "domain": domain,
            "currency": currency,
            "timezone": timezone,
        }
        # Where another was faster, the store is there, which is all that was asked.
        with suppress(IntegrityError), database.program(program_id) as connection:
            connection.execute(insert(tables.program).values(program_id=program_id))
            save_program(connection, program_id, Program(), effective_at=None)
            connection.execute(insert(_store).values(store))
    with database.auditor() as connection:
        return the_store(connection, platform, domain)


_NEXT_PROGRAM = text("select nextval('program_id_seq')")


def _install_again(connection: Connection, store: Store) -> None:
    connection.execute(
        update(_store)
        .where(*_is(store))
        .values(
            uninstalled_at=None,
            installed_at=func.clock_timestamp(),
            install_count=_store.c.install_count + 1,
        )
    )


def _is(store: Store) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _store.c.program_id == store.program_id, _store.c.store_id == store.store_id


def addresses(
    connection: Connection, platform: str, domains: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Return programme and store at these domains: what a sweeper may see of them."""
    found = connection.execute(
        select(_store.c.domain, _store.c.program_id, _store.c.store_id).where(
            _store.c.platform == platform, among(_store.c.domain, domains)
        )
    )
    return {row.domain: (row.program_id, row.store_id) for row in found}


def find_store(connection: Connection, platform: str, domain: str) -> Store | None:
    """Return the store at that domain, None where there is none."""
    query = select(_store).where(
        _store.c.platform == platform, _store.c.domain == domain
    )
    row = connection.execute(query).one_or_none()
    return as_store(row) if row else None


def the_store(connection: Connection, platform: str, domain: str) -> Store:
    """Return the store at that domain; raises UnknownStore where there is none."""
    found = find_store(connection, platform, domain)
    if found is None:
        raise UnknownStore(
            f"no {platform} store {domain} is installed: add it with "
            f"`tallymark store add {domain} --platform {platform}`"
        )
    return found


def stores_of(connection: Connection, program_id: int) -> dict[int, Store]:
    """Return the stores of a programme by their id."""
    rows = connection.execute(select(_store).where(_store.c.program_id == program_id))
    return {row.store_id: as_store(row) for row in rows}


def all_stores(connection: Connection) -> list[Store]:
    """Return every store, in the order in which they were added."""
    rows = connection.execute(select(_store).order_by(_store.c.store_id))
    return [as_store(row) for row in rows]


def all_programs(connection: Connection) -> list[int]:
    """Return every programme, in the order in which they were made."""
    query = select(tables.program.c.program_id).order_by(tables.program.c.program_id)
    return list(connection.execute(query).scalars())


def note_currency(connection: Connection, store: Store, currency: str) -> None:
    """Keep the currency that the store's own orders show."""
    connection.execute(update(_store).where(*_is(store)).values(currency=currency))


def note_opened(connection: Connection, store: Store, at: datetime) -> None:
    """Keep when somebody last opened the app in the store, by the store's clock."""
    connection.execute(
        update(_store)
        .where(*_is(store))
        .where(_store.c.opened_at.is_(None) | (_store.c.opened_at < at))
        .values(opened_at=at)
    )


def save_program(
    connection: Connection,
    program_id: int,
    program: Program,
    effective_at: datetime | None,
    *,
    seen: int | None = None,
) -> int:
    """Add a version of a program and return its number; no version ever changes.

    Orders placed before `effective_at` keep the version before; None is for the first.
    Raises InvalidProgram where the program would not load again, and ProgramOvertaken
    where `seen`, if given, is not the newest version so far.
    """
    document = dump_program(program)
    load_program(document)
    connection.execute(_LOCK_PROGRAM, {"program": f"program/{program_id}"})
    latest = connection.execute(
        select(func.max(_version.c.version)).where(_version.c.program_id == program_id)
    ).scalar()
    if seen is not None and seen != latest:
        raise ProgramOvertaken
    version = (latest or 0) + 1
    connection.execute(
        insert(_version).values(
            program_id=program_id,
            version=version,
            effective_at=effective_at,
            document=document,
        )
    )
    changes_tiers = effective_at and has_tiers(connection, program_id)
    if changes_tiers or program.has_engagement:
        have_settled(connection, program_id, effective_at)
    return version


def has_tiers(connection: Connection, program_id: int) -> bool:
    """Return whether any version of a programme has tiers."""
    versions = program_history(connection, program_id).versions
    return any(program.tiers for _, program in versions)


def has_budgets(connection: Connection, program_id: int) -> bool:
    """Return whether any version of a programme has budgets."""
    versions = program_history(connection, program_id).versions
    return any(program.budgets for _, program in versions)


_LOCK_PROGRAM = text("select pg_advisory_xact_lock(hashtextextended(:program, 2))")


@dataclass(frozen=True)
class ProgramHistory:
    """All versions of a programme, oldest first, each with the time it took effect."""

    versions: tuple[tuple[datetime | None, Program], ...]

    def at(self, moment: datetime) -> Program:
        """Return the version in force at a moment; the first covers all the past."""
        in_force = [
            program
            for since, program in self.versions
            if since is None or since <= moment
        ]
        return in_force[-1] if in_force else self.versions[0][1]

    def next_change(self, moment: datetime) -> datetime | None:
        """Return when the next version takes effect that has been made already."""
        begins = (since for since, _ in self.versions if since and since > moment)
        return min(begins, default=None)

    @property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that points depend on, in any version."""
        return frozenset().union(*(program.labels for _, program in self.versions))

    def version(self, number: int) -> Program:
        """Return a version by its number."""
        return next(each for _, each in self.versions if each.version == number)

    @cached_property
    def names_plans(self) -> bool:
        """Whether a tier of any version comes with a selling plan."""
        return any(each.tiers.grants_by_plan for _, each in self.versions)

    def names_plans_since(self, moment: datetime) -> bool:
        """Whether a tier comes with a selling plan at a moment, or at a later one."""
        begins = (since for since, _ in self.versions if since and since > moment)
        return any(self.at(at).tiers.grants_by_plan for at in (moment, *begins))

    @cached_property
    def rewards(self) -> dict[str, Reward]:
        """Return every reward there ever was by its id, as its last version has it."""
        programs = (program for _, program in self.versions)
        return {each.id: each for program in programs for each in program.rewards}

    @cached_property
    def points_end(self) -> bool:
        """Whether points of any version end by themselves."""
        return any(each.ends_points for _, each in self.versions)

    @cached_property
    def points_lapse(self) -> bool:
        """Whether points of any version end for want of activity."""
        months = (each.expires_after_inactive_months for _, each in self.versions)
        return any(months)

    @cached_property
    def brings_friends(self) -> bool:
        """Whether members may ever have been paid for bringing friends."""
        return any(each.referral for _, each in self.versions)


def program_history(connection: Connection, program_id: int) -> ProgramHistory:
    """Return every version of a programme."""
    rows = connection.execute(
        select(
            _version.c.version,
            _version.c.effective_at,
            cast(_version.c.document, Text).label("document"),
        )
        .where(_version.c.program_id == program_id)
        .order_by(_version.c.version)
    )
    return ProgramHistory(
        tuple((row.effective_at, _read(row.document, row.version)) for row in rows)
    )


@lru_cache(_READ_MAX)
def _read(document: str, version: int) -> Program:
    """Return what a document says; to read one takes some milliseconds."""
    return load_program(json.loads(document), version)
