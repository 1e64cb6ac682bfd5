"""Writes many rows with one statement, which PostgreSQL prepares once; picks some.

Rows to write travel as one JSON document: to send a batch costs one round trip, and
neither SQLAlchemy nor the driver looks at each value. What is JSON itself travels
beside it, a line a row: within it, PostgreSQL would take it apart to pass it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    Text,
    TextClause,
    any_,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, all with the same columns."""
    if rows:
        names = tuple(rows[0])
        connection.execute(_insert(table, names), _values(table, rows))


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, or set those that are there to what these say."""
    if rows:
        names = tuple(rows[0])
        connection.execute(_upsert(table, names), _values(table, rows))


def change(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Set columns of rows that are there, by primary key; return how many were."""
    if not rows:
        return 0
    names = tuple(rows[0])
    return connection.execute(_update(table, names), _values(table, rows)).rowcount


def among(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of some values, sent as one array."""
    if not isinstance(column.type, Text):
        return column == any_(literal(list(values), ARRAY(column.type)))
    # The driver looks for what to quote in every text of an array.
    sent = literal(document(list(values)), Text())
    texts = func.json_array_elements_text(cast(sent, JSON))
    return column == any_(func.array(select(texts).scalar_subquery()))


def newest(
    table: Table, program_id: int, state: str | None, by: str, limit: int
) -> Select[Any]:
    """Return the query for the newest rows of a programme in a state, or in any."""
    query = select(table).where(table.c.program_id == program_id)
    if state is not None:
        query = query.where(table.c.state == state)
    return query.order_by(table.c[by].desc()).limit(limit)


def document(rows: Sequence[Any]) -> str:
    """Return rows as the JSON that a statement of one's own can read."""
    return msgspec.json.encode(rows).decode()


def _values(table: Table, rows: Sequence[Row]) -> dict[str, str]:
    """Return what `_source` asks for: the rows, and lines of what is JSON itself."""
    names = tuple(rows[0])
    binary, nested = _of_type(table, names, LargeBinary), _of_type(table, names, JSON)
    lines = {name: _lines(row[name] for row in rows) for name in nested}
    if binary or nested:
        apart = dict.fromkeys(nested)
        rows = [
            {**row, **apart, **{name: "\\x" + row[name].hex() for name in binary}}
            for row in rows
        ]
    return {"rows": document(rows), **lines}


def _lines(values: Iterable[Any]) -> str:
    """Return values as JSON, a line each: in JSON no line breaks within a value."""
    return _encoder.encode_lines(values).decode().removesuffix("\n")


_encoder = msgspec.json.Encoder()


@cache
def _of_type(
    table: Table, names: tuple[str, ...], kind: type[TypeEngine[Any]]
) -> tuple[str, ...]:
    return tuple(name for name in names if isinstance(table.c[name].type, kind))


@cache
def _source(table: Table, names: tuple[str, ...]) -> str:
    nested = _of_type(table, names, JSON)
    others = [name for name in names if name not in nested]
    kinds = {name: table.c[name].type.compile(_DIALECT) for name in names}
    typed = ", ".join(f"{name} {kinds[name]}" for name in others)
    rows = f"json_to_recordset(cast(:rows as json)) as ({typed})"
    lines = [f"string_to_table(:{name}, E'\\n', 'null')" for name in nested]
    columns = ", ".join([*others, *nested])
    listed = ", ".join(
        f"cast({name} as {kinds[name]}) as {name}" if name in nested else name
        for name in names
    )
    together = f"rows from ({', '.join([rows, *lines])}) as told ({columns})"
    return f"select {listed} from {together}"  # noqa: S608 - names of our own tables


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@cache
def _insert(table: Table, names: tuple[str, ...]) -> TextClause:
    head = f"insert into {table} ({', '.join(names)})"
    return text(f"{head} {_source(table, names)}")


@cache
def _upsert(table: Table, names: tuple[str, ...]) -> TextClause:
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{n} = excluded.{n}" for n in names if n not in keys)
    on_conflict = f"on conflict ({', '.join(keys)}) do update set {changes}"
    return text(f"{_insert(table, names).text} {on_conflict}")


@cache
def _update(table: Table, names: tuple[str, ...]) -> TextClause:
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{n} = news.{n}" for n in names if n not in keys)
    where = " and ".join(f"{table}.{key} = news.{key}" for key in keys)
    source = f"({_source(table, names)}) as news"
    return text(f"update {table} set {changes} from {source} where {where}")  # noqa: S608
