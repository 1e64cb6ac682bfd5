"""What the store's owner does with the app: installs it, and takes it out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.sandbox import grants
from app.sandbox.bodies import SHOP_ID
from app.sandbox.line_bodies import Body, gid
from app.sandbox.orders import RefusedError
from app.sandbox.outbox import Outbox
from app.sandbox.settings import SandboxSettings
from app.sandbox.store_data import Rows, StoreData

REDACTED_AFTER = timedelta(hours=48)


@dataclass(frozen=True)
class AppDesk:
    """Every method is one action: one transaction, one set of messages."""

    settings: SandboxSettings
    data: StoreData
    outbox: Outbox
    wake: Callable[[], None]
    clock: Callable[[], datetime]

    def install(self) -> None:
        """Let the app in; it has no token before somebody opens it."""
        with self.data.transaction() as rows:
            if grants.is_installed(rows):
                raise RefusedError("The app is installed.")
            grants.install(rows)

    def uninstall(self) -> None:
        """Take the app out: its tokens are over at once."""
        with self.data.transaction() as rows:
            if not grants.is_installed(rows):
                raise RefusedError("The app is not installed.")
            self.outbox.put(rows, [("app/uninstalled", self._shop_body())])
            rows.save_setting("app is installed", False)
            rows.save_setting("app left at", self.clock().isoformat())
            grants.end(rows)
        self.wake()

    def redact(self) -> None:
        """Send what follows two days after the app was taken out, as of that time.

        It comes whether the app is back by then or not.
        """
        body = {"shop_id": SHOP_ID, "shop_domain": self.settings.domain}
        with self.data.transaction() as rows:
            left_at = rows.setting("app left at", None)
            if not isinstance(left_at, str):
                raise RefusedError("The app was never taken out.")
            at = datetime.fromisoformat(left_at) + REDACTED_AFTER
            self.outbox.put(rows, [("shop/redact", body)], to_all=True, at=at)
        self.wake()

    def set_scopes(self, wanted: Sequence[str]) -> None:
        """Change what the app may do."""
        with self.data.transaction() as rows:
            before, now = grants.scopes(rows), sorted(set(wanted))
            rows.save_setting("app scopes", now)
            body = self._scopes_body(rows, before, now)
            self.outbox.put(rows, [("app/scopes_update", body)])
        self.wake()

    def expire_tokens(self) -> None:
        """End the app's tokens before their time."""
        with self.data.transaction() as rows:
            grants.expire(rows, self.clock())

    def _scopes_body(self, rows: Rows, before: list[str], now: list[str]) -> Body:
        return {
            "id": rows.next_id(),
            "shop_id": gid("Shop", SHOP_ID),
            "previous": before,
            "current": now,
            "updated_at": self.clock().astimezone(UTC).isoformat(),
        }

    def _shop_body(self) -> Body:
        domain = self.settings.domain
        return {
            "id": SHOP_ID,
            "name": "Kiln & Bean",
            "email": "owner@example.com",
            "domain": domain,
            "myshopify_domain": domain,
            "currency": self.settings.currency,
            "iana_timezone": self.settings.timezone,
            "plan_name": "basic",
        }
