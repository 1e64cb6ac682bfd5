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
from tests.faults import points
from tests.faults.bounds import (
    ANSWER_S_MAX,
    ANSWERED_S_MAX,
    EFFECT_P50_S_MAX,
    EFFECT_S_MAX,
    GROWTH_FILES_MAX,
    GROWTH_MB_MAX,
    GROWTH_THREADS_MAX,
    LOSES_BELLS,
    LOST_BELL_P99_S_MAX,
    beyond,
    effect_p99_max,
    grown,
)
from tests.faults.by_fault import Effect, Heard, by_fault, spread
from tests.faults.deck import GROUPS, LONG, Fault
from tests.faults.journal import Journal
from tests.faults.process_faults import ENDED
from tests.faults.run import AN_HOUR, Run
from tests.faults.shoppers import Shoppers
from tests.faults.site import ROOT, Site, Sizes

# Where a web process can die between a message and its answer.
_POINTS = {
    "killed before the commit": ("before a message is committed",),
    "killed between the commit and the bell": (
        "after a message is committed",
        "before the bell",
    ),
    "killed between the commit and the answer": ("before the answer",),
}
_LIBRARIES = ("flask", "granian", "psycopg", "redis", "rq", "sqlalchemy", "tallymark")
_EFFECTS = """
    select domain, delivery_id, extract(epoch from received_at)::float8,
           extract(epoch from finished_at)::float8, attempts
    from inbox where finished_at is not null
"""


def figures(site: Site, journal: Journal, plan: Run) -> dict[str, Any]:
    """Return everything there is to say about a run, fit for JSON."""
    answers = list(journal.read())
    answered = [each.seconds for each in answers if isinstance(each.answer, int)]
    unanswered = [each.seconds for each in answers if isinstance(each.answer, str)]
    effects = {
        (domain, delivery): Effect(*times)
        for domain, delivery, *times in site.rows(_EFFECTS)
    }
    heard = Heard(answers, effects)
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
        "is_an_hour": plan.minutes >= AN_HOUR,
        "answers": dict(Counter(str(each.answer) for each in answers)),
        "worst_answer_s": max(answered, default=0),
        "worst_without_answer_s": max(unanswered, default=0),
        "answer_s": spread(answered),
        "faults": _counted(each.fault for each in plan.rounds),
        "invariants": len(invariants()),
        "attempts_max": max((each.attempts for each in effects.values()), default=0),
        "points": _points(site),
        "done": dict(site.done),
        "settled_without_a_bell": site.swept(),
        "commits_cut": _cut(site),
        "commits_of_unknown_outcome": heard.unknown_commits(),
        "wishes": _wishes(site, plan.shoppers) if plan.shoppers else None,
        "by_fault": by_fault(heard, plan.rounds),
        "sizes": _sizes(plan.sizes),
        "tables": _tables(site),
        "broken": {name: str(what)[:2000] for name, what in plan.broken.items()},
    }


def holds(told: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled or wrong, and nothing took too long or grew."""
    return not told["broken"] and not beyond(told)


def table(told: Mapping[str, Any]) -> Table:
    """Return the faults, and how soon each was over, for the terminal.

    Three seconds at a time: the median, the 99th of a hundred, and the worst.
    """
    names = "fault", "times", "answers", "until 200", "to effect", "p99 at most"
    made = Table(*names, "p99 of those taken once")
    for name, row in sorted(told["by_fault"].items()):
        cells = (_three(row["answer_s"]), f"{row['answered_s_max']:.2f}")
        effect = _three(row["effect_s"]), f"{effect_p99_max(name):g} s"
        once = f"{row['taken_once_s']['p99']:.2f}"
        if name in LOSES_BELLS:
            once += f" of {LOST_BELL_P99_S_MAX:g} s"
        made.add_row(name, str(row["times"]), *cells, *effect, once)
    made.add_section()
    effects = f"{EFFECT_P50_S_MAX:g} s ... {EFFECT_S_MAX:g} s"
    bounds = f"... {ANSWER_S_MAX:g} s", f"{ANSWERED_S_MAX:g} s", effects
    made.add_row("at most", "", *bounds, "", "")
    return made


def away_table(told: Mapping[str, Any]) -> Table:
    """Return how stores were answered while a server was gone, for the terminal."""
    made = Table(
        "gone by", "longest", "answers", "but 200", "in", "200 again", "drained"
    )
    for name, row in sorted(told["by_fault"].items()):
        away = row["away"]
        if away:
            counts = str(away["answers"]), str(away["not_200"]), _three(away["s"])
            after = (away["taken_again_s_max"], away["drained_s_max"])
            last = (f"{each:.2f} s" for each in after)
            made.add_row(name, f"{away['s_max']:g} s", *counts, *last)
    return made


def _three(seconds: Mapping[str, float]) -> str:
    return " ".join(f"{seconds[each]:.2f}" for each in ("p50", "p99", "max"))


def sizes_table(told: Mapping[str, Any]) -> Table:
    """Return what each part took of memory and files, for the terminal."""
    made = Table(
        "part",
        "memory, first",
        "last",
        "most",
        "grown by",
        "files, first",
        "last",
        "grown by",
        "threads, first",
        "last",
        "grown by",
    )
    for name, sizes in told["sizes"].items():
        memory = sizes["memory_mb"]
        cells = [memory[each] for each in ("first", "last", "max")] + [grown(memory)]
        more = [
            count
            for each in (sizes["open_files"], sizes["threads"])
            for count in (each["first"], each["last"], grown(each))
        ]
        made.add_row(
            name, *(f"{each:g} MB" for each in cells), *(f"{each:g}" for each in more)
        )
    made.add_section()
    bounds = f"{GROWTH_MB_MAX:g} MB", "", "", f"{GROWTH_FILES_MAX:g}"
    made.add_row("at most", "", "", "", *bounds, "", "", f"{GROWTH_THREADS_MAX:g}")
    return made


def _counted(faults: Iterable[Fault]) -> dict[str, int]:
    found = list(faults)
    return {
        name: sum(fault in group for fault in found)
        for name, group in (GROUPS | {"long ones": LONG}).items()
    }


def _sizes(seen: list[Sizes]) -> dict[str, Any]:
    """Return what each part took in the first and last tenth of a run, and at most.

    What grows for as long as a process lives shows here, the better the longer it runs.
    """
    found: dict[str, Any] = {}
    for name in sorted({name for each in seen for name in each}):
        sizes = [each[name] for each in seen if name in each]
        tenth = max(1, len(sizes) // 10)
        found[name] = {"looks": len(sizes)}
        for what, values in (
            ("memory_mb", [each.memory_bytes / 2**20 for each in sizes]),
            ("open_files", [each.open_files for each in sizes]),
            ("threads", [each.threads for each in sizes]),
        ):
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


def _cut(site: Site) -> dict[str, int]:
    """Return the commits of which nobody was told, by sort and by who asked."""
    cut = site.cable.commits_cut if site.cable else {}
    return {f"{sort} by {part}": times for (sort, part), times in sorted(cut.items())}


def _points(site: Site) -> dict[str, int]:
    """Return how often processes were killed at certain points, or asked to end."""
    counts = {
        name: sum(len(points.struck(site.faults, f"web {point}")) for point in where)
        for name, where in _POINTS.items()
    }
    return counts | {ENDED: site.done[ENDED]}


def _wishes(site: Site, shoppers: Shoppers) -> dict[str, Any]:
    """Return what became of wishes, and how soon shoppers were answered."""
    asked = shoppers.asked
    waited = [each.code_after_s for each in shoppers.wishes if each.code_after_s]
    return {
        "wishes": len(shoppers.wishes),
        "became": dict(site.rows("select state, count(*) from redemption group by 1")),
        "orders_with_a_code": len(shoppers.sent),
        "answers": _by_words(f"{each.what}: {each.answer}" for each in asked),
        "answer_s": spread(each.seconds for each in asked),
        "until_code_s": spread(waited),
    }


def _by_words(all_words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(all_words).items()))


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
