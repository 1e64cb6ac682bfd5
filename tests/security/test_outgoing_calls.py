"""The app calls nobody but its stores, wherever a store or the machine leads it."""

from __future__ import annotations

import ast
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import requests
from flask.testing import FlaskClient

from app.access import Access
from app.cli import tallymark
from app.main import create_app
from app.platforms.base import Forged, StoreAway
from app.platforms.shopify.about import ask_about
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk import BulkFiles
from app.platforms.shopify.id_tokens import read_id_token
from app.platforms.shopify.session_tokens import read_session_token
from app.platforms.shopify.tokens import FixedToken, TokenEndpoint
from app.sandbox.app_home import signed
from tests.builders.id_tokens import CLIENT_ID, an_id_token
from tests.builders.line import TestLine
from tests.builders.tokens import a_session_token
from tests.security.counting import CountingServer
from tests.security.leading_elsewhere import LeadingElsewhere, leading_elsewhere
from tests.security.test_sources import ROOT, sources

TOKEN = FixedToken("shpat_very-secret")
Call = Callable[[str, Path], object]


def _fetched(url: str, folder: Path) -> None:
    BulkFiles(AdminApi(url, TOKEN)).fetch(f"{url}/orders.jsonl", folder / "orders")


# By the source in which each is made.
CALLS: dict[str, list[Call]] = {
    "admin_api": [lambda url, _: ask_about(url, TOKEN)],
    "bulk": [_fetched],
    "tokens": [
        lambda url, _: _endpoint().by_id_token(url, "token"),
        lambda url, _: _endpoint().by_code(url, "code"),
        lambda url, _: _endpoint().renewed(url, "shprt_refresh"),
    ],
}
EACH_CALL = [
    pytest.param(call, id=f"{source}-{number}")
    for source, calls in CALLS.items()
    for number, call in enumerate(calls)
]


def _endpoint() -> TokenEndpoint:
    return TokenEndpoint(CLIENT_ID, "hush")


def test_every_source_that_calls_somebody_is_here():
    """So that a new one cannot be forgotten, and none makes connections of its own."""
    direct, others = set(), set()
    for path in sources("app", "webhooks", "workers"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if ast.unparse(node.func) == "DirectSession":
                direct.add(path.stem)
            if ast.unparse(node.func).startswith(("requests.", "urllib.request.")):
                others.add(str(path.relative_to(ROOT)))

    assert direct == set(CALLS)
    assert others == set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", EACH_CALL)
def test_a_store_leads_no_call_elsewhere(call: Call, status: int, tmp_path: Path):
    with (
        CountingServer() as elsewhere,
        leading_elsewhere(status, f"http://{elsewhere.address}/") as store,
        pytest.raises(StoreAway, match=str(status)),
    ):
        call(f"http://127.0.0.1:{store.port}", tmp_path)

    assert elsewhere.connections == 0
    assert len(store.asked) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("call", EACH_CALL)
def test_no_call_takes_a_proxy_or_a_login_of_the_machine(
    call: Call, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    login = tmp_path / "netrc"
    login.write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(login))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with CountingServer() as proxy, leading_elsewhere(302, "/") as store:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            for each in (name, name.lower()):
                monkeypatch.setenv(each, f"http://{proxy.address}")
        with pytest.raises(StoreAway):
            call(f"{scheme}://127.0.0.1:{store.port}", tmp_path)

    assert proxy.connections == 0
    # It has no TLS, so there it only hears that somebody came.
    assert [_login(store)] == ([None] if scheme == "http" else [...])


def _login(store: LeadingElsewhere) -> object:
    return store.asked[0].get("authorization") if store.asked else ...


@pytest.mark.parametrize("where", ["http://files.example/a", "file:///etc/passwd", "a"])
def test_a_file_of_a_store_is_fetched_by_tls_or_from_the_store(
    where: str, tmp_path: Path
):
    with leading_elsewhere(200, "/") as store:
        files = BulkFiles(AdminApi(f"http://127.0.0.1:{store.port}", TOKEN))
        with pytest.raises(StoreAway, match="no address of TLS"):
            files.fetch(where, tmp_path / "orders")

    assert store.asked == []


NO_HOSTS = (
    "https://",
    "https:///a",
    "https://localhost/a",
    "https://127.0.0.1/a",
    "https://127.1/a",
    "https://2130706433/a",
    "https://0x7f.0x1/a",
    "https://8.8.8.8/a",
    "https://8.8.8.8.:443/a",
    "https://[::1]/a",
    "https://[::1",
    "https://[fe80::1%25lo]/a",
    "https://files.example:22/a",
    "https://files.example:443:22/a",
    "https://files.example@127.0.0.1/a",
    "https://127.0.0.1@files.example/a",
    "https://files.example\\@127.0.0.1/a",
    "https://127.0.0.1#.files.example/a",
    "https://127.0.0.1%2f.files.example/a",
    "https://files.example\n.evil.com/a",
    "https://files.example/a b",
    "https://\u217brl.example/a",
)


@pytest.mark.parametrize("where", NO_HOSTS)
def test_a_file_of_a_store_is_at_a_host_that_has_a_name(where: str, tmp_path: Path):
    _, asked = _fetched_from(where, ["8.8.8.8"], tmp_path, "no host by name")

    assert asked == []


# By the addresses that a name has.
CLOSED = {
    "loopback": ["127.0.0.1"],
    "loopback of IPv6": ["::1"],
    "nowhere": ["0.0.0.0"],
    "a private network": ["10.1.2.3"],
    "another private network": ["172.31.0.1"],
    "a private network at home": ["192.168.0.1"],
    "what a machine of a cloud is told": ["169.254.169.254"],
    "a network of a provider": ["100.64.0.1"],
    "a network for benchmarks": ["198.18.0.1"],
    "documentation": ["203.0.113.1"],
    "the future": ["240.0.0.1"],
    "everybody": ["255.255.255.255"],
    "many": ["224.0.0.1"],
    "many of IPv6": ["ff0e::1"],
    "one's own link": ["fe80::1%lo"],
    "a private network of IPv6": ["fd00::1"],
    "a private network of IPv6 in former times": ["fec0::1"],
    "a mapped loopback": ["::ffff:127.0.0.1"],
    "a loopback of IPv4 in former times": ["::127.0.0.1"],
    "a private network by 6to4": ["2002:a00:1::1"],
    "a translated private network": ["64:ff9b::a00:1"],
    "an open address and another": ["8.8.8.8", "10.1.2.3"],
}


@pytest.mark.parametrize("found", CLOSED.values(), ids=CLOSED)
def test_a_file_of_a_store_is_nowhere_inside(found: list[str], tmp_path: Path):
    _, asked = _fetched_from(FILE, found, tmp_path, "not of the open internet")

    assert asked == ["files.example"]


def test_a_file_of_a_store_is_at_a_host_that_somebody_knows(tmp_path: Path):
    _fetched_from(FILE, None, tmp_path, "nobody knows its host")


@pytest.mark.parametrize(
    "found", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"]
)
def test_a_file_of_a_store_may_be_anywhere_else(found: str, tmp_path: Path):
    went, _ = _fetched_from(FILE, [found], tmp_path, "ConnectionError")

    assert went == [FILE]


FILE = "https://files.example:443/orders.jsonl?signature=a%2Fb"


def _fetched_from(
    where: str, found: list[str] | None, folder: Path, why: str
) -> tuple[list[str], list[str]]:
    """Have a file fetched that is refused; return who was called, and asked after.

    A name has the addresses that are `found`, and none that is not known; nobody who is
    called answers.
    """
    asked, went = list[str](), list[str]()

    def addresses(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        if found is None:
            raise socket.gaierror
        kind = socket.SOCK_STREAM
        return [(0, kind, 6, "", (address, port, 0, 0)) for address in found]

    def call(_: object, url: str, **__: object) -> None:
        went.append(url)
        raise requests.ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.getaddrinfo", addresses)
        patch.setattr("app.platforms.shopify.direct_session.DirectSession.get", call)
        files = BulkFiles(AdminApi(f"https://{OWN}", TOKEN))
        with pytest.raises(StoreAway, match=why):
            files.fetch(where, folder / "orders")
    assert not list(folder.iterdir())
    return went, asked


@pytest.mark.parametrize("size", [0, 70_000, 70_001])
def test_a_file_of_a_store_is_no_larger_than_it_may_be(size: int, tmp_path: Path):
    file = tmp_path / "orders"
    with leading_elsewhere(200, "/", b"x" * size) as store:
        url = f"http://127.0.0.1:{store.port}"
        files = BulkFiles(AdminApi(url, TOKEN), bytes_max=70_000)
        if size <= 70_000:
            files.fetch(f"{url}/orders.jsonl", file)
        else:
            with pytest.raises(StoreAway, match=r"more than 70,000 bytes, .* refused"):
                files.fetch(f"{url}/orders.jsonl", file)

    assert [each.read_bytes() for each in tmp_path.iterdir()] == (
        [b"x" * size] if size <= 70_000 else []
    )


OWN = "ak.myshopify.com"
# How the store's own address may be written where people or headers write it.
SAME = ("AK.MyShopify.com", f"{OWN}.", f"{OWN}/", f" {OWN}\n")
STRANGE = (
    "",
    "myshopify.com",
    ".myshopify.com",
    "evil.com",
    f"{OWN}@evil.com",
    f"evil.com@{OWN}",
    f"{OWN}.evil.com",
    f"evil.com/{OWN}",
    f"evil.com?{OWN}",
    f"evil.com#{OWN}",
    f"evil.com\\{OWN}",
    f"a.{OWN}",
    f"{OWN}:443",
    f"{OWN}\nevil.com",
    f"evil.com\n{OWN}",
    f"evil.com\r\n{OWN}",
    f"ak\0.{OWN}",
    f"ak%2e{OWN}",
    "а.myshopify.com",  # noqa: RUF001  Cyrillic
    "a\u212a.myshopify.com",  # The sign for kelvin is a k in lower case.
    "ak。myshopify.com",
    "ak.myshopify。com",
    "xn--80ak.myshopify.com.example",
    "127.0.0.1",
    "169.254.169.254",
    "2130706433",
    "[::1]",
    "localhost",
    "-ak.myshopify.com",
    "a" * 61 + ".myshopify.com",
)


def _tokens_are_taken(host: str) -> list[bool]:
    now = datetime.now(UTC)
    sessions = [
        a_session_token("7001", dest=dest, aud=CLIENT_ID)
        for dest in (host, f"https://{host}")
    ]
    read = [read_session_token(each, CLIENT_ID, ["hush"], now) for each in sessions]
    opened = read_id_token(an_id_token(host), CLIENT_ID, ["hush"], now)
    return [not isinstance(each, Forged) for each in (*read, opened)]


def test_no_token_is_for_a_strange_host():
    assert _tokens_are_taken(OWN) == [True] * 3
    for host in STRANGE:
        assert not any(_tokens_are_taken(host)), host


def _shopify(line: TestLine) -> FlaskClient:
    settings = line.settings_with(
        shopify_api_key=CLIENT_ID, public_url="https://a.example"
    )
    return create_app(settings).test_client()


def test_an_owner_is_led_to_their_own_store_alone(line: TestLine):
    """Even where Shopify's signature fits."""
    asking = _shopify(line)

    def led_to(shop: str, path: str = "install") -> tuple[int, str]:
        words = {"shop": shop, "timestamp": str(int(time.time()))}
        answer = asking.get(f"/shopify/{path}?{signed('hush', words)}")
        return answer.status_code, urlsplit(answer.headers.get("Location", "")).netloc

    assert {host: led_to(host) for host in (OWN, *SAME)} == dict.fromkeys(
        (OWN, *SAME), (302, OWN)
    )
    for path in ("install", "callback"):
        answers = {host: led_to(host, path) for host in STRANGE}
        assert answers == dict.fromkeys(STRANGE, (401, ""))
    asking.application.extensions["tallymark"].database.close()


def test_no_command_adds_a_strange_host():
    for host in STRANGE:
        add = ["store", "add", "--platform", "shopify", "--", host]
        with pytest.raises(click.BadParameter, match="is not a store's own domain"):
            tallymark.main(add, standalone_mode=False)


def test_a_strange_host_is_not_asked_even_if_it_were_kept(line: TestLine):
    way = Access.of(line.settings_with(sandbox_url="http://127.0.0.1:1"), line.database)

    assert way.url(OWN) == f"https://{OWN}"
    for host in STRANGE:
        with pytest.raises(StoreAway, match="not one that Shopify gives"):
            way.url(host)
