"""`make chaos`: breaks a running Tallymark again and again, and proves nothing is lost.

It sells in three stores while processes are killed, PostgreSQL crashes and Redis loses
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
from tests.faults.deck import shuffled
from tests.faults.report import away_table, figures, holds, sizes_table, table
from tests.faults.run import WHOLE, Run, for_minutes, open_site, run


@click.command()
@click.option("--seed", default=1, show_default=True, help="Deals history and faults.")
@click.option(
    "--size", default=WHOLE, show_default=True, help="Deliveries; faults in proportion."
)
@click.option("--minutes", default=0.0, help="Go on for so long, whatever the size.")
@click.option(
    "--report",
    default="chaos-report.json",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
def chaos(seed: int, size: int, minutes: float, report: Path) -> None:
    """Break everything, and say what held; exit 1 if anything did not."""
    console = Console()
    plan = Run(seed, size / WHOLE, minutes=minutes)
    with TemporaryDirectory(prefix="tallymark-chaos-") as folder:
        site, journal = open_site(Path(folder))
        try:
            site.start()
            with _progress(console) as progress:
                faults = shuffled(seed, plan.share)
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
    console.print(away_table(told))
    console.print(sizes_table(told))
    console.print(summary(told))
    console.print(f"All figures are in {report}.")
    sys.exit(0 if holds(told) else 1)


def summary(told: dict[str, Any]) -> str:
    """Return the outcome in a few sentences."""
    listed = ", ".join(f"{count} {name}" for name, count in told["faults"].items())
    lines = [
        f"{told['deliveries']} deliveries, {listed}; seed {told['seed']}.",
        f"Answers: {told['answers']}; the worst took {told['worst_answer_s']:.2f} s"
        f" (at most {ANSWER_S_MAX:g} s are allowed).",
    ]
    lines += _counted(told)
    lines += [f"BROKEN: {name}: {what}" for name, what in told["broken"].items()]
    lines += [f"TOO MUCH: {name}: {what}" for name, what in beyond(told).items()]
    if not told["broken"]:
        lines.append(
            "Nothing that was answered 200 is lost, and nothing was done twice."
        )
    return "\n".join(lines)


def _counted(told: dict[str, Any]) -> list[str]:
    """Return in sentences how often what came about that is put to the test."""
    lines = []
    for words, name in (
        ("At points", "points"),
        ("Committed and never told", "commits_cut"),
        ("Committed, though no 200 said so", "commits_of_unknown_outcome"),
        ("Wishes became", "wishes"),
    ):
        counts = told[name]["became"] if name == "wishes" else told[name]
        listed = ", ".join(f"{count} {each}" for each, count in counts.items())
        lines.append(f"{words}: {listed or 'none'}.")
    swept = f"Settled without a bell: {told['settled_without_a_bell']}"
    return [*lines, f"{swept}; {told['done']}."]


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, Elapsed(), console=console)


if __name__ == "__main__":
    chaos()
