"""The real line with two stores in two programs, on a clock that the test sets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text, update

from app.domain.ledger import Redemption
from app.domain.program import Program
from app.storage import inbox, members, tables
from app.storage.database import Database
from app.storage.stores import Store, save_program
from tests.builders.line import DOMAIN, TestLine
from tests.workers.machine.shop import Said
from workers.process import Line
from workers.settle import Unsettled, settle
from workers.terms import Terms

START = datetime(2026, 3, 1, tzinfo=UTC)
DOMAINS = (DOMAIN, "other.myshopify.com")


# The same ids again, so that two installations can be compared row by row.
_BEGIN_COUNTING_AGAIN = """
    select setval(cast(seqrelid as regclass), seqstart, false) from pg_sequence
"""


class Died(Exception):
    """A worker ends amid its work."""


class Installation(TestLine):
    """Two stores, each with a program of its own; can be emptied and begun again."""

    __test__ = False

    def __init__(self, database: Database, redis_url: str, home: Path) -> None:
        """Prepare; `begin` installs the stores."""
        self.now = START
        super().__init__(database, redis_url, home)
        self.stores: dict[str, Store] = {}
        self.delivered = 0

    def begin(self, programs: Iterable[Program], now: datetime = START) -> None:
        """Forget everything, and install both stores with these programs."""
        self._empty()
        self.now = now
        self.stores = {domain: self.add_store(domain) for domain in DOMAINS}
        self.store = self.stores[DOMAIN]
        for store, program in zip(self.stores.values(), programs, strict=True):
            with self.database.program(store.program_id) as connection:
                save_program(connection, store.program_id, program, None)

    def _empty(self) -> None:
        with self.as_superuser() as connection:
            connection.exec_driver_sql("set local session_replication_role = replica")
            for table in tables.metadata.sorted_tables:
                connection.exec_driver_sql(f"delete from {table.name}")
            connection.exec_driver_sql(_BEGIN_COUNTING_AGAIN)

    def _now(self, connection: Connection) -> datetime:  # noqa: ARG002
        return self.now

    def send(self, said: Said) -> None:
        """Deliver a message once more, under a delivery id of its own."""
        self.delivered += 1
        answer = self.deliver(
            said.topic,
            said.body,
            **{
                "X-Shopify-Shop-Domain": said.domain,
                "X-Shopify-Triggered-At": said.at.isoformat(),
                "X-Shopify-Webhook-Id": f"delivery-{self.delivered}",
            },
        )
        assert answer.status_code == 200

    def adjust_at(
        self, at: datetime, domain: str, customer: str, points: int, key: str
    ) -> None:
        """Have the owner of a store give or take points."""
        store = self.stores[domain]
        body = {"customer_id": customer, "points": points, "reason": "test"}
        with self.database.program(store.program_id) as connection:
            inbox.keep_own(
                connection, self.keys, store, "points/adjust", key, json.dumps(body)
            )
        with self.as_superuser() as connection:
            connection.execute(
                text(
                    "update inbox set triggered_at = :at where triggered_at is null"
                    " and platform = 'tallymark'"
                ),
                {"at": at},
            )
        self.worker.drain()

    def keep_redemption(
        self, domain: str, member_id: int | None, redeemed: Redemption
    ) -> None:
        """Keep an accepted redemption as it is now, and settle its member."""
        program_id = self.stores[domain].program_id
        _, _, key = redeemed.cause.partition("/")
        command = tables.command
        ends = {
            "captured_at": redeemed.captured_at,
            "voided_at": redeemed.voided_at,
        }
        whose = command.c.program_id == program_id, command.c.command_id == key
        with self.database.program(program_id) as connection:
            known = connection.execute(
                update(command)
                .where(*whose)
                .values(ends)
                .returning(command.c.member_id)
            ).scalar()
            if known is None:
                assert member_id
                values = {
                    "program_id": program_id,
                    "command_id": key,
                    "member_id": member_id,
                    "kind": "redemption",
                    "points": redeemed.points,
                    "accepted_at": redeemed.at,
                    "reason": redeemed.reason,
                }
                connection.execute(insert(command).values(values | ends))
            terms = Terms(connection, program_id)
            settle(connection, terms, Unsettled({known or member_id}), self.now)

    def member_of(self, domain: str, customer: str) -> int | None:
        """The member that a customer is, None where the customer is not known."""
        self.store = self.stores[domain]
        try:
            return self.member_id(customer)
        except KeyError:
            return None

    def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def settle_all_due(self) -> None:
        """Have the clock settle everybody for whom time has come."""
        while self.worker.settle_due():
            pass

    def settle_everybody(self) -> int:
        """Fold everybody's whole history; return how much that posted."""
        posted = 0
        for store in self.stores.values():
            with self.database.program(store.program_id) as connection:
                everybody = members.all_members(connection)
                wanted = Unsettled({member_id for _, member_id in everybody})
                terms = Terms(connection, store.program_id)
                posted += settle(connection, terms, wanted, self.now)
        return posted

    def claim(self, *, lease_s: int) -> list[inbox.Claimed]:
        """Have a worker claim what waits."""
        with self.database.sweeper() as connection:
            return inbox.claim(connection, 100, lease_s=lease_s)

    def die_with(self, claimed: list[inbox.Claimed], worker: Line) -> None:
        """Have a worker settle what it claimed, and die before it can commit."""
        program_id = claimed[0].program_id
        theirs = [each for each in claimed if each.program_id == program_id]
        try:
            with self.database.program(program_id) as connection:
                worker._process(connection, theirs)
                raise Died
        except Died:
            return

    def work_side_by_side(self, claimed: list[inbox.Claimed]) -> None:
        """Have one worker commit what it claimed while another drains the rest."""
        program_id = claimed[0].program_id
        theirs = [each for each in claimed if each.program_id == program_id]
        with ThreadPoolExecutor(1) as other:
            with self.database.program(program_id) as connection:
                self.worker._process(connection, theirs)
                draining = other.submit(self.another_worker().drain)
                with suppress(TimeoutError):
                    draining.result(0.05)
            draining.result()

    def waiting(self) -> int:
        """How many messages wait, or were set aside."""
        with self.as_superuser() as connection:
            return connection.execute(
                text(
                    "select count(*) from inbox"
                    " where state in ('waiting', 'quarantined')"
                )
            ).scalar_one()
