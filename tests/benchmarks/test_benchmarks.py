"""Every benchmark runs and gives its rows; how fast is never asked here."""

from __future__ import annotations

import json
import os
import random
from math import ceil
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.orders import OrderWriter, customer_id, customer_of
from tests.benchmarks.report import BEGIN, END, Report
from tests.benchmarks.rounds import TINY, Row, compared, quantile, spread
from tests.benchmarks.timing import T_MOST, standard_errors_apart
from tests.builders.line import TestLine

DOCS = Path(__file__).parent.parent.parent / "docs"

# Peers are installed from a registry, which a test must not depend on.
HERE = sorted(set(BENCHMARKS) - {"peers"})
# Each starts servers of its own, so one stands for all where there is little time.
SHORT = {"settle"}
_IS_LONG = bool(os.environ.get("TALLYMARK_LONG_TESTS"))


@pytest.mark.parametrize("name", HERE if _IS_LONG else sorted(SHORT))
def test_a_benchmark_runs_and_yields_its_rows(name: str):
    rows = BENCHMARKS[name](TINY)

    assert rows
    assert all(row.ours.low <= row.ours.median <= row.ours.high for row in rows)
    assert all(row.ours.low > 0 for row in rows if row.unit == "a second")
    assert all(row.ratio is not None for row in rows if row.theirs)


def test_an_order_of_the_load_is_a_paid_order_of_its_customer(line: TestLine):
    writer = OrderWriter()
    bodies = [writer.body(number) for number in (1, 11)]

    line.settle(*(("orders/paid", body) for body in bodies))

    assert all(9_500 < len(body) < 11_500 for body in bodies)
    assert [row.state for row in line.inbox()] == ["settled", "settled"]
    for number in (1, 11):
        assert line.standing(customer_id(customer_of(number))).available > 0


def test_every_tenth_order_is_of_a_new_customer():
    customers = [customer_of(number) for number in range(2_000, 4_000)]

    new = [customer for customer in customers if customer >= 1_000]
    assert 200 == len(new) == len(set(new))


def test_a_new_result_replaces_only_its_own_rows(tmp_path: Path):
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nearlier\n{END}\nafter\n")
    Report.read(tmp_path).replace("one", "tiny", [a_row("First")])
    for name, what in (("one", "First"), ("two", "Second"), ("one", "Third")):
        report = Report.read(tmp_path)
        report.replace(name, "tiny", [a_row(what)])
        report.write()

    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| what |")
    assert text.endswith(f"{END}\nafter\n")
    assert "| Third | 2.00 a second (1.00 to 3.00) |" in text
    assert "Second" in text
    assert "First" not in text
    assert "earlier" not in text


def test_the_rates_that_machines_are_counted_by_are_those_measured():
    """docs/scaling.md reckons with them by hand: correct it where this fails."""
    measured = json.loads((DOCS / "performance.json").read_text())
    accepted, settled = (
        measured[name]["rows"][0]["ours"]["median"] for name in ("accept", "settle")
    )
    scaling = (DOCS / "scaling.md").read_text()

    web, worker = accepted / 2, settled / 2 / 2
    for told in (
        f"one web process accepted {accepted:,.0f} deliveries a second",
        f"two workers settled {settled:,.0f}.",
        f"half of one web process is {web:,.0f} a second",
        f"half of one worker {worker:,.0f};",
        f"560 ÷ {web:,.0f}: {_COUNTED[ceil(560 / web)]} web",
        f"560 ÷ {worker:,.0f}: {_COUNTED[ceil(560 / worker)]} workers",
    ):
        assert told in scaling


_COUNTED = {1: "one", 2: "two", 3: "three", 4: "four"}


def test_the_limit_is_on_the_ratio_where_there_is_one():
    assert a_row("slow", at_least=0.6).holds is False
    assert a_row("quick enough", at_least=0.5).holds is True
    assert Row("memory", "MB", spread([51]), at_most=50).holds is False
    assert a_row("told only").holds is None


def test_the_99th_percentile_is_the_value_that_one_in_a_hundred_exceeds():
    assert 99 == quantile(range(100), 0.99)
    assert 50 == quantile(range(100), 0.5)


def test_what_takes_longer_is_told_from_what_varies():
    drawn = random.Random(7)
    some, others = ([drawn.gauss(100, 10) for _ in range(2_000)] for _ in range(2))
    slower = [value + 3 for value in others]

    assert abs(standard_errors_apart(some, [*others, 5_000])) < T_MOST
    assert abs(standard_errors_apart(some, slower)) > T_MOST


def a_row(what: str, **limit: float) -> Row:
    """A row of three rounds at half the speed of its baseline."""
    return compared(what, "a second", ([1, 2, 3], [2, 4, 6]), **limit)
