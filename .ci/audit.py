"""Asks whether anything that uv.lock pins has a known weakness: `make audit`.

Ends with 0 if all was looked up and nothing found, 1 if something was found, and 2 if
the advisories could not be reached, so that silence never passes for a clean answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

BIN = Path(sys.executable).parent
EXPORT = [
    *(BIN / "uv", "export", "--frozen", "--quiet", "--no-emit-project"),
    *("--all-groups", "--format", "requirements-txt"),
]


def audit() -> list[dict[str, Any]] | None:
    """Return each pinned package and what is known of it, None if nobody answers."""
    pinned = subprocess.run(EXPORT, capture_output=True, text=True, check=True).stdout
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(pinned)
        file.flush()
        asked = subprocess.run(
            [
                *(BIN / "pip-audit", "--require-hashes", "--disable-pip"),
                *("--format", "json", "--progress-spinner", "off", "-r", file.name),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        found: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        click.echo(asked.stderr.strip()[-500:], err=True)
        return None
    return found


def main() -> int:
    """Say what was found, or that nothing could be looked up."""
    packages = audit()
    skipped = [each for each in packages or () if "skip_reason" in each]
    if not packages or skipped:
        which = (
            f"{len(skipped)} of {len(packages)} packages" if packages else "anything"
        )
        click.echo(
            f"NOT AUDITED: no advisories could be had for {which}. This says nothing "
            "about them; run it where pypi.org answers.",
            err=True,
        )
    weak = [each for each in packages or () if each.get("vulns")]
    for each in weak:
        for one in each["vulns"]:
            fixed = ", ".join(one["fix_versions"]) or "no version yet"
            click.echo(
                f"{each['name']} {each['version']}: {one['id']}; fixed in {fixed}"
            )
    if weak:
        return 1
    if not packages or skipped:
        return 2
    click.echo(f"{len(packages)} packages were looked up; no weakness is known")
    return 0


if __name__ == "__main__":
    sys.exit(main())
