"""The sandbox's forms without a browser, and all that the app keeps of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import requests
from sqlalchemy import create_engine

from app.config import read_settings
from app.storage.inbox import Place, unseal_body
from app.storage.sealing import Keyring
from tests.builders.traces import columns, mentions
from tests.stories.conftest import Running, wait_until

PATIENCE_S = 20

_IS_AWAY = "select uninstalled_at is not null from store"


class BackOffice:
    """The forms of shoppers and owner; waits for what the processes make of them."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._session = requests.Session()

    def press(self, path: str, **form: str) -> str:
        """Send a form, and return the address that it leads to."""
        url = f"{self.running.store_url.rstrip('/')}/{path}"
        answer = self._session.post(url, data=form, timeout=20)
        assert answer.ok, answer.text
        return answer.url

    def read(self, path: str) -> requests.Response:
        """Open a page, wherever it leads."""
        url = f"{self.running.store_url.rstrip('/')}/{path}"
        return self._session.get(url, timeout=20)

    def registers(self, name: str, mail: str) -> tuple[str, str, str]:
        """Open an account, and return all that could tell who it is."""
        self._session.cookies.clear()
        self.press("account/register", name=name, email=mail)
        row = rf"{mail}</td><td><code>(\d+)"
        found = re.search(row, self.read("admin/customers").text)
        assert found
        return found[1], name, mail

    def buys(self) -> None:
        """Pay for one thing, and wait until it has earned its points."""
        before = self.points()
        self.press("cart/add", handle="house-blend", quantity="1")
        assert self.press("checkout", payment="card").endswith("/thank-you")
        wait_until(lambda: self.points() > before, PATIENCE_S)

    def points(self) -> int:
        """What the widget shows as earned."""
        answer = self.read("apps/tallymark/standing")
        told: dict[str, Any] = answer.json() if answer.ok else {}
        return int(told.get("lifetime_earned", 0)) + int(told.get("pending", 0))

    def leaves(self) -> None:
        """Take the app out, and wait until it knows."""
        self.press("admin/app/uninstall")
        self._once(_IS_AWAY, True)

    def comes_back(self) -> str:
        """Install the app again and open it; return the page that it shows."""
        self.press("admin/app/install")
        page = self.read("admin/app/home").text
        self._once(_IS_AWAY, False)
        return page

    def settles(self, topic: str) -> None:
        """Wait until the message of this topic is done with."""
        self._once(f"select state from inbox where topic = '{topic}'", "settled")

    def mentions(self, words: Iterable[str]) -> list[str]:
        """Return where the app keeps any of these words, in clear or as a digest."""
        return mentions(self._told(), words)

    def _once(self, query: str, value: object) -> None:
        """Wait until the processes have brought the database to say this."""

        def asked() -> object:
            with psycopg.connect(self.running.database_url) as connection:
                row = connection.execute(query.encode()).fetchone()
            return row and row[0]

        wait_until(lambda: asked() == value, PATIENCE_S, lambda: f"{query}: {asked()}")

    def _told(self) -> Iterator[tuple[str, bytes]]:
        """Yield all that the app keeps, and where: tables, bodies, files and logs."""
        keys = Keyring(read_settings(self.running.environment).sealing_secrets)
        url = self.running.database_url.replace("postgresql:", "postgresql+psycopg:")
        engine = create_engine(url)
        with engine.connect() as connection:
            yield from columns(connection)
            for *place, body in connection.exec_driver_sql(
                "select platform, domain, delivery_id, body from inbox"
                " where body is not null"
            ):
                yield "a body", unseal_body(keys, Place(*place), bytes(body))
        engine.dispose()
        for path in (self.running.home / "data_requests").iterdir():
            yield path.name, path.read_bytes()
        yield "the log", self.running.output.read_bytes()
