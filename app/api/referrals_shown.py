"""What a member sees of bringing friends; never who anybody is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.referral_code import code_of_member
from app.storage import referrals
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
    return reward.name(say.currency, say.language) if reward else None


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
