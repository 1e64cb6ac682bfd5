"""`make chaos`: breaks a running Tallymark again and again, and proves nothing is lost.

It sells in two stores while processes are killed, PostgreSQL crashes and Redis loses
everything, and then compares every ledger with a fold of what the stores sent.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from tests.faults.bounds import ANSWER_S_MAX, beyond
from tests.faults.deck import AT_A_POINT, words
from tests.faults.report import figures, holds, sizes_table, table
from tests.faults.run import WHOLE, Run, for_minutes, open_site, run


@click.command()
@click.option("--seed", default=1, show_default=True, help="Deals history and faults.")
@click.option(
    "--size", default=WHOLE, show_default=True, help="Deliveries; faults in proportion."
)
@click.option("--minutes", default=0.0, help="Go on for so long, whatever the size.")
@click.option(
    "--kills", default=0, help="Deaths of web at each exact point, if not more anyway."
)
@click.option(
    "--report",
    default="chaos-report.json",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
def chaos(seed: int, size: int, minutes: float, kills: int, report: Path) -> None:
    """Break everything, and say what held; exit 1 if anything did not."""
    console = Console()
    plan = Run(seed, size / WHOLE, kills)
    with TemporaryDirectory(prefix="tallymark-chaos-") as folder:
        site, journal = open_site(Path(folder))
        try:
            site.start()
            with _progress(console) as progress:
                faults = plan.faults
                total = None if minutes else len(faults)
                task = progress.add_task("starting", total=total, completed=-1)

                def say(what: str) -> None:
                    progress.update(task, description=what, advance=1)

                lasting = for_minutes(minutes, seed) if minutes else faults
                run(site, journal, plan, lasting, say=say)
            told = figures(site, journal, plan)
        finally:
            site.stop()
    report.write_text(json.dumps(told, indent=2) + "\n")
    console.print(table(told))
    console.print(sizes_table(told))
    console.print(summary(told))
    console.print(f"All figures are in {report}.")
    sys.exit(0 if holds(told) else 1)


def summary(told: dict[str, Any]) -> str:
    """Return the outcome in a few sentences."""
    listed = ", ".join(f"{count} {name}" for name, count in told["faults"].items())
    lines = [
        f"{told['deliveries']} deliveries, {listed}; seed {told['seed']}.",
        f"Web processes that died {_points(told)}.",
        f"Answers: {told['answers']}; the worst took {told['worst_answer_s']:.2f} s"
        f" (at most {ANSWER_S_MAX:g} s are allowed).",
    ]
    lines += [f"BROKEN: {name}: {what}" for name, what in told["broken"].items()]
    lines += [f"TOO MUCH: {name}: {what}" for name, what in beyond(told).items()]
    if not told["broken"]:
        lines.append(
            "Nothing that was answered 200 is lost, and nothing was done twice."
        )
    return "\n".join(lines)


def _points(told: dict[str, Any]) -> str:
    """Return how many web processes died at each exact point."""
    counts = {words(fault): told["by_fault"].get(words(fault)) for fault in AT_A_POINT}
    return ", ".join(
        f"{name.removeprefix('kill web ')}: {row['times'] if row else 0}"
        for name, row in counts.items()
    )


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, Elapsed(), console=console)


if __name__ == "__main__":
    chaos()
