"""What the command for past orders says: what the store hides, what it would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.commands import backfill
from app.config import Settings
from app.domain.program import Program
from app.domain.valuation import Valuation
from app.platforms.shopify.scopes import ALL_ORDERS
from app.storage import access
from app.storage.access import Given, Sealed
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order
from tests.workers.test_backfill import ArchiveInMemory
from workers.runtime import make_backfilling

Say = Callable[..., str]


@pytest.fixture
def say(
    line: TestLine,
    run: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """A function that looks at a past order of 100.00 EUR; what the command says."""
    past = ArchiveInMemory(an_order(processed_at=line.days_ago(9)))

    def on_its_archive(settings: Settings):
        return replace(make_backfilling(settings), archive_of=lambda _: past)

    monkeypatch.setattr(backfill, "make_backfilling", on_its_archive)

    def say(*more: str) -> str:
        run(line, "backfill", DOMAIN, "--dry-run", *more)
        told = capsys.readouterr()
        return told.out + told.err

    return say


def _is_opened_with(line: TestLine, *scopes: str) -> None:
    given = Given(Sealed("token"), scopes, None)
    with line.in_program() as connection:
        access.keep(connection, line.keys, line.store, given)


def test_it_is_said_where_the_store_shows_less_than_is_asked_for(
    line: TestLine, say: Say
):
    long_ago = (datetime.now(UTC) - timedelta(days=61)).strftime("%Y-%m-%d")
    lately = (datetime.now(UTC) - timedelta(days=50)).strftime("%Y-%m-%d")
    hint = "shows orders of the last 60 days alone: it has not granted"
    # What a token does not tell is not guessed at.
    _is_opened_with(line)
    assert hint not in say()
    _is_opened_with(line, "read_orders")

    assert f"{DOMAIN} {hint} `{ALL_ORDERS}`" in say()
    assert hint in say("--since", long_ago)
    assert hint not in say("--since", lately)
    _is_opened_with(line, "read_orders", ALL_ORDERS)
    assert hint not in say()


def test_what_past_orders_would_cost_is_said_by_what_points_are_worth(
    line: TestLine, say: Say
):
    assert "They would earn 100 points: 100 more" in say()
    assert "Not in it: in which order shoppers draw on a budget" in say()
    assert "in money, the programme does not say: it values no points" in say()
    worth = Valuation(per_100_points=Decimal(5), spent_percent=Decimal(80))
    line.set_program(Program(valuation=worth))

    assert (
        "What is left of them would be a liability of 4.00 EUR: 5 for 100 points, "
        "of which 80% are expected to be spent."
    ) in say()
