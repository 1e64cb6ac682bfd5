"""What the widget asks: where shoppers stand, read for many of them at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.domain.engagement.progress import Progress
from app.domain.errors import InvalidProgram
from app.domain.standing import Standing
from app.domain.tiers.standing import TierStanding
from app.storage import stores
from app.storage.actions import as_progress, progress_of
from app.storage.database import Database
from app.storage.identities import Identities
from app.storage.standings import as_standing, find_standing
from app.storage.stores import ProgramHistory, Store
from app.storage.tier_standings import as_tier_standing, find_tier

_KEPT = 4096


@dataclass(frozen=True)
class Question:
    """Where a customer of the store at a domain stands; nobody's, if None."""

    platform: str
    domain: str
    customer_id: str | None


@dataclass(frozen=True, eq=False)
class View:
    """A store's programs, and where the member stands who asked, if there is one.

    It stays the same one for as long as nothing of it changes.
    """

    store: Store
    programs: ProgramHistory
    member_id: int | None
    standing: Standing
    last_sequence: int
    progress: Progress
    changes: int = 0
    tier: TierStanding | None = None


class Views:
    """Answers from the database, remembering only what never changes.

    A store never changes its programme, and a version of a programme never changes.
    """

    def __init__(self, database: Database) -> None:
        """Read from this database."""
        self._database = database
        self._addresses: dict[tuple[str, str], tuple[int, int]] = {}
        self._programs: dict[int, tuple[int, ProgramHistory]] = {}
        self._of_row = lru_cache(_KEPT)(self._view)

    def look(self, questions: list[Question]) -> list[View | InvalidProgram | None]:
        """Return a view for each question, None where no such store is installed.

        The error where a later release wrote the programme; others get their views.
        """
        wanted: dict[tuple[int, int] | None, list[Question]] = defaultdict(list)
        for question in questions:
            wanted[self._address(question)].append(question)
        wanted.pop(None, None)
        views: dict[Question, View | InvalidProgram] = {}
        for (program_id, store_id), theirs in wanted.items():  # type: ignore[misc]
            try:
                views |= self._in_store(program_id, store_id, theirs)
            except InvalidProgram as error:
                views |= dict.fromkeys(theirs, error)
        return [views.get(question) for question in questions]

    def _address(self, question: Question) -> tuple[int, int] | None:
        key = question.platform, question.domain
        if key not in self._addresses:
            with self._database.receiver() as connection:
                found = stores.addresses(connection, key[0], [key[1]])
            self._addresses |= {(key[0], domain): at for domain, at in found.items()}
        return self._addresses.get(key)

    def _in_store(
        self, program_id: int, store_id: int, questions: list[Question]
    ) -> dict[Question, View]:
        names = {each.customer_id or "": each for each in questions}
        values = {"p": program_id, "s": store_id, "names": list(names)}
        rows = self._database.program_rows(program_id, _VIEW, values)
        return {
            names[row.wanted]: self._of_row(row)
            if row.merged_into is None
            else self._merged(row)
            for row in rows
        }

    def _view(self, row: Any) -> View:
        store, programs = self._store(row)
        if row.member_id is None:
            return View(store, programs, None, Standing(), 0, Progress())
        return View(
            store,
            programs,
            row.member_id,
            as_standing(row),
            row.last_sequence,
            as_progress(row.progress),
            row.changes,
            as_tier_standing(row),
        )

    def _store(self, row: Any) -> tuple[Store, ProgramHistory]:
        store = Store(*row[: len(_STORE)])
        return store, self._history(store.program_id, row.latest_version)

    def _merged(self, row: Any) -> View:
        """Return the view of a customer who became part of another."""
        store, programs = self._store(row)
        program_id = store.program_id
        with self._database.program(program_id) as connection:
            people = Identities(connection, program_id, store.store_id)
            [customer] = people.customers([row.wanted]).values()
            member_id = people.following(customer).member_id
            found = find_standing(connection, program_id, member_id)
            tier = find_tier(connection, program_id, member_id)
            known = progress_of(connection, program_id, [member_id])
        progress = known.get(member_id, Progress())
        standing, last, changes = found
        return View(store, programs, member_id, standing, last, progress, changes, tier)

    def _history(self, program_id: int, latest: int) -> ProgramHistory:
        known = self._programs.get(program_id)
        if known is None or known[0] != latest:
            with self._database.program(program_id) as connection:
                known = latest, stores.program_history(connection, program_id)
            self._programs[program_id] = known
        return known[1]


_STORE = tuple(Store.__dataclass_fields__)

# The columns of the store come first, as `Store` has them.
_VIEW = f"""
    select {", ".join(f"store.{name}" for name in _STORE)}, wanted.name as wanted,
           (select max(version) from program_version where program_id = %(p)s)
               as latest_version,
           customer.merged_into, member.member_id, member.last_sequence,
           member.changes, member.pending, member.available, member.reserved,
           member.owed, member.issued, member.tier, member.tier_since,
           member.tier_until, cast(member.tier_told as text) as tier_told,
           cast(member_progress.document as text) as progress
    from unnest(cast(%(names)s as text[])) as wanted (name)
    join store on store.program_id = %(p)s and store.store_id = %(s)s
    left join customer on customer.program_id = %(p)s and customer.store_id = %(s)s
                      and customer.customer_id = wanted.name
    left join member on member.program_id = %(p)s
                    and member.member_id = customer.member_id
    left join member_progress on member_progress.program_id = %(p)s
                             and member_progress.member_id = member.member_id
"""  # noqa: S608 - the names of our own columns
