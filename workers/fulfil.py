"""Has stores make and end what points have bought, once their points are set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.domain.grants import (
    AlreadyUsed,
    GiftCardGift,
    Grant,
    Granted,
    GrantRefused,
    Revocation,
    Revoked,
    RevokedInPart,
)
from app.domain.languages.translator import Translator
from app.domain.reasons import Reason, because
from app.domain.redemptions import Redemption, State, code_of, ended_in_part
from app.domain.rewards import Handling, name_of
from app.platforms.base import AccessDenied, Fulfilment, StoreAway
from app.storage import due_redemptions, ledger, redemptions, stores
from app.storage.database import Database
from app.storage.due_redemptions import DueRedemption
from app.storage.identities import Identities
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.rests import Rests
from workers.settle import Unsettled, settle
from workers.terms import Terms
from workers.turns import Turns

# So long the store is asked to make something before the points go back.
GRANTED_WITHIN = timedelta(hours=24)
# Shopify has a store forgotten so long after the app was taken out of it.
MAY_COME_BACK_WITHIN = timedelta(hours=48)

_LEFT = because("store_has_left")

Fulfilments = Callable[[Store], Fulfilment | None]

_log = structlog.get_logger()


class StoreShut(StoreAway):
    """The store lets us in no more, and may again."""

    is_shut = True
    is_silent = False

    def __init__(self) -> None:
        super().__init__("the store does not let us in: it is not known what is there")


class _Overtaken(Exception):
    """Another worker has it meanwhile."""


class Fulfilling:
    """Works through the redemptions that are due."""

    def __init__(
        self,
        database: Database,
        fulfilments: Fulfilments,
        secret_key: str,
        keys: Keyring,
        clock: Callable[[Connection], datetime] = ledger.now,
    ) -> None:
        """Ask stores by `fulfilments`, which knows none for a store without access."""
        self._database = database
        self._fulfilments = fulfilments
        self._secret_key = secret_key
        self._keys = keys
        self._clock = clock
        self._rests = Rests()
        self._turns = Turns(database, clock, self._rests, self._take)

    def work(self) -> int:
        """Do what is due; return how many redemptions were looked at.

        A store that gives no answer rests, and what is due there waits unasked.
        """
        return self._turns.work()

    def _take(self, due: DueRedemption) -> None:
        """Do what is due of one redemption."""
        try:
            self._attempt(due)
        except Exception as error:
            _log.error("redemption failed", error=type(error).__name__)
            self._postpone(due, type(error).__name__, 1)

    def _attempt(self, due: DueRedemption) -> None:
        with self._database.program(due.program_id) as connection:
            now = self._clock(connection)
            kept = redemptions.find(connection, due.program_id, due.redemption_id)
            assert kept
            store = stores.stores_of(connection, due.program_id)[
                kept.redemption.store_id
            ]
            wish = _for_whom_it_is_now(connection, store, kept.redemption)
        try:
            changed = self._asked_of_the_store(due, store, wish, now)
            changed = replace(changed, customer_id=kept.redemption.customer_id)
        except _Overtaken:
            return
        except StoreAway as error:
            _log.warning("store away", store_id=store.store_id, error=str(error))
            self._note_trouble(store.store_id, error, now)
            self._postpone(due, str(error), error.wait_s, is_shut=error.is_shut)
            return
        if wish.reward.handling is Handling.STORE:
            self._rests.hear(store.store_id)
        with self._database.program(due.program_id) as connection:
            # What was done meanwhile, as an order that used it, stands.
            if not due_redemptions.holds(connection, due):
                return
            again = redemptions.find(connection, due.program_id, due.redemption_id)
            if again != kept:
                return
            redemptions.change(connection, due.program_id, changed, now)
            terms = Terms(connection, due.program_id, self._keys)
            settle(connection, terms, Unsettled({kept.member_id}), now)

    def _note_trouble(self, store_id: int, error: StoreAway, now: datetime) -> None:
        """Have a store rest where others would be asked for in vain as well."""
        if error.is_busy:
            self._rests.begin(store_id, now, error.wait_s)
        elif error.is_silent:
            self._rests.lose(store_id, now, error.wait_s)
        else:
            self._rests.hear(store_id)

    def _postpone(
        self, due: DueRedemption, note: str, least_s: float, *, is_shut: bool = False
    ) -> None:
        with self._database.program(due.program_id) as connection:
            due_redemptions.postpone(connection, due, note, least_s, is_shut=is_shut)

    def _asked_of_the_store(
        self, due: DueRedemption, store: Store, wish: Redemption, now: datetime
    ) -> Redemption:
        """Return what becomes of it; raises StoreAway where nobody can know yet."""
        if wish.slot:
            return _dated(wish, now)
        if wish.reward.handling is not Handling.STORE:
            return replace(wish.unused(), state=State.ENDED, ended_at=now)
        fulfilment = self._fulfilments(store)
        if fulfilment is None:
            return self._without_access(due, store, wish, now)
        with self._database.program(due.program_id) as connection:
            may_be_there = due_redemptions.was_sent(connection, due)
        self._begin(due)
        fulfilment.before_giving(lambda: self._begin(due))
        if wish.state == State.GRANTING:
            try:
                return self._granted(fulfilment, self._grant(store, wish), wish, now)
            except AccessDenied:
                if may_be_there:
                    raise
                return _refused(wish, because("not_allowed"))
        grant = self._grant(store, wish)
        return _revoked(fulfilment.revoke(grant), grant, wish.unused(), now)

    def _begin(self, due: DueRedemption) -> None:
        with self._database.program(due.program_id) as connection:
            if not due_redemptions.begin(connection, due):
                raise _Overtaken

    def _without_access(
        self, due: DueRedemption, store: Store, wish: Redemption, now: datetime
    ) -> Redemption:
        """Decide what can be known without the store: little, until it has left.

        What may be there may be used there: points stay where they are until the store
        can be asked again. Of one that has left nothing will be heard any more: who was
        told no code gets the points back, who was told one keeps that.
        """
        with self._database.program(due.program_id) as connection:
            may_be_there = due_redemptions.was_sent(connection, due)
        if wish.state == State.GRANTING and not may_be_there:
            return _refused(wish, because("store_not_open"))
        if not _has_left(store, wish, now):
            raise StoreShut
        if wish.state == State.GRANTING:
            return _refused(wish, _LEFT)
        if wish.state == State.ENDING:
            return replace(wish, state=State.GRANTED, reason=_LEFT, gives_back=False)
        return replace(wish, state=State.ENDED, ended_at=now, reason=_LEFT)

    def _granted(
        self, fulfilment: Fulfilment, grant: Grant, wish: Redemption, now: datetime
    ) -> Redemption:
        why_not = _given_up_because(wish, now)
        if why_not:
            # It may have been made by an attempt whose answer never came.
            answer = fulfilment.withdraw(grant)
            if isinstance(answer, Revoked):
                return _refused(wish, why_not)
            wish = replace(wish, reason=why_not, gives_back=True)
            return _revoked(answer, grant, wish, now)
        made = fulfilment.grant(grant)
        if isinstance(made, GrantRefused):
            return _refused(wish, made.reason)
        assert isinstance(made, Granted)
        return replace(wish, state=State.GRANTED, store_ref=made.store_ref)

    def _grant(self, store: Store, wish: Redemption) -> Grant:
        benefit = wish.benefit(store.currency)
        assert benefit
        return Grant(
            code=code_of(self._secret_key, store.program_id, wish.id),
            title=name_of(wish.reward, Translator(store.currency)),
            benefit=benefit,
            customer_id=wish.customer_id or "",
            starts_at=wish.requested_at,
            ends_at=wish.valid_until,
            order_amount_min_minor=wish.order_amount_min_minor,
            is_one_of_many=wish.reward.is_alike_for_all,
            mark=wish.id,
            store_ref=wish.store_ref,
        )


def _for_whom_it_is_now(
    connection: Connection, store: Store, wish: Redemption
) -> Redemption:
    """Return it for whom its customer has become: stores know no others any more."""
    people = Identities(connection, store.program_id, store.store_id)
    customer_id = wish.customer_id or ""
    customer = people.customers([customer_id]).get(customer_id)
    if customer is None:
        return wish
    return replace(wish, customer_id=people.following(customer).customer_id)


def _given_up_because(wish: Redemption, now: datetime) -> Reason | None:
    if wish.customer_id is None:
        return because("customer_forgotten")
    if now - wish.requested_at > GRANTED_WITHIN:
        return because("store_away")
    return None


def _has_left(store: Store, wish: Redemption, now: datetime) -> bool:
    """Whether the app was taken out for good, as far as a store tells.

    It forgets its customers by then, which may be all that was heard of it.
    """
    if store.uninstalled_at is None:
        return wish.customer_id is None
    return now - store.uninstalled_at > MAY_COME_BACK_WITHIN


def _dated(wish: Redemption, now: datetime) -> Redemption:
    """Return what becomes of what was for a date, once that or its end has come."""
    if wish.state == State.ASKED:
        return _refused(wish, because("no_answer_in_time"))
    if wish.state == State.GRANTED:
        return replace(wish, state=State.USED, used_at=wish.valid_until)
    return replace(wish, state=State.ENDED, ended_at=now)


def _revoked(
    answer: Revocation, grant: Grant, wish: Redemption, now: datetime
) -> Redemption:
    """Return what becomes of what the store was asked to let be used no more."""
    if isinstance(answer, RevokedInPart):
        return ended_in_part(wish, answer.left, answer.whole, now)
    if isinstance(answer, Revoked):
        return replace(wish, state=State.ENDED, ended_at=now)
    assert isinstance(answer, AlreadyUsed)
    is_card = isinstance(grant.benefit, GiftCardGift)
    return replace(
        wish,
        state=State.USED,
        reason=because("card_was_used" if is_card else "was_used"),
        gives_back=False,
    )


def _refused(wish: Redemption, reason: Reason) -> Redemption:
    return replace(wish, state=State.REFUSED, reason=reason)
