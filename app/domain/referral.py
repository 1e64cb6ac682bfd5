"""Members bring friends: who did, what both get for it, and what speaks against it.

What a member gets is a function of facts (the claim, the friend's orders, the marks of
both) and of the owner's decision, so it does not matter what is heard of first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.credits import MemberOrder
from app.domain.eligible import Count, count
from app.domain.expiry import expires_at, patience
from app.domain.ledger import Credit, Reversal
from app.domain.money import to_minor
from app.domain.program import Counting
from app.domain.referral_terms import Doubt, ReferralTerms


class Bar(StrEnum):
    """What always speaks against a referral; no owner's terms change it."""

    OWN_LINK = "own_link"
    NOT_FIRST_ORDER = "not_first_order"
    NO_ORDER = "no_order"
    TOO_SMALL = "too_small"
    TOO_MANY = "too_many"
    REFUSED = "refused_by_owner"


class State(StrEnum):
    """How far a claim is.

    - `waiting`: who the friend is has not been heard yet;
    - `review`: the owner has to look at it;
    - `accepted`: the friend has the gift, and the first order counts;
    - `refused`: nobody gets anything.
    """

    WAITING = "waiting"
    REVIEW = "review"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Referral:
    """A friend's claim to have been brought by a member; times are the world's.

    `version` is of the programme whose terms hold; `marks` are those of the advocate as
    they were known when it was decided; `overruled_at` is when the owner approved it
    whatever speaks against it, `refused_at` when they refused it, `decided_by` who did.
    """

    id: str
    store_id: int
    advocate_id: int
    friend_id: int
    customer_id: str | None
    version: int
    state: State
    claimed_at: datetime
    reasons: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    device: str | None = None
    is_own_browser: bool = False
    overruled_at: datetime | None = None
    refused_at: datetime | None = None
    decided_by: str | None = None

    @property
    def lot(self) -> str:
        """Return the name of the lot that the advocate's points are."""
        return f"referral/{self.id}"

    @property
    def stood(self) -> bool:
        """Whether it is not refused, or was so only by the owner."""
        return self.state != State.REFUSED or self.refused_at is not None

    def is_before(self, other: Referral) -> bool:
        """Whether it was claimed before another."""
        return (self.claimed_at, self.id) < (other.claimed_at, other.id)


def next_gift(referral_id: str, gift_id: str) -> str:
    """Return the id of the gift after this one; the first is known by its referral.

    >>> next_gift("a1", "a1"), next_gift("a1", "a1.2")
    ('a1.2', 'a1.3')
    """
    number = int(gift_id.removeprefix(referral_id).removeprefix(".") or 1)
    return f"{referral_id}.{number + 1}"


@dataclass(frozen=True)
class Known:
    """What is known when a claim is decided on.

    `friends_by_device` are others who claimed from the same browser; `claims_in_hour`
    those that the advocate's link had within the hour before.
    """

    friend: frozenset[str]
    advocate: frozenset[str]
    has_ordered: bool = False
    friends_by_device: int = 0
    claims_in_hour: int = 0


_DOUBTS = {
    "mail": Doubt.SAME_EMAIL,
    "phone": Doubt.SAME_PHONE,
    "address": Doubt.SAME_ADDRESS,
    "payment": Doubt.SAME_PAYMENT,
}


def doubts(one: Iterable[str], other: Iterable[str]) -> set[Doubt]:
    """Return what two people have in common; a kept mark says its sort before a `:`."""
    common = set(one) & set(other)
    sorts = {mark.partition(":")[0] for mark in common}
    return {doubt for sort, doubt in _DOUBTS.items() if sort in sorts}


def decide(referral: Referral, terms: ReferralTerms, known: Known) -> Referral:
    """Return a claim as it is decided, for good, by what is known of both."""
    found: set[str] = set(doubts(known.friend, known.advocate))
    if referral.is_own_browser or known.friends_by_device:
        found.add(Doubt.SAME_DEVICE)
    if known.claims_in_hour >= terms.friends_per_hour_max:
        found.add(Doubt.VELOCITY)
    if known.has_ordered:
        found.add(Bar.NOT_FIRST_ORDER)
    if referral.advocate_id == referral.friend_id:
        found = {Bar.OWN_LINK}
    counted = terms.counted(found)
    state = State.ACCEPTED
    if any(each in terms.refuses or each in set(Bar) for each in counted):
        state = State.REFUSED
    elif counted:
        state = State.REVIEW
    return replace(
        referral,
        state=state,
        reasons=tuple(sorted(counted)),
        marks=tuple(sorted(known.advocate)),
    )


@dataclass(frozen=True)
class Outcome:
    """What a referral comes to for its advocate: points, or what speaks against them.

    With a credit, reasons are why it waits for the owner.
    """

    referral: Referral
    reasons: tuple[str, ...] = ()
    credit: Credit | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody of the store has to look at it."""
        claim = self.referral
        is_open = not claim.overruled_at and not claim.refused_at
        held = self.credit is not None and bool(self.reasons)
        return is_open and (claim.state == State.REVIEW or held)


@dataclass(frozen=True)
class Case:
    """A referral with all that its points follow from.

    `is_later` says that somebody else had brought the same friend before.
    """

    referral: Referral
    terms: ReferralTerms
    orders: Sequence[MemberOrder]
    is_later: bool = False


def outcomes(
    cases: Iterable[Case], advocate_orders: Sequence[MemberOrder]
) -> list[Outcome]:
    """Return what all referrals of one advocate come to, in the order of the claims."""
    found = [_outcome(each, advocate_orders) for each in cases]
    limited = _within_months(found, {each.referral.id: each.terms for each in cases})
    return sorted(
        limited, key=lambda each: (each.referral.claimed_at, each.referral.id)
    )


def first_order(orders: Iterable[MemberOrder]) -> MemberOrder | None:
    """Return the order that was placed first of those ever paid, None without one."""
    paid = (order for order in orders if order.is_paid)
    return min(paid, key=lambda order: (_placed_at(order), order.lot), default=None)


def _placed_at(order: MemberOrder) -> datetime:
    assert order.facts.snapshot
    return order.facts.snapshot.processed_at


def _outcome(case: Case, advocate_orders: Sequence[MemberOrder]) -> Outcome:
    referral, terms, first = case.referral, case.terms, first_order(case.orders)
    bars = _bars(case, first)
    if bars or first is None:
        return Outcome(referral, tuple(sorted(bars)))
    reasons = set(referral.reasons)
    if not referral.overruled_at:
        until = _placed_at(first) + timedelta(days=terms.stand_days)
        theirs = (each for each in advocate_orders if _is_before(each, until))
        marks = {mark for each in theirs for mark in each.facts.marks}
        common = doubts(first.facts.marks, marks | set(referral.marks))
        reasons |= set(terms.counted(common))
    if not referral.overruled_at and reasons & set(terms.refuses):
        return Outcome(referral, tuple(sorted(reasons)))
    waits = bool(reasons) and not referral.overruled_at
    credit = _credit(referral, terms, first, is_open=not waits)
    return Outcome(referral, tuple(sorted(reasons)) if waits else (), credit)


def _bars(case: Case, first: MemberOrder | None) -> set[str]:
    """Return what always speaks against points, or ends the question for now."""
    referral = case.referral
    if referral.advocate_id == referral.friend_id:
        return {Bar.OWN_LINK}
    if case.is_later:
        return {Bar.NOT_FIRST_ORDER}
    if referral.state == State.REFUSED and referral.refused_at is None:
        return set(referral.reasons)
    if first is None or first.facts.paid_at is None:
        return {Bar.NO_ORDER} | set(referral.reasons)
    if referral.refused_at and referral.refused_at <= first.facts.paid_at:
        return {Bar.REFUSED} | set(referral.reasons)
    if _placed_at(first) < referral.claimed_at and not referral.overruled_at:
        return {Bar.NOT_FIRST_ORDER}
    if _counted(first).base_minor < _least(case.terms, first):
        return {Bar.TOO_SMALL}
    return set()


def _is_before(order: MemberOrder, until: datetime) -> bool:
    return order.facts.snapshot is not None and _placed_at(order) <= until


def _counted(order: MemberOrder) -> Count:
    """Return what of an order is goods: no tax, no shipping, no gift cards."""
    return count(order.facts, Counting())


def _least(terms: ReferralTerms, order: MemberOrder) -> int:
    assert order.facts.snapshot
    minimum = to_minor(terms.order_amount_min, order.facts.snapshot.currency)
    return max(1, minimum)


def _credit(
    referral: Referral, terms: ReferralTerms, first: MemberOrder, *, is_open: bool
) -> Credit:
    facts = first.facts
    assert facts.paid_at
    return Credit(
        lot=referral.lot,
        cause=referral.lot,
        at=facts.paid_at,
        points=terms.advocate_points,
        is_held=True,
        releases_at=_stood_at(terms, first) if is_open else None,
        expires_at=expires_at(facts.paid_at, first.program, first.timezone),
        patience=patience(facts.paid_at, first.program, first.timezone),
        reversals=_reversals(referral, terms, first),
        return_policy=first.program.return_policy,
        reason="a friend's first order",
        is_doubtful=not (is_open or referral.refused_at),
    )


def _stood_at(terms: ReferralTerms, first: MemberOrder) -> datetime | None:
    """Return when an order has stood; not known while its payment is disputed."""
    assert first.facts.paid_at
    at = first.facts.paid_at + timedelta(days=terms.stand_days)
    disputes = first.facts.disputes.values()
    return None if any(each.is_open and each.at < at for each in disputes) else at


def _reversals(
    referral: Referral, terms: ReferralTerms, first: MemberOrder
) -> tuple[Reversal, ...]:
    """Return what takes the points back: all of them, and once."""
    points, least = terms.advocate_points, _least(terms, first)
    falls = [
        Reversal(f"{back.cause}@{referral.lot}", back.at, points, "the order fell")
        for back in _counted(first).returns
        if back.remaining_minor < least
    ]
    if referral.refused_at:
        cause, reason = f"refusal@{referral.lot}", "refused by the store"
        falls.append(Reversal(cause, referral.refused_at, points, reason))
    return tuple(sorted(falls, key=lambda each: (each.at, each.cause))[:1])


def _within_months(
    found: Sequence[Outcome], terms: dict[str, ReferralTerms]
) -> list[Outcome]:
    """Return outcomes without the points beyond what a month may bring.

    Points that were taken back have used their place up.
    """
    used: dict[tuple[int, int], int] = {}
    kept = []
    for each in sorted(found, key=_by_credit):
        if each.credit:
            most = terms[each.referral.id].friends_per_month_max
            month = each.credit.at.year, each.credit.at.month
            if most is not None and used.get(month, 0) >= most:
                each = replace(each, reasons=(Bar.TOO_MANY,), credit=None)
            else:
                used[month] = used.get(month, 0) + 1
        kept.append(each)
    return kept


def _by_credit(each: Outcome) -> tuple[datetime, str]:
    at = each.credit.at if each.credit else each.referral.claimed_at
    return at, each.referral.id


def pinned(referral: Referral, reasons: Collection[str]) -> Referral:
    """Return a referral that keeps what was found, once the marks are forgotten."""
    found = {each for each in reasons if each in set(Doubt)}
    return replace(
        referral, reasons=tuple(sorted({*referral.reasons, *found})), marks=()
    )
