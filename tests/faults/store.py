"""The sandbox store beside a site, in a process of its own: rewards are made there."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import requests

from app.sandbox import codes
from app.sandbox.app_home import home_url
from app.sandbox.customers import Customer
from app.sandbox.discounts import FIXED_AMOUNT, Discount
from app.sandbox.settings import SandboxSettings
from app.sandbox.store import utc_now
from app.sandbox.store_data import StoreData
from app.sandbox_token import SANDBOX_DOMAIN
from tests.builders.line import SECRET
from tests.builders.open_store import served
from tests.faults.waiting import wait_until


class PretendStore:
    """A store whose Admin API the app asks; it is looked into by its own file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Have it answer; return where."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.store", str(self._folder)],
                stdout=log,
                stderr=log,
            )
        told = self._folder / "url"
        wait_until(told.exists, 60, lambda: (self._folder / "log").read_text())
        return told.read_text()

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    def let_in(self, app_url: str) -> None:
        """Open the app as the store's owner does, which gives it its tokens."""
        settings = SandboxSettings(
            SANDBOX_DOMAIN, SECRET, app_url, self._folder, self._folder
        )
        answer = requests.get(home_url(settings), timeout=30, allow_redirects=False)
        assert answer.status_code == 200, answer.text

    def know(self, customer_ids: Iterable[int]) -> None:
        """Have these customers in the store, which makes no code for strangers."""
        now = utc_now().isoformat()
        with StoreData(self._folder).transaction() as rows:
            for id_ in customer_ids:
                email = f"buyer{id_}@example.com"
                rows.save_customer(Customer(id_, f"Buyer {id_}", email, now, now))

    def codes(self) -> list[tuple[str, bool]]:
        """Return the codes that were made for the app, and whether each is open."""
        now = utc_now()
        with StoreData(self._folder).reading() as rows:
            there = [*codes.made(rows), *codes.added(rows)]
        return [(each.code, each.status(now) == "ACTIVE") for each in there]

    def make_code(self, code: str) -> None:
        """Make a code behind the app's back."""
        with StoreData(self._folder).transaction() as rows:
            codes.save(rows, Discount(code, FIXED_AMOUNT, 100, "", id=rows.next_id()))

    def drop_code(self, code: str) -> None:
        """Take such a code away again."""
        with StoreData(self._folder).transaction() as rows:
            rows.connection.execute("DELETE FROM discounts WHERE code = ?", (code,))


def _serve(folder: Path) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with served(folder) as shop:
        draft = folder / "url.draft"
        draft.write_text(shop.url)
        draft.rename(folder / "url")
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    _serve(Path(sys.argv[1]))
