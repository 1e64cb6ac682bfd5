"""A sandbox store and the app behind it, with nothing installed yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access import Access
from app.install.door import WAY
from app.main import create_app
from app.sandbox.app_home import home_url
from app.sandbox.outbox import due
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from app.storage import stores
from app.storage.stores import Store
from tests.builders.line import TestLine
from tests.builders.open_store import OpenStore
from workers.set_up import SettingUp

PUBLIC_URL = "https://app.example"


@dataclass
class Installation:
    """What an owner does in the store, and what the app makes of it."""

    line: TestLine
    shop: OpenStore

    def __post_init__(self) -> None:
        settings = self.line.settings_with(
            sandbox_url=self.shop.url,
            shopify_api_key=SANDBOX_CLIENT_ID,
            public_url=PUBLIC_URL,
        )
        self.settings = settings
        self.way = Access.of(settings, self.line.database)
        self.setting_up = SettingUp(self.way, PUBLIC_URL, self.line.this_moment)
        self.client: FlaskClient = create_app(settings).test_client()

    def open(self) -> TestResponse:
        """Open the app as the store does."""
        return self.get(home_url(self.shop.store.settings))

    def get(self, url: str) -> TestResponse:
        """Ask the app for the path and query of an address, by TLS."""
        parts = urlsplit(url)
        return self.client.get(
            parts.path, query_string=parts.query, base_url=PUBLIC_URL
        )

    def hear(self, *, ago: timedelta = timedelta()) -> None:
        """Bring what the store sends to the app, as sent so long ago; have it done."""
        with self.shop.store.data.transaction() as rows:
            for each in due(rows, 1e12):
                at = datetime.fromisoformat(each.triggered_at) - ago
                answer = self.line.deliver(
                    each.topic,
                    each.body,
                    **{
                        "X-Shopify-Shop-Domain": SANDBOX_DOMAIN,
                        "X-Shopify-Webhook-Id": each.webhook_id,
                        "X-Shopify-Triggered-At": at.isoformat(),
                    },
                )
                assert answer.status_code == 200
                rows.connection.execute(
                    "UPDATE deliveries SET state = 'delivered' WHERE id = ?", (each.id,)
                )
        self.line.worker.drain()

    @property
    def store(self) -> Store | None:
        """The store as the app knows it."""
        with self.line.database.auditor() as connection:
            return stores.find_store(connection, "shopify", SANDBOX_DOMAIN)

    @property
    def is_open(self) -> bool:
        """Whether the app has something that opens the store."""
        return bool(self.store and self.way.opener(self.store))

    def setting(self, name: str) -> list[dict[str, Any]]:
        """What the store keeps under a name."""
        with self.shop.store.data.reading() as rows:
            return json.loads(json.dumps(rows.setting(name, [])))

    def close(self) -> None:
        """Close what the application opened."""
        extensions = self.client.application.extensions
        extensions["tallymark"].database.close()
        extensions[WAY].database.close()
