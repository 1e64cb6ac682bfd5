"""Collections of a store that nothing opens are told by a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from app.storage import access
from app.storage.access import Given, Sealed
from app.storage.products import known_products
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine


def test_collections_come_by_the_inbox_and_leave_tags_alone(
    line: TestLine, run: Run, tmp_path: Path
):
    product = {"id": 21, "tags": "sale", "variants": []}
    line.settle(("products/update", product | {"updated_at": "2026-11-01T10:00:00Z"}))
    file = tmp_path / "collections"
    file.write_text('{"product_id": "21", "collection_ids": ["3", "2"]}\n\n')
    run(line, "store", "collections", DOMAIN, str(file))
    assert [row.topic for row in line.inbox()][1:] == ["products/read"]
    line.worker.drain()

    with line.in_program() as connection:
        known = known_products(connection, line.store.program_id, ["21"])
    [found] = known.values()
    assert (found.tags, found.collection_ids) == (("sale",), ("2", "3"))

    file.write_text('{"product_id": 21}')
    with pytest.raises(click.ClickException, match="cannot be read"):
        run(line, "store", "collections", DOMAIN, str(file))


def test_the_list_says_which_stores_refuse_our_tokens(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    given = Given(Sealed("token", "refresh"), (), 3600.0)
    with line.in_program() as connection:
        access.keep(connection, line.keys, line.store, given)

    def listed() -> str:
        run(line, "store", "list")
        return capsys.readouterr().out

    assert listed().endswith("\tinstalled\n")
    with line.in_program() as connection:
        access.note_refused(connection, line.store, 1, is_told=False)
    assert "\tinstalled, did not know the app at 20" in listed()
    with line.in_program() as connection:
        access.note_refused(connection, line.store, 1)
    assert "\tinstalled, refuses our tokens since 20" in listed()

    line.tamper(
        "update store set uninstalled_at = refused_since from store_access;"
        " update store_access set tokens = null"
    )
    assert ", since when it refuses our tokens and is silent\n" in listed()
    line.tamper("update store set uninstalled_at = now()")
    assert listed().endswith(f"\tuninstalled at {datetime.now(UTC):%Y-%m-%d %H:%M}\n")
