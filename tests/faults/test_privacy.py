"""A shopper who is forgotten amid the traffic is nowhere to be found afterwards."""

from __future__ import annotations

import subprocess
from random import Random
from typing import Any

from app.config import read_settings
from app.local.binaries import postgres_candidates
from app.storage import inbox
from app.storage.sealing import Keyring
from tests.builders.shopify import a_line, an_order
from tests.faults.conftest import Shop
from tests.faults.history import Webhook, webhook
from tests.faults.site import Site
from tests.faults.verifier import settle

CANARY = {
    "id": 777_000_333,
    "email": "canary.777@example.com",
    "first_name": "Canarina",
    "verified_email": True,
}
_WORDS = ("777000333", "canary.777", "Canarina")


def test_a_redaction_amid_duplicates_and_late_orders_wins(shop: Shop):
    before = [_told(shop, number, "orders/paid", _order(number)) for number in range(5)]
    late = [
        _told(shop, 100 + number, "orders/updated", _order(number, minute=30))
        for number in range(7)
    ]
    redact = _told(shop, 200, "customers/redact", _redaction(shop))
    shop.send([*before, *shop.sells(10)])
    settle(shop.site)
    assert _mentions(shop.site), "the canary was never there"

    shop.send([*before, redact, *late, *shop.sells(10), *before, redact, *late])
    settle(shop.site)

    assert [] == _mentions(shop.site)
    assert {("settled",)} == set(
        shop.site.rows(
            "select state from inbox where domain = %(domain)s", domain=shop.domain
        )
    )


def _order(number: int, minute: int = 0) -> dict[str, Any]:
    return an_order(
        a_line("10.00"),
        id=800_000 + number,
        customer=CANARY,
        email=CANARY["email"],
        updated_at=f"2026-11-02T10:{minute:02}:00Z",
        note=f"for {CANARY['first_name']}",
    )


def _redaction(shop: Shop) -> dict[str, Any]:
    return {
        "shop_id": 1,
        "shop_domain": shop.domain,
        "customer": {"id": CANARY["id"], "email": CANARY["email"], "phone": None},
        "orders_to_redact": [800_000, 800_001],
    }


def _told(shop: Shop, number: int, topic: str, body: Any) -> Webhook:
    return webhook(Random(f"canary {number}"), shop.domain, topic, body)


def _mentions(site: Site) -> list[str]:
    """Where any word of the canary is: the database, its bodies, Redis, logs, files."""
    texts = {
        "a dump of the database": _dump(site),
        "bodies of the inbox": _bodies(site),
        **{str(path): path.read_bytes() for path in site.logs.iterdir()},
    }
    for folder in ("redis", "data_requests", "checkpoints"):
        for path in (site.home / folder).rglob("*"):
            if path.is_file():
                texts[str(path)] = path.read_bytes()
    return [
        f"{word} in {name}"
        for name, text in texts.items()
        for word in _WORDS
        if word.encode() in text
    ]


def _dump(site: Site) -> bytes:
    program = postgres_candidates()[0].folder / "pg_dump"
    told = subprocess.run([program, site.database_url], capture_output=True, check=True)
    return told.stdout


def _bodies(site: Site) -> bytes:
    """The bodies of the inbox as they came."""
    keys = Keyring(read_settings(site.environment).sealing_secrets)
    rows = site.rows(
        "select platform, domain, delivery_id, body from inbox where body is not null"
    )
    return b"\n".join(
        inbox.unseal_body(keys, inbox.Place(*place), bytes(body))
        for *place, body in rows
    )
