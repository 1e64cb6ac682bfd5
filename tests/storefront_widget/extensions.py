"""Runs what the extensions need of Node, and shows them in a frame of the stub shop."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storefront_widget import node
from tests.storefront_widget.shop import WIDGET

# The sandbox store's own stand-in for Shopify's checkout.
STATIC = WIDGET.parent / "app" / "sandbox" / "static"
LINE = {
    "id": "gid://shopify/CartLine/1",
    "quantity": 2,
    "merchandise": {"product": {"id": "gid://shopify/Product/21"}},
    "cost": {"totalAmount": {"amount": 25.98, "currencyCode": "EUR"}},
}
PAGE = """<!doctype html><html lang="en" data-state="/state.json"><head>
<meta charset="utf-8"><title>Rewards</title><link rel="icon" href="data:,">
<script type="module" src="/static/extension.js"></script></head><body></body></html>"""


def need() -> None:
    """Leave a test out where Node is not there, but never in CI."""
    if not node.is_there():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(node.MISSING)


def run(script: str, *arguments: str) -> str:
    """Run a script of package.json."""
    need()
    return node.run(script, *arguments)


def an_order(minutes_ago: int = 0) -> dict[str, str]:
    """An order as Shopify tells an extension of it."""
    placed_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    gid = "gid://shopify/OrderIdentity/5001"
    return {"id": gid, "processedAt": placed_at.isoformat()}


def a_cost(
    subtotal: float,
    total: float,
    tax: float | None = None,
    shipping: float | None = None,
) -> dict[str, Any]:
    """The sums of an order, as Shopify tells an extension of them."""
    told = {
        "subtotalAmount": subtotal,
        "totalAmount": total,
        "totalTaxAmount": tax,
        "totalShippingAmount": shipping,
    }
    return {
        name: None if amount is None else {"amount": amount, "currencyCode": "EUR"}
        for name, amount in told.items()
    }


def shown(bundles: Path, name: str, **state: Any) -> dict[str, Any]:
    """What a stub shop needs to show one of the bundles."""
    told: dict[str, Any] = {
        "bundle": f"/bundles/{name}.js",
        "words": "/widget/extensions/words/en.default.json",
        "settings": {"app_url": "/"},
        "lines": [LINE],
        "discountAllocations": [],
        "cost": a_cost(25.98, 25.98),
        "codes": [],
        "giftCards": [],
        "products": [{"id": "gid://shopify/Product/21", "isGiftCard": False}],
        "order": an_order(),
    }
    scripts = ("extension.js", "elements.js")
    files = {f"/static/{file}": (STATIC / file).read_text() for file in scripts}
    files[told["bundle"]] = (bundles / f"{name}.js").read_text()
    files["/state.json"] = json.dumps(told | state)
    files["/extensions/token"] = '{"token": "a.session.token"}'
    for change in ("code", "gift-card"):
        files[f"/extensions/{change}"] = '{"type": "success"}'
    return {"document": PAGE, "files": files}
