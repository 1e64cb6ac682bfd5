"""The line from a signed message to a standing, driven step by step."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, update
from werkzeug.test import TestResponse

from app.access import Access
from app.config import Settings
from app.domain.program import Program
from app.domain.standing import Standing
from app.main import create_app
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.storage import (
    audit,
    inbox,
    kept_messages,
    ledger,
    members,
    own_messages,
    standings,
    statements,
    stores,
    tables,
)
from app.storage.database import Database
from app.storage.identities import Identities
from app.storage.sealing import Keyring
from app.storage.stores import Store
from tests.builders import invariants
from tests.builders.pretended_store import PretendedStore
from workers.clock import Clock, Errand
from workers.comparison import batches, differences
from workers.fulfil import Fulfilling
from workers.process import Line
from workers.set_up import SettingUp

SECRET = "hush"
SECRET_KEY = "secret"
DOMAIN = "test.myshopify.com"


class TestLine:
    """One store, its doors and its worker."""

    __test__ = False

    def __init__(self, database: Database, redis_url: str, home: Path) -> None:
        self._passed = timedelta()
        self.database = database
        self.home = home
        url = database.url.set(drivername="postgresql")
        self.settings = Settings(
            home=home,
            port=None,
            database_url=url.render_as_string(hide_password=False),
            redis_url=redis_url,
            shopify_api_key="key",
            shopify_secrets=(SECRET, "old hush"),
            secret_key=SECRET_KEY,
            sealing_secrets=("sealing",),
        )
        self.keys = Keyring(self.settings.sealing_secrets)
        self.worker = self.another_worker()
        self.pretended = PretendedStore()
        self.fulfilling = Fulfilling(
            database, lambda _: self.pretended, SECRET_KEY, self.keys, self.this_moment
        )
        self.setting_up = SettingUp(Access.of(self.settings, database), None)
        self.store = self.add_store(DOMAIN)
        self._client: FlaskClient | None = None

    @contextmanager
    def in_program(self) -> Iterator[Connection]:
        """A transaction on the store's programme."""
        with self.database.program(self.store.program_id) as connection:
            yield connection

    @contextmanager
    def as_superuser(self) -> Iterator[Connection]:
        """A transaction of somebody who may do anything."""
        with self.database.engine.begin() as connection:
            yield connection

    def opened(self, message: Any) -> bytes:
        """The body of a row of the inbox, unsealed and unpacked."""
        place = inbox.Place(message.platform, message.domain, message.delivery_id)
        return inbox.unseal_body(self.keys, place, message.body)

    @property
    def client(self) -> FlaskClient:
        """A client of the web application."""
        if self._client is None:
            self._client = create_app(self.settings).test_client()
        return self._client

    def close(self) -> None:
        """Close what the web application opened."""
        if self._client is not None:
            self._client.application.extensions["tallymark"].database.close()

    def add_store(self, domain: str) -> Store:
        """Install one more store."""
        return stores.install(self.database, "shopify", domain, "EUR", "UTC")

    def set_program(
        self, program: Program, effective_at: datetime | None = None
    ) -> None:
        """Make this the store's programme from `effective_at` on, or for all time."""
        with self.in_program() as connection:
            stores.save_program(
                connection, self.store.program_id, program, effective_at
            )

    def settings_with(self, **changes: Any) -> Settings:
        """The settings, some of them changed."""
        return replace(self.settings, **changes)

    def replay(self, *states: str) -> int:
        """Let messages in these states wait again; how many do."""
        with self.database.auditor() as connection:
            chosen = kept_messages.replayable(connection, states)
        with self.database.sweeper() as connection:
            return sum(kept_messages.replay(connection, id_) for id_ in chosen)

    def deliver(
        self, topic: str, body: Any, client: FlaskClient | None = None, **headers: str
    ) -> TestResponse:
        """Send a true message, as Shopify would; `headers` overrule."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        true = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": sign(raw),
            "X-Shopify-Shop-Domain": DOMAIN,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": str(uuid4()),
        }
        door = client or self.client
        return door.post("/webhooks/shopify", data=raw, headers=true | headers)

    def settle(self, *messages: tuple[str, Any]) -> None:
        """Deliver messages and drain the inbox."""
        for topic, body in messages:
            assert self.deliver(topic, body).status_code == 200
        self.worker.drain()

    def settle_at(self, at: datetime, topic: str, body: Any) -> None:
        """Deliver a message of another time, and drain the inbox."""
        told = self.deliver(topic, body, **{"X-Shopify-Triggered-At": at.isoformat()})
        assert told.status_code == 200
        self.worker.drain()

    def be_left(self) -> None:
        """Have the owner take the app out, and the store redacted two days later."""
        at, body = self.clock(), {"shop_id": 1, "shop_domain": DOMAIN}
        self.settle_at(at, "app/uninstalled", {"id": 1, "myshopify_domain": DOMAIN})
        self.settle_at(at + timedelta(hours=48), "shop/redact", body)

    def ask(self, path: str, customer_id: str = "", **params: str) -> TestResponse:
        """Ask through the app proxy, as Shopify would."""
        return self.client.get(f"/proxy/{path}?{proxy_query(customer_id, **params)}")

    def post(
        self, path: str, customer_id: str, body: Any = None, **params: str
    ) -> TestResponse:
        """Send a body through the app proxy, as Shopify would."""
        where = f"/proxy/{path}?{proxy_query(customer_id, **params)}"
        return self.client.post(where, json=body)

    def redeem(
        self,
        customer_id: int,
        reward_id: str,
        points: int | None = None,
        slot: datetime | None = None,
    ) -> dict[str, Any]:
        """Have a customer ask for a reward, and everybody do their part."""
        body = {
            "request_id": str(uuid4()),
            "reward_id": reward_id,
            "points": points,
            "slot": slot and slot.isoformat(),
        }
        answer = self.post("redemptions", str(customer_id), body)
        assert answer.status_code == 202, answer.get_json()
        self.worker.drain()
        self.fulfilling.work()
        return self.redemption(customer_id, answer.get_json()["id"])

    def take_step(self, redemption_id: str, step: str, reason: str = "") -> None:
        """Have somebody of the store do something about a redemption."""
        body = {"redemption_id": redemption_id, "step": step, "reason": reason}
        self.ask_own("redemptions/step", str(uuid4()), body)

    def redemption(self, customer_id: int, redemption_id: str) -> dict[str, Any]:
        """What a customer is told of a redemption."""
        answer = self.ask(f"redemptions/{redemption_id}", str(customer_id))
        assert answer.status_code == 200, answer.get_json()
        told: dict[str, Any] = answer.get_json()
        return told

    def member_id(self, customer_id: int | str) -> int:
        """The member that a customer is."""
        with self.in_program() as connection:
            people = Identities(connection, self.store.program_id, self.store.store_id)
            found = people.customers([str(customer_id)])[str(customer_id)]
            return people.following(found).member_id

    def standing(self, customer_id: int | str) -> Standing:
        """Where a customer stands."""
        member_id = self.member_id(customer_id)
        with self.in_program() as connection:
            return standings.find_standing(
                connection, self.store.program_id, member_id
            )[0]

    def transactions(self, customer_id: int | str) -> list[Any]:
        """A customer's transactions, oldest first."""
        member_id = self.member_id(customer_id)
        with self.in_program() as connection:
            rows = statements.history(
                connection, self.store.program_id, member_id, limit=1000
            )
            return rows[::-1]

    def adjust(self, customer_id: int, points: int, key: str | None = None) -> None:
        """Have the owner give or take points."""
        body = {"customer_id": str(customer_id), "points": points, "reason": "test"}
        self.ask_own("points/adjust", key or str(uuid4()), body)

    def ask_own(
        self, topic: str, delivery_id: str, body: Any, at: datetime | None = None
    ) -> None:
        """Keep a message of our own, of now or of another time; have it worked on."""
        raw = json.dumps(body)
        with self.in_program() as connection:
            own_messages.keep(
                connection, self.keys, self.store, topic, delivery_id, raw
            )
        if at:
            with self.as_superuser() as connection:
                named = tables.inbox.c.delivery_id == delivery_id
                moved = update(tables.inbox).where(named).values(triggered_at=at)
                connection.execute(moved)
        self.worker.drain()

    def pass_days(self, days: float) -> None:
        """Let so many days pass for everything that time alone will do."""
        self._passed += timedelta(days=days)

    def days_ago(self, days: int) -> str:
        """The same time of day, days earlier, as Shopify writes it."""
        with self.database.auditor() as connection:
            return (self.this_moment(connection) - timedelta(days=days)).isoformat()

    def this_moment(self, connection: Connection) -> datetime:
        """This moment, with the days that passed."""
        return ledger.now(connection) + self._passed

    def against_rules(self) -> list[str]:
        """What failed because the database forbids it, which nothing may ever do."""
        note = tables.inbox.c.note
        found = select(note).where(note.regexp_match(" 23[0-9]{3}$"))
        with self.database.auditor() as connection:
            return list(connection.execute(found).scalars())

    def audit(self) -> audit.Lie | None:
        """The first lie in the ledger, None where it holds."""
        with self.database.auditor() as connection:
            lies = [
                audit.audit_member(connection, *whose)
                for whose in members.all_members(connection)
            ]
        return next((lie for lie in lies if lie), None)

    def violations(self) -> list[str]:
        """Which invariants do not hold, and whose facts and effects differ."""
        with self.database.auditor() as connection:
            everybody = members.all_members(connection)
            wrong = invariants.wrong(connection)
        found = [str(each) for each in wrong if each.is_violated]
        for batch in batches(everybody):
            different = differences(self.database, self.keys, *batch, self.this_moment)
            found += [str(each) for each in different if not each.is_of_terms]
        return found

    def tamper(self, statements: str) -> None:
        """Change the database behind our back, as a superuser can."""
        with self.as_superuser() as connection:
            connection.exec_driver_sql("set local session_replication_role = replica")
            for statement in statements.split(";"):
                connection.exec_driver_sql(statement)

    def rebuild(self) -> None:
        """Make all standings anew from the ledger."""
        with self.database.auditor() as connection:
            everybody = members.all_members(connection)
        for whose in everybody:
            with self.database.program(whose[0]) as connection:
                standings.rebuild_standing(connection, *whose)

    def another_worker(self) -> Line:
        """A second worker on the same database."""
        platforms = [Shopify(self.settings.shopify_secrets), Own()]
        return Line(
            self.database,
            platforms,
            SECRET_KEY,
            self.keys,
            self.home,
            clock=self.this_moment,
        )

    def a_clock(self, home: Path, *errands: Errand) -> Clock:
        """A clock that runs the line's own errands, and these."""
        own = [
            Errand("fulfil", 1, self.fulfilling.work),
            Errand("set up stores", 1, self.setting_up.work),
        ]
        return Clock(self.worker, home, [*own, *errands])

    def make_due(self) -> None:
        """End all leases and waits of messages that are to be tried again."""
        with self.as_superuser() as connection:
            connection.exec_driver_sql(
                "update inbox set lease_until = null, next_attempt_at = received_at"
            )

    def clock(self) -> datetime:
        """This moment by the database's clock."""
        with self.database.auditor() as connection:
            return ledger.now(connection)

    def totals(self) -> dict[str, int]:
        """The points in each account, all members together; accounts at 0 left out."""
        with self.database.auditor() as connection:
            found = statements.totals(connection)
        return {account: points for account, points in sorted(found.items()) if points}

    def mentions(self, *words: str) -> list[str]:
        """The tables that hold any of these words, bodies unpacked.

        Digits amid a digest or an id that was drawn are no customer's.
        """
        found = []
        alone = "(?<![0-9a-f]){}(?![0-9a-f])"
        named = [
            re.compile(alone.format(word) if word.isdigit() else re.escape(word))
            for word in words
        ]
        with self.database.auditor() as connection:
            for table in tables.metadata.sorted_tables:
                rows = connection.execute(select(table)).all()
                text = " ".join(str(tuple(row)) for row in rows)
                if table.name == "inbox":
                    bodies = (self.opened(row) for row in rows if row.body)
                    text += b" ".join(bodies).decode()
                found += [table.name for each in named if each.search(text)]
        return found

    def inbox(self) -> list[Any]:
        """Every message, oldest first."""
        with self.database.auditor() as connection:
            return list(
                connection.exec_driver_sql("select * from inbox order by message_id")
            )


def sign(body: bytes, secret: str = SECRET) -> str:
    """The signature that Shopify would send with a body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def lift_limits(app: Flask) -> None:
    """Let whoever asks an app ask as often as they like, for tests that ask much."""
    limits = app.extensions["tallymark"].limits
    for limit in vars(limits).values():
        limit.most = 10**9


def proxy_query(customer_id: str = "", *, secret: str = SECRET, **params: str) -> str:
    """A query that Shopify's app proxy would send; `params` overrule."""
    query = {
        "shop": DOMAIN,
        "logged_in_customer_id": customer_id,
        "path_prefix": "/apps/tallymark",
        "timestamp": str(int(time.time())),
    } | params
    return urlencode(query | {"signature": proxy_signature(query, secret)})


def proxy_signature(query: dict[str, str], secret: str = SECRET) -> str:
    """The signature that Shopify's app proxy would give a query."""
    joined = "".join(sorted(f"{key}={value}" for key, value in query.items()))
    return hmac.new(secret.encode(), joined.encode(), hashlib.sha256).hexdigest()


def today() -> str:
    """This moment as Shopify writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
