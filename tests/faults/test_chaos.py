"""A few faults of a long run, by a seed, and its report."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from tests.faults import bounds, process_faults, redis_faults
from tests.faults.by_fault import Effect, Heard
from tests.faults.chaos import summary
from tests.faults.deck import GROUPS, for_an_hour, shuffled, words
from tests.faults.history import Webhook
from tests.faults.journal import Answer, Journal
from tests.faults.report import away_table, figures, holds, sizes_table, table
from tests.faults.rewards import wrong_codes
from tests.faults.run import Round, Run, run
from tests.faults.shoppers import Wish
from tests.faults.site import Outage, Site

# Those after which no lease has to end, which takes 20 seconds.
_SHORT = {process_faults.kill_web, redis_faults.lose_redis, redis_faults.flush}


@pytest.fixture(scope="module")
def plan() -> Run:
    """A run that is small enough for every day."""
    return Run(seed=7, share=0.02)


@pytest.fixture(scope="module")
def told(
    site: Site, plan: Run, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What that run came to."""
    faults = [fault for fault in shuffled(7, 0.02) if fault in _SHORT]
    journal = Journal(tmp_path_factory.mktemp("chaos") / "journal.jsonl")
    run(site, journal, plan, faults)
    figured = figures(site, journal, plan)
    journal.close()
    return figured


def test_one_fault_after_another_in_three_stores(plan: Run, told: dict[str, Any]):
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


def test_codes_that_nobody_bought_and_wishes_that_are_gone_are_found(
    site: Site, plan: Run, told: dict[str, Any]
):
    assert site.store
    shoppers = plan.shoppers
    assert shoppers
    assert shoppers.wishes
    lost = Wish("100", "lost", "keep", 0, id="lost", state="waiting")
    own = next(each for each in shoppers.wishes if each.id)
    own_code, own.code = own.code, "TMANOTHER234"

    site.store.make_code("TMNOBODYS234")
    shoppers.wishes.append(lost)
    found = wrong_codes(site, shoppers)
    site.store.drop_code("TMNOBODYS234")
    shoppers.wishes.remove(lost)
    own.code = own_code

    assert found == {
        "codes of nobody in the store": {"TMNOBODYS234"},
        "codes that are open and not issued": {"TMNOBODYS234"},
        "wishes answered 202 and not decided": {"lost"},
        "shown another code than is made": [own.request_id],
    }
    assert {} == wrong_codes(site, shoppers)


def _told() -> dict[str, Any]:
    """What a sound run comes to, as far as it is judged, each figure at its bound."""
    rows = {
        name: _row(bounds.effect_p99_max(name), most_s)
        for name, most_s in {
            "cut connections": bounds.ANSWER_S_MAX,
            "flush": bounds.ANSWER_S_MAX,
            "kill worker": bounds.ANSWER_S_MAX,
            "hang redis": bounds.WITHOUT_REDIS_S_MAX,
            "kill postgres": bounds.WITHOUT_POSTGRES_S_MAX,
        }.items()
    }
    rows["kill postgres"]["away"]["not_200"] = 7
    memory = {"first": 100, "last": 100 + bounds.GROWTH_MB_MAX, "max": 150}
    files = {"first": 10, "last": 10 + bounds.GROWTH_FILES_MAX, "max": 50}
    threads = {"first": 10, "last": 10 + bounds.GROWTH_THREADS_MAX, "max": 50}
    part = {"looks": 100, "memory_mb": memory, "open_files": files, "threads": threads}
    return {
        "worst_answer_s": bounds.ANSWER_S_MAX,
        "worst_without_answer_s": bounds.ANSWER_S_MAX,
        "settled_after_s": bounds.SETTLED_S_MAX,
        "deliveries": 1,
        "faults": {},
        "seed": 1,
        "answers": {},
        "is_an_hour": True,
        "points": {"killed before the commit": bounds.POINTS_MIN},
        "commits_cut": {"ingest by web": 20},
        "commits_of_unknown_outcome": {"503": 3},
        "wishes": {
            "became": {"used": 3},
            "answer_s": {"max": bounds.ANSWER_S_MAX},
            "until_code_s": {"max": bounds.UNTIL_CODE_S_MAX},
        },
        "settled_without_a_bell": 12,
        "done": {},
        "by_fault": rows,
        "sizes": {"web": part},
        "broken": {},
    }


def _row(effect_p99: float, away_s: float) -> dict[str, Any]:
    """What came of one kind of fault, each figure at its bound."""
    effect = {
        "p50": bounds.EFFECT_P50_S_MAX,
        "p99": effect_p99,
        "max": bounds.EFFECT_S_MAX,
    }
    away = {
        "s_max": 60.0,
        "answers": 100,
        "not_200": 0,
        "s": {"p50": 0.1, "p99": bounds.WITHOUT_REDIS_P99_S_MAX, "max": away_s},
        "taken_again_s_max": bounds.TAKEN_AGAIN_S_MAX,
        "drained_s_max": bounds.DRAINED_S_MAX,
    }
    return {
        "times": 1,
        "deliveries": 100,
        "answer_s": {"p50": 0.1, "p99": 0.2, "max": 0.3},
        "answered_s_max": bounds.ANSWERED_IN_AN_HOUR_S_MAX,
        "effect_s": effect,
        "taken_once_s": effect | {"p99": bounds.LOST_BELL_P99_S_MAX},
        "away": away,
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
        (("wishes", "answer_s", "max"), "seconds that a shopper waited"),
        (("wishes", "until_code_s", "max"), "seconds to a code"),
        (("by_fault", "flush", "answered_s_max"), "flush: seconds to 200"),
        (("by_fault", "flush", "effect_s", "p50"), "flush: the median of these"),
        (("by_fault", "flush", "effect_s", "p99"), "flush: the p99 of these"),
        (
            ("by_fault", "flush", "taken_once_s", "p99"),
            "flush: the p99 of those taken once",
        ),
        (("by_fault", "flush", "effect_s", "max"), "flush: seconds to effect"),
        (
            ("by_fault", "kill worker", "effect_s", "p99"),
            "kill worker: the p99 of these",
        ),
        (
            ("by_fault", "cut connections", "effect_s", "p99"),
            "cut connections: the p99 of these",
        ),
        (
            ("by_fault", "hang redis", "away", "s", "max"),
            "hang redis: seconds to an answer meanwhile",
        ),
        (
            ("by_fault", "hang redis", "away", "s", "p99"),
            "hang redis: the p99 of answers meanwhile",
        ),
        (
            ("by_fault", "hang redis", "away", "not_200"),
            "hang redis: answers meanwhile but 200",
        ),
        (
            ("by_fault", "hang redis", "away", "drained_s_max"),
            "hang redis: seconds until drained",
        ),
        (
            ("by_fault", "kill postgres", "away", "s", "max"),
            "kill postgres: seconds to an answer meanwhile",
        ),
        (
            ("by_fault", "kill postgres", "away", "taken_again_s_max"),
            "kill postgres: seconds to a 200 again",
        ),
        (("sizes", "web", "memory_mb", "last"), "web: MB more"),
        (("sizes", "web", "open_files", "last"), "web: files more"),
        (("sizes", "web", "threads", "last"), "web: threads more"),
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


def test_points_that_an_hour_came_to_too_seldom_are_told():
    told = _told()
    told["points"]["killed before the commit"] -= 1

    assert not holds(told)
    told["by_fault"] = {}
    assert holds(told | {"is_an_hour": False})
    assert "TOO MUCH: times killed before the commit: 199, at least" in summary(told)


def test_its_tables_show_what_is_allowed():
    shown = StringIO()
    Console(file=shown, width=160).print(
        table(_told()), sizes_table(_told()), away_table(_told())
    )

    lines = shown.getvalue().splitlines()
    allowed = [line for line in lines if "at most" in line and "p99" not in line]
    assert ["3 s", "30 s", "6 s", "50 s", "20 MB", "20", "10"] == [
        cell for line in allowed for cell in re.findall(r"\d+(?: s| MB)?(?= )", line)
    ]
    [flushed] = [line for line in lines if "flush" in line and "6 s" in line]
    assert "0.10 0.20 0.30" in flushed
    assert any("hang redis" in line and "60 s" in line for line in lines)


def test_a_commit_is_of_unknown_outcome_where_no_200_came_and_it_was_kept():
    kept = Effect(received_at=10.0, finished_at=11.0, attempts=1)
    answers = [
        Answer("lost answer", "a", "ConnectionResetError", 0.1, 10.1),
        Answer("lost answer", "a", 200, 0.1, 11.1),
        Answer("refused first", "a", 503, 0.1, 9.5),
        Answer("refused first", "a", 200, 0.1, 10.1),
        Answer("sent again", "a", 200, 0.1, 10.1),
        Answer("sent again", "a", 503, 0.1, 12.0),
        Answer("never kept", "a", 503, 0.1, 12.0),
    ]
    ids = ("lost answer", "refused first", "sent again")

    heard = Heard(answers, {("a", each): kept for each in ids})

    assert {"ConnectionResetError": 1} == heard.unknown_commits()


def test_an_outage_is_judged_by_what_was_asked_meanwhile_and_came_next():
    keys = [("a", name) for name in ("before", "amid", "after")]
    answers = [
        Answer("before", "a", 200, 0.1, 9.9),
        Answer("amid", "a", 503, 0.3, 10.6),
        Answer("amid", "a", 200, 0.2, 14.0),
        Answer("after", "a", 200, 0.9, 15.0),
    ]
    effects = {keys[1]: Effect(11.9, 19.0, 1), keys[2]: Effect(14.0, 30.0, 1)}
    told = [Webhook(name, domain, "t", b"", "") for domain, name in keys]
    outage = Outage(10.0, 12.0)

    found = Heard(answers, effects).of(
        [Round(redis_faults.kill_redis, told, [outage], swept=4)]
    )

    assert found["away"] == {
        "s_max": 2.0,
        "answers": 1,
        "not_200": 1,
        "s": {"p50": 0.3, "p99": 0.3, "max": 0.3},
        "taken_again_s_max": 2.0,
        "drained_s_max": 7.0,
    }
    assert (1, 3, 4) == tuple(
        found[each] for each in ("times", "deliveries", "settled_without_a_bell")
    )


def test_an_hour_comes_to_each_point_often():
    counts = Counter(map(words, for_an_hour(1)))

    between = counts["kill web after commit"] + counts["kill web before bell"]
    assert 200 <= min(
        counts["kill web before commit"],
        between,
        counts["kill web before answer"],
        counts["terminate worker"],
    )
    assert counts.keys() > set(map(words, shuffled(1)))


def test_a_whole_run_has_as_many_faults_as_it_says():
    counts = {name: sum(group.values()) for name, group in GROUPS.items()}

    assert (100, 20, 20) == tuple(counts.values())[:3]
    assert sum(counts.values()) == len(shuffled(1))
    assert shuffled(1) == shuffled(1) != shuffled(2)
