"""Finds a Chromium for the tests of pages, or gets one: `python -m tests.browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "no Chromium here, so the tests of pages are left out: get it with "
    "`apt-get install chromium` or `.venv/bin/playwright install chromium`"
)


def find() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    with sync_playwright() as driver:
        own = driver.chromium.executable_path
    return own if Path(own).exists() else None


def get() -> str | None:
    """Return the path of a Chromium, installed now where that is possible."""
    found = find()
    if found:
        return found
    for command in _ways():
        print(f"getting Chromium: {' '.join(command)}", file=sys.stderr)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if found := find():
            return found
    return None


def _ways() -> list[list[str]]:
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = (
            "apt-get update && apt-get install -y --no-install-recommends chromium"
        )
        ways.insert(0, ["sh", "-c", install])
    return ways


if __name__ == "__main__":
    if get() is None:
        print(MISSING, file=sys.stderr)
