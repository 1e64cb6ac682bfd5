"""The receiver: what it keeps, what it refuses, what it answers when parts are away."""

from hashlib import sha256
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue

from app.jobs import QUEUE
from app.main import create_app
from tests.builders.line import DOMAIN, TestLine, sign
from tests.builders.shopify import an_order


def test_a_genuine_message_is_kept_sealed_before_the_answer(line: TestLine):
    answer = line.deliver("orders/paid", b'{"id": 1, "line_items": []}')

    [row] = line.inbox()
    assert answer.status_code == 200
    assert line.opened(row) == b'{"id": 1, "line_items": []}'
    assert (row.state, row.topic, row.domain) == ("waiting", "orders/paid", DOMAIN)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "AAAA",
        "not base64!",
        "é",
        sign(b"another body"),
        sign(b"{}", "another secret"),
        sign(b"{}") + "," + sign(b"{}"),
        sign(b"{}")[:-4],
    ],
)
def test_a_wrong_signature_is_401_and_leaves_nothing(line: TestLine, signature: str):
    answer = line.deliver("orders/paid", b"{}", **{"X-Shopify-Hmac-Sha256": signature})

    assert (answer.status_code, answer.data) == (401, b"")
    assert line.inbox() == []


def test_a_missing_signature_is_401(line: TestLine):
    answer = line.client.post("/webhooks/shopify", data=b"{}")

    assert answer.status_code == 401


def test_the_secret_before_the_rotation_still_counts(line: TestLine):
    old = sign(b"{}", "old hush")

    answer = line.deliver("orders/paid", b"{}", **{"X-Shopify-Hmac-Sha256": old})

    assert answer.status_code == 200


def test_the_id_of_a_message_that_has_none_tells_nothing_of_its_body(line: TestLine):
    body = b'{"id": 7001}'
    for _ in range(2):
        line.deliver("customers/delete", body, **{"X-Shopify-Webhook-Id": ""})

    [row] = line.inbox()
    assert sha256(body).hexdigest() not in row.delivery_id


def test_the_other_header_family_is_understood(line: TestLine):
    answer = line.client.post(
        "/webhooks/shopify",
        data=b"{}",
        headers={
            "shopify-topic": "orders/paid",
            "shopify-hmac-sha256": sign(b"{}"),
            "shopify-shop-domain": DOMAIN,
            "shopify-webhook-id": "w-1",
        },
    )

    [row] = line.inbox()
    assert answer.status_code == 200
    assert (row.topic, row.delivery_id, row.state) == ("orders/paid", "w-1", "waiting")


def test_the_same_delivery_twice_is_one_row(line: TestLine):
    for _ in range(3):
        answer = line.deliver("orders/paid", b"{}", **{"X-Shopify-Webhook-Id": "w-1"})
        assert answer.status_code == 200

    assert len(line.inbox()) == 1


def test_without_a_delivery_id_the_same_body_is_one_row(line: TestLine):
    for body in (b"{}", b"{}", b'{"id": 2}'):
        line.deliver("orders/paid", body, **{"X-Shopify-Webhook-Id": ""})

    assert len(line.inbox()) == 2


def test_an_unknown_store_is_200_and_kept_as_ignored(line: TestLine):
    answer = line.deliver(
        "orders/paid", b"{}", **{"X-Shopify-Shop-Domain": "x.example"}
    )

    [row] = line.inbox()
    assert answer.status_code == 200
    assert (row.state, row.note) == ("ignored", "no such store is installed")


def test_messages_of_a_store_that_is_added_later_can_be_replayed(line: TestLine):
    line.deliver("orders/paid", an_order(), **{"X-Shopify-Shop-Domain": "new.example"})
    line.add_store("new.example")

    assert line.replay("ignored") == 1
    line.worker.drain()
    assert [row.state for row in line.inbox()] == ["settled"]


def test_an_unknown_topic_is_200_and_kept_as_ignored(line: TestLine):
    answer = line.deliver("carts/create", b"{}")

    [row] = line.inbox()
    assert answer.status_code == 200
    assert (row.state, row.note) == ("ignored", "the topic is of no use here")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"id": NaN}', b"null", b'{"id": {}}'],
)
def test_a_genuine_body_that_makes_no_sense_is_quarantined(line: TestLine, body: bytes):
    answer = line.deliver("orders/paid", body)
    line.worker.drain()

    [row] = line.inbox()
    assert answer.status_code == 200
    assert row.state == "quarantined"
    assert row.note.startswith("orders/paid: ")
    assert body == line.opened(row)


def test_a_body_past_the_limit_is_413(line: TestLine):
    answer = line.deliver("orders/paid", b" " * (8 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert line.inbox() == []


def test_a_burst_rings_the_bell_once(line: TestLine, redis: Redis):
    for _ in range(30):
        line.deliver("orders/paid", b"{}")

    assert len(Queue(QUEUE, connection=redis)) == 1
    assert len(line.inbox()) == 30


def test_redis_away_is_still_200(line: TestLine, tmp_path: Path):
    settings = line.settings_with(redis_url=f"unix://{tmp_path}/nothing.sock")
    client = create_app(settings).test_client()

    answers = {
        line.deliver("orders/paid", b"{}", client=client).status_code for _ in "12"
    }

    assert {200} == answers
    assert len(line.inbox()) == 2


def test_the_database_away_is_503(line: TestLine):
    away = line.database.url.set(drivername="postgresql", database="nowhere")
    settings = line.settings_with(database_url=away.render_as_string(False))
    client = create_app(settings).test_client()

    answer = line.deliver("orders/paid", b"{}", client=client)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_connection_cut_by_the_server_is_not_the_stores_trouble(
    line: TestLine,
):
    line.deliver("orders/paid", b"{}")
    with line.as_superuser() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )

    assert line.deliver("orders/paid", b"{}").status_code == 200
