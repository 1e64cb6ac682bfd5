"""Who is paid for bringing friends, reckoned once more from docs/referral.md: plainly.

What was decided on a claim is a fact; what it earns is worked out from the orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.credits import MemberOrder
from app.domain.eligible import count
from app.domain.ledger import Credit, Reversal
from app.domain.program import Counting
from app.domain.referral import Referral, State
from app.domain.referral_terms import ReferralTerms
from tests.workers.machine.plain_deeds import a_credit

_SIGNS = {
    "mail": "same_email",
    "phone": "same_phone",
    "address": "same_address",
    "payment": "same_payment",
}


@dataclass(frozen=True)
class Brought:
    """A claim as it was decided, with the orders of the friend and of the member.

    `speaks_against` says that it is of somebody themselves, or comes after another's.
    """

    referral: Referral
    terms: ReferralTerms
    friends_orders: Sequence[MemberOrder]
    own_orders: Sequence[MemberOrder]
    speaks_against: bool


def brought_by(claims: Iterable[Brought]) -> list[Credit]:
    """What one member earned by all friends, as far as each month allows."""
    claims = list(claims)
    found = [
        (credit.at, each.referral.id, credit, each.terms.friends_per_month_max)
        for each in claims
        if (credit := _credit(each))
    ]
    months: Counter[str] = Counter()
    kept = []
    for at, _, credit, most in sorted(found, key=lambda each: each[:2]):
        month = f"{at:%Y-%m}"
        if most is None or months[month] < most:
            months[month] += 1
            kept.append(credit)
    return kept


def _credit(claim: Brought) -> Credit | None:
    referral, terms = claim.referral, claim.terms
    paid = [each for each in claim.friends_orders if each.is_paid]
    was_refused = referral.state is State.REFUSED and referral.refused_at is None
    if claim.speaks_against or was_refused or not paid:
        return None
    first = min(paid, key=lambda each: (_placed_at(each), each.lot))
    paid_at = first.facts.paid_at
    assert paid_at
    is_approved = referral.overruled_at is not None
    if not is_approved and _placed_at(first) < referral.claimed_at:
        return None
    if referral.refused_at and referral.refused_at <= paid_at:
        return None
    least = max(1, int(terms.order_amount_min * 100))
    if count(first.facts, Counting()).base_minor < least:
        return None
    signs = set() if is_approved else _signs(claim, first)
    if signs & {str(each) for each in terms.refuses}:
        return None
    lot = f"referral/{referral.id}"
    given = a_credit(lot, paid_at, terms.advocate_points, paid_at, first.program)
    return replace(
        given,
        is_held=True,
        is_doubtful=bool(signs) and referral.refused_at is None,
        releases_at=None if signs else _stood_at(first, paid_at, terms),
        reversals=_taken_back(referral, terms, first, least),
        return_policy=first.program.return_policy,
    )


def _placed_at(order: MemberOrder) -> datetime:
    assert order.facts.snapshot
    return order.facts.snapshot.processed_at


def _signs(claim: Brought, first: MemberOrder) -> set[str]:
    """What speaks against it: found when it was decided, or told by the orders."""
    until = _placed_at(first) + timedelta(days=claim.terms.stand_days)
    own = set(claim.referral.marks)
    for each in claim.own_orders:
        if each.facts.snapshot and _placed_at(each) <= until:
            own |= set(each.facts.marks)
    common = {mark.partition(":")[0] for mark in own & set(first.facts.marks)}
    told = {sign for sort, sign in _SIGNS.items() if sort in common}
    matter = {str(each) for each in claim.terms.refuses | claim.terms.reviews}
    return set(claim.referral.reasons) | (told & matter)


def _stood_at(
    first: MemberOrder, paid_at: datetime, terms: ReferralTerms
) -> datetime | None:
    at = paid_at + timedelta(days=terms.stand_days)
    for dispute in first.facts.disputes.values():
        if dispute.is_open and dispute.at < at:
            return None
    return at


def _taken_back(
    referral: Referral, terms: ReferralTerms, first: MemberOrder, least: int
) -> tuple[Reversal, ...]:
    """The first thing that takes all points back, by a return or by the owner."""
    falls = [
        (back.at, f"{back.cause}@referral/{referral.id}")
        for back in count(first.facts, Counting()).returns
        if back.remaining_minor < least
    ]
    if referral.refused_at:
        falls.append((referral.refused_at, f"refusal@referral/{referral.id}"))
    return tuple(
        Reversal(cause, at, terms.advocate_points) for at, cause in sorted(falls)[:1]
    )
