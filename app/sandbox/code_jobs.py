"""What the store does to the codes of a discount once it gets round to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from app.sandbox import codes
from app.sandbox.store_data import Rows

ADD, DELETE = "add", "delete"
_CALLS = "calls before code jobs"
TAKEN = "must be unique. Please try a different code."


@dataclass(frozen=True)
class CodeJob:
    """Codes to add, or ids of codes to delete; `waits` is how many calls go before.

    `made` and `mistakes` say by code what became of it.
    """

    id: int
    kind: str
    discount_id: int
    wanted: tuple[str, ...]
    at: str
    waits: int = 0
    is_done: bool = False
    made: dict[str, int] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)


def begin(
    rows: Rows, kind: str, discount_id: int, wanted: tuple[str, ...], at: str
) -> CodeJob:
    """Take a job on, to be done before the next call or as late as is wished."""
    job = CodeJob(rows.next_id(), kind, discount_id, wanted, at, waiting_calls(rows))
    _save(rows, job)
    return job


def delay(rows: Rows, calls: int) -> None:
    """Let jobs from now on wait until the app has made so many more calls."""
    rows.save_setting(_CALLS, calls)


def waiting_calls(rows: Rows) -> int:
    """Return how many calls jobs from now on wait for."""
    calls = rows.setting(_CALLS, 0)
    assert isinstance(calls, int)
    return calls


def find(rows: Rows, job_id: int) -> CodeJob | None:
    """Return the job with this id."""
    row = rows.connection.execute(
        "SELECT record FROM code_jobs WHERE id = ?", (job_id,)
    ).fetchone()
    return _read(row["record"]) if row else None


def run(rows: Rows) -> None:
    """Do the jobs whose time has come; the others wait for one call less."""
    found = rows.connection.execute(
        "SELECT record FROM code_jobs WHERE NOT is_done ORDER BY id"
    ).fetchall()
    for row in found:
        job = _read(row["record"])
        if job.waits:
            _save(rows, replace(job, waits=job.waits - 1))
        else:
            _save(rows, _done(rows, job))


def _done(rows: Rows, job: CodeJob) -> CodeJob:
    if job.kind == DELETE:
        for wanted in job.wanted:
            codes.delete_code(rows, job.discount_id, int(wanted))
        return replace(job, is_done=True)
    made, mistakes = {}, {}
    for code in job.wanted:
        if codes.find(rows, code) or codes.find_by_id(rows, job.discount_id) is None:
            mistakes[code] = TAKEN
        else:
            made[code] = codes.add_code(rows, job.discount_id, code)
    return replace(job, is_done=True, made=made, mistakes=mistakes)


def _save(rows: Rows, job: CodeJob) -> None:
    rows.connection.execute(
        "INSERT OR REPLACE INTO code_jobs VALUES (?, ?, ?)",
        (job.id, job.is_done, json.dumps(asdict(job))),
    )


def _read(record: str) -> CodeJob:
    data = json.loads(record)
    return CodeJob(**{**data, "wanted": tuple(data["wanted"])})
