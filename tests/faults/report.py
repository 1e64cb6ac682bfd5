"""What a run came to: figures for people, and the same for a file."""

from __future__ import annotations

import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from statistics import median
from typing import Any

from rich.table import Table

from app.storage.invariants import invariants
from tests.faults.bounds import (
    ANSWERED_S_MAX,
    EFFECT_P50_S_MAX,
    EFFECT_P99_S_MAX,
    EFFECT_S_MAX,
    GROWTH_FILES_MAX,
    GROWTH_MB_MAX,
    beyond,
    grown,
)
from tests.faults.deck import GROUPS, Fault, words
from tests.faults.journal import Answer, Journal
from tests.faults.run import Run
from tests.faults.site import ROOT, Site, Sizes

_LIBRARIES = ("flask", "granian", "psycopg", "redis", "rq", "sqlalchemy", "tallymark")
_EFFECTS = """
    select domain, delivery_id, extract(epoch from finished_at - received_at)::float8,
           attempts
    from inbox where finished_at is not null
"""


def figures(site: Site, journal: Journal, plan: Run) -> dict[str, Any]:
    """Return everything there is to say about a run, fit for JSON."""
    answers = list(journal.read())
    answered = [each.seconds for each in answers if isinstance(each.answer, int)]
    unanswered = [each.seconds for each in answers if isinstance(each.answer, str)]
    effects = {
        (domain, delivery): (seconds, attempts)
        for domain, delivery, seconds, attempts in site.rows(_EFFECTS)
    }
    acknowledged = {
        (each.domain, each.delivery_id) for each in answers if each.answer == 200
    }
    return {
        "seed": plan.seed,
        "share": plan.share,
        **_surroundings(site),
        "seconds": round(plan.seconds, 1),
        "settled_after_s": round(plan.settled_after_s, 1),
        "deliveries": len(plan.sent),
        "different_deliveries": len(acknowledged),
        "answers": dict(Counter(str(each.answer) for each in answers)),
        "worst_answer_s": max(answered, default=0),
        "worst_without_answer_s": max(unanswered, default=0),
        "answer_s": _spread(answered),
        "faults": _counted(each.fault for each in plan.rounds),
        "invariants": len(invariants()),
        "attempts_max": max((attempts for _, attempts in effects.values()), default=0),
        "by_fault": _by_fault(plan, answers, effects),
        "sizes": _sizes(plan.sizes),
        "tables": _tables(site),
        "broken": {name: str(what)[:2000] for name, what in plan.broken.items()},
    }


def holds(told: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled or wrong, and nothing took too long or grew."""
    return not told["broken"] and not beyond(told)


def table(told: Mapping[str, Any]) -> Table:
    """Return the faults, and how soon each was over, for the terminal."""
    made = Table(
        "fault",
        "times",
        "until answered 200, worst",
        "to effect, median",
        "p99",
        "worst",
    )
    for name, row in sorted(told["by_fault"].items()):
        effect = row["effect_s"]
        cells = (row["answered_s_max"], effect["p50"], effect["p99"], effect["max"])
        made.add_row(name, str(row["times"]), *(f"{each:.2f} s" for each in cells))
    bounds = ANSWERED_S_MAX, EFFECT_P50_S_MAX, EFFECT_P99_S_MAX, EFFECT_S_MAX
    made.add_section()
    made.add_row("at most", "", *(f"{each:g} s" for each in bounds))
    return made


def sizes_table(told: Mapping[str, Any]) -> Table:
    """Return what each part took of memory and files, for the terminal."""
    made = Table(
        "part",
        "memory, first",
        "last",
        "most",
        "grown by",
        "open files, first",
        "last",
        "grown by",
    )
    for name, sizes in told["sizes"].items():
        memory, files = sizes["memory_mb"], sizes["open_files"]
        cells = [memory[each] for each in ("first", "last", "max")] + [grown(memory)]
        more = files["first"], files["last"], grown(files)
        made.add_row(
            name, *(f"{each:g} MB" for each in cells), *(f"{each:g}" for each in more)
        )
    made.add_section()
    bounds = f"{GROWTH_MB_MAX:g} MB", "", "", f"{GROWTH_FILES_MAX:g}"
    made.add_row("at most", "", "", "", *bounds)
    return made


def _counted(faults: Iterable[Fault]) -> dict[str, int]:
    found = list(faults)
    return {
        name: sum(fault in group for fault in found) for name, group in GROUPS.items()
    }


def _by_fault(
    plan: Run, answers: list[Answer], effects: Mapping[tuple[str, str], Any]
) -> dict[str, Any]:
    """Return, by kind, how long what was sent during a fault had to wait."""
    first: dict[tuple[str, str], float] = {}
    kept: dict[tuple[str, str], float] = {}
    for each in answers:
        key = each.domain, each.delivery_id
        first.setdefault(key, each.at - each.seconds)
        if each.answer == 200:
            kept.setdefault(key, each.at)
    found: dict[str, Any] = {}
    for name in sorted({words(each.fault) for each in plan.rounds}):
        rounds = [each for each in plan.rounds if words(each.fault) == name]
        keys = {
            (each.domain, each.delivery_id) for round_ in rounds for each in round_.sent
        }
        found[name] = {
            "times": len(rounds),
            "deliveries": len(keys),
            "answered_s_max": max(
                kept[key] - first[key] for key in keys if key in kept
            ),
            "effect_s": _spread([effects[key][0] for key in keys if key in effects]),
        }
    return found


def _sizes(seen: list[Sizes]) -> dict[str, Any]:
    """Return what each part took in the first and last tenth of a run, and at most.

    What grows for as long as a process lives shows here, the better the longer it runs.
    """
    found: dict[str, Any] = {}
    for name in sorted({name for each in seen for name in each}):
        sizes = [each[name] for each in seen if name in each]
        tenth = max(1, len(sizes) // 10)
        found[name] = {"looks": len(sizes)}
        for place, what in enumerate(("memory_mb", "open_files")):
            values = [size[place] / (1 if place else 2**20) for size in sizes]
            found[name][what] = {
                "first": round(median(values[:tenth]), 1),
                "last": round(median(values[-tenth:]), 1),
                "max": round(max(values), 1),
            }
    return found


_TABLES = """
    select relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup
    from pg_stat_user_tables where n_live_tup + n_dead_tup > 0 order by 2 desc limit 8
"""


def _tables(site: Site) -> dict[str, Any]:
    """Return the largest tables, and how much of them is waste."""
    return {
        name: {"bytes": size, "rows": rows, "dead_rows": dead}
        for name, size, rows, dead in site.rows(_TABLES)
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"p50": 0, "p99": 0, "max": 0}
    return {
        "p50": round(ordered[len(ordered) // 2], 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
        "max": round(ordered[-1], 3),
    }


def _surroundings(site: Site) -> dict[str, Any]:
    with site.redis_client() as client:
        server = client.info("server")
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    [(postgres,)] = site.rows("show server_version")
    return {
        "commit": told.stdout.strip(),
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} CPUs, {platform.platform()}",
        "load_average": os.getloadavg(),
        "postgres": postgres,
        "redis": server.get("valkey_version") or server["redis_version"],
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
