"""Real bodies say when they were written, and nothing else does."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from app.platforms.shopify.told_times import told_at

PAYLOADS = Path(__file__).parents[3] / "payloads"
DATED = [
    path
    for topic in ("orders_", "customers_update", "customers_create", "products_update")
    for path in sorted(PAYLOADS.glob(f"{topic}*.json"))
    if not path.name.startswith(("orders_delete", "orders_edited", "orders_risk"))
]


@pytest.mark.parametrize("path", DATED, ids=lambda path: path.stem)
def test_a_real_body_says_when_it_was_written(path: Path):
    whole = json.loads(path.read_bytes())
    written = [whole.get("created_at"), whole.get("updated_at")]

    assert told_at(path.read_bytes()) == max(
        datetime.fromisoformat(each) for each in written if each
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b'{"updated_at": 5}',
        b'{"updated_at": ""}',
        b'{"updated_at": "2026-13-01T00:00:00Z"}',
        b'{"order": {"updated_at": "2026-11-01T10:00:00Z"}}',
        b'{"processed_at": "2026-11-01T10:00:00Z"}',
        b'{"id": ' + b"[" * 5000,
    ],
)
def test_what_names_no_time_of_the_stores_own_says_nothing(body: bytes):
    assert told_at(body) is None
