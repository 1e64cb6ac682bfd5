"""A few faults of a long run, by a seed, and its report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from tests.faults import process_faults, redis_faults
from tests.faults.chaos import summary
from tests.faults.deck import GROUPS, shuffled
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
    assert len(_SHORT) == sum(told["faults"].values()) == len(told["by_fault"])
    assert told["different_deliveries"] <= told["deliveries"]
    assert told["answers"]["200"] == told["deliveries"]
    assert {"web", "worker.1", "worker.2", "clock"} == told["sizes"].keys()
    for sizes in told["sizes"].values():
        assert 10 < sizes["memory_mb"]["first"] <= sizes["memory_mb"]["max"]
        assert 0 < sizes["open_files"]["last"] <= sizes["open_files"]["max"]
    assert "inbox" in told["tables"]
    Console(quiet=True).print(sizes_table(told))


def test_a_report_of_something_broken_says_so():
    answers = {"worst_answer_s": 0.1, "worst_without_answer_s": 0.2}
    rest = {"deliveries": 1, "faults": {}, "seed": 1, "answers": {}, "by_fault": {}}
    sound = {**answers, **rest, "broken": {}}
    broken = {**sound, "broken": {"answered 200 and lost": "[1]"}}

    assert holds(sound)
    assert not holds(broken)
    assert not holds({**sound, "worst_without_answer_s": 5.0})
    assert "BROKEN: answered 200 and lost: [1]" in summary(broken)
    Console(quiet=True).print(table(sound))


def test_a_whole_run_has_as_many_faults_as_it_says():
    counts = {name: sum(group.values()) for name, group in GROUPS.items()}

    assert (100, 20, 20) == tuple(counts.values())[:3]
    assert sum(counts.values()) == len(shuffled(1))
    assert shuffled(1) == shuffled(1) != shuffled(2)
