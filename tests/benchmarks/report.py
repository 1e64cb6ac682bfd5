"""Results kept: as JSON, and as the table in docs/performance.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import described, load_average
from tests.benchmarks.rounds import Row, Spread

_DOCS = Path(__file__).parent.parent.parent / "docs"
BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"
_HEAD = (
    "| what | Tallymark | baseline in the same run | ratio | to reach | holds |\n"
    "|---|---|---|---|---|---|\n"
)


class Report:
    """The newest results of every benchmark, whenever each was run."""

    def __init__(self, results: dict[str, Any], folder: Path = _DOCS) -> None:
        """Go on from earlier results."""
        self._results = results
        self._folder = folder

    @staticmethod
    def read(folder: Path = _DOCS) -> Report:
        """Return what was kept before."""
        path = folder / "performance.json"
        return Report(json.loads(path.read_text()) if path.exists() else {}, folder)

    def replace(self, name: str, size: str, rows: list[Row]) -> None:
        """Put new results in the place of older ones."""
        self._results[name] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "size": size,
            "machine": described(),
            "load_average": round(load_average(), 2),
            "rows": [asdict(row) | {"holds": row.holds} for row in rows],
        }

    def write(self) -> None:
        """Write the JSON, and the table between its marks."""
        (self._folder / "performance.json").write_text(
            json.dumps(self._results, indent=1, ensure_ascii=False) + "\n"
        )
        page = self._folder / "performance.md"
        before, _, rest = page.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{self._section()}{END}{after}")

    def _section(self) -> str:
        parts = [_HEAD]
        notes = []
        for name, result in self._results.items():
            rows = [_row(each) for each in result["rows"]]
            parts += [_line(row) for row in rows]
            machine = ", ".join(result["machine"].values())
            notes += [f"- {row.what}: {row.note}." for row in rows if row.note]
            notes.append(
                f"- `{name}` was measured on {result['at'][:10]} at size"
                f" {result['size']} on {machine}; load average at its end"
                f" {result['load_average']}."
            )
        return "".join(parts) + "\n" + "\n".join(notes) + "\n"


def in_words(row: Row) -> str:
    """Return a row as one line for the terminal."""
    told = f"{row.what}: {_figure(row.ours, row.unit)}"
    if row.theirs:
        told += f"; baseline {_figure(row.theirs, row.unit)}"
    elif row.baseline:
        told += f"; baseline {row.baseline}"
    if row.ratio:
        told += f"; ratio {_figure(row.ratio)}"
    verdict = {True: "holds", False: "does not hold", None: ""}[row.holds]
    limit = _limit(row)
    return f"{told}; to reach {limit}: {verdict}" if limit else told


def _line(row: Row) -> str:
    cells = [
        row.what,
        _figure(row.ours, row.unit),
        f"{row.baseline}: {_figure(row.theirs)}" if row.theirs else row.baseline,
        _figure(row.ratio) if row.ratio else "",
        _limit(row),
        {True: "yes", False: "no", None: ""}[row.holds],
    ]
    return f"| {' | '.join(cells)} |\n"


def _limit(row: Row) -> str:
    unit = "" if row.ratio else f" {row.unit}"
    if row.at_least is not None:
        return f"≥ {row.at_least:g}{unit}"
    return f"≤ {row.at_most:g}{unit}" if row.at_most is not None else ""


def _figure(spread: Spread, unit: str = "") -> str:
    told = f"{_number(spread.median)} {unit}".strip()
    if len(spread.rounds) == 1:
        return told
    return f"{told} ({_number(spread.low)} to {_number(spread.high)})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _row(kept: dict[str, Any]) -> Row:
    values = {name: value for name, value in kept.items() if name != "holds"}
    for name in ("ours", "theirs", "ratio"):
        if values[name]:
            values[name] = Spread(**values[name])
    return Row(**values)
