"""What a draft of a programme must not say, though a saved one may go on saying it.

A new check of a setting by its name is a function and a line in `_NAMING`; one of the
whole document is a few lines in `mistakes_of_draft` (docs/programme-page.md). Dates
that contradict each other are told by `contradictions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain import contradictions
from app.domain.actions import ACTION_RULES, Custom, Social
from app.domain.earning import Campaign
from app.domain.engagement.products import Products
from app.domain.phrases import counted, listed, quoted
from app.domain.program import Program
from app.domain.rewards import PointsAsMoney, Reward
from app.domain.settings import Setting, Sort, settings_of
from app.domain.tiers.implied import implies
from app.domain.tiers.tags import is_ours

# Other names come from the apps that place orders, who write them as they like.
CHANNELS = frozenset({"web", "pos", "iphone", "android", "shopify_draft_order"})
# They are reported whether or not a rule gives points for them.
_PLAIN_ACTIONS = {kind.kind for kind in ACTION_RULES} - {Custom.kind, Social.kind}

# What rewards are worth is told to the cent; few currencies have anything smaller.
_CENT = Decimal("0.01")

# What says when points end.
_ENDING = "expires_after_months", "expiry_rounding"

# Where the names are that other settings hold.
_TIER_NAMES = re.compile(r"tiers(\.ladder(\.\d+(\.name)?)?)?")
_ACTION_NAMES = re.compile(r"actions(\.\d+(\.(named|network))?)?")
_REWARD_KEYS = re.compile(r"rewards(\.\d+(\.key)?)?")


@dataclass(frozen=True)
class _Draft:
    """A programme, and the paths of what could not be read of it.

    Where a name could not be read, nobody can say that there is none: names are None.
    """

    program: Program
    unread: frozenset[str]

    @property
    def tier_names(self) -> list[str] | None:
        """The names that tiers have."""
        if any(map(_TIER_NAMES.fullmatch, self.unread)):
            return None
        return [tier.name for tier in self.program.tiers.ladder]

    @property
    def action_names(self) -> list[str] | None:
        """The names that reports of actions have."""
        if any(map(_ACTION_NAMES.fullmatch, self.unread)):
            return None
        return [rule.action for rule in self.program.actions]

    @property
    def rewards(self) -> dict[str, Reward] | None:
        """The rewards by the key that names each, be it made from its price."""
        if any(map(_REWARD_KEYS.fullmatch, self.unread)):
            return None
        for index, reward in enumerate(self.program.rewards):
            if not reward.key and f"rewards.{index}.points_cost" in self.unread:
                return None
        return {reward.id: reward for reward in self.program.rewards}

    def is_read(self, *names: str) -> bool:
        """Whether all that is set under some settings of the programme can be read."""
        return not any(path.partition(".")[0] in names for path in self.unread)


def mistakes_of_draft(
    program: Program, unread: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Return what would have no effect as it is written, each with its path.

    What is `unread` is as by default, or None; nothing is said that hangs on it.
    """
    draft = _Draft(program, frozenset(unread))
    if all(isinstance(rule, Campaign) for rule in program.earning):
        words = "campaigns come on top of points for spending: add those first"
        yield "earning", words
    torn = {path.rpartition(".")[0] for path in unread}
    for path, part in _parts(program, ""):
        idle = () if path in torn else _idle(part)
        never = _never_had(part) if isinstance(part, Reward) else ()
        dates = contradictions.of_part(part)
        for name, words in (*idle, *_unknown(draft, part), *never, *dates):
            yield _below(path, name), words
    yield from _never_in_time(draft)
    yield from _never_given(draft)
    yield from _never_reached(draft)


def _never_in_time(draft: _Draft) -> Iterator[tuple[str, str]]:
    """Return the times of different parts that leave nothing to be had."""
    program, rewards = draft.program, draft.rewards
    if draft.is_read("credit_after_days", "referral", *_ENDING):
        yield from contradictions.ended_before_free(program)
    if rewards is None or not draft.is_read("challenges"):
        return
    for index, each in enumerate(program.challenges):
        for name, words in contradictions.won_too_late(each, rewards):
            yield f"challenges.{index}.{name}", words


def _never_given(draft: _Draft) -> Iterator[tuple[str, str]]:
    """Return the budgets that have too little for the reward they are of."""
    program = draft.program
    if not draft.is_read("earning", "surprises", "rewards", "valuation"):
        return
    for index, each in enumerate(program.surprises):
        limit, charge = program.budgets.get(each.name), program.charge_of(each)
        if each.reward and limit is not None and limit < charge:
            words = f"has too little for one: {quoted([each.reward])} counts as "
            yield f"surprises.{index}.budget", words + counted(charge, "point")


def _never_reached(draft: _Draft) -> Iterator[tuple[str, str]]:
    """Return the tiers whose needs are never what somebody is in a tier by."""
    if not draft.is_read("tiers"):
        return
    ladder = draft.program.tiers.ladder
    for index, tier in enumerate(ladder):
        above = next(
            (each for each in ladder[index + 1 :] if implies(tier, each)), None
        )
        if above:
            words = (
                f"whoever reaches it reaches {above.name}, listed as higher, as well"
            )
            yield f"tiers.ladder.{index}", f"{words}: list tiers from the lowest up"


def _never_had(reward: Reward) -> Iterator[tuple[str, str]]:
    """Return what of a reward nobody could ever choose, or would be worth nothing."""
    amount = getattr(reward, "amount", None)
    if amount is not None and not isinstance(reward, PointsAsMoney) and amount < _CENT:
        yield "amount", f"is nothing in most currencies: write {_CENT} or more"


def _parts(settings: object, path: str) -> Iterator[tuple[str, object]]:
    """Return settings and all that is set within them, each with its path."""
    yield path, settings
    for each in _told(settings):
        value, at = getattr(settings, each.name), _below(path, each.name)
        if each.sort in (Sort.KINDS, Sort.PARTS):
            for index, entry in enumerate(value):
                if entry is not None:
                    yield from _parts(entry, f"{at}.{index}")
        elif each.sort is Sort.PART and value is not None:
            yield from _parts(value, at)


def _told(settings: object) -> tuple[Setting, ...]:
    kind: type = type(settings)
    return settings_of(kind)


def _idle(part: object) -> Iterator[tuple[str, str]]:
    """Return which settings are told and have no effect on a part of this kind."""
    idle: frozenset[str] = getattr(part, "idle_settings", frozenset())
    reasons: Mapping[str, str] = getattr(part, "idle_because", {})
    for each in _told(part):
        if each.name in idle and getattr(part, each.name) != each.default:
            reason = f", since {reasons[each.name]}" if each.name in reasons else ""
            yield each.name, f"has no effect here{reason}: {_put_back(each.default)}"


def _put_back(default: Any) -> str:
    if default in (None, ""):
        return "leave it empty"
    if default is True:
        return "leave it switched on"
    return "name none" if isinstance(default, Products) else f"leave it at {default}"


def _unknown(draft: _Draft, part: object) -> Iterator[tuple[str, str]]:
    """Return which settings of a part name what there is not."""
    for each in _told(part):
        value = getattr(part, each.name)
        is_named = each.name in _NAMING and each.sort in (Sort.NAMES, Sort.TEXT)
        if is_named and value is not None:
            names = {value} if each.sort is Sort.TEXT else value
            if words := _NAMING[each.name](draft, sorted(names)):
                yield each.name, words


def _not_numbered(_: _Draft, ids: Iterable[str]) -> str:
    wrong = [each for each in ids if not (each.isascii() and each.isdecimal())]
    if not wrong:
        return ""
    return f"{quoted(wrong)} is no number: write the store's number, the end of the id"


def _not_among(what: str, names: Iterable[str], known: Collection[str] | None) -> str:
    """Return which of these names nothing has, nothing where none can be known."""
    wrong = [name for name in names if known is not None and name not in known]
    if not wrong:
        return ""
    none = f"there is no {what} {quoted(wrong)}"
    if not known:
        return f"{none}: add it under {what}s first"
    return f"{none}: name it as written, {listed(known)}"


def _no_tier(draft: _Draft, names: Iterable[str]) -> str:
    return _not_among("tier", names, draft.tier_names)


def _miswritten(_: _Draft, channels: Iterable[str]) -> str:
    wrong = [each for each in channels if each.lower() in CHANNELS - {each}]
    if not wrong:
        return ""
    return f"write {quoted(wrong)} as the store does: {quoted(map(str.lower, wrong))}"


def _no_action(draft: _Draft, names: Iterable[str]) -> str:
    # Where any action will do, none is named.
    told = (name for name in names if name not in {"", *_PLAIN_ACTIONS})
    return _not_among("action", told, draft.action_names)


def _no_day(_: _Draft, days: Iterable[str]) -> str:
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


def _ours(_: _Draft, tags: Iterable[str]) -> str:
    wrong = [tag for tag in tags if is_ours(tag)]
    if not wrong:
        return ""
    return f"{quoted(wrong)} is what tiers tag their customers with: name the tier"


def _no_reward(draft: _Draft, ids: Iterable[str]) -> str:
    known = draft.rewards
    if known is None:
        return ""
    for each in filter(None, ids):
        if each not in known:
            names = f"name one of {listed(known)}" if known else "add it first"
            return f"there is no reward with the key {quoted([each])}: {names}"
        if isinstance(known[each], PointsAsMoney):
            return f"what {quoted([each])} is worth depends on points: name another"
    return ""


# What must be right about the names that settings hold, by the setting.
_NAMING: dict[str, Callable[[_Draft, Iterable[str]], str]] = {
    "product_id": _not_numbered,
    "product_ids": _not_numbered,
    "excluded_product_ids": _not_numbered,
    "selling_plan_ids": _not_numbered,
    "collection_ids": _not_numbered,
    "excluded_collection_ids": _not_numbered,
    "tiers": _no_tier,
    "only_tiers": _no_tier,
    "channels": _miswritten,
    "action": _no_action,
    "expires_on": _no_day,
    "customer_tags": _ours,
    "only_customer_tags": _ours,
    "reward": _no_reward,
}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
