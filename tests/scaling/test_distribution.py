"""The tables against the rules by which Citus spreads rows over machines."""

from __future__ import annotations

from sqlalchemy import Connection, text

from tests.builders.line import TestLine

# Copied whole to every machine: they are small, and `store` finds the programme of a
# message, so it cannot itself be found by programme. A copied table may refer to copied
# ones only, hence `program`.
COPIED = {"program", "store"}
UNTOUCHED = {"alembic_version"}

_TABLES = """
    select relname from pg_class
    where relkind in ('r', 'p') and not relispartition
      and relnamespace = 'public'::regnamespace
"""
_UNIQUE_WITHOUT_PROGRAM = """
    select relation.relname, named.relname from pg_index
    join pg_class relation on relation.oid = indrelid
    join pg_class named on named.oid = indexrelid
    where indisunique and relation.relnamespace = 'public'::regnamespace
      and not exists (
          select from pg_attribute
          where attrelid = indrelid and attname = 'program_id'
            and attnum = any(indkey)
      )
"""
# For each foreign key: whether program_id refers to program_id, side by side.
_FOREIGN_KEYS = """
    select source.relname, target.relname, exists (
        select from unnest(conkey, confkey) as pair(ours, theirs)
        join pg_attribute a on a.attrelid = conrelid and a.attnum = ours
        join pg_attribute b on b.attrelid = confrelid and b.attnum = theirs
        where a.attname = 'program_id' and b.attname = 'program_id'
    )
    from pg_constraint
    join pg_class source on source.oid = conrelid
    join pg_class target on target.oid = confrelid
    where contype = 'f' and conparentid = 0
      and source.relnamespace = 'public'::regnamespace
"""
_COUNTING_COLUMNS = """
    select relname || '.' || attname, format_type(atttypid, atttypmod)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relkind in ('r', 'p') and not relispartition
      and relnamespace = 'public'::regnamespace and not attisdropped
      and (attidentity <> '' or pg_get_expr(adbin, adrelid) like 'nextval(%')
"""
_TRIGGERS = """
    select distinct relname from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    where not tgisinternal and relnamespace = 'public'::regnamespace
"""
_POLICIES_THAT_ASK = """
    select count(*) from pg_policies
    where schemaname = 'public' and coalesce(qual, with_check) like '%SELECT%'
"""


def _rows(line: TestLine, question: str) -> list[tuple[object, ...]]:
    with line.as_superuser() as connection:
        return [tuple(row) for row in _asked(connection, question)]


def _asked(connection: Connection, question: str) -> list[object]:
    return list(connection.execute(text(question)).all())


def _distributed(line: TestLine) -> set[object]:
    return {row[0] for row in _rows(line, _TABLES)} - COPIED - UNTOUCHED


def test_each_distributed_table_is_unique_only_together_with_its_program(
    line: TestLine,
):
    distributed = _distributed(line)
    assert {"inbox", "ledger_transaction", "ledger_entry"} <= distributed

    found = _rows(line, _UNIQUE_WITHOUT_PROGRAM)

    assert [] == [row for row in found if row[0] in distributed]
    # And one key of the copied address book spans programmes, as it must.
    assert ["store"] == [row[0] for row in found if row[0] not in UNTOUCHED]


def test_rows_refer_to_rows_of_the_same_program_or_to_copied_tables(line: TestLine):
    distributed = _distributed(line)
    found = _rows(line, _FOREIGN_KEYS)
    assert found

    assert [] == [row for row in found if not row[2]]
    assert [] == [row for row in found if row[0] in COPIED and row[1] in distributed]


def test_columns_that_count_are_wide_enough_for_a_range_a_machine(line: TestLine):
    found = dict(_rows(line, _COUNTING_COLUMNS))

    assert "inbox.message_id" in found
    assert {"bigint"} == set(found.values())


def test_what_would_have_to_change_is_what_the_docs_say(line: TestLine):
    guarded = {row[0] for row in _rows(line, _TRIGGERS)}
    [(policies,)] = _rows(line, _POLICIES_THAT_ASK)

    # Each needs citus.enable_unsafe_triggers; a copied table could not have one at all.
    expected = {"checkpoint", "ledger_entry", "ledger_transaction", "program_version"}
    assert expected == guarded
    assert guarded.isdisjoint(COPIED)
    # Citus refuses policies with subqueries: these would name the function alone.
    assert policies == len(_distributed(line) | COPIED)
