"""Drains the inbox: claims messages in batches, keeps what they say, settles."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from app.domain import events
from app.domain.errors import (
    InvalidProgram,
    OfAnotherRelease,
    UnreadableMessage,
)
from app.domain.events import Ignored, Translated
from app.jobs import Bell
from app.platforms.base import Message, Platform
from app.storage import inbox, ledger, members, referrals
from app.storage.database import Database
from app.storage.inbox import Claimed, LostLease, Outcome
from app.storage.sealing import Keyring
from workers.batch import Batch
from workers.change_orders import change_orders
from workers.engage import note_joining
from workers.handlers import HANDLERS, change_customers
from workers.heads import belied
from workers.label import change_labels
from workers.redeem import Request, decide, request_of
from workers.refer import decide_waiting
from workers.scene import Scene, conceal
from workers.settle import Unsettled, settle
from workers.terms import Terms
from workers.watchdog import watched

BATCH = 200
DRAIN_S = 30
# Where messages keep coming, one that failed before is looked for this often. Where it
# works at once they have their turn for as long as what is new: a worker that died may
# have left two hundred.
TRY_AGAIN_S = 1.0
# Less than a lease, so that whoever takes over is alone.
WORK_S = 15.0
# The same for what forgets everybody of a store: a million people with an order each
# took about a minute.
LONG_WORK_S = 600.0

# Requests that are done say nothing any more but whom they were about.
_OF_PRIVACY = (
    events.CustomerDataRequested,
    events.CustomerRedacted,
    events.StoreRedacted,
)

# What a message says, or why that is not known.
_Told = Translated | UnreadableMessage | OfAnotherRelease

_log = structlog.get_logger()


class TakesLong(Exception):
    """A message asks for more than there is time for within the usual lease."""


class Line:
    """The way from a kept message to points in the ledger."""

    def __init__(
        self,
        database: Database,
        platforms: Iterable[Platform],
        secret_key: str,
        keys: Keyring,
        home: Path,
        bell: Bell | None = None,
        clock: Callable[[Connection], datetime] = ledger.now,
    ) -> None:
        """Work on this database; `bell` wakes other workers while there is more."""
        self.database = database
        self._platforms = {platform.name: platform for platform in platforms}
        self.secret_key = secret_key
        self.keys = keys
        self.home = home
        self.bell = bell
        self.clock = clock
        self._is_stopped = False
        self._left: set[int] = set()

    def stop(self) -> None:
        """End any draining after the batch at hand; what waits is left to others."""
        self._is_stopped = True

    def drain(self, *, older_than_s: float = 0) -> int:
        """Work through the inbox until nothing waits; return how many were finished.

        What comes meanwhile is worked through as well: a new bell would take longer. It
        ends well before RQ's own time limit, and what is left then has its own bell.
        """
        self._left.clear()
        finished, began = 0, time.monotonic()
        try_again_at = began + TRY_AGAIN_S
        while not self._is_stopped and (now := time.monotonic()) - began < DRAIN_S:
            with self.database.sweeper() as connection:
                claimed = inbox.claim(connection, BATCH, older_than_s=older_than_s)
            if len(claimed) == BATCH and self.bell:
                self.bell.ring()
            finished += self._work(claimed)
            if claimed and now < try_again_at:
                continue
            again = self._try_again(time.monotonic() - now)
            finished += again or 0
            if not again:
                try_again_at = now + TRY_AGAIN_S
            if not claimed and again is None:
                break
        return finished

    def _try_again(self, for_s: float) -> int | None:
        """Try what failed before, or whose worker died, for so long; None without any.

        At least one is tried, and others for as long as they work at once.
        """
        until = time.monotonic() + for_s
        again = first = self._try_one_again()
        finished = 0
        while again:
            finished += again
            if self._is_stopped or time.monotonic() >= until:
                break
            again = self._try_one_again()
        return None if first is None else finished

    def _try_one_again(self) -> int | None:
        """Take one message that failed before, or whose worker died; None without one.

        It may take its worker along, so it is leased alone: no other dies with it. And
        it may never end, so others are called to those that died with it before.
        """
        with self.database.sweeper() as connection:
            claimed = inbox.claim_again(connection)
        if claimed and self.bell:
            self.bell.ring()
        return self._work(claimed) if claimed else None

    def settle_due(self, limit: int = BATCH) -> int:
        """Settle members for whom time has come: points released or expired."""
        with self.database.sweeper() as connection:
            due = members.due_members(connection, self.clock(connection), limit)
        for program_id, member_id in due:
            try:
                with self.database.program(program_id) as connection:
                    terms = Terms(connection, program_id, self.keys)
                    now = self.clock(connection)
                    settle(connection, terms, Unsettled({member_id}), now)
            except Exception as error:
                _log.error("member not settled", error=type(error).__name__)
                with self.database.program(program_id) as connection:
                    members.postpone_due(connection, program_id, member_id)
        return len(due)

    def _work(self, claimed: list[Claimed]) -> int:
        """Take messages programme by programme; one that fails holds up no other."""
        programs: dict[int, list[Claimed]] = defaultdict(list)
        for message in claimed:
            programs[message.program_id].append(message)
        return sum(map(self._attempt, programs.values()))

    def _attempt(self, messages: list[Claimed]) -> int:
        try:
            return self._within_its_lease(messages)
        except InvalidProgram:
            self._leave(messages)
            return 0
        except LostLease:
            _log.info("lease lost", messages=len(messages))
            return 0
        except Exception as error:
            if len(messages) > 1:
                return sum(self._attempt([message]) for message in messages)
            self._postpone(messages[0], error)
            return 0

    def _within_its_lease(self, messages: list[Claimed]) -> int:
        """Work on messages no longer than they are leased; raises TakesLong for many.

        One that takes long is leased for longer, alone, so that no other waits for it.
        """
        try:
            return self._within(WORK_S, messages)
        except TakesLong:
            if len(messages) > 1:
                raise
        with self.database.program(messages[0].program_id) as connection:
            inbox.hold(connection, messages[0], LONG_WORK_S + inbox.LEASE_S - WORK_S)
        return self._within(LONG_WORK_S, messages)

    def _within(self, work_s: float, messages: list[Claimed]) -> int:
        """Work on messages for so long at most."""
        program = self.database.program(messages[0].program_id, work_s=work_s)
        with watched(work_s), program as connection:
            return self._process(connection, messages, has_long=work_s > WORK_S)

    def _leave(self, messages: list[Claimed]) -> None:
        """Leave messages to processes that can read the programme, however long.

        A later release wrote it: that is nobody's failure, so no attempt counts. Each
        drain tells it once.
        """
        program_id = messages[0].program_id
        if program_id not in self._left:
            self._left.add(program_id)
            _log.error("program of another release", program_id=program_id)
        with self.database.program(program_id) as connection:
            inbox.leave(connection, messages)

    def _postpone(self, message: Claimed, error: Exception) -> None:
        """Have a message tried again later; the error's own words may hold data."""
        origin = getattr(error, "orig", None) or error
        code = getattr(origin, "sqlstate", None)
        words = f"{type(origin).__name__}{f' {code}' if code else ''}"
        _log.error("message failed", message_id=message.message_id, error=words)
        with self.database.program(message.program_id) as connection:
            inbox.postpone(connection, message, words)

    def _process(
        self, connection: Connection, messages: list[Claimed], *, has_long: bool = False
    ) -> int:
        """Work through messages of one programme; return how many are finished.

        Raises TakesLong unless it has long.
        """
        program_id, batch = messages[0].program_id, Batch()
        terms = Terms(connection, program_id, self.keys)
        scenes = self._scenes(connection, terms)
        self._sort(
            [
                (message, self._translated(message, body, terms))
                for message, body in inbox.bodies(connection, self.keys, messages)
            ],
            batch,
        )
        if batch.takes_long and not has_long:
            raise TakesLong
        for store_id, scene in scenes.items():
            everybody = batch.concerns_everybody(store_id)
            names = batch.names(scene)
            if forgotten := batch.forgotten(store_id):
                names |= scene.people.with_merged(forgotten)
            scene.people.lock(names, everybody=everybody)
        for store_id, people in batch.customers.items():
            batch.unsettled.whole |= change_customers(scenes[store_id], people)
            joined = note_joining(scenes[store_id], terms, people)
            batch.unsettled.whole |= joined
        for store_id, called in batch.labels.items():
            batch.unsettled.whole |= change_labels(scenes[store_id], terms, called)
        for store_id, changes in batch.orders.items():
            change_orders(scenes[store_id], terms, changes, batch.unsettled)
        for message, told in batch.others:
            self._handle(scenes[message.store_id], message, told, batch)
        self._note_friends(connection, terms, scenes, batch)
        now = self.clock(connection)
        settle(connection, terms, batch.unsettled, now)
        self._decide(connection, terms, batch.requests, now)
        inbox.finish(connection, batch.outcomes)
        for message, error in batch.postponed:
            inbox.postpone(connection, message, str(error))
        for scene in scenes.values():
            scene.erase(self.keys)
        return len(batch.outcomes)

    def _scenes(self, connection: Connection, terms: Terms) -> dict[int, Scene]:
        """Return what is worked on in each store of a programme."""
        return {
            store_id: Scene.of(
                connection,
                store,
                self.secret_key,
                self.keys,
                self.home,
                keeps_marks=terms.have_referrals,
            )
            for store_id, store in terms.stores.items()
        }

    def _note_friends(
        self,
        connection: Connection,
        terms: Terms,
        scenes: Mapping[int, Scene],
        batch: Batch,
    ) -> None:
        """Decide on friends' claims, and note who is paid for bringing friends."""
        if not terms.have_referrals:
            return
        unsettled, now = batch.unsettled, self.clock(connection)
        for scene in scenes.values():
            named = batch.names(scene)
            unsettled.whole |= decide_waiting(scene, named, now)
        concerned = unsettled.whole | unsettled.news.keys()
        unsettled.whole |= referrals.touched(connection, terms.program_id, concerned)

    def _decide(
        self,
        connection: Connection,
        terms: Terms,
        requests: list[Request],
        now: datetime,
    ) -> None:
        """Decide on wishes by what their members have once all else is settled.

        That is at the same moment: else points might end in between, and be spent.
        """
        if requests:
            taken = decide(connection, terms, self.secret_key, requests, now)
            settle(connection, terms, Unsettled(taken), now)

    def _sort(
        self,
        messages: list[tuple[Claimed, _Told]],
        batch: Batch,
    ) -> None:
        """Put messages with their like, most of which are taken together."""
        doubts = belied(self.database, messages)
        for message, told in messages:
            if isinstance(told, OfAnotherRelease):
                batch.postponed.append((message, told))
            elif isinstance(told, UnreadableMessage):
                batch.outcomes.append(Outcome(message, "quarantined", str(told)))
            elif doubt := doubts.get(message.message_id):
                batch.outcomes.append(Outcome(message, "quarantined", doubt))
            else:
                batch.take(message, told)

    def _handle(
        self, scene: Scene, message: Claimed, told: Translated, batch: Batch
    ) -> None:
        """Do what one of the rarer events asks for."""
        result = self._result(scene, told.event, batch)
        ids = (told.order_id, told.customer_id)
        if isinstance(result, Ignored):
            state = "quarantined" if result.is_doubtful else "ignored"
            outcome = Outcome(message, state, result.reason, *ids)
        else:
            batch.unsettled.whole |= result
            keeps_body = not isinstance(told.event, _OF_PRIVACY)
            outcome = Outcome(message, "settled", None, *ids, keeps_body=keeps_body)
        batch.outcomes.append(outcome)

    def _result(
        self, scene: Scene, event: events.Event, batch: Batch
    ) -> set[int] | Ignored:
        """Return whose points an event may change, or why it changes none."""
        if isinstance(event, Ignored):
            return event
        if not isinstance(event, events.RewardRequested):
            return HANDLERS[type(event)](scene, event)
        request = request_of(scene, event)
        if isinstance(request, Ignored):
            return request
        batch.requests.append(request)
        return {request.member_id}

    def _translated(self, message: Claimed, body: bytes | None, terms: Terms) -> _Told:
        if body is None:
            return Translated(Ignored("whom it names is forgotten"))
        platform = self._platforms[message.platform]
        delivery_id, topic = message.delivery_id, message.topic
        try:
            return platform.translate(
                Message(
                    delivery_id,
                    topic,
                    body,
                    message.at,
                    self.conceal,
                    terms.have_referrals,
                )
            )
        except (UnreadableMessage, OfAnotherRelease) as error:
            return error

    def conceal(self, email: str) -> str:
        """Return the keyed hash under which an e-mail address is known here."""
        return conceal(self.secret_key, email)
