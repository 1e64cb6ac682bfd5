"""Has stores' own pages show members as they are, so that these need not ask us."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.access import Access
from app.domain.tiers.tags import tag_of
from app.platforms.base import StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.metafields import (
    CUSTOMERS_MAX,
    CustomerGone,
    Kept,
    Metafields,
    Moved,
    NotWritten,
    Outcome,
    Wish,
    Written,
    values_of,
)
from app.platforms.shopify.tier_tags import TierTags
from app.storage import due_showings, ledger, showings, stores
from app.storage.due_showings import DueShowing, MemberShown, Said, Shown
from app.storage.rewards_seen import Look, Purse
from app.storage.stores import Store
from workers.rests import Rests

BATCH = 5 * CUSTOMERS_MAX
# So long one turn lasts at most, since others have theirs.
TURN_S = 5.0
# So many members of a changed programme are added at a time to those who are due: about
# as many as Shopify takes on its smallest plan until the next time.
OLD_VERSIONS = 400
REFUSED_S = 600.0
# So long at least others may become due, to be shown by one call.
PAUSE_S = 0.1

_log = structlog.get_logger()


@dataclass(frozen=True)
class _Task:
    """What is to be written of one member, and until when it holds."""

    due: DueShowing
    wish: Wish
    tag: str
    tagged: str | None
    version: int
    again_at: datetime | None

    @property
    def is_done(self) -> bool:
        """Whether the store says all that it should."""
        return self.wish.is_fulfilled and self.tag == self.tagged


@dataclass(frozen=True)
class _Done:
    """What became of a task; `refusal` says why the store would not tag."""

    metafields: Outcome
    refusal: str | None = None


class Showing:
    """Works through the members who are to be shown anew."""

    def __init__(
        self, way: Access, clock: Callable[[Connection], datetime] = ledger.now
    ) -> None:
        """Write into stores by this way."""
        self._way = way
        self._database = way.database
        self._clock = clock
        self._rests = Rests()

    def work(self, late_s: float = 0) -> int:
        """Show who is due, and has been for so long; return how many were looked at."""
        late = timedelta(seconds=late_s)
        count, began = 0, time.monotonic()
        while time.monotonic() - began < TURN_S:
            with self._database.sweeper() as connection:
                now = self._clock(connection)
                claimed = due_showings.claim(connection, now - late, BATCH)
            stores_due: dict[tuple[int, int], list[DueShowing]] = defaultdict(list)
            for due in claimed:
                stores_due[due.program_id, due.store_id].append(due)
            for whose, theirs in stores_due.items():
                self._attempt(*whose, theirs, now)
            count += len(claimed)
            if len(claimed) < BATCH:
                break
        return count

    def work_soon(self) -> None:
        """Show who is due, and who is within a moment, until nobody is.

        What goes on for longer is left to the next bell, or to the clock, so that a
        process which is to end does.
        """
        began = time.monotonic()
        while time.monotonic() - began < TURN_S:
            self.work()
            with self._database.sweeper() as connection:
                now = self._clock(connection)
                due_at = due_showings.next_due(connection, now + showings.SOON)
            if due_at is None:
                return
            time.sleep(max(PAUSE_S, (due_at - now).total_seconds()))

    def note_versions(self) -> int:
        """Have some members shown anew whose programme has changed; return how many.

        Not all at once: whoever's points have moved is not to wait for them.
        """
        with self._database.sweeper() as connection:
            now = self._clock(connection)
            return showings.note_versions(connection, now, OLD_VERSIONS)

    def _attempt(
        self, program_id: int, store_id: int, claimed: list[DueShowing], now: datetime
    ) -> None:
        rests_s = self._rests.left_s(store_id, now)
        if rests_s:
            self._postpone(claimed, "the store rests", rests_s)
            return
        try:
            self._show(program_id, store_id, claimed)
        except StoreAway as error:
            _log.warning("store away", store_id=store_id, error=str(error))
            self._rests.begin(store_id, now, error.wait_s)
            self._postpone(claimed, str(error), error.wait_s)
        except Exception as error:
            _log.error("members not shown", error=type(error).__name__)
            self._postpone(claimed, type(error).__name__, 60)

    def _postpone(
        self, claimed: Iterable[DueShowing], note: str, least_s: float
    ) -> None:
        """Come back to those later who are not done yet."""
        claimed = list(claimed)
        with self._database.program(claimed[0].program_id) as connection:
            for due in claimed:
                due_showings.postpone(connection, due, note, least_s)

    def _show(self, program_id: int, store_id: int, claimed: list[DueShowing]) -> None:
        with self._database.program(program_id) as connection:
            store = stores.stores_of(connection, program_id)[store_id]
        opener = self._way.opener(store)
        if opener is None:
            self._drop(store, claimed)
            return
        tasks = self._tasks(store, claimed)
        shown = {task.due.member_id for task in tasks}
        self._drop(store, [each for each in claimed if each.member_id not in shown])
        fulfilled = [task for task in tasks if task.is_done]
        self._keep([(task, _Done(Written(task.wish.kept))) for task in fulfilled])
        api = AdminApi(self._way.url(store.domain), opener)
        open_tasks = [task for task in tasks if not task.is_done]
        for start in range(0, len(open_tasks), CUSTOMERS_MAX):
            some = open_tasks[start : start + CUSTOMERS_MAX]
            self._keep(_written(api, some))

    def _tasks(self, store: Store, claimed: list[DueShowing]) -> list[_Task]:
        """Return what is to be written now, of those whom the store still knows.

        What the store says is read before, or with, what it should say: so whatever was
        written by a newer view of a member cannot be covered by an older one.
        """
        by_member = {each.member_id: each for each in claimed}
        with self._database.program(store.program_id) as connection:
            now = self._clock(connection)
            program = stores.program_history(connection, store.program_id).at(now)
            members = due_showings.members_shown(
                connection, store.program_id, store.store_id, by_member
            )
            purses = {
                id_: Purse(each.available, each.tier.tier if each.tier else None)
                for id_, each in members.items()
            }
            seen = Look(program, store, now).members(connection, purses)
        tiers = program.tiers
        tasks = []
        for id_, member in members.items():
            tier = tiers.tier(tiers.level_of(purses[id_].tier))
            goal = seen[id_].next_reward
            values = values_of(member.available, goal, tier.name if tier else None)
            due, tag = by_member[id_], tag_of(tier.name) if tier else ""
            # Whoever tried before may have got through, and have heard nothing of it:
            # then what the store says is not known, and is read again.
            is_first = due.attempts == 1
            kept, tagged = (_kept(member), member.tag) if is_first else ({}, None)
            wish = Wish(member.customer_id, values, kept)
            again_at = seen[id_].again_at
            tasks.append(_Task(due, wish, tag, tagged, program.version, again_at))
        return tasks

    def _drop(self, store: Store, claimed: list[DueShowing]) -> None:
        """Forget members whom the store does not show any more."""
        if claimed:
            members = [each.member_id for each in claimed]
            with self._database.program(store.program_id) as connection:
                showings.drop(connection, store.program_id, store.store_id, members)

    def _keep(self, done: list[tuple[_Task, _Done]]) -> None:
        if not done:
            return
        program_id = done[0][0].due.program_id
        with self._database.program(program_id) as connection:
            for task, what in done:
                self._keep_one(connection, task, what)

    def _keep_one(self, connection: Connection, task: _Task, done: _Done) -> None:
        due, outcome = task.due, done.metafields
        if isinstance(outcome, NotWritten):
            due_showings.postpone(connection, due, outcome.reason, REFUSED_S)
            return
        if done.refusal:
            due_showings.postpone(connection, due, done.refusal, REFUSED_S)
            return
        said, again_at, note = {}, task.again_at, None
        if isinstance(outcome, CustomerGone):
            again_at, note = None, "the store has no such customer"
        else:
            said = _said(outcome)
        if isinstance(outcome, Moved):
            # What it should say is worked out anew, now that we know what it says.
            again_at = self._clock(connection)
        shown = Shown(task.version, said, task.tag, note)
        if not due_showings.keep(connection, due, shown, again_at):
            # Somebody else may have written before or after us.
            showings.distrust(connection, due.program_id, due.store_id, due.member_id)


def _written(api: AdminApi, some: list[_Task]) -> list[tuple[_Task, _Done]]:
    """Write what is to be written of some members; raises StoreAway."""
    open_wishes = [task.wish for task in some if not task.wish.is_fulfilled]
    outcomes = Metafields(api).write(open_wishes) if open_wishes else {}
    wanted = {t.wish.customer_id: t.tag for t in some if t.tag != t.tagged}
    refusals = TierTags(api).write(wanted)
    return [
        (
            task,
            _Done(
                outcomes.get(task.wish.customer_id) or Written(task.wish.kept),
                refusals.get(task.wish.customer_id),
            ),
        )
        for task in some
    ]


def _kept(member: MemberShown) -> dict[str, Kept]:
    return {key: Kept(each.value, each.digest) for key, each in member.written.items()}


def _said(outcome: Written | Moved) -> dict[str, Said]:
    return {key: Said(each.value, each.digest) for key, each in outcome.kept.items()}
