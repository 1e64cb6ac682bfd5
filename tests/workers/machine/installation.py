"""The real line with two stores in two programmes, on a clock that the test sets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from app.counter.link import counter_path
from app.domain.allotments import Allotment
from app.domain.climbing import Era
from app.domain.program import Program
from app.domain.redemptions import Redemption, State
from app.domain.referral import Referral
from app.storage import (
    budgets,
    inbox,
    members,
    own_messages,
    redemptions,
    referrals,
    tables,
)
from app.storage.database import Database
from app.storage.identities import Identities
from app.storage.redemptions import _kept
from app.storage.stores import Store, save_program
from tests.builders import invariants
from tests.builders.line import DOMAIN, SECRET_KEY, TestLine
from tests.builders.tool_keys import made_key
from tests.workers.machine.answering_store import AnsweringStore
from tests.workers.machine.contents import contents
from tests.workers.machine.held import REASON, Hand
from tests.workers.machine.shop import Said
from workers.fulfil import Fulfilling
from workers.process import Line
from workers.settle import Unsettled, settle
from workers.terms import Terms

START = datetime(2026, 3, 1, tzinfo=UTC)
# A wish, what its code is kept as, and when its points moved.
KeptCommand = tuple[Redemption, str, Any]
DOMAINS = (DOMAIN, "other.myshopify.com")
_TRIES = 9


# The same ids again, so that two installations can be compared row by row.
_BEGIN_COUNTING_AGAIN = """
    select setval(cast(seqrelid as regclass), seqstart, false) from pg_sequence
"""


_MAKE_DUE = text("""
    update redemption set lease_until = null,
        due_at = case state when 'granted' then valid_until
                 else cast(:now as timestamptz) end
    where state in ('granting', 'ending', 'granted')
""")


_LOOK_AGAIN = text("""
    update member set due_at = least(due_at, cast(:at as timestamptz))
    where program_id = :p
""")


class Died(Exception):
    """A worker ends amid its work."""


class Installation(TestLine):
    """Two stores, each with a programme of its own; can be emptied and begun again."""

    __test__ = False

    def __init__(self, database: Database, redis_url: str, home: Path) -> None:
        """Prepare; `begin` installs the stores."""
        self.now = START
        super().__init__(database, redis_url, home)
        self.stores: dict[str, Store] = {}
        self.makers: dict[int, AnsweringStore] = {}
        self.delivered = 0
        self.happened: set[str] = set()
        self.tool_keys: dict[str, str] = {}
        # The stores in which something may be other than when it was looked at last.
        self.stirred: set[str] = set()

    def begin(self, programs: Iterable[Program], now: datetime = START) -> None:
        """Forget everything, and install both stores with these programmes."""
        self._empty()
        self.now = now
        self.happened.clear()
        self.tool_keys.clear()
        self.stirred = set(DOMAINS)
        self.stores = {domain: self.add_store(domain) for domain in DOMAINS}
        self.makers = {
            store.store_id: AnsweringStore() for store in self.stores.values()
        }
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

    def this_moment(self, connection: Connection) -> datetime:  # noqa: ARG002
        return self.now

    def send(self, said: Said) -> None:
        """Deliver a message once more, under a delivery id of its own."""
        self.delivered += 1
        self.happened.add(said.topic)
        self.stirred.add(said.domain)
        if said.is_own:
            name = f"own-{self.delivered}"
            self._keep_own(said.domain, said.topic, name, said.body, said.at)
            return
        headers = {
            "X-Shopify-Shop-Domain": said.domain,
            "X-Shopify-Triggered-At": said.at.isoformat(),
            "X-Shopify-Webhook-Id": f"delivery-{self.delivered}",
        }
        # Both stores have the same ids, which of real stores no two have; so their
        # bodies would be alike.
        body = said.body | {"told_by": said.domain}
        # On a busy machine the database may be too late; a store then tries again.
        for _ in range(_TRIES):
            answer = self.deliver(said.topic, body, **headers)
            if answer.status_code != 503:
                break
        assert answer.status_code == 200, answer.status

    def adjust_at(
        self, at: datetime, domain: str, customer: str, points: int, key: str
    ) -> None:
        """Have the owner of a store give or take points."""
        body = {"customer_id": customer, "points": points, "reason": "test"}
        self._keep_own(domain, "points/adjust", key, body, at)
        self.worker.drain()

    def change_program(self, domain: str, era: Era) -> None:
        """Have the owner of a store save another version of its programme.

        Saving has members looked at when it takes effect, but goes by the clock of the
        database, which has nothing to do with that of the test.
        """
        program_id = self.stores[domain].program_id
        self.happened.add("another version")
        self.stirred.add(domain)
        with self.database.program(program_id) as connection:
            save_program(connection, program_id, era.program, era.begin)
        if era.program.tiers or era.program.has_engagement:
            with self.as_superuser() as connection:
                values = {"p": program_id, "at": era.begin}
                connection.execute(_LOOK_AGAIN, values)

    def give_tier(self, domain: str, hand: Hand) -> None:
        """Have the owner of a store give a tier, or take it."""
        _, customer = hand.person
        until = hand.until and hand.until.isoformat()
        body = {"customer_id": customer, "tier": hand.tier, "until": until}
        body |= {"since": None, "reason": REASON}
        self._keep_own(domain, "tiers/give", hand.key, body, hand.at)
        self.worker.drain()

    def _keep_own(
        self, domain: str, topic: str, key: str, body: dict[str, Any], at: datetime
    ) -> None:
        store = self.stores[domain]
        self.happened.add(topic)
        self.stirred.add(domain)
        with self.database.program(store.program_id) as connection:
            raw = json.dumps(body)
            own_messages.keep(connection, self.keys, store, topic, key, raw)
        self._date(at)

    def _date(self, at: datetime) -> None:
        """Have what was asked of us just now be asked at a moment."""
        with self.as_superuser() as connection:
            connection.execute(
                text(
                    "update inbox set triggered_at = :at where triggered_at is null"
                    " and platform = 'tallymark'"
                ),
                {"at": at},
            )

    def report_by_tool(self, domain: str, key: str, action: str, customer: str) -> int:
        """Have a tool of the owner report an action; return what it is answered."""
        self.happened.add("tools/actions")
        self.stirred.add(domain)
        answer = self.client.post(
            "/tools/actions",
            headers=self._of_tool(domain) | {"Idempotency-Key": key},
            json={"customer_id": customer, "action": action},
        )
        self._date(self.now)
        return answer.status_code

    def told_to_tool(self, domain: str, key: str) -> tuple[str, int, str]:
        """What a tool is told of its report: its state, the points, and why none."""
        headers = self._of_tool(domain)
        answer = self.client.get(f"/tools/actions/{key}", headers=headers)
        told = answer.get_json()
        return told["state"], told["points"], told["reason_code"]

    def _of_tool(self, domain: str) -> dict[str, str]:
        if domain not in self.tool_keys:
            self.tool_keys[domain] = made_key(self.database, domain)
        return {"Authorization": f"Bearer {self.tool_keys[domain]}"}

    def take_in(self, domain: str, code: str) -> int:
        """Have a voucher be taken in at the counter; return what is answered."""
        self.happened.add("counter")
        self.stirred.add(domain)
        store = self.stores[domain]
        path = counter_path(SECRET_KEY, store.program_id, store.store_id)
        answer = self.client.post(path, data={"code": code})
        self._date(self.now)
        return answer.status_code

    def fulfil(self) -> None:
        """Have stores be asked about every redemption that is due, waits ended."""
        self.happened |= {f"stores {each.mood}" for each in self.makers.values()}
        with self.as_superuser() as connection:
            connection.execute(_MAKE_DUE, {"now": self.now})
        # A worker that just began does not know which stores rest.
        self.fulfilling = Fulfilling(
            self.database,
            lambda store: self.makers[store.store_id],
            "secret",
            self.keys,
            self.this_moment,
        )
        self.fulfilling.work()

    def redemptions(self, domain: str) -> list[KeptCommand]:
        """All wishes of a store, and when their points moved."""
        program_id = self.stores[domain].program_id
        command, redemption = tables.command, tables.redemption
        with self.database.auditor() as connection:
            rows = connection.execute(
                select(redemption).where(redemption.c.program_id == program_id)
            ).all()
            times = {
                row.command_id: row
                for row in connection.execute(
                    select(command).where(command.c.program_id == program_id)
                )
            }
        return [
            (_kept(row).redemption, row.code_key, times.get(row.redemption_id))
            for row in rows
        ]

    def keep_redemption(self, domain: str, customer: str, kept: KeptCommand) -> None:
        """Keep a wish as it was decided on, with what became of it but its use."""
        wish, key, times = kept
        store = self.stores[domain]
        wish = replace(wish, customer_id=customer)
        with self.database.program(store.program_id) as connection:
            member_id = self._whose(connection, store, customer)
            began = replace(wish, state=State.GRANTING) if times else wish
            at = times.accepted_at if times else self.now
            redemptions.add(connection, store.program_id, member_id, began, key, at)
            if times:
                if wish.used_order_id:
                    wish = replace(
                        wish, state=State.GRANTED, used_order_id=None, used_at=None
                    )
                at = times.captured_at or times.voided_at or at
                redemptions.change(connection, store.program_id, wish, at)
            terms = Terms(connection, store.program_id, self.keys)
            settle(connection, terms, Unsettled({member_id}), self.now)

    def allotments(self, domain: str) -> list[Allotment]:
        """What was allotted of budgets."""
        program_id = self.stores[domain].program_id
        return contents(self.database, self.keys, program_id).allotments

    def keep_allotments(self, domain: str, kept: Iterable[Allotment]) -> None:
        """Keep what was allotted, before anything is heard of what it is for."""
        program_id = self.stores[domain].program_id
        unused = [(None, replace(each, used=0)) for each in kept]
        with self.database.program(program_id) as connection:
            budgets.save_allotments(connection, program_id, unused)

    def keep_referral(
        self, domain: str, advocate: str, friend: str, decided: Referral
    ) -> None:
        """Keep a claim as it was decided on."""
        store = self.stores[domain]
        with self.database.program(store.program_id) as connection:
            known = referrals.find(connection, store.program_id, decided.id)
            if known:
                people = known.advocate_id, known.friend_id
            else:
                people = (
                    self._whose(connection, store, advocate),
                    self._whose(connection, store, friend),
                )
            decided = replace(decided, advocate_id=people[0], friend_id=people[1])
            referrals.save(connection, store.program_id, decided)
            terms = Terms(connection, store.program_id, self.keys)
            settle(connection, terms, Unsettled(set(people)), self.now)

    def _whose(self, connection: Connection, store: Store, customer: str) -> int:
        people = Identities(connection, store.program_id, store.store_id)
        known = people.ensure_customers([customer])[customer]
        return people.following(known).member_id

    def member_of(self, domain: str, customer: str) -> int | None:
        """The member that a customer is, None where the customer is not known."""
        self.store = self.stores[domain]
        try:
            return self.member_id(customer)
        except KeyError:
            return None

    def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        self.happened.add("time passes")
        self.stirred |= set(DOMAINS) if by else set()
        self.now += by

    def must_hold(self) -> None:
        """Raise where an invariant of the tables does not hold, at one moment."""
        with self.database.auditor() as connection:
            wrong = invariants.wrong(connection)
        assert [] == [str(each) for each in wrong if each.is_violated]

    def settle_all_due(self) -> None:
        """Have the clock settle everybody for whom time has come."""
        while self.worker.settle_due():
            self.stirred = set(DOMAINS)

    def settle_everybody(self) -> int:
        """Fold everybody's whole history; return how much that posted."""
        posted = 0
        for store in self.stores.values():
            with self.database.program(store.program_id) as connection:
                everybody = members.all_members(connection)
                wanted = Unsettled({member_id for _, member_id in everybody})
                terms = Terms(connection, store.program_id, self.keys)
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
