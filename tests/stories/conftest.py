"""The whole app as a user runs it: `tallymark demo` with the sandbox store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.builders.ports import own_port

TALLYMARK = str(Path(sys.executable).parent / "tallymark")
DOMAIN = "sandbox.myshopify.com"


@dataclass
class Running:
    """A running copy of the app, and the commands to look into it."""

    process: subprocess.Popen[str]
    url: str
    home: Path
    environment: dict[str, str]
    output: Path

    def tallymark(
        self, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command against it, parts of the environment another if need be."""
        return subprocess.run(
            [TALLYMARK, *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @cached_property
    def database_url(self) -> str:
        """Its database for the superuser; the place is the same while it runs."""
        return self.servers["MIGRATION_DATABASE_URL"]

    @cached_property
    def servers(self) -> dict[str, str]:
        """The URLs of its servers, by their names."""
        lines = self.tallymark("env").stdout.splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def store_url(self) -> str:
        """Where the sandbox store is, as the front door says."""
        answer = requests.get(self.url, allow_redirects=False, timeout=5)
        return answer.headers["Location"]


def start(home: Path, command: str, **environment: str) -> Running:
    """Start the app in a home of its own, and wait until it is ready."""
    port = own_port()
    values = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith("DATABASE_URL")
        and name not in ("REDIS_URL", "SHOPIFY_API_SECRET")
    }
    values |= {"TALLYMARK_HOME": str(home), "PORT": str(port)} | environment
    output = home.parent / f"{home.name}.log"
    with output.open("a") as file:
        process = subprocess.Popen(
            [TALLYMARK, command], env=values, stdout=file, stderr=file, text=True
        )
    running = Running(process, f"http://127.0.0.1:{port}", home, values, output)
    wait_until(lambda: is_ready(running), 60, lambda: output.read_text())
    return running


def is_ready(running: Running) -> bool:
    """Whether the app answers, and the sandbox store too where it is wanted."""
    try:
        if not requests.get(f"{running.url}/readyz", timeout=5).ok:
            return False
        front = requests.get(running.url, allow_redirects=True, timeout=5)
    except requests.ConnectionError:
        return False
    return front.ok


def stop(running: Running) -> int:
    """Ask the app to end, and return its exit code."""
    running.process.send_signal(signal.SIGTERM)
    return running.process.wait(30)


def wait_until(
    is_true: Callable[[], bool], seconds: float, why: Callable[[], str] = str
) -> float:
    """Wait until something is true; return how long that took."""
    began = time.monotonic()
    while not is_true():
        assert time.monotonic() - began < seconds, why()
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo, for all stories that do it no harm."""
    running = start(tmp_path_factory.mktemp("demo") / "home", "demo")
    yield running
    told = running.output.read_text()
    assert 0 == stop(running), told
    assert "message failed" not in told


@pytest.fixture
def page(browser: Browser, demo: Running) -> Iterator[Page]:
    """A shopper's page, new to the store; errors in its console fail the story."""
    context = browser.new_context(base_url=demo.store_url)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert [] == errors


def violations(page: Page) -> list[str]:
    """What axe has to say about a page, all of its rules."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]
