"""A programme in plain words, made from its rules, for shoppers and for its owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.earning import Bonus, Campaign, Stacking
from app.domain.languages.translator import Translator, upper
from app.domain.languages.which import which
from app.domain.prizes import Terms, brought
from app.domain.program import (
    ActionLimits,
    Counting,
    Limits,
    Program,
    ReturnPolicy,
)
from app.domain.rewards import Reward, limits_in_words, name_of
from app.domain.tiers.words import keeping_in_words, tiers_in_words
from app.domain.ways import ways_to_earn


@dataclass(frozen=True)
class Part:
    """Sentences about one side of a programme, below a title."""

    title: str
    lines: tuple[str, ...]


def parts_in_words(
    program: Program, say: Translator, now: datetime | None = None
) -> list[Part]:
    """Return what a programme promises, by what it is about; no part is empty.

    All of it is for every shopper to read: budgets, costs, chances and signs of fraud
    are not told, nor what a store calls its customers. What has ended by `now`, which
    is by the store's clock, is left out.
    """
    parts: dict[str, Iterable[str]] = {
        "part.earning": _earning(program, say, now),
        "part.more": _more(program, say, now),
        "part.waiting": [_waiting(program, say)],
        "part.expiry": _expiry(program, say),
        "part.returns": _returns(program, say),
        "part.rewards": (_reward(each, say) for each in _by_price(program, now)),
        "part.friends": _friends(program, say),
        "part.tiers": _tiers(program, say),
    }
    told = (Part(say(title), tuple(lines)) for title, lines in parts.items())
    return [part for part in told if part.lines]


def program_in_words(
    program: Program, say: Translator, now: datetime | None = None
) -> list[str]:
    """Return what a programme promises, a sentence after another.

    >>> for sentence in program_in_words(
    ...     Program(expires_after_months=12), Translator("EUR")
    ... ):
    ...     print(sentence)  # doctest: +ELLIPSIS
    You earn 1 point for each €1.00 you spend.
    There are no points for taxes, shipping and buying gift cards.
    You can spend your points as soon as the order is paid.
    Points expire 12 months after they were earned.
    If you return something, ...
    300 points buy: Free shipping.
    500 points buy: €5.00 off.
    1,000 points buy: €10.00 off.
    """
    return [line for part in parts_in_words(program, say, now) for line in part.lines]


def _earning(program: Program, say: Translator, now: datetime | None) -> Iterator[str]:
    yield from (say("earn", what=way) for way in ways_to_earn(program, say, now))
    yield from _stacking(program, say)
    yield from _counting(program.counting, say)
    yield from _limits(program.limits, say)


def _stacking(program: Program, say: Translator) -> Iterator[str]:
    offers = sum(isinstance(rule, Campaign) for rule in program.earning)
    has_perks = any(tier.earn_times > 1 for tier in program.tiers.ladder)
    if offers + has_perks > 1:
        code = "stacking.offers_and_tiers" if has_perks else "stacking.offers"
        yield upper(say(f"stacking.{program.stacking}", what=say(code)))
        if program.stacking is Stacking.MULTIPLY and _has_bonus(program):
            yield say("stacking.no_bonus")


def _has_bonus(program: Program) -> bool:
    return any(isinstance(rule, Bonus) for rule in program.earning)


def _counting(counting: Counting, say: Translator) -> Iterator[str]:
    out = [
        say(code)
        for code, is_in in (
            ("counting.tax", counting.includes_tax),
            ("counting.shipping", counting.includes_shipping),
            ("counting.gift_cards", counting.includes_gift_cards),
        )
        if not is_in
    ]
    if out:
        yield say("counting.nothing", what=out)
    products = counting.excluded_product_ids
    collections, tags = counting.excluded_collection_ids, counting.excluded_tags
    if products or collections or tags:
        named = which(say, products, collections, tags)
        yield say("counting.products", which=named)


def _limits(limits: Limits, say: Translator) -> Iterator[str]:
    if limits.order_amount_min:
        yield say("limits.order", least=say.money(limits.order_amount_min))
    most = {
        "limits.an_order": limits.points_per_order_max,
        "limits.a_day": limits.points_per_day_max,
        "limits.in_all": limits.points_per_member_max,
    }
    if told := _most(most, say):
        yield say("limits.most", limits=told)


def _action_limits(limits: ActionLimits, say: Translator) -> Iterator[str]:
    most = {
        "limits.a_day": limits.points_per_day_max,
        "limits.in_all": limits.points_per_member_max,
    }
    if told := _most(most, say):
        yield say("limits.actions", limits=told)


def _most(limits: dict[str, int | None], say: Translator) -> list[str]:
    return [say(code, points=limit) for code, limit in limits.items() if limit]


def _more(program: Program, say: Translator, now: datetime | None) -> Iterator[str]:
    for rule in program.actions:
        yield say("earn", what=rule.in_words(say))
    yield from _action_limits(program.action_limits, say)
    for card in program.stamp_cards:
        yield upper(card.in_words(say, brought(program, card, say)))
    for challenge in program.titled_challenges:
        if not _is_over(challenge.ends_at, now):
            yield upper(challenge.in_words(say, brought(program, challenge, say)))
    for each in program.surprises:
        is_limited = each.name in program.budgets
        brings = brought(program, each, say)
        after = program.action(each.action)
        action = after.name(say.language) if after else ""
        yield each.in_words(say, brings, is_limited=is_limited, action=action)


def _waiting(program: Program, say: Translator) -> str:
    code = f"waiting.{program.credit_when}"
    if days := program.credit_after_days:
        return say(f"{code}_for", days=days)
    return say(code)


def _expiry(program: Program, say: Translator) -> Iterator[str]:
    if not program.ends_points:
        yield say("expiry.never")
    rounded = say(f"expiry.{program.expiry_rounding}", on=program.expires_on)
    if months := program.expires_after_months:
        yield say("expiry.after", months=months, rounded=rounded)
    if months := program.expires_after_inactive_months:
        yield say("expiry.inactive", months=months, rounded=rounded)
        yield say("expiry.kept")


def _friends(program: Program, say: Translator) -> Iterator[str]:
    if program.referral:
        yield program.referral.in_words(say)
        if most := program.referral.friends_per_month_max:
            yield say("referral.most", friends=most)


def _returns(program: Program, say: Translator) -> Iterator[str]:
    yield say(f"returns.{program.return_policy}")
    # What can be earned again goes back whatever the policy: see docs/stamp-cards.md.
    undone = [
        say(code)
        for code, gives_points in (
            ("undone.card", _gives_points(program.stamp_cards)),
            ("undone.challenge", _gives_points(program.challenges)),
            ("undone.tier", any(tier.gives_points for tier in program.tiers.ladder)),
        )
        if gives_points
    ]
    if undone and program.return_policy is not ReturnPolicy.UNLIMITED:
        yield say("returns.undone", what=undone)


def _gives_points(each_of: Iterable[Terms]) -> bool:
    return any(not each.reward for each in each_of)


def _by_price(program: Program, now: datetime | None) -> list[Reward]:
    offered = [each for each in program.rewards if not _is_over(each.ends_at, now)]
    return sorted(offered, key=lambda reward: reward.least_points)


def _is_over(ends_at: datetime | None, now: datetime | None) -> bool:
    return ends_at is not None and now is not None and ends_at <= now


def _reward(reward: Reward, say: Translator) -> str:
    what = name_of(reward, say) + limits_in_words(reward, say)
    return say("reward.buys", points=reward.least_points, what=what)


def _tiers(program: Program, say: Translator) -> Iterator[str]:
    for each in tiers_in_words(program.tiers, say):
        yield say("tier.told", tier=each)
    yield from keeping_in_words(program.tiers, say)
    birthday = program.birthday
    if program.tiers.give_on_birthdays and birthday not in program.actions:
        assert birthday
        if birthday.days_known_before:
            yield say("birthday.tier", days=birthday.days_known_before)
