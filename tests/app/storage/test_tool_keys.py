"""Keys of tools: kept by their hash alone, found by those who see nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import ProgrammingError

from app.storage import tool_keys
from tests.builders.line import DOMAIN, TestLine


def test_of_a_key_only_its_hash_is_kept(line: TestLine):
    key = tool_keys.new_key()
    with line.in_program() as connection:
        tool_keys.keep(connection, line.store, "desk", key)

    assert len(key) > 40
    assert key != tool_keys.new_key()
    assert not line.mentions(key, key.removeprefix(tool_keys.PREFIX))


def test_whose_a_key_is_can_be_found_without_seeing_any_programme(line: TestLine):
    other = line.add_store("other.myshopify.com")
    keys = [tool_keys.new_key() for _ in range(2)]
    for store, key in zip((line.store, other), keys, strict=True):
        with line.database.program(store.program_id) as connection:
            tool_keys.keep(connection, store, "desk", key)
    with line.database.receiver() as connection:
        found = [tool_keys.program_of(connection, key) for key in (*keys, "none")]
    assert [line.store.program_id, other.program_id, None] == found

    with line.in_program() as connection:
        assert tool_keys.opened_by(connection, other.program_id, keys[1]) is None
    for column in ("label", "store_id", "*"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            line.database.receiver() as connection,
        ):
            connection.exec_driver_sql(f"select {column} from tool_key")


def test_when_a_key_was_last_used_is_known_to_the_minute(line: TestLine):
    key = tool_keys.new_key()
    with line.in_program() as connection:
        tool_keys.keep(connection, line.store, "desk", key)
    seen = []
    for _ in range(2):
        with line.in_program() as connection:
            opened = tool_keys.opened_by(connection, line.store.program_id, key)
            assert opened
            assert DOMAIN == opened[1].domain
            seen.append(opened[0].last_used_at)
            tool_keys.note_use(connection, opened[0])
            tool_keys.note_use(connection, opened[0])

    assert [None, True] == [seen[0], seen[1] is not None]
