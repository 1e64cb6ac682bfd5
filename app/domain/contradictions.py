"""What of a draft contradicts itself by its dates, though each could be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from app.domain.challenges import Challenge
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.phrases import counted, day, end, listed, quoted
from app.domain.program import ExpiryRounding, Program
from app.domain.rewards import Goods, Reward

_INSTANT = timedelta(microseconds=1)
_WEEK = list(Weekday)
# No month has more days, and no day that ends are rounded up to is further off.
_MONTH_DAYS = 31
_ROUNDED_UP_DAYS = {
    ExpiryRounding.EXACT: 0,
    ExpiryRounding.MONTH_END: 31,
    ExpiryRounding.FIXED_DAY: 366,
}


def of_part(part: object) -> Iterator[tuple[str, str]]:
    """Return what of one part of a programme contradicts itself, by its setting."""
    if isinstance(part, Conditions):
        yield from _no_such_day(part)
    elif isinstance(part, Goods):
        yield from _dates_when_closed(part)


def _no_such_day(window: Conditions) -> Iterator[tuple[str, str]]:
    """Return the days of the week of which a campaign's window has none."""
    begins, ends = window.starts_at, window.ends_at
    if not (window.weekdays and begins and ends and begins < ends):
        return
    span = ((ends - _INSTANT).date() - begins.date()).days + 1
    if span >= len(_WEEK):
        return
    within = {_WEEK[(begins.weekday() + each) % len(_WEEK)] for each in range(span)}
    if not within & window.weekdays:
        days = listed(each.capitalize() for each in _WEEK if each in within)
        words = f"from {day(begins)} until {end(ends)} there is only {days}"
        yield "weekdays", f"{words}: name one of these, or another time"


def _dates_when_closed(goods: Goods) -> Iterator[tuple[str, str]]:
    """Return the dates to choose from that are over before the reward is offered.

    A date after that is none of them: places may be taken until some days before.
    """
    for index, slot in enumerate(goods.slots):
        # Of a draft, a date may be one that cannot be read.
        at = slot and slot.starts_at
        if at and goods.starts_at and at <= goods.starts_at:
            words = (
                f"is over when the reward is offered, from {day(goods.starts_at)} on"
            )
            yield f"slots.{index}.starts_at", words


def won_too_late(
    challenge: Challenge, rewards: Mapping[str, Reward]
) -> Iterator[tuple[str, str]]:
    """Return what a challenge brings, where that is over before it begins."""
    reward = rewards.get(challenge.reward)
    if not (reward and reward.ends_at and challenge.starts_at):
        return
    if reward.ends_at <= challenge.starts_at:
        until = f"{quoted([reward.id])} is offered until {end(reward.ends_at)}"
        yield "reward", f"{until}, before the challenge begins: name another"


def ended_before_free(program: Program) -> Iterator[tuple[str, str]]:
    """Return for how many days points are held that have ended by then, all of them."""
    months = program.expires_after_months
    if months is None:
        return
    most = months * _MONTH_DAYS + _ROUNDED_UP_DAYS[program.expiry_rounding]
    held = {"credit_after_days": program.credit_after_days}
    if program.referral:
        held["referral.stand_days"] = program.referral.stand_days
    for name, days in held.items():
        if days >= most:
            words = f"points end after {counted(months, 'month')}, before they are free"
            yield name, f"{words}: let them last longer, or wait for fewer days"
