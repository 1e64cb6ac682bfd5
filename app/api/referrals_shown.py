"""What a member sees of bringing friends; never who anybody is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.reasons import NO_REASON, Reason, because
from app.domain.referral import State
from app.domain.referral_code import code_of_member
from app.domain.rewards import name_of
from app.storage import orders, referrals
from app.storage.stores import Store


@dataclass(frozen=True)
class Link:
    """A member's link, what both get by it, and what came of it so far."""

    code: str
    points: int
    gift: str | None
    friends: int
    pending: int


def gift(program: Program, say: Translator) -> str | None:
    """Return what a friend gets, in words; None for nothing."""
    reward = program.referral and program.referral.gift
    return name_of(reward, say) if reward else None


def against(
    connection: Connection,
    store: Store,
    program: Program,
    advocate_id: int | None,
    member_id: int | None,
) -> Reason:
    """Return what speaks against a friend's code at once, as far as it is known.

    `advocate_id` is whose code it is, `member_id` who has it. A worker decides by more.
    """
    if program.referral is None:
        return because("no_friends_codes")
    if advocate_id is None:
        return because("code_of_nobody")
    if member_id is None:
        return NO_REASON
    if member_id == advocate_id:
        return because("own_code")
    if orders.paid_orders(connection, store.program_id, [member_id]):
        return because("ordered_before")
    claims = referrals.of_friends(connection, store.program_id, [member_id])
    standing = [each for each in claims if each.state != State.REFUSED]
    if any(each.advocate_id != advocate_id for each in standing):
        return because("brought_before")
    if not standing and any(each.advocate_id == advocate_id for each in claims):
        return because("code_refused")
    return NO_REASON


def link(
    connection: Connection,
    store: Store,
    program: Program,
    member_id: int,
    secret_key: str,
    language: str,
) -> Link | None:
    """Return the link of a member, None where the program has no such thing."""
    if program.referral is None:
        return None
    program_id = store.program_id
    friends, pending = referrals.standing(connection, program_id, member_id)
    return Link(
        code_of_member(secret_key, program_id, member_id),
        program.referral.advocate_points,
        gift(program, Translator(store.currency, language)),
        friends,
        pending,
    )
