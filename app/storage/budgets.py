"""Budgets: what each order and surprise was allotted of them, and how much is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select, text

from app.domain.allotments import Allotment
from app.storage import budget_tables, rows
from app.storage.rows import among

_allotment, _use = budget_tables.allotment, budget_tables.budget_use


def used_of(
    connection: Connection, program_id: int, names: Iterable[str]
) -> dict[str, int]:
    """Return how many points of budgets are used, by name."""
    found = connection.execute(
        select(_use.c.name, _use.c.used).where(
            _use.c.program_id == program_id, among(_use.c.name, names)
        )
    )
    return {row.name: row.used for row in found}


def lock_budgets(
    connection: Connection, program_id: int, names: Iterable[str]
) -> dict[str, int]:
    """Lock budgets, in the order of their names, and return how much is used."""
    values = {"p": program_id, "names": rows.document(sorted(set(names)))}
    connection.execute(_BEGIN, values)
    return {row.name: row.used for row in connection.execute(_LOCK, values)}


_BEGIN = text("""
    insert into budget_use (program_id, name)
    select :p, name from json_array_elements_text(cast(:names as json)) as wanted (name)
    on conflict do nothing
""")

_LOCK = text("""
    select name, used from budget_use
    where program_id = :p
      and name in (select json_array_elements_text(cast(:names as json)))
    order by name
    for update
""")


def allotments_of(
    connection: Connection, program_id: int, lots: Iterable[str]
) -> dict[str, list[Allotment]]:
    """Return what lots were allotted, by lot."""
    found: dict[str, list[Allotment]] = defaultdict(list)
    columns = [_allotment.c[name] for name in Allotment.__dataclass_fields__]
    for row in connection.execute(
        select(*columns)
        .where(_allotment.c.program_id == program_id)
        .where(among(_allotment.c.lot, lots))
        .order_by(_allotment.c.budget)
    ):
        found[row.lot].append(Allotment(*row))
    return found


def save_allotments(
    connection: Connection,
    program_id: int,
    changes: Iterable[tuple[Allotment | None, Allotment]],
) -> None:
    """Keep allotments as they are now, each given with what it was before."""
    changes = list(changes)
    if not changes:
        return
    more = Counter[str]()
    for before, now in changes:
        more[now.budget] += now.used - (before.used if before else 0)
    used = lock_budgets(connection, program_id, more)
    sums = [
        {"program_id": program_id, "name": name, "used": used[name] + points}
        for name, points in more.items()
    ]
    rows.put(connection, _use, sums)
    kept = [{"program_id": program_id, **vars(now)} for _, now in changes]
    rows.put(connection, _allotment, kept)


def rebuild_sums(connection: Connection, program_id: int) -> int:
    """Make what is used of each budget anew; return how many were different."""
    names = select(_use.c.name).where(_use.c.program_id == program_id)
    lock_budgets(connection, program_id, connection.execute(names).scalars())
    return connection.execute(_REBUILD, {"p": program_id}).rowcount


_REBUILD = text("""
    update budget_use set used = found.total
    from (
        select name, coalesce(sum(allotment.used), 0) as total
        from budget_use left join allotment
          on allotment.program_id = budget_use.program_id and budget = name
        where budget_use.program_id = :p
        group by name
    ) as found
    where program_id = :p and budget_use.name = found.name
      and budget_use.used <> found.total
""")
