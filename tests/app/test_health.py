"""Health, readiness, figures, and the front door."""

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


def test_it_is_not_ready_with_older_tables(line: TestLine):
    line.tamper("update alembic_version set version_num = 'older'")

    assert 503 == line.client.get("/readyz").status_code


def test_the_figures_follow_the_ledger(line: TestLine):
    line.settle(("orders/paid", an_order()), ("orders/paid", b"{"))

    told = line.client.get("/metrics").get_data(as_text=True)

    assert "tallymark_database_up 1.0" in told
    assert 'tallymark_inbox_messages{state="waiting"} 0.0' in told
    assert 'tallymark_inbox_messages{state="quarantined"} 1.0' in told
    assert 'tallymark_points{account="available"} 100.0' in told
    assert 'tallymark_settle_delay_seconds{quantile="0.99"}' in told


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
