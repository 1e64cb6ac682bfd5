"""Health, readiness, figures, and the front door."""

from datetime import datetime

import pytest
import structlog

from app.main import create_app
from tests.builders.line import TestLine
from tests.builders.shopify import an_order


def test_it_is_up_and_ready(line: TestLine):
    assert {"status": "up"} == line.client.get("/healthz").get_json()
    ready = line.client.get("/readyz")
    assert (200, {"database": True, "migrations": True, "redis": True}) == (
        ready.status_code,
        ready.get_json(),
    )


def test_it_is_ready_with_later_tables_and_not_with_older(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    line.tamper("update alembic_version set version_num = 'another'")

    assert 200 == line.client.get("/readyz").status_code
    monkeypatch.setattr("app.storage.database.EARLIER", frozenset({"another"}))
    assert 503 == line.client.get("/readyz").status_code


def test_the_figures_follow_the_ledger(line: TestLine):
    line.settle(("orders/paid", an_order()), ("orders/paid", b"{"))

    told = line.client.get("/metrics").get_data(as_text=True)

    assert "tallymark_database_up 1.0" in told
    assert 'tallymark_inbox_messages{state="waiting"} 0.0' in told
    assert 'tallymark_inbox_messages{state="quarantined"} 1.0' in told
    assert 'tallymark_points{account="available"} 100.0' in told
    assert 'tallymark_settle_delay_seconds{quantile="0.99"}' in told


def test_a_deep_look_says_what_does_not_hold(line: TestLine):
    line.settle(("orders/paid", an_order()))
    assert 200 == line.client.get("/readyz?deep=1").status_code

    line.tamper("update lot set available = 7; update member set due_at = '2020-01-01'")
    again = create_app(line.settings).test_client()
    told = again.get("/readyz?deep=1")

    assert 503 == told.status_code
    assert {
        "violated": ["lots-hold-balances", "lots-follow-entries"],
        "alerts": ["nothing-due-is-forgotten"],
        "unseen": [],
    } == told.get_json()["invariants"]
    assert 200 == again.get("/readyz").status_code


def test_a_deep_look_is_not_taken_anew_for_everybody_who_asks(line: TestLine):
    assert 200 == line.client.get("/readyz?deep=1").status_code
    line.tamper("update member set due_at = '2020-01-01'; drop table lot")

    assert 200 == line.client.get("/readyz?deep=1").status_code


def test_a_deep_look_waits_for_nobody(line: TestLine):
    with line.as_superuser() as connection:
        connection.exec_driver_sql("lock table lot in access exclusive mode")
        told = line.client.get("/readyz?deep=1").get_json()["invariants"]

    assert "lots-not-negative" in told["unseen"]


def test_the_figures_tell_what_the_clock_found(line: TestLine):
    line.settle(("orders/paid", an_order()))
    assert "invariant" not in line.client.get("/metrics").get_data(as_text=True)
    line.tamper("update lot set available = 7")

    with structlog.testing.capture_logs() as logs:
        inspection = line.a_clock(line.home).inspection
        inspection.begin()
        inspection.wait()
        inspection.begin()

    told = line.client.get("/metrics").get_data(as_text=True)
    assert 'tallymark_invariant_violations{invariant="lots-hold-balances"} 1.0' in told
    assert 'tallymark_invariant_violations{invariant="chains-are-linked"} 0.0' in told
    assert "tallymark_invariants_looked_at_timestamp_seconds" in told
    # Once a day is enough, and no log names a row.
    assert [
        ("error", "lots-hold-balances", 1),
        ("error", "lots-follow-entries", 1),
        ("error", "ledgers-recompute", 1),
    ] == [(log["log_level"], log["invariant"], log["rows"]) for log in logs]
    by_clock = line.client.get("/readyz?deep=1").get_json()["by_clock"]
    assert {
        "lots-hold-balances": 1,
        "lots-follow-entries": 1,
        "ledgers-recompute": 1,
    } == by_clock["found"]
    assert datetime.fromisoformat(by_clock["at"]).tzinfo


def test_the_front_leads_to_the_sandbox_store_where_there_is_one(line: TestLine):
    settings = line.settings_with(sandbox_url="http://127.0.0.1:8001")

    answer = create_app(settings).test_client().get("/")

    assert (302, "http://127.0.0.1:8001") == (answer.status_code, answer.location)
    assert 200 == line.client.get("/").status_code


def test_every_answer_forbids_framing_and_sniffing(line: TestLine):
    for path in ("/", "/healthz", "/metrics", "/nowhere", "/proxy/standing"):
        headers = line.client.get(path).headers
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
