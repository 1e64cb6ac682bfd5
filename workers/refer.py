"""Decides on friends' claims, and works out what bringing them earns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.domain import events, referral
from app.domain.events import Ignored
from app.domain.money import to_minor
from app.domain.reasons import because
from app.domain.redemptions import OUT, Redemption, code_key, code_of
from app.domain.redemptions import State as GiftState
from app.domain.referral import Case, Known, Outcome, Referral, State, next_gift
from app.domain.referral_code import member_of_code
from app.storage import orders, redemptions, referrals, stores
from app.storage.orders import KeptOrder
from app.storage.redemptions import KeptRedemption
from workers.scene import Scene
from workers.terms import Terms


def claim_referral(scene: Scene, event: events.ReferralClaimed) -> set[int] | Ignored:
    """Keep whose link brought a customer, the first time; decide on it if possible."""
    program_id = scene.store.program_id
    program = stores.program_history(scene.connection, program_id).at(event.at)
    if program.referral is None:
        return Ignored("the programme has nothing for bringing friends")
    if scene.forgotten([event.customer_id]):
        return Ignored("the customer is to stay forgotten")
    advocate_id = advocate_of(
        scene.connection, program_id, scene.secret_key, event.code
    )
    if advocate_id is None:
        return Ignored("the link is nobody's")
    known = scene.people.ensure_customers([event.customer_id])[event.customer_id]
    friend_id = scene.people.following(known).member_id
    before = referrals.of_friends(scene.connection, program_id, [friend_id])
    if any(each.state != State.REFUSED for each in before):
        return Ignored("somebody has brought this customer before")
    claim = Referral(
        id=event.referral_id,
        store_id=scene.store.store_id,
        advocate_id=advocate_id,
        friend_id=friend_id,
        customer_id=event.customer_id,
        version=program.version,
        state=State.WAITING,
        claimed_at=event.at,
        device=event.device,
        is_own_browser=event.is_own_browser,
    )
    if any(each.id == claim.id for each in before):
        return Ignored("this claim was decided before")
    referrals.save(scene.connection, program_id, claim)
    return {advocate_id, friend_id}


def advocate_of(
    connection: Connection, program_id: int, secret_key: str, code: str
) -> int | None:
    """Return whose code it is now, after all merges; None for nobody's."""
    member_id = member_of_code(secret_key, program_id, code)
    if member_id is None:
        return None
    return referrals.member_now(connection, program_id, member_id)


def decide_referral(scene: Scene, event: events.ReferralDecided) -> set[int] | Ignored:
    """Keep what the owner decided on a referral, and make or end the gift."""
    program_id = scene.store.program_id
    claim = referrals.find(scene.connection, program_id, event.referral_id)
    if claim is None:
        return Ignored("there is no such referral")
    if event.approved:
        reason = hindrance(scene.connection, program_id, claim, locked=True)
        if reason:
            return Ignored(reason)
        claim = replace(
            claim, state=State.ACCEPTED, overruled_at=event.at, refused_at=None
        )
        _give(scene, claim, event.at)
    else:
        claim = replace(claim, state=State.REFUSED, refused_at=event.at)
        _take_gift_back(scene, claim, event)
    claim = replace(claim, decided_by=event.by)
    referrals.save(scene.connection, program_id, claim)
    return {claim.advocate_id, claim.friend_id}


def hindrance(
    connection: Connection, program_id: int, claim: Referral, *, locked: bool = False
) -> str | None:
    """Return why nobody can approve a claim: what would bar its points all the same."""
    if claim.advocate_id == claim.friend_id:
        return "nobody brings themselves"
    theirs = referrals.of_friends(connection, program_id, [claim.friend_id])
    before = [each for each in theirs if each.id != claim.id and each.stood]
    if any(each.state != State.REFUSED or each.is_before(claim) for each in before):
        return "somebody else has brought this customer"
    kept = _latest_gift(connection, program_id, claim, locked=locked)
    if kept and kept.redemption.state == GiftState.ENDING:
        return "the store is still being asked to end the gift"
    return None


def decide_waiting(scene: Scene, named: Iterable[str], now: datetime) -> set[int]:
    """Decide on claims of these customers of whom it is known by now who they are.

    The members are returned whose points that may change.
    """
    connection, store = scene.connection, scene.store
    touched = set()
    waiting = referrals.waiting(connection, store.program_id, store.store_id, named)
    for claim in waiting:
        friend = referrals.marks_of(connection, store.program_id, claim.friend_id)
        if friend:
            _decide(scene, claim, friend, now)
            touched |= {claim.friend_id, claim.advocate_id}
    return touched


def _decide(
    scene: Scene, claim: Referral, friend: frozenset[str], now: datetime
) -> None:
    connection, program_id = scene.connection, scene.store.program_id
    referrals.lock_advocate(connection, program_id, claim.advocate_id)
    terms = stores.program_history(connection, program_id).version(claim.version)
    assert terms.referral
    theirs = orders.orders_of(connection, program_id, [claim.friend_id])
    known = Known(
        friend=friend,
        advocate=referrals.marks_of(connection, program_id, claim.advocate_id),
        has_ordered=any(_ordered_before(order, claim) for order in theirs),
        friends_by_device=referrals.friends_by_device(connection, program_id, claim),
        claims_in_hour=referrals.claims_in_hour(connection, program_id, claim),
    )
    claim = referral.decide(claim, terms.referral, known)
    referrals.save(connection, program_id, claim)
    if claim.state == State.ACCEPTED:
        _give(scene, claim, now)


def _ordered_before(order: KeptOrder, claim: Referral) -> bool:
    snapshot = order.facts.snapshot
    is_paid = order.facts.paid_at is not None
    return bool(
        is_paid
        and snapshot
        and not snapshot.is_test
        and snapshot.processed_at < claim.claimed_at
    )


def _give(scene: Scene, claim: Referral, at: datetime) -> None:
    """Have the store make the friend's gift: a redemption that costs nothing.

    Where one ended unused, or was never made, there is another with another code, since
    the store may know the old one as over for good.
    """
    connection, program_id = scene.connection, scene.store.program_id
    kept = _latest_gift(connection, program_id, claim)
    if (kept and kept.redemption.state in OUT) or not claim.customer_id:
        return
    terms = stores.program_history(connection, program_id).version(claim.version)
    gift = terms.referral.gift if terms.referral else None
    if gift is None:
        return
    days = gift.valid_days
    id_ = next_gift(claim.id, kept.redemption.id) if kept else claim.id
    wish = Redemption(
        id=id_,
        store_id=claim.store_id,
        customer_id=claim.customer_id,
        reward=gift,
        points=0,
        state=GiftState.GRANTING,
        requested_at=at,
        valid_until=at + timedelta(days=days) if days else None,
        order_amount_min_minor=to_minor(gift.order_amount_min, scene.store.currency),
    )
    code = code_of(scene.secret_key, program_id, id_)
    key = code_key(scene.secret_key, code)
    redemptions.add(connection, program_id, claim.friend_id, wish, key, at)


def _latest_gift(
    connection: Connection, program_id: int, claim: Referral, *, locked: bool = True
) -> KeptRedemption | None:
    """Return the gift that a claim brought last; None where there was none."""
    latest, id_ = None, claim.id
    while kept := redemptions.find(connection, program_id, id_, locked=locked):
        latest, id_ = kept, next_gift(claim.id, id_)
    return latest


def _take_gift_back(
    scene: Scene, claim: Referral, event: events.ReferralDecided
) -> None:
    """End the gift where it was not used yet."""
    program_id = scene.store.program_id
    kept = _latest_gift(scene.connection, program_id, claim)
    if kept and kept.redemption.state in (GiftState.GRANTING, GiftState.GRANTED):
        reason = because("gift_refused")
        ending = replace(kept.redemption, state=GiftState.ENDING, reason=reason)
        redemptions.change(scene.connection, program_id, ending, event.at)


def outcomes(
    connection: Connection, terms: Terms, advocate_ids: Iterable[int]
) -> dict[int, list[Outcome]]:
    """Return what all referrals by these members come to."""
    if not terms.have_referrals:
        return {}
    program_id = terms.program_id
    kept = referrals.of_advocates(connection, program_id, advocate_ids)
    friends = {each.referral.friend_id for theirs in kept.values() for each in theirs}
    ordered: dict[int, list[KeptOrder]] = defaultdict(list)
    for order in orders.orders_of(connection, program_id, friends | kept.keys()):
        ordered[order.member_id or 0].append(order)
    applied = {id_: terms.applied(theirs) for id_, theirs in ordered.items()}
    return {
        advocate_id: referral.outcomes(
            [
                Case(
                    each.referral,
                    terms.referral_terms(each.referral.version),
                    applied.get(each.referral.friend_id, ()),
                    each.is_later,
                )
                for each in theirs
            ],
            applied.get(advocate_id, ()),
        )
        for advocate_id, theirs in kept.items()
    }


def pin_reasons(scene: Scene, member_ids: Iterable[int]) -> None:
    """Keep what was found about these members, before it is forgotten why."""
    connection, program_id = scene.connection, scene.store.program_id
    terms = Terms(connection, program_id, scene.keys)
    advocates = referrals.touched(connection, program_id, set(member_ids))
    wanted = set(member_ids)
    for theirs in outcomes(connection, terms, advocates).values():
        for each in theirs:
            claim = each.referral
            if wanted & {claim.advocate_id, claim.friend_id}:
                pinned = referral.pinned(claim, each.reasons)
                referrals.save(connection, program_id, pinned)
