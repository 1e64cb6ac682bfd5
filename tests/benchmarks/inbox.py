"""What the database says of the work: what waits, and whether all of it was done."""

from __future__ import annotations

from typing import Any

import psycopg


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

    def prove_settled(self) -> None:
        """Raise AssertionError unless every message was settled, and credited once."""
        states = self._database.execute(
            "select state, count(*) from inbox group by state"
        ).fetchall()
        assert states == [("settled", self.credited())], states

    def standing(self, customer_id: str) -> dict[str, Any]:
        """A customer's row in the table of standings."""
        row = self._database.execute(
            "select to_jsonb(standing) from customer join standing"
            " using (program_id, member_id) where customer_id = %s",
            [customer_id],
        ).fetchone()
        assert row
        found: dict[str, Any] = row[0]
        return found

    def _one(self, query: str) -> Any:
        row = self._database.execute(query).fetchone()
        assert row
        return row[0]
