"""How soon a long run must heal, and how little its parts may grow, each said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.storage import due_redemptions
from app.storage.inbox import LEASE_S
from workers.clock import FORGOTTEN_S

# A store gives up after five seconds, and shoppers wait no longer.
ANSWER_S_MAX = 3.0

# From the first delivery to the answer 200, with all tries between. A web process is
# back within four seconds, a server too, and one fault may follow on another; 9 s seen.
# In an hour two of three faults kill the web process, often many in a row; 40 s seen.
ANSWERED_S_MAX = 30.0
ANSWERED_IN_AN_HOUR_S_MAX = 60.0

# From the answer 200 to the effect. Half of the messages wait for no lease: the clock
# looks every second for what no bell told of, and what was struck is soon back; 1.4 s
# seen. What a dead worker had waits for its lease, and is then taken one by one, in
# turn with what is new; 5 s more than a lease seen. And whoever takes it then may die,
# too.
EFFECT_P50_S_MAX = 6.0
EFFECT_P99_S_MAX = LEASE_S + 20.0
EFFECT_S_MAX = 2 * LEASE_S + 10.0

# Where only the bell is lost, the clock looks after a second. What was taken more than
# once had waited for something else: what the fault before left, as a lock.
LOST_BELL_P99_S_MAX = FORGOTTEN_S + 5.0
LOSES_BELLS = {"kill web after commit", "kill web before bell", "flush", "flush often"}
# And where a worker dies with what it had.
DEAD_WORKER_P99_S_MAX = LEASE_S + 10.0
_LOSES_WORKERS = {
    "kill worker",
    "kill worker with a claim",
    "kill worker before commit",
    "kill worker after commit",
}

# While Redis is down or hung stores are answered 200 all the same, and what came until
# it was back is soon settled.
WITHOUT_REDIS_P99_S_MAX = 0.5
WITHOUT_REDIS_S_MAX = 2.0
DRAINED_S_MAX = 60.0
_LOSES_REDIS = {
    "kill redis",
    "lose redis",
    "hang redis",
    "stay without redis",
    "stay with a hung redis",
}
# Here what waits is kept from the workers on purpose, for as long as it takes.
_BACKLOG = "lose redis over a backlog"

# While PostgreSQL is away it is soon said so, and soon taken again what comes.
WITHOUT_POSTGRES_S_MAX = 1.0
TAKEN_AGAIN_S_MAX = 5.0
_LOSES_POSTGRES = {"kill postgres", "stop postgres at once"}

# From the last answer to an empty inbox: at worst the same.
SETTLED_S_MAX = EFFECT_S_MAX

# From the first tenth of a run to the last, of the largest process of each part; 3 MB
# and no file seen. A web process that has just begun has not started all its threads.
GROWTH_MB_MAX = 20.0
GROWTH_FILES_MAX = 20.0
GROWTH_THREADS_MAX = 10.0

# From a wish to its code: whoever dies amid asking the store for it leaves it for as
# long as its lease lasts, and so may who takes it up; 307 s seen in an hour.
UNTIL_CODE_S_MAX = 2 * due_redemptions.LEASE_S + 120.0

# So often the points of an hour are come to.
POINTS_MIN = 200

# Of fewer messages a half may be what one worker had, and of fewer looks at the parts
# a tenth is one process that has only just begun.
_MESSAGES_MIN = 100
_LOOKS_MIN = 100


def beyond(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the figures of a report that are over their bounds, and by what."""
    found = {
        name: f"{value:g}, at most {bound:g} are allowed"
        for name, value, bound in _judged(told)
        if value > bound
    }
    if told["is_an_hour"]:
        found |= {
            f"times {point}": f"{times}, at least {POINTS_MIN} are asked"
            for point, times in told["points"].items()
            if times < POINTS_MIN
        }
    return found


def grown(sizes: Mapping[str, float]) -> float:
    """Return by how much a part has grown from the first tenth of a run to the last."""
    return round(sizes["last"] - sizes["first"], 1)


def effect_p99_max(fault: str) -> float:
    """Return within what 99 of 100 messages amid a fault must have their effect."""
    return DEAD_WORKER_P99_S_MAX if fault in _LOSES_WORKERS else EFFECT_P99_S_MAX


def _judged(told: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    yield "seconds to an answer", told["worst_answer_s"], ANSWER_S_MAX
    yield "seconds without one", told["worst_without_answer_s"], ANSWER_S_MAX
    yield "seconds to quiet", told["settled_after_s"], SETTLED_S_MAX
    if told["wishes"]:
        wishes = told["wishes"]
        yield "seconds that a shopper waited", wishes["answer_s"]["max"], ANSWER_S_MAX
        yield "seconds to a code", wishes["until_code_s"]["max"], UNTIL_CODE_S_MAX
    for name, row in told["by_fault"].items():
        for what, value, bound in _of_fault(name, row, told["is_an_hour"]):
            yield f"{name}: {what}", value, bound
    for name, part in told["sizes"].items():
        if part["looks"] >= _LOOKS_MIN:
            yield f"{name}: MB more", grown(part["memory_mb"]), GROWTH_MB_MAX
            yield f"{name}: files more", grown(part["open_files"]), GROWTH_FILES_MAX
            yield f"{name}: threads more", grown(part["threads"]), GROWTH_THREADS_MAX


def _of_fault(
    name: str, row: Mapping[str, Any], is_an_hour: bool
) -> Iterator[tuple[str, float, float]]:
    effect = row["effect_s"]
    answered_s_max = ANSWERED_IN_AN_HOUR_S_MAX if is_an_hour else ANSWERED_S_MAX
    yield "seconds to 200", row["answered_s_max"], answered_s_max
    if name != _BACKLOG:
        yield "seconds to effect", effect["max"], EFFECT_S_MAX
        if row["deliveries"] >= _MESSAGES_MIN:
            yield "the median of these", effect["p50"], EFFECT_P50_S_MAX
            yield "the p99 of these", effect["p99"], effect_p99_max(name)
            if name in LOSES_BELLS:
                once = row["taken_once_s"]["p99"]
                yield "the p99 of those taken once", once, LOST_BELL_P99_S_MAX
    away = row["away"]
    if away and name in _LOSES_REDIS:
        yield "seconds to an answer meanwhile", away["s"]["max"], WITHOUT_REDIS_S_MAX
        if away["answers"] >= _MESSAGES_MIN:
            p99 = away["s"]["p99"]
            yield "the p99 of answers meanwhile", p99, WITHOUT_REDIS_P99_S_MAX
        yield "answers meanwhile but 200", away["not_200"], 0
    if away and name in {*_LOSES_REDIS, _BACKLOG}:
        yield "seconds until drained", away["drained_s_max"], DRAINED_S_MAX
    if away and name in _LOSES_POSTGRES:
        yield "seconds to an answer meanwhile", away["s"]["max"], WITHOUT_POSTGRES_S_MAX
        yield "seconds to a 200 again", away["taken_again_s_max"], TAKEN_AGAIN_S_MAX
