"""A few faults of a long run, by a seed, and its report."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.faults import bounds, process_faults, redis_faults
from tests.faults.chaos import summary
from tests.faults.deck import AT_A_POINT, GROUPS, shuffled
from tests.faults.journal import Journal
from tests.faults.report import figures, holds, sizes_table, table
from tests.faults.run import Run, run
from tests.faults.site import Site

# Those after which no lease has to end, which takes half a minute.
_SHORT = {process_faults.kill_web, redis_faults.lose_redis, redis_faults.flush}


def test_one_fault_after_another_in_two_stores(site: Site, tmp_path: Path):
    plan = Run(seed=7, share=0.02)
    faults = [fault for fault in shuffled(7, 0.02) if fault in _SHORT]
    journal = Journal(tmp_path / "journal.jsonl")
    run(site, journal, plan, faults)
    told = figures(site, journal, plan)
    journal.close()

    assert {} == plan.broken
    # How soon it answers is for a machine at rest to say.
    answers = dict.fromkeys(("worst_answer_s", "worst_without_answer_s"), 0)
    assert {} == bounds.beyond(told | answers)
    assert len(_SHORT) == sum(told["faults"].values()) == len(told["by_fault"])
    assert told["different_deliveries"] <= told["deliveries"]
    assert told["answers"]["200"] == told["deliveries"]
    assert {"web", "worker.1", "worker.2", "clock"} == told["sizes"].keys()
    for sizes in told["sizes"].values():
        assert 10 < sizes["memory_mb"]["first"] <= sizes["memory_mb"]["max"]
        assert 0 < sizes["open_files"]["last"] <= sizes["open_files"]["max"]
    assert "inbox" in told["tables"]
    Console(quiet=True).print(sizes_table(told))


def _told() -> dict[str, Any]:
    """What a sound run comes to, as far as it is judged, each figure at its bound."""
    effect = {
        "p50": bounds.EFFECT_P50_S_MAX,
        "p99": bounds.EFFECT_P99_S_MAX,
        "max": bounds.EFFECT_S_MAX,
    }
    row = {"answered_s_max": bounds.ANSWERED_S_MAX, "effect_s": effect}
    memory = {"first": 100, "last": 100 + bounds.GROWTH_MB_MAX, "max": 150}
    files = {"first": 10, "last": 10 + bounds.GROWTH_FILES_MAX, "max": 50}
    part = {"looks": 100, "memory_mb": memory, "open_files": files}
    return {
        "worst_answer_s": bounds.ANSWER_S_MAX,
        "worst_without_answer_s": bounds.ANSWER_S_MAX,
        "settled_after_s": bounds.SETTLED_S_MAX,
        "deliveries": 1,
        "faults": {},
        "seed": 1,
        "answers": {},
        "by_fault": {"kill web": {"times": 1, "deliveries": 100} | row},
        "sizes": {"web": part},
        "broken": {},
    }


def test_a_report_of_something_broken_says_so():
    sound = _told()
    broken = {**sound, "broken": {"answered 200 and lost": "[1]"}}

    assert holds(sound)
    assert not holds(broken)
    assert "BROKEN: answered 200 and lost: [1]" in summary(broken)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("worst_answer_s",), "seconds to an answer"),
        (("worst_without_answer_s",), "seconds without one"),
        (("settled_after_s",), "seconds to quiet"),
        (("by_fault", "kill web", "answered_s_max"), "kill web: seconds to 200"),
        (("by_fault", "kill web", "effect_s", "p50"), "kill web: the median of these"),
        (("by_fault", "kill web", "effect_s", "p99"), "kill web: the p99 of these"),
        (("by_fault", "kill web", "effect_s", "max"), "kill web: seconds to effect"),
        (("sizes", "web", "memory_mb", "last"), "web: MB more"),
        (("sizes", "web", "open_files", "last"), "web: files more"),
    ],
)
def test_a_report_of_what_took_too_long_or_grew_says_so(
    place: tuple[str, ...], words: str
):
    told = _told()
    within = told
    for name in place[:-1]:
        within = within[name]
    within[place[-1]] += 1

    assert not holds(told)
    assert f"TOO MUCH: {words}: " in summary(told)


def test_its_tables_show_what_is_allowed():
    shown = StringIO()
    Console(file=shown, width=120).print(table(_told()), sizes_table(_told()))

    allowed = [line for line in shown.getvalue().splitlines() if "at most" in line]
    assert ["30 s", "6 s", "50 s", "70 s", "20 MB", "20"] == [
        cell for line in allowed for cell in re.findall(r"\d+(?: s| MB)?(?= )", line)
    ]


def test_a_whole_run_has_as_many_faults_as_it_says():
    counts = {name: sum(group.values()) for name, group in GROUPS.items()}

    assert (100, 20, 20) == tuple(counts.values())[:3]
    assert sum(counts.values()) == len(shuffled(1))
    assert shuffled(1) == shuffled(1) != shuffled(2)


def test_web_dies_as_often_at_each_point_as_is_asked_for():
    dealt = Counter(shuffled(1, 0.02, kills=3))

    assert {3} == {dealt[fault] for fault in AT_A_POINT}
    assert {1} == {count for fault, count in dealt.items() if fault not in AT_A_POINT}
    # What is more anyway stays so.
    assert Counter(shuffled(1)) == Counter(shuffled(1, kills=5))

    row = _told()["by_fault"]["kill web"] | {"times": 200}
    died = {"kill web before bell": row}
    assert (
        "Web processes that died before commit: 0, before bell: 200, before answer: 0."
    ) in summary(_told() | {"by_fault": died})
