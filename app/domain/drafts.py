"""What a draft of a programme must not say, though a saved one may go on saying it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from app.domain.actions import ACTION_RULES, Custom, Social
from app.domain.earning import Campaign
from app.domain.engagement.products import Products
from app.domain.phrases import counted, listed, quoted
from app.domain.program import Program
from app.domain.rewards import PointsAsMoney
from app.domain.settings import Setting, Sort, settings_of

# Other names come from the apps that place orders, who write them as they like.
_CHANNELS = frozenset({"web", "pos", "iphone", "android", "shopify_draft_order"})
# They are reported whether or not a rule gives points for them.
_PLAIN_ACTIONS = {kind.kind for kind in ACTION_RULES} - {Custom.kind, Social.kind}


def mistakes_of_draft(program: Program) -> Iterator[tuple[str, str]]:
    """Return what would have no effect as it is written, each with its path."""
    if all(isinstance(rule, Campaign) for rule in program.earning):
        words = "campaigns come on top of points for spending: add those first"
        yield "earning", words
    for path, part in _parts(program, ""):
        for name, words in (*_idle(part), *_unknown(program, part)):
            yield _below(path, name), words
    yield from _never_given(program)


def _never_given(program: Program) -> Iterator[tuple[str, str]]:
    """Return the budgets that have too little for the reward they are of."""
    for index, each in enumerate(program.surprises):
        limit, charge = program.budgets.get(each.name), program.charge_of(each)
        if each.reward and limit is not None and limit < charge:
            words = f"has too little for one: {quoted([each.reward])} counts as "
            yield f"surprises.{index}.budget", words + counted(charge, "point")


def _parts(settings: object, path: str) -> Iterator[tuple[str, object]]:
    """Return settings and all that is set within them, each with its path."""
    yield path, settings
    for each in _told(settings):
        value, at = getattr(settings, each.name), _below(path, each.name)
        if each.sort in (Sort.KINDS, Sort.PARTS):
            for index, entry in enumerate(value):
                yield from _parts(entry, f"{at}.{index}")
        elif each.sort is Sort.PART and value is not None:
            yield from _parts(value, at)


def _told(settings: object) -> tuple[Setting, ...]:
    kind: type = type(settings)
    return settings_of(kind)


def _idle(part: object) -> Iterator[tuple[str, str]]:
    """Return which settings are told and have no effect on a part of this kind."""
    idle: frozenset[str] = getattr(part, "idle_settings", frozenset())
    for each in _told(part):
        if each.name in idle and getattr(part, each.name) != each.default:
            yield each.name, f"has no effect here: {_put_back(each.default)}"


def _put_back(default: Any) -> str:
    if default is None:
        return "leave it empty"
    if default is True:
        return "leave it switched on"
    return "name none" if isinstance(default, Products) else f"leave it at {default}"


def _unknown(program: Program, part: object) -> Iterator[tuple[str, str]]:
    """Return which settings of a part name what there is not."""
    for each in _told(part):
        value = getattr(part, each.name)
        if each.name in _NAMING and each.sort in (Sort.NAMES, Sort.TEXT):
            names = {value} if each.sort is Sort.TEXT else value
            if words := _NAMING[each.name](program, sorted(names)):
                yield each.name, words


def _not_numbered(_: Program, ids: Iterable[str]) -> str:
    wrong = [each for each in ids if not (each.isascii() and each.isdecimal())]
    if not wrong:
        return ""
    return f"{quoted(wrong)} is no number: write the store's number, the end of the id"


def _no_tier(program: Program, names: Iterable[str]) -> str:
    known = [tier.name for tier in program.tiers.ladder]
    wrong = [name for name in names if name not in known]
    if not wrong:
        return ""
    if not known:
        return f"there is no tier {quoted(wrong)}: add it under tiers first"
    return f"there is no tier {quoted(wrong)}: name it as written, {listed(known)}"


def _miswritten(_: Program, channels: Iterable[str]) -> str:
    wrong = [each for each in channels if each.lower() in _CHANNELS - {each}]
    if not wrong:
        return ""
    return f"write {quoted(wrong)} as the store does: {quoted(map(str.lower, wrong))}"


def _no_action(program: Program, names: Iterable[str]) -> str:
    known = [rule.action for rule in program.actions]
    wrong = [name for name in names if name not in {*known, *_PLAIN_ACTIONS}]
    if not wrong:
        return ""
    if not known:
        return f"no action is known as {quoted(wrong)}: add it under actions first"
    return f"no action is known as {quoted(wrong)}: name one of {listed(known)}"


def _no_day(_: Program, days: Iterable[str]) -> str:
    return "".join(
        f"there is no {each}: write a month and a day that it has, as in 02-28"
        for each in days
        if not _is_day(each)
    )


def _is_day(text: str) -> bool:
    try:
        # Any leap year knows every day there is.
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        return False
    return True


def _no_reward(program: Program, ids: Iterable[str]) -> str:
    known = {reward.id: reward for reward in program.rewards}
    for each in filter(None, ids):
        if each not in known:
            names = f"name one of {listed(known)}" if known else "add it first"
            return f"there is no reward with the key {quoted([each])}: {names}"
        if isinstance(known[each], PointsAsMoney):
            return f"what {quoted([each])} is worth depends on points: name another"
    return ""


# What must be right about the names that settings hold, by the setting.
_NAMING: dict[str, Callable[[Program, Iterable[str]], str]] = {
    "product_id": _not_numbered,
    "product_ids": _not_numbered,
    "excluded_product_ids": _not_numbered,
    "collection_ids": _not_numbered,
    "excluded_collection_ids": _not_numbered,
    "tiers": _no_tier,
    "only_tiers": _no_tier,
    "channels": _miswritten,
    "action": _no_action,
    "expires_on": _no_day,
    "reward": _no_reward,
}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
