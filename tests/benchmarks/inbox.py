"""What the database says of the work: what waits, and whether all of it was done."""

from __future__ import annotations

from typing import Any

import psycopg

_AVAILABLE = (
    "select customer_id, available from customer"
    " join member using (program_id, member_id) where customer_id = any(%s)"
)


class Inbox:
    """The app's inbox and ledger, seen from outside."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        """Look by way of this connection."""
        self._database = database

    def waits(self) -> bool:
        """Whether any message waits."""
        return bool(
            self._one("select exists (select from inbox where state = 'waiting')")
        )

    def waiting(self) -> int:
        """How many messages wait."""
        return int(self._one("select count(*) from inbox where state = 'waiting'"))

    def kept(self) -> int:
        """How many messages were ever kept."""
        return int(self._one("select count(*) from inbox"))

    def credited(self) -> int:
        """How many orders have their credit in the ledger."""
        return int(
            self._one("select count(*) from ledger_transaction where kind = 'earn'")
        )

    def analyze(self) -> None:
        """Have the server count its rows now, as it does by itself after a minute."""
        self._database.execute("analyze")

    def prove_settled(self) -> None:
        """Raise AssertionError unless every message was settled, and credited once."""
        states = self._database.execute(
            "select state, count(*) from inbox group by state"
        ).fetchall()
        assert states == [("settled", self.credited())], states

    def available(self, customer_ids: list[str]) -> dict[str, int]:
        """The points that customers can spend, by customer; unknown ones left out."""
        rows = self._database.execute(_AVAILABLE, [customer_ids], prepare=True)
        return dict(rows.fetchall())

    def _one(self, query: str) -> Any:
        row = self._database.execute(query).fetchone()
        assert row
        return row[0]
