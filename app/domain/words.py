"""A programme in plain words, made from its rules, for shoppers and for its owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from app.domain.earning import Bonus, Campaign, Stacking
from app.domain.earning.budget import while_they_last
from app.domain.money import in_words, to_minor
from app.domain.phrases import counted, listed, which
from app.domain.prizes import brought
from app.domain.program import (
    ActionLimits,
    Counting,
    CreditWhen,
    ExpiryRounding,
    Limits,
    Program,
    ReturnPolicy,
)
from app.domain.rewards import Reward
from app.domain.tiers.words import keeping_in_words, tiers_in_words
from app.domain.ways import ways_to_earn

_RETURNS = {
    ReturnPolicy.UNLIMITED: (
        "If you return something, the points that it earned go back; if you have spent "
        "them, your next points make up for them."
    ),
    ReturnPolicy.WITHIN_BALANCE: (
        "If you return something, the points that it earned go back, as far as you "
        "still have them."
    ),
    ReturnPolicy.ONLY_PENDING: (
        "If you return something before its points can be spent, they go back; later "
        "you keep them."
    ),
}


def program_in_words(
    program: Program, currency: str, now: datetime | None = None
) -> list[str]:
    """Return what a programme promises, a sentence after another, money in `currency`.

    What has ended by `now`, which is by the store's clock, is left out.

    >>> for sentence in program_in_words(Program(expires_after_months=12), "EUR"):
    ...     print(sentence)  # doctest: +ELLIPSIS
    You earn 1 point for each 1.00 EUR you spend.
    Taxes, shipping and buying gift cards earn nothing.
    You can spend your points as soon as the order is paid.
    Points expire 12 months after they were earned.
    If you return something, ...
    300 points buy: Free shipping.
    500 points buy: 5.00 EUR off.
    1,000 points buy: 10.00 EUR off.
    """
    return [
        *(f"You earn {way}." for way in ways_to_earn(program, currency, now)),
        *_stacking(program),
        *_counting(program.counting),
        *_limits(program.limits, currency),
        _waiting(program),
        *_expiry(program),
        _RETURNS[program.return_policy],
        *(_reward(each, currency) for each in _by_price(program, now)),
        *_friends(program, currency),
        *_tiers(program, currency),
        *(f"You earn {rule.in_words()}." for rule in program.actions),
        *_action_limits(program.action_limits),
        *_cards_and_challenges(program, currency, now),
        *_surprises(program, currency),
    ]


_STACKING = {
    Stacking.ADD: "{} that hold at the same time add up.",
    Stacking.MULTIPLY: "{} that hold at the same time multiply each other.",
    Stacking.BEST: "Of {} that hold at the same time, the best one counts.",
}


def _stacking(program: Program) -> Iterator[str]:
    offers = sum(isinstance(rule, Campaign) for rule in program.earning)
    has_perks = any(tier.earn_times > 1 for tier in program.tiers.ladder)
    if offers + has_perks > 1:
        what = "offers and tiers" if has_perks else "offers"
        yield _upper(_STACKING[program.stacking].format(what))
        if program.stacking is Stacking.MULTIPLY and _has_bonus(program):
            yield "Points more with an order are never multiplied."


def _has_bonus(program: Program) -> bool:
    return any(isinstance(rule, Bonus) for rule in program.earning)


def _counting(counting: Counting) -> Iterator[str]:
    out = [
        name
        for name, is_in in (
            ("taxes", counting.includes_tax),
            ("shipping", counting.includes_shipping),
            ("buying gift cards", counting.includes_gift_cards),
        )
        if not is_in
    ]
    if out:
        yield f"{listed(out).capitalize()} earn nothing."
    named = which(
        counting.excluded_product_ids,
        counting.excluded_collection_ids,
        counting.excluded_tags,
    )
    if named:
        yield f"Products {named} earn nothing."


def _limits(limits: Limits, currency: str) -> Iterator[str]:
    least = to_minor(limits.order_amount_min, currency)
    if least:
        yield f"An order earns from {in_words(least, currency)} on."
    most = {
        "an order": limits.points_per_order_max,
        "a day": limits.points_per_day_max,
        "in all": limits.points_per_member_max,
    }
    told = [f"{_points(limit)} {what}" for what, limit in most.items() if limit]
    if told:
        yield f"You can earn at most {listed(told)}."


def _action_limits(limits: ActionLimits) -> Iterator[str]:
    most = {"a day": limits.points_per_day_max, "in all": limits.points_per_member_max}
    told = [f"{_points(limit)} {what}" for what, limit in most.items() if limit]
    if told:
        yield f"Actions like these bring you at most {listed(told)}."


def _waiting(program: Program) -> str:
    event = {CreditWhen.PAID: "paid", CreditWhen.FULFILLED: "fulfilled"}
    what = f"the order is {event[program.credit_when]}"
    days = program.credit_after_days
    if not days:
        return f"You can spend your points as soon as {what}."
    return f"You can spend your points {counted(days, 'day')} after {what}."


def _expiry(program: Program) -> Iterator[str]:
    if not program.ends_points:
        yield "Points never expire."
    ends = {
        ExpiryRounding.EXACT: "",
        ExpiryRounding.MONTH_END: ", at the end of that month",
        ExpiryRounding.FIXED_DAY: f", at the end of the next {_day(program)}",
    }
    rounded = ends[program.expiry_rounding]
    if program.expires_after_months:
        months = counted(program.expires_after_months, "month")
        yield f"Points expire {months} after they were earned{rounded}."
    if program.expires_after_inactive_months:
        months = counted(program.expires_after_inactive_months, "month")
        yield f"Points expire when you have done nothing for {months}{rounded}."
        yield "A paid order, a reward that you take or an action of yours keeps them."


def _day(program: Program) -> str:
    # Any leap year knows every day there is.
    month, day = map(int, program.expires_on.split("-"))
    first = date(2024, month, 1)
    return f"{day} {first:%B}"


def _friends(program: Program, currency: str) -> Iterator[str]:
    if program.referral:
        yield program.referral.in_words(currency)
        if most := program.referral.friends_per_month_max:
            yield f"You get points for at most {counted(most, 'friend')} a month."


def _cards_and_challenges(
    program: Program, currency: str, now: datetime | None
) -> Iterator[str]:
    for card in program.stamp_cards:
        yield _upper(card.in_words(currency, brought(program, card, currency)))
    for challenge in program.titled_challenges:
        if _is_over(challenge.ends_at, now):
            continue
        brings = brought(program, challenge, currency)
        yield _upper(challenge.in_words(currency, brings))


def _surprises(program: Program, currency: str) -> Iterator[str]:
    for each in program.surprises:
        last, limit = "", program.budgets.get(each.name)
        if limit is not None and each.reward:
            last = f", while they last: {limit // program.charge_of(each):,} in all"
        last = last or while_they_last(limit)
        yield each.in_words(currency, brought(program, each, currency), last)


def _by_price(program: Program, now: datetime | None) -> list[Reward]:
    offered = [each for each in program.rewards if not _is_over(each.ends_at, now)]
    return sorted(offered, key=lambda reward: reward.least_points)


def _is_over(ends_at: datetime | None, now: datetime | None) -> bool:
    return ends_at is not None and now is not None and ends_at <= now


def _reward(reward: Reward, currency: str) -> str:
    verb = "buys" if reward.least_points == 1 else "buy"
    what = reward.name(currency) + reward.limits_in_words(currency)
    return f"{_points(reward.least_points)} {verb}: {what}."


def _tiers(program: Program, currency: str) -> Iterator[str]:
    yield from (f"Tier {each}." for each in tiers_in_words(program.tiers, currency))
    yield from keeping_in_words(program.tiers)


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _points(number: int) -> str:
    return counted(number, "point")
