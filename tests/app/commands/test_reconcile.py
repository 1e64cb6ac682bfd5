"""A store is asked for what it did not tell, or it is said why it cannot be."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from app.domain.errors import UnknownStore
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN, sandbox_address
from app.storage import reconciliations
from tests.app.commands.conftest import Run
from tests.builders.installation import Installation
from tests.builders.line import DOMAIN, TestLine
from tests.builders.open_store import SECRET, served


def test_a_store_that_nothing_opens_cannot_be_asked(line: TestLine, run: Run):
    with pytest.raises(click.ClickException, match=f"nothing opens {DOMAIN}"):
        run(line, "reconcile", DOMAIN, "--since", "2026-11-01", SHOPIFY_API_SECRET="x")


def test_a_moment_that_is_yet_to_come_is_refused(line: TestLine, run: Run):
    with pytest.raises(click.BadParameter, match="must be some minutes ago"):
        run(line, "reconcile", DOMAIN, "--since", "2199-11-01")


def test_an_unknown_store_is_named(line: TestLine, run: Run):
    with pytest.raises(UnknownStore, match="other"):
        run(line, "reconcile", "other.example.com", "--since", "2026-11-01")


def _an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_what_was_found_is_told_with_how_far_it_is(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    with served(tmp_path / "shop", clock=_an_hour_ago) as shop:
        site = Installation(line, shop)
        site.open()
        mary = shop.store.customers.register("Mary", "mary@example.com")
        address = sandbox_address(line.home)
        address.parent.mkdir()
        address.write_text(shop.url)
        app = {"SHOPIFY_API_KEY": SANDBOX_CLIENT_ID, "SHOPIFY_API_SECRET": SECRET}
        since = f"{_an_hour_ago() - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
        run(line, "reconcile", SANDBOX_DOMAIN, "--since", since, **app)
        line.worker.drain()
        run(line, "reconcile", SANDBOX_DOMAIN, "--since", since, "--dry-run", **app)
        assert site.store
        line.store = site.store
        line.adjust(mary.id, 5)
        became = SANDBOX_DOMAIN, str(mary.id), str(shop.ada.id)
        with pytest.raises(click.ClickException, match=f"{mary.id} still"):
            run(line, "merged", *became, **app)
        shop.store.customers.merge(shop.ada.id, mary.id)
        with pytest.raises(click.ClickException, match=f"no customer {mary.id}"):
            run(line, "merged", became[0], "1", became[1], **app)
        run(line, "merged", *became, **app)
        line.worker.drain()
        assert 5 == line.standing(shop.ada.id).available
        line.tamper("update reconciliation set until = until - interval '3 days'")
        run(line, "reconcile", SANDBOX_DOMAIN, "--since", since, **app)
        with line.in_program() as connection:
            last, first = reconciliations.latest(connection, site.store, 2)
        run(line, "store", "looks", SANDBOX_DOMAIN)
        site.close()

    told, steps = capsys.readouterr()
    # What changed since the last look is not left out, though nobody asked for it.
    assert last.since == first.until - timedelta(hours=1)
    assert 1 == told.count("It begins earlier, at ")
    assert f"It begins earlier, at {last.since:%Y-%m-%d %H:%M} UTC, to leave" in told
    until = re.search(r" to ([-0-9]+ [:0-9]+) UTC, what came later waits", told)
    assert until
    assert timedelta(minutes=5) <= datetime.now(UTC) - datetime.fromisoformat(
        f"{until[1]}Z"
    )
    assert "0 joins and leaves of segments were not told" in told
    assert "0 of 0 known customers were merged" in told
    assert "1 customers changed: of 1 something was not told" in told
    assert "1 customers changed: of 0 something was not told" in told
    assert told.endswith("  1 customers changed\n")
    assert "Customers are compared: 1 of 1" in steps
    assert "Customers are asked after: 1 of 1" in steps
    assert "\x1b" not in told + steps
