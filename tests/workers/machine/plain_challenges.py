"""Challenges, reckoned once more from docs/challenges.md: slowly, and plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep, Step
from app.domain.engagement.progress import Reached
from app.domain.ledger import Credit, Reversal
from tests.workers.machine.plain_deeds import Bought, Did, InForce, a_credit
from tests.workers.machine.plain_prizes import Prize, a_prize


def challenged(
    deeds: Sequence[Bought | Did], in_force: InForce, now: datetime
) -> tuple[list[Credit], tuple[Reached, ...], list[Prize]]:
    """What all challenges gave and took back, how far each is, and what is won."""
    credits: list[Credit] = []
    prizes: list[Prize] = []
    rewarded: set[str] = set()
    for name in {c.name for each in deeds for c in in_force(each.at).challenges}:
        given, is_rewarded, won = _of_challenge(name, deeds, in_force)
        credits += given
        prizes += won
        rewarded |= {name} if is_rewarded else set()
    reached = tuple(
        Reached(each.name, _so_far(each, deeds), each.name in rewarded)
        for each in in_force(now).challenges
    )
    return credits, reached, prizes


def _of_challenge(
    name: str, deeds: Sequence[Bought | Did], in_force: InForce
) -> tuple[list[Credit], bool, list[Prize]]:
    """What a challenge gave, by the terms in force until it is done."""
    given: dict[str, Credit] = {}
    prizes: list[Prize] = []
    rewarded_by = ""
    challenge: Challenge | None = None
    for number, deed in enumerate(deeds, start=1):
        program = in_force(deed.at)
        challenge = challenge if rewarded_by else program.challenge(name)
        if challenge is None:
            continue
        so_far = _so_far(challenge, deeds[:number])
        is_done = so_far == tuple(map(_target, challenge.steps))
        if is_done and not rewarded_by:
            rewarded_by = f"challenge/{name}/{deed.id}"
            if rewarded_by in given:
                rewarded_by += f"/again-{len(given)}"
            if challenge.reward:
                prizes = [a_prize(f"challenge/{name}", challenge, program)]
                continue
            given[rewarded_by] = a_credit(
                rewarded_by, deed.at, challenge.points, deed.placed_at, program
            )
        elif rewarded_by and not is_done:
            if not prizes:
                cause = f"{deed.cause}/{deed.id}@{rewarded_by}"
                back = Reversal(cause, deed.at, given[rewarded_by].points)
                given[rewarded_by] = replace(given[rewarded_by], reversals=(back,))
            rewarded_by, prizes = "", []
    return list(given.values()), bool(rewarded_by), prizes


def _so_far(challenge: Challenge, deeds: Sequence[Bought | Did]) -> tuple[int, ...]:
    """How far each step is by these deeds, no farther than it has to be."""
    standing = {deed.id: deed for deed in deeds}.values()
    counted = [each for each in standing if is_within(challenge, each.placed_at)]
    return tuple(
        min(_target(step), sum(_brings(step, deed) for deed in counted))
        for step in challenge.steps
    )


def is_within(challenge: Challenge, at: datetime) -> bool:
    """Whether what was placed or done then counts; these stores' clocks show UTC."""
    shown = at.astimezone(UTC).replace(tzinfo=None)
    begin, end = challenge.starts_at or shown, challenge.ends_at
    return begin <= shown and (end is None or shown < end)


def _target(step: Step) -> int:
    if isinstance(step, OrdersStep):
        return step.orders
    if isinstance(step, SpendStep):
        return int(step.amount * 100)
    assert isinstance(step, ActStep)
    return step.times


def _brings(step: Step, deed: Bought | Did) -> int:
    if isinstance(deed, Did):
        return int(isinstance(step, ActStep) and step.action == deed.action)
    if isinstance(step, OrdersStep):
        return int(sum(deed.left_minor) > 0)
    return sum(deed.left_minor) if isinstance(step, SpendStep) else 0
