"""A store is asked for what it did not tell, or it is said why it cannot be."""

from __future__ import annotations

import click
import pytest

from app.domain.errors import UnknownStore
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine


def test_a_store_that_nothing_opens_cannot_be_asked(line: TestLine, run: Run):
    with pytest.raises(click.ClickException, match=f"nothing opens {DOMAIN}"):
        run(line, "reconcile", DOMAIN, "--since", "2026-11-01", SHOPIFY_API_SECRET="x")


def test_a_moment_that_is_yet_to_come_is_refused(line: TestLine, run: Run):
    with pytest.raises(click.BadParameter, match="must be some minutes ago"):
        run(line, "reconcile", DOMAIN, "--since", "2199-11-01")


def test_an_unknown_store_is_named(line: TestLine, run: Run):
    with pytest.raises(UnknownStore, match="other"):
        run(line, "reconcile", "other.example.com", "--since", "2026-11-01")
