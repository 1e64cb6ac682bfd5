"""A sandbox store that is open to the app, and shows its members."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from app.sandbox_token import SANDBOX_DOMAIN
from tests.builders.installation import Installation
from workers.show import Showing


class Shop(Installation):
    """A sandbox store that is open to the app, and shows its members."""

    def __post_init__(self) -> None:
        """Have the store let the app in."""
        super().__post_init__()
        self.showing = self.another()

    def another(self) -> Showing:
        """Return one more process that shows members, by the line's clock."""
        return Showing(self.way, self.line.this_moment)

    def earn(self, points: int, customer_id: int | None = None) -> None:
        """Have the owner give Ada points, as the only thing that happens."""
        body = {
            "customer_id": str(customer_id or self.shop.ada.id),
            "points": points,
            "reason": "test",
        }
        self.line.ask_own("points/adjust", str(self.next_key()), body)

    def next_key(self) -> int:
        """Return a number that was not given before."""
        with self.shop.store.data.transaction() as rows:
            return rows.next_id()

    def show(self) -> int:
        """Let a second pass, and show who is due."""
        self.line.pass_days(2 / 86400)
        return self.showing.work()

    def said(self, customer_id: int | None = None) -> dict[str, str]:
        """What the store has of a customer."""
        return self.shop.said_of(customer_id or self.shop.ada.id)

    def rows(self, columns: str = "due_at") -> list[Any]:
        """The rows of members who are shown."""
        with self.line.database.auditor() as connection:
            query = f"select {columns} from showing order by member_id"
            return list(connection.execute(text(query)).all())


def hear_of(shop: Shop, customer_id: int, **body: Any) -> None:
    """Have the store tell of a customer."""
    told = {"id": customer_id, "updated_at": "2026-11-01T10:00:00Z", **body}
    shop.line.deliver(
        "customers/update", told, **{"X-Shopify-Shop-Domain": SANDBOX_DOMAIN}
    )
    shop.line.worker.drain()
