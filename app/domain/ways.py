"""The ways to earn by orders, as shoppers are told them at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.domain.earning import Campaign, EarningRule
from app.domain.languages.translator import Translator
from app.domain.program import Program


def ways_to_earn(
    program: Program, say: Translator, now: datetime | None = None
) -> list[str]:
    """Return each rule in plain words, and whether there is an end of it.

    What has ended by `now`, which is by the store's clock, is left out.
    """
    return [
        rule.in_words(say) + _end(program, rule, say)
        for rule in program.earning
        if now is None or not _has_ended(rule, now)
    ]


def last_end(program: Program, now: datetime) -> datetime | None:
    """Return when a campaign last ended by `now`, None where none has."""
    return max((ends_at for ends_at in _ends(program) if ends_at <= now), default=None)


def _ends(program: Program) -> Iterator[datetime]:
    for rule in program.earning:
        if isinstance(rule, Campaign) and rule.conditions.ends_at:
            yield rule.conditions.ends_at


def _has_ended(rule: EarningRule, now: datetime) -> bool:
    return isinstance(rule, Campaign) and rule.conditions.ended_by(now)


def _end(program: Program, rule: EarningRule, say: Translator) -> str:
    """Return that there is a budget, and not how much: that is the owner's to know."""
    has_budget = isinstance(rule, Campaign) and rule.name in program.budgets
    return f", {say('while_they_last')}" if has_budget else ""
