"""How soon a long run must heal, and how little its parts may grow, each said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.storage.inbox import LEASE_S

# A store gives up after five seconds.
ANSWER_S_MAX = 3.0

# From the first delivery to the answer 200, with all tries between. A web process is
# back within four seconds, a server too, and one fault may follow on another; 9 s seen.
ANSWERED_S_MAX = 30.0

# From the answer 200 to the effect. Half of the messages wait for no lease: the clock
# looks every second for what no bell told of, and what was struck is soon back; 1.4 s
# seen. What a dead worker had waits for its lease, and is then taken one by one, by
# each worker every second while there is more to do; 35 s seen. And whoever takes it
# then may die, too.
EFFECT_P50_S_MAX = 6.0
EFFECT_P99_S_MAX = LEASE_S + 20.0
EFFECT_S_MAX = 2 * LEASE_S + 10.0

# From the last answer to an empty inbox: at worst the same.
SETTLED_S_MAX = EFFECT_S_MAX

# From the first tenth of a run to the last, of the largest process of each part; 3 MB
# and no file seen.
GROWTH_MB_MAX = 20.0
GROWTH_FILES_MAX = 20.0

# Of fewer messages a half may be what one worker had, and of fewer looks at the parts
# a tenth is one process that has only just begun.
_MESSAGES_MIN = 100
_LOOKS_MIN = 100


def beyond(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the figures of a report that are over their bounds, and by what."""
    return {
        name: f"{value:g}, at most {bound:g} are allowed"
        for name, value, bound in _judged(told)
        if value > bound
    }


def grown(sizes: Mapping[str, float]) -> float:
    """Return by how much a part has grown from the first tenth of a run to the last."""
    return round(sizes["last"] - sizes["first"], 1)


def _judged(told: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    yield "seconds to an answer", told["worst_answer_s"], ANSWER_S_MAX
    yield "seconds without one", told["worst_without_answer_s"], ANSWER_S_MAX
    yield "seconds to quiet", told["settled_after_s"], SETTLED_S_MAX
    for name, row in told["by_fault"].items():
        effect = row["effect_s"]
        yield f"{name}: seconds to 200", row["answered_s_max"], ANSWERED_S_MAX
        yield f"{name}: seconds to effect", effect["max"], EFFECT_S_MAX
        if row["deliveries"] >= _MESSAGES_MIN:
            yield f"{name}: the median of these", effect["p50"], EFFECT_P50_S_MAX
            yield f"{name}: the p99 of these", effect["p99"], EFFECT_P99_S_MAX
    for name, part in told["sizes"].items():
        if part["looks"] >= _LOOKS_MIN:
            yield f"{name}: MB more", grown(part["memory_mb"]), GROWTH_MB_MAX
            yield f"{name}: files more", grown(part["open_files"]), GROWTH_FILES_MAX
