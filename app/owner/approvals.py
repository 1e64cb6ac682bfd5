"""The page on which an owner approves or refuses what waits for their word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from app.domain import redemptions as wishes
from app.domain.actions import State
from app.doors import the_doors
from app.owner import decisions
from app.owner.decisions import About, Decision, Told
from app.owner.queue import PAGE, Item, Queue
from app.owner.versions import by_the_clock
from app.owner.visit import Visit, page, visiting
from app.storage import actions, redemptions, referrals
from workers.refer import hindrance, outcomes
from workers.terms import Terms

_REASON_MAX = 200

approvals = Blueprint("approvals", __name__, url_prefix="/approvals")


@dataclass(frozen=True)
class Section:
    """What waits of one sort: how much, and a page of it."""

    about: About
    count: int
    items: list[Item]
    number: int
    last: int


@approvals.get("")
def show() -> Response:
    """Show what waits."""
    visit = visiting()
    with _in_program(visit) as connection:
        name = request.args.get("told", "").replace("\0", "")
        told = decisions.told(connection, the_doors().keys, visit.store, name)
        return _queue(connection, visit, told=told)


@approvals.post("")
def decide() -> AnyResponse:
    """Keep what was decided, for a worker to carry out."""
    visit = visiting()
    decision = _decision(visit.asker.by)
    with _in_program(visit) as connection:
        answer, is_kept = _decided(connection, visit, decision)
    if is_kept:
        visit.note(_NOTED[decision.is_approved], **decision.named)
    the_doors().bell.ring()
    return answer


def _decided(
    connection: Connection, visit: Visit, decision: Decision
) -> tuple[AnyResponse, bool]:
    """Return the answer, and whether anything was kept for it."""
    where = connection, the_doors().keys, visit.store
    wrong = _WRONG[decision.about](connection, visit, decision)
    kept = not wrong and decisions.keep(*where, decision)
    latest = decisions.latest(*where, decision)
    # Who clicks twice has decided once, and is told so both times.
    is_same = latest is not None and latest.is_approved == decision.is_approved
    if latest and (kept or (is_same and latest.state in ("waiting", "settled"))):
        return redirect(_back(latest.name), 303), kept
    wrong = wrong or "it was decided a moment ago"
    return _queue(connection, visit, wrong=wrong, status=409), False


_NOTED = {True: "approved", False: "refused"}


def _decision(by: str) -> Decision:
    """Return what was decided, as the form tells it, and by whom."""
    is_approved = {"approve": True, "refuse": False}.get(request.form.get("way", ""))
    sort, _, id_ = request.form.get("about", "").partition("/")
    if is_approved is None or sort not in set(About) or "\0" in id_:
        raise BadRequest
    about = About(sort)
    if about is About.FRIEND:
        return decisions.on_friend(id_, by, is_approved=is_approved)
    if about is About.REWARD:
        reason = " ".join(request.form.get("reason", "").split())[:_REASON_MAX]
        return decisions.on_reward(id_, by, reason, is_approved=is_approved)
    action, _, key = id_.partition("/")
    return decisions.on_action(action, key, by, is_approved=is_approved)


def _action_wrong(
    connection: Connection, visit: Visit, decision: Decision
) -> str | None:
    """Return why an action cannot be decided on; raises NotFound."""
    action, _, key = decision.id.partition("/")
    found = actions.find_action(connection, visit.store.program_id, action, key)
    if found is None:
        raise NotFound
    return None if found.state == State.WAITING else f"it was {found.state} meanwhile"


def _reward_wrong(
    connection: Connection, visit: Visit, decision: Decision
) -> str | None:
    """Return why a reward cannot be decided on; raises NotFound."""
    kept = redemptions.find(connection, visit.store.program_id, decision.id)
    if kept is None:
        raise NotFound
    state = kept.redemption.state
    return None if state == wishes.State.ASKED else f"it is {state} meanwhile"


def _friend_wrong(
    connection: Connection, visit: Visit, decision: Decision
) -> str | None:
    """Return why a friend cannot be decided on; raises NotFound."""
    program_id = visit.store.program_id
    claim = referrals.find(connection, program_id, decision.id)
    if claim is None:
        raise NotFound
    terms = Terms(connection, program_id, the_doors().keys)
    theirs = outcomes(connection, terms, [claim.advocate_id])
    told = {each.referral.id: each for each in theirs.get(claim.advocate_id, [])}
    if claim.id not in told or not told[claim.id].waits:
        return "it does not wait any more"
    if decision.is_approved:
        return hindrance(connection, program_id, claim)
    return None


_WRONG = {
    About.ACTION: _action_wrong,
    About.REWARD: _reward_wrong,
    About.FRIEND: _friend_wrong,
}


@contextmanager
def _in_program(visit: Visit) -> Iterator[Connection]:
    with the_doors().database.program(visit.store.program_id) as connection:
        yield connection


def _queue(
    connection: Connection,
    visit: Visit,
    *,
    told: Told | None = None,
    wrong: str | None = None,
    status: int = 200,
) -> Response:
    queue = Queue(connection, the_doors().keys, visit.store)
    sections = [_section(queue, about, count) for about, count in queue.counts.items()]
    return page(
        "approvals.html",
        visit,
        sections=sections,
        count=sum(each.count for each in sections),
        told=told,
        wrong=wrong,
        pages=_pages(),
        reason_max=_REASON_MAX,
        clock=lambda at: by_the_clock(at, visit.store.timezone),
        status=status,
    )


def _section(queue: Queue, about: About, count: int) -> Section:
    """Return a page of a sort: the one that is asked for, or the last there is."""
    last = max(1, -(-count // PAGE))
    number = min(max(1, _pages().get(about, 1)), last)
    return Section(about, count, queue.items(about, (number - 1) * PAGE), number, last)


def _pages() -> dict[str, int]:
    """Return which page of each sort is asked for, where it is not the first."""
    asked = {about: request.args.get(about, 1, type=int) for about in About}
    return {str(about): number for about, number in asked.items() if number > 1}


def _back(name: str) -> str:
    values: dict[str, Any] = {"told": name, **_pages()}
    return url_for("owner.approvals.show", **values)
