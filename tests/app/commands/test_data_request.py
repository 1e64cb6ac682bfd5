"""What shoppers asked for is listed until it was handed on, and then noted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import click
import pytest
import structlog

from app.domain.errors import UnknownStore
from app.storage import data_requests
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, an_order

REQUEST = {"shop_domain": DOMAIN, "customer": ADA, "data_request": {"id": 99}}
TOPIC = "customers/data_request"
ID = f"{DOMAIN}-99"


def _asked(line: TestLine, *, days_ago: int = 0, request_id: int = 99) -> Any:
    body = REQUEST | {"data_request": {"id": request_id}}
    at = line.clock() - timedelta(days=days_ago)
    line.settle_at(at, TOPIC, body)
    return at


def test_a_request_is_logged_and_listed_without_telling_who_asked(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.settle(("orders/paid", an_order()))
    with structlog.testing.capture_logs() as logs:
        at = _asked(line)
    run(line, "data-request", "list")
    told = capsys.readouterr().out

    [logged] = [each for each in logs if each["event"] == "data request to answer"]
    end = f"{at + timedelta(days=30):%Y-%m-%d}"
    assert (logged["request"], logged["answer_by"]) == (ID, end)
    path = line.home / "data_requests" / f"{ID}.json"
    came = f"{at:%Y-%m-%d %H:%M}"
    assert told == f"{ID}  came {came}  answer by {end}  {path}\n"
    for word in ("7001", "ada", "Ada"):
        assert word not in told + str(logs)


def test_what_was_handed_on_is_deleted_and_noted(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    _asked(line)
    run(line, "data-request", "done", ID)
    assert f"deleted what was kept for {ID}\n" == capsys.readouterr().out

    run(line, "data-request", "list", DOMAIN)
    assert "none\n" == capsys.readouterr().out
    [left] = (line.home / "data_requests").iterdir()
    note = json.loads(left.read_text())
    assert {"id": ID} == {"id": note.pop("id")}
    assert {"requested_at", "answered_at"} == set(note)
    with pytest.raises(click.ClickException, match="data-request list"):
        run(line, "data-request", "done", ID)


def test_the_oldest_comes_first_and_what_is_too_late_is_said_to_be(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    _asked(line)
    _asked(line, days_ago=31, request_id=98)
    run(line, "data-request", "list", DOMAIN)
    first, second = capsys.readouterr().out.splitlines()

    assert first.startswith(f"{DOMAIN}-98  came ")
    assert "  LATE  " in first
    assert "LATE" not in second


def test_a_store_that_is_not_there_has_no_empty_list(line: TestLine, run: Run):
    with pytest.raises(UnknownStore):
        run(line, "data-request", "list", "tset.myshopify.com")


def test_the_same_request_again_puts_nothing_off(line: TestLine):
    at = _asked(line, days_ago=5)
    _asked(line)

    [kept] = data_requests.unanswered(line.home)
    assert abs(kept.requested_at - at) < timedelta(seconds=1)


@pytest.mark.parametrize("id_", ["../secret_key", "answered", "", "*"])
def test_no_other_file_can_be_named(line: TestLine, run: Run, id_: str):
    _asked(line)
    with pytest.raises(click.ClickException, match="data-request list"):
        run(line, "data-request", "done", id_)
    assert data_requests.unanswered(line.home)


def test_verify_says_that_one_is_nearly_too_late(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    _asked(line, days_ago=21)
    run(line, "verify")
    assert "look at this: data-requests-are-answered" in capsys.readouterr().err
