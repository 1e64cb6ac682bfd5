"""Newcomers: members who have paid no order, and whom no friend has brought yet."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.domain.referral import State


def is_newcomer(connection: Connection, program_id: int, member_id: int) -> bool:
    """Whether a friend can still bring a member, as far as is known."""
    values = {"p": program_id, "m": member_id, "refused": State.REFUSED}
    found: bool = connection.execute(_IS_NEWCOMER, values).scalar_one()
    return found


_IS_NEWCOMER = text("""
    select not exists (
        select from referral
        where program_id = :p and friend_id = :m and state <> :refused
    ) and not exists (
        select from order_fact
        where program_id = :p and member_id = :m
          and facts ->> 'paid_at' is not null
          and not cast(facts #>> '{snapshot,is_test}' as boolean)
    )
""")
