"""Runs the benchmarks: `make bench`, or `make bench ONLY=settle`."""

from __future__ import annotations

import signal
import sys
import time

import click
from rich.console import Console

from tests.benchmarks import (
    accept,
    burst,
    delay,
    growth,
    line,
    migration,
    others,
    settle,
    standing,
    timing,
    wishes,
)
from tests.benchmarks.machine import on_two_cores
from tests.benchmarks.report import Report, in_words
from tests.benchmarks.rounds import SIZES

BENCHMARKS = {
    "accept": accept.measure,
    "settle": settle.measure,
    "delay": delay.measure,
    "line": line.measure,
    "standing": standing.measure,
    "growth": growth.measure,
    "burst": burst.measure,
    "migration": migration.measure,
    "peers": others.measure,
    "timing": timing.measure,
    "wishes": wishes.measure,
}


@click.command()
@click.option(
    "--only", type=click.Choice(list(BENCHMARKS)), multiple=True, help="Which to run."
)
@click.option("--size", type=click.Choice(list(SIZES)), default="full")
@click.option(
    "--write/--no-write", default=None, help="Keep the results; only full ones are."
)
def main(only: tuple[str, ...], size: str, write: bool | None) -> None:
    """Measure Tallymark against baselines in the same run."""
    console = Console(highlight=False, soft_wrap=True)
    on_two_cores()
    # Told to end, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report, failed = Report.read(), False
    for name in only or BENCHMARKS:
        began = time.monotonic()
        try:
            with console.status(f"{name} …"):
                rows = BENCHMARKS[name](SIZES[size])
        except Exception:
            # The others can still be measured.
            console.print_exception()
            failed = True
            continue
        console.print(f"[bold]{name}[/] ({time.monotonic() - began:.0f} s)")
        for row in rows:
            console.print(f"  {in_words(row)}")
            if row.note:
                console.print(f"    [dim]{row.note}[/]")
        report.replace(name, size, rows)
        if write if write is not None else size == "full":
            report.write()
    sys.exit(failed)


if __name__ == "__main__":
    main()
