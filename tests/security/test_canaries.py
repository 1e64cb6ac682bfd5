"""Names, addresses and secrets go the whole line, and come out nowhere else."""

from __future__ import annotations

import base64
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from app.jobs import QUEUE, Bell
from app.storage.database import Database
from app.storage.sealing import Keyring
from tests.builders.line import DOMAIN, TestLine, proxy_query, sign
from tests.builders.shopify import a_line, a_refund, an_order
from tests.security.running import Running, running, wait_for

SECRETS = {
    "client secret": "canary-client-secret-1f0a",
    "former secret": "canary-former-secret-2e1b",
    "hash key": "canary-hash-key-3d2c",
    "encryption key": "canary-encryption-key-5e4d",
    "database password": "canary-database-password-4c3d",
}
PEOPLE = {
    "address": "canary.mail@example.com",
    "concealed address": "CANARY.MAIL@EXAMPLE.COM",
    "first name": "Canaryfirst",
    "last name": "Canarylast",
    "street": "17 Canary Wharf Lane",
    "phone": "+49301234567890",
    "note": "please ring canary bell",
    "network address": "203.0.113.77",
    "postcode": "CNY 7QX",
}
BROKEN = "broken.myshopify.com"
FORGED = '{"event": "forged by a stranger", "level": "info"}'
WHO = {
    "id": 7001,
    "email": PEOPLE["address"],
    "verified_email": True,
    "first_name": PEOPLE["first name"],
    "last_name": PEOPLE["last name"] + "\r\n" + FORGED,
    "phone": PEOPLE["phone"],
    "note": PEOPLE["note"] + "\n" + FORGED,
}
WHERE = {
    "address1": PEOPLE["street"],
    "zip": PEOPLE["postcode"],
    "name": f"{PEOPLE['first name']} {PEOPLE['last name']}",
}
ORDER = an_order(
    a_line("100.00", title=f"Mug for {PEOPLE['first name']}\r\n{FORGED}"),
    customer=WHO,
    email=PEOPLE["address"],
    browser_ip=PEOPLE["network address"],
    shipping_address=WHERE,
    billing_address=WHERE,
    note=PEOPLE["note"],
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the running app."""
    return tmp_path_factory.mktemp("canaries")


@pytest.fixture(scope="module")
def line(
    new_database_url: Callable[[], str], redis_url: str, home: Path
) -> Iterator[TestLine]:
    """A line whose every setting that is secret is a canary."""
    plain = Database(new_database_url())
    database = Database(
        plain.url.set(password=SECRETS["database password"]).render_as_string(False)
    )
    made = TestLine(database, redis_url, home)
    Redis.from_url(redis_url).flushall()
    yield made
    plain.close()
    database.close()


@pytest.fixture(scope="module")
def live(line: TestLine, home: Path) -> Iterator[Running]:
    """The app as it runs, when it has seen every sort of trouble."""
    settings = line.settings_with(
        shopify_secrets=(SECRETS["client secret"], SECRETS["former secret"]),
        secret_key=SECRETS["hash key"],
        sealing_secrets=(SECRETS["encryption key"],),
    )
    line.keys = Keyring(settings.sealing_secrets)
    with running(settings, home) as found:
        _trouble(line, found)
        yield found


def _deliver(live: Running, topic: str, body: Any, **more: str) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": sign(raw, SECRETS["client secret"]),
        "X-Shopify-Shop-Domain": DOMAIN,
    } | more
    url = f"{live.url}/webhooks/shopify"
    return requests.post(url, data=raw, headers=headers, timeout=10).status_code


def _ask(
    live: Running, path: str, who: str = "7001", shop: str = DOMAIN, **more: Any
) -> requests.Response:
    query = proxy_query(who, secret=SECRETS["client secret"], shop=shop)
    method = "POST" if more else "GET"
    url = f"{live.url}/proxy/{path}?{query}"
    return requests.request(method, url, timeout=10, **more)


def _trouble(line: TestLine, live: Running) -> None:
    """Send what is true, strange and forged, and break what can be broken."""
    assert _deliver(live, "orders/paid", ORDER) == 200
    _deliver(live, "customers/update", WHO)
    _deliver(live, "refunds/create", a_refund("40.00", note=PEOPLE["note"]))
    _deliver(live, "orders/paid", ORDER | {"id": PEOPLE["last name"]})
    for name in PEOPLE.values():
        odd = a_line("1.00")
        _deliver(live, "orders/paid", ORDER | {"line_items": [odd | {"price": name}]})
        _deliver(live, "orders/paid", ORDER | {"currency": name, "total_price": name})
        _deliver(live, "orders/paid", ORDER | {"line_items": name})
        _deliver(live, "customers/update", WHO | {"updated_at": name})
        _deliver(live, "orders/paid", json.dumps(ORDER).encode()[:-9] + name.encode())
        _deliver(live, name, ORDER)
        _deliver(live, "orders/paid", ORDER, **{"X-Shopify-Shop-Domain": name})
        _deliver(live, "orders/paid", ORDER, **{"X-Shopify-Hmac-Sha256": name})
        _ask(live, "standing", name)
        _ask(live, "estimate", json={"currency": name, "lines": [name]})
        requests.get(f"{live.url}/{name}?{name}={name}", timeout=10)
    line.tamper("alter table order_fact add check (order_id <> '666')")
    _deliver(live, "orders/paid", ORDER | {"id": 666})
    wait_for(
        lambda: not [row for row in line.inbox() if row.state == "waiting"][1:],
        "the worker does not come to an end",
    )
    broken = line.add_store(BROKEN).program_id
    line.tamper(
        f"update program_version set document = '[]' where program_id = {broken}"
    )
    assert _ask(live, "standing", shop=BROKEN).status_code == 500
    line.tamper("alter table inbox rename to elsewhere")
    assert _deliver(live, "orders/paid", ORDER) == 503
    assert requests.get(f"{live.url}/metrics", timeout=10).ok
    _trouble_worker(line)
    line.tamper("alter table elsewhere rename to inbox")


def _trouble_worker(line: TestLine) -> None:
    """Ring while the inbox is gone, so that the worker fails and Redis is told why."""
    redis = Redis.from_url(str(line.settings.redis_url))
    failed = FailedJobRegistry(QUEUE, connection=redis, serializer=JSONSerializer)

    def has_failed() -> bool:
        Bell(redis).ring()
        return len(failed.get_job_ids(cleanup=False)) > 0

    wait_for(has_failed, "the worker noticed nothing")


def _found_in(text: str) -> list[str]:
    return [name for name, word in (SECRETS | PEOPLE).items() if word in text]


def test_the_canaries_went_in_and_troubled_it(line: TestLine, live: Running):
    """So that their absence below means something."""
    kept = b"".join(line.opened(row) for row in line.inbox() if row.body)
    states = {row.state for row in line.inbox()}

    assert [*PEOPLE] == _found_in(kept.decode(errors="replace"))
    assert {"settled", "quarantined", "ignored"} <= states
    for words in ("request refused", "webhook not kept", "message failed", "Traceback"):
        assert words in live.said()


def test_no_log_line_has_a_canary(live: Running):
    assert [] == _found_in(live.said())


def test_the_databases_own_log_has_no_canary(
    tmp_path_factory: pytest.TempPathFactory, live: Running
):
    logs = tmp_path_factory.getbasetemp().glob("postgres*/**/*.log")
    text = "".join(path.read_text(errors="replace") for path in logs)

    assert "elsewhere" in text or "ERROR" in text
    assert [] == _found_in(text)


def test_no_reason_and_no_error_has_a_canary(line: TestLine, live: Running):
    notes = [row.note for row in line.inbox() if row.note]

    assert len(notes) > 3 * len(PEOPLE)
    assert [] == _found_in("\n".join(notes))


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/healthz", "/", "/nowhere"])
def test_no_open_answer_has_a_canary(live: Running, path: str):
    answer = requests.get(live.url + path, timeout=10, allow_redirects=False)

    assert [] == _found_in(answer.text + str(answer.headers))


def test_redis_has_no_canary(live: Running, redis_url: str):
    connection = Redis.from_url(redis_url)
    said = [_unpacked(connection, key) for key in connection.scan_iter()]

    assert any("UndefinedTable" in each for each in said)
    assert [] == _found_in("\n".join(said))


def _unpacked(connection: Redis, key: bytes) -> str:
    """A key of Redis and all that is under it, as text."""
    kind = connection.type(key).decode()
    read = {
        "string": connection.get,
        "hash": connection.hgetall,
        "set": connection.smembers,
        "list": lambda name: connection.lrange(name, 0, -1),
        "zset": lambda name: connection.zrange(name, 0, -1),
        "stream": connection.xrange,
    }[kind]
    return "\n".join([repr(key), *_texts(read(key))])


def _texts(value: Any) -> Iterator[str]:
    """All texts in what Redis holds, also those that RQ has packed."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
        for unpack in (bytes, base64.b64decode):
            with suppress(zlib.error, ValueError):
                yield zlib.decompress(unpack(value)).decode(errors="replace")


def test_nobody_forges_a_line_of_the_log(line: TestLine, live: Running):
    """Line ends in names, headers and paths stay within the line that names them."""
    for name in ("X-Shopify-Topic", "X-Shopify-Shop-Domain", "X-Shopify-Webhook-Id"):
        _raw(live, [f"{name}: a\r\n {FORGED}", f"{name}: b\rc", f"{name}: d\ne"])
    _raw(live, [], path=f"/a%0d%0a{FORGED.replace(' ', '%20')}")

    lines = live.said().splitlines()
    told = [json.loads(each) for each in lines if each.startswith("{")]
    assert len(told) > 10
    assert not [each for each in told if "forged" in each.get("event", "")]


def test_a_signature_that_is_there_twice_is_none_on_the_real_server(live: Running):
    right = sign(b"{}", SECRETS["client secret"])
    one = f"X-Shopify-Hmac-Sha256: {right}"
    rest = [
        "X-Shopify-Topic: carts/update",
        f"X-Shopify-Shop-Domain: {DOMAIN}",
        "X-Shopify-Webhook-Id: raw",
    ]

    assert b" 200 " in _raw(live, [one, *rest])
    assert b" 200 " not in _raw(live, [one, one, *rest])
    for wrong in ("AAAA", ""):
        other = f"X-Shopify-Hmac-Sha256: {wrong}"
        assert b" 200 " not in _raw(live, [one, other, *rest])
        assert b" 200 " not in _raw(live, [other, one, *rest])


@pytest.mark.parametrize(
    "framing",
    [
        ["Content-Length: 2", "Content-Length: 20"],
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: xchunked", "Content-Length: 2"],
        ["Content-Length: +2"],
        ["Content-Length: 2, 2, 3"],
        ["Content-Length : 2"],
    ],
    ids=str,
)
def test_a_body_of_two_lengths_is_never_taken(live: Running, framing: list[str]):
    """A proxy in front might see another end of the body than we do."""
    right = f"X-Shopify-Hmac-Sha256: {sign(b'{}', SECRETS['client secret'])}"

    answer = _raw(live, [right, *framing], length=False)

    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert answer.count(b"HTTP/1.1 ") <= 1


def _raw(
    live: Running,
    headers: list[str],
    *,
    path: str = "/webhooks/shopify",
    length: bool = True,
) -> bytes:
    """Send a request written by hand, and return all that comes back."""
    fixed = ["Host: x", "Connection: close", *(["Content-Length: 2"] if length else [])]
    head = "\r\n".join([f"POST {path} HTTP/1.1", *fixed, *headers])
    with socket.create_connection(("127.0.0.1", live.port), 10) as connection:
        connection.sendall(f"{head}\r\n\r\n{{}}".encode("latin-1"))
        connection.settimeout(5)
        said = b""
        with suppress(OSError):
            while chunk := connection.recv(65536):
                said += chunk
    return said
