"""Decides who gets which reward, and keeps what people do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.domain import events
from app.domain.customer import Customer
from app.domain.events import Ignored, RedemptionStep, RewardRequested
from app.domain.ledger import Account
from app.domain.orders import OrderFacts
from app.domain.reasons import NO_REASON, because, in_own_words
from app.domain.redemptions import Redemption, State, code_key, code_of
from app.domain.rewards import Asked, Handling, NotOffered, Offer, Reward
from app.storage import commands, due_redemptions, members, redemptions, standings
from app.storage.reward_terms import known_of
from app.storage.stores import Store
from workers.prizes import PrizesLeft
from workers.scene import Scene
from workers.terms import Terms


@dataclass(frozen=True)
class Request:
    """A wish for a reward, whose it is, and where it was made."""

    member_id: int
    scene: Scene
    event: RewardRequested

    @property
    def store(self) -> Store:
        """Return the store where it was made."""
        return self.scene.store


def request_of(scene: Scene, event: RewardRequested) -> Request | Ignored:
    """Return whose wish it is."""
    if scene.forgotten([event.customer_id]):
        return Ignored("the customer is to stay forgotten")
    known = scene.people.ensure_customers([event.customer_id])[event.customer_id]
    return Request(scene.people.following(known).member_id, scene, event)


def by_now(requests: Iterable[Request]) -> list[Request]:
    """Return wishes with whose they are by now, without those of the forgotten.

    What came beside a wish may have made one member of two, or forgotten one.
    """
    again = [request_of(each.scene, each.event) for each in requests]
    return [each for each in again if isinstance(each, Request)]


class Counters:
    """What members can spend and have taken, while their wishes are decided on."""

    def __init__(
        self,
        connection: Connection,
        terms: Terms,
        requests: Iterable[Request],
        now: datetime,
    ) -> None:
        """Lock the members, then what there is only so many of, and count."""
        program_id = terms.program_id
        requests = list(requests)
        wanted = {each.member_id for each in requests}
        self._heads = members.lock_members(connection, program_id, wanted)
        reward_ids = {each.event.reward_id for each in requests}
        redemptions.lock_rewards(connection, program_id, reward_ids)
        self.taken = Counter(redemptions.taken(connection, program_id, reward_ids))
        self.places = redemptions.places_taken(connection, program_id, reward_ids)
        theirs = redemptions.of_members(connection, program_id, wanted)
        winners = {each.member_id for each in requests if each.event.prize}
        wishes = {member_id: theirs[member_id] for member_id in winners}
        self.prizes = PrizesLeft(connection, program_id, wishes)
        self._theirs = {
            member_id: Counter(
                each.reward.id for each in theirs[member_id] if each.is_out
            )
            for member_id in wanted
        }
        programs = terms.programs if winners else [terms.history.at(now)]
        rewards = [reward for program in programs for reward in program.rewards]
        self._known = known_of(connection, program_id, wanted, rewards)
        self._available = {
            member_id: head.balances.get(Account.AVAILABLE, (0, 0))[0]
            for member_id, head in self._heads.items()
        }
        self._leave_out_what_ends(connection, program_id, now)

    def _leave_out_what_ends(
        self, connection: Connection, program_id: int, now: datetime
    ) -> None:
        """Leave out points that end before they can be taken.

        A store's clock may be ahead of ours, and nothing is taken before what it told.
        """
        since = {
            member_id: self.since(member_id, now)
            for member_id, head in self._heads.items()
            if head.due_at and head.due_at <= self.since(member_id, now)
        }
        lots = standings.lots_of(connection, program_id, since) if since else {}
        for member_id, theirs in lots.items():
            self._available[member_id] -= sum(
                lot.available
                for lot in theirs
                if lot.ends_at and lot.ends_at <= since[member_id]
            )

    def customer(self, member_id: int) -> Customer:
        """Return a member as rewards may ask about them now."""
        standing = self._heads[member_id].tier
        return Customer(
            available=self._available[member_id],
            tier=standing.tier if standing else None,
            taken=self._theirs[member_id],
            orders=self._known[member_id].orders,
            tags=self._known[member_id].tags,
        )

    def take(self, member_id: int, wish: Redemption) -> None:
        """Count a reward that a member has got."""
        reward_id = wish.reward.id
        self.prizes.take(member_id, wish)
        self._available[member_id] -= wish.points
        self._theirs[member_id][reward_id] += 1
        self.taken[reward_id] += 1
        if wish.slot:
            self.places[reward_id][wish.slot] += 1

    def since(self, member_id: int, now: datetime) -> datetime:
        """Return when points can be taken: not before what the ledger knows of."""
        settled_to = self._heads[member_id].settled_to
        return max(now, settled_to[0]) if settled_to else now


def decide(
    connection: Connection,
    terms: Terms,
    secret_key: str,
    requests: Iterable[Request],
    now: datetime,
) -> set[int]:
    """Accept or refuse wishes, oldest first; return whose points are to be taken.

    The ledgers of their members are settled, in this transaction.
    """
    requests = sorted(by_now(requests), key=lambda each: each.event.at)
    counters = Counters(connection, terms, requests, now)
    accepted = set()
    for request in requests:
        program_id, redemption_id = terms.program_id, request.event.redemption_id
        if redemptions.find(connection, program_id, redemption_id):
            continue
        at = counters.since(request.member_id, now)
        decided = _decided(terms, counters, request, at, now)
        if decided is None:
            continue
        if decided.state != State.REFUSED:
            counters.take(request.member_id, decided)
            accepted.add(request.member_id)
        code = code_of(secret_key, program_id, redemption_id)
        redemptions.add(
            connection,
            program_id,
            request.member_id,
            decided,
            code_key(secret_key, code),
            at,
        )
    return accepted


def _decided(
    terms: Terms, counters: Counters, request: Request, at: datetime, now: datetime
) -> Redemption | None:
    """Return a wish as it was decided; None where the program has no such reward."""
    event, store = request.event, request.store
    reward, answer = _reward(terms, counters, request, now)
    if reward is None:
        return None
    asked = Asked(
        now.astimezone(ZoneInfo(store.timezone)).replace(tzinfo=None),
        store.currency,
        event.points,
        counters.taken[reward.id],
        event.slot,
        counters.places[reward.id],
        is_won=bool(event.prize),
    )
    wish = Redemption(
        id=event.redemption_id,
        store_id=store.store_id,
        customer_id=event.customer_id,
        reward=reward,
        points=0 if event.prize else event.points or reward.points_cost,
        state=State.REFUSED,
        requested_at=now,
        slot=event.slot,
        prize=event.prize,
    )
    if answer is None:
        answer = reward.offer(counters.customer(request.member_id), asked)
    if isinstance(answer, NotOffered):
        return replace(wish, reason=answer.reason)
    return wish.accepted(answer, at, store.timezone)


def _reward(
    terms: Terms, counters: Counters, request: Request, now: datetime
) -> tuple[Reward | None, Offer | NotOffered | None]:
    """Return the reward that is wished for, and why not, where that is clear by now."""
    if request.event.prize:
        whose = terms.history, request.member_id
        return counters.prizes.reward(*whose, request.event)
    return terms.history.at(now).reward(request.event.reward_id), None


def take_step(scene: Scene, event: events.RedemptionTaken) -> set[int] | Ignored:
    """Keep a step that somebody took with a redemption, where it can be taken."""
    if event.customer_id and scene.forgotten([event.customer_id]):
        return Ignored("the customer is to stay forgotten")
    program_id = scene.store.program_id
    kept = redemptions.find(
        scene.connection, program_id, event.redemption_id, locked=True
    )
    if kept is None or not _may_take(scene, event.customer_id, kept.member_id):
        return Ignored("there is no such redemption")
    changed = _STEPS[event.step](kept.redemption, event)
    if isinstance(changed, Ignored):
        return changed
    if event.step in _IN_ITS_PLACE and not due_redemptions.take_from_store(
        scene.connection, program_id, event.redemption_id
    ):
        return Ignored("the store can still be asked, or is being asked just now")
    redemptions.change(scene.connection, program_id, changed, event.at)
    return {kept.member_id}


def _may_take(scene: Scene, customer_id: str | None, member_id: int) -> bool:
    """Whether the store itself takes a step, or the member whose redemption it is."""
    if customer_id is None:
        return True
    known = scene.people.customers([customer_id]).values()
    return member_id in {scene.people.following(each).member_id for each in known}


def _approve(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    if wish.state != State.ASKED:
        return Ignored(f"it cannot be approved: it is {wish.state}")
    wish = replace(wish, reason=in_own_words(event.reason), decided_by=event.by)
    if wish.slot:
        return replace(wish, state=State.GRANTED)
    return replace(wish, state=State.USED, used_at=event.at)


def _refuse(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    if wish.state != State.ASKED:
        return Ignored(f"it cannot be refused: it is {wish.state}")
    reason = in_own_words(event.reason) or because("not_agreed")
    return replace(wish, state=State.REFUSED, reason=reason, decided_by=event.by)


def _take_in(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    is_voucher = wish.reward.handling is Handling.COUNTER
    if not is_voucher or wish.state != State.GRANTED:
        return Ignored(f"the voucher cannot be taken in: it is {wish.state}")
    return replace(wish, state=State.USED, used_at=event.at)


def _cancel(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    """End what was not used; the store must let it be used no more first."""
    until = wish.cancel_until
    if event.customer_id and until and event.at >= until:
        return Ignored("its date is too near to be cancelled")
    if wish.state == State.ASKED:
        reason = in_own_words(event.reason) or because("cancelled")
        return replace(wish, state=State.REFUSED, reason=reason)
    if wish.state != State.GRANTED:
        return Ignored(f"it cannot be cancelled: it is {wish.state}")
    if event.customer_id and not wish.reward.comes_back:
        return Ignored("this reward cannot be cancelled")
    reason = in_own_words(event.reason) or because("cancelled")
    return replace(wish, state=State.ENDING, reason=reason, gives_back=True)


def _made(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    """Give it to its member, or leave it with them where it was to end.

    Where somebody said before that it is not there, its points are taken again.
    """
    if not (wish.state in _AT_STORE or wish.was_said_gone):
        return Ignored(f"there is nothing to say of it: it is {wish.state}")
    reason = NO_REASON if wish.was_said_gone else wish.reason
    wish = replace(
        wish,
        reason=in_own_words(event.reason) or reason,
        gives_back=False,
        decided_by=event.by or _OWNER,
    )
    if wish.state == State.GRANTED:
        return replace(wish, state=State.ENDED, ended_at=event.at)
    return replace(wish, state=State.GRANTED, ended_at=None)


def _not_made(wish: Redemption, event: events.RedemptionTaken) -> Redemption | Ignored:
    """Give the points back for what is not there, or cannot be used any more.

    At its date that is what its end means for what was not used.
    """
    if wish.state not in _AT_STORE:
        return Ignored(f"there is nothing to say of it: it is {wish.state}")
    wish = replace(wish, decided_by=event.by or _OWNER)
    if wish.state == State.GRANTING:
        reason = in_own_words(event.reason) or because("said_not_made")
        return replace(wish, state=State.REFUSED, reason=reason)
    return replace(wish.unused(), state=State.ENDED, ended_at=event.at)


# Of what a member has, the store is asked to end it, which may be what is stuck.
_AT_STORE = (State.GRANTING, State.GRANTED, State.ENDING)
# Who says it, where nobody is named.
_OWNER = "owner"
# What people of a store say in the place of a store that may not be asked.
_IN_ITS_PLACE = (RedemptionStep.MADE, RedemptionStep.NOT_MADE)
_STEPS = {
    RedemptionStep.APPROVE: _approve,
    RedemptionStep.REFUSE: _refuse,
    RedemptionStep.TAKE_IN: _take_in,
    RedemptionStep.CANCEL: _cancel,
    RedemptionStep.MADE: _made,
    RedemptionStep.NOT_MADE: _not_made,
}


def note_use(scene: Scene, facts: Iterable[OrderFacts]) -> set[int]:
    """Keep which orders used a code; return the members whose points may come back.

    Of several orders with one code, which no store allows, the first one used it.
    """
    users = _users(facts, scene.secret_key)
    if not users:
        return set()
    program_id, store_id = scene.store.program_id, scene.store.store_id
    found = redemptions.by_codes(scene.connection, program_id, store_id, users)
    for key, kept in found.items():
        wish, user = kept.redemption, users[key]
        assert user.snapshot
        at = user.snapshot.processed_at
        is_there = wish.is_captured or wish.state == State.GRANTING
        if not is_there:
            # Its points came back, and it was there all the same: they are taken again.
            is_there = commands.is_accepted(scene.connection, program_id, wish.id)
        if is_there and not _was_used_before(wish, at, user.order_id):
            wish = replace(
                wish,
                state=State.USED,
                used_order_id=user.order_id,
                used_at=at,
                ended_at=None,
                gives_back=False,
            )
        if wish.used_order_id == user.order_id:
            wish = wish.noted(user)
        if wish != kept.redemption:
            redemptions.change(scene.connection, program_id, wish, at)
    return {kept.member_id for kept in found.values()}


def _was_used_before(wish: Redemption, at: datetime, order_id: str) -> bool:
    """Whether an order used it that came before this one, or is this one."""
    if wish.used_order_id is None or wish.used_at is None:
        return False
    return (wish.used_at, wish.used_order_id) <= (at, order_id)


def _users(facts: Iterable[OrderFacts], secret_key: str) -> Mapping[str, OrderFacts]:
    """Return the first order with each code, by the code's key."""
    with_codes = (each for each in facts if each.snapshot)
    latest_first = sorted(
        with_codes,
        key=lambda each: (each.snapshot and each.snapshot.processed_at, each.order_id),
        reverse=True,
    )
    return {
        code_key(secret_key, code): each
        for each in latest_first
        if each.snapshot
        for code in each.snapshot.discount_codes
    }
