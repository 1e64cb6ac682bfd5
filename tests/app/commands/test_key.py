"""An owner makes a key for a tool, sees when it was used, and revokes it."""

from __future__ import annotations

import click
import pytest

from app.domain.actions import Review
from app.domain.program import Program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA


def test_a_key_is_shown_once_used_listed_and_revoked(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(actions=(Review(),)))
    line.settle(("customers/create", ADA))
    run(line, "key", "make", DOMAIN, "judge-me")
    [made] = capsys.readouterr().out.splitlines()
    run(line, "key", "list", DOMAIN)
    [listed] = capsys.readouterr().out.splitlines()
    key_id = listed.split()[0]
    assert made not in listed
    assert "judge-me" in listed
    assert "never used  in force" in listed

    def report(key: str) -> int:
        proof = {"Authorization": f"Bearer {made}", "Idempotency-Key": key}
        body = {"customer_id": "7001", "action": "review"}
        return line.client.post("/tools/actions", json=body, headers=proof).status_code

    assert 202 == report("1")
    line.worker.drain()
    run(line, "action", "explain", DOMAIN, "7001")
    assert "review (1): earned 50 points" in capsys.readouterr().out
    run(line, "key", "revoke", DOMAIN, key_id)
    assert 401 == report("2")
    run(line, "key", "list", DOMAIN)
    told = capsys.readouterr().out
    assert "last used 20" in told
    assert "  revoked 20" in told
    with pytest.raises(click.ClickException, match="no key"):
        run(line, "key", "revoke", DOMAIN, key_id)


@pytest.mark.parametrize("label", ["Judge.me", "", "a b", "x" * 41])
def test_a_label_is_a_plain_name(line: TestLine, run: Run, label: str):
    with pytest.raises(click.ClickException, match="a label is"):
        run(line, "key", "make", DOMAIN, label)


def test_keys_of_a_store_that_came_back_have_ended(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    run(line, "key", "make", DOMAIN, "desk")
    line.settle_at(
        line.clock(), "app/uninstalled", {"id": 1, "myshopify_domain": DOMAIN}
    )
    with pytest.raises(click.ClickException, match="has not installed"):
        run(line, "key", "make", DOMAIN, "desk")
    line.add_store(DOMAIN)
    capsys.readouterr()
    run(line, "key", "list", DOMAIN)

    assert "ended with its installation" in capsys.readouterr().out
