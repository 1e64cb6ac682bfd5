"""What there is to choose from: the names of a setting, and the rewards of a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError

from app.domain.program import Program
from app.domain.rewards import PointsAsMoney, Reward
from app.domain.settings import Setting, Sort, settings_of
from app.owner.form import kind_named
from app.owner.naming import called, kind_in_words
from app.storage.program_document import Mistake, schema_of

_REWARDS = next(each for each in settings_of(Program) if each.name == "rewards")


@dataclass(frozen=True)
class Option:
    """One of the things that can be chosen."""

    value: str
    label: str
    is_chosen: bool = False


def one_of(each: Setting, value: Any) -> tuple[Option, ...]:
    """Return the names of a choice; what is chosen and is none of them stays."""
    names = [str(one) for one in each.of]
    wrong = [_text(value)] if value is not None and value not in names else []
    if each.is_optional or value is None:
        wrong.append("")
    options = [Option(name, kind_in_words(name), name == value) for name in names]
    options += [Option(name, name, name == _text(value)) for name in wrong]
    return tuple(options)


def some_of(each: Setting, value: Any) -> tuple[Option, ...]:
    """Return the names of which any number can be chosen."""
    chosen = value if isinstance(value, list) else []
    names = [str(one) for one in each.of]
    return tuple(Option(name, kind_in_words(name), name in chosen) for name in names)


def names_a_reward(each: Setting) -> bool:
    """Whether a setting holds the key of one of the programme's rewards."""
    return each.name == "reward" and each.sort is Sort.TEXT


def rewards_in(document: Mapping[str, Any], currency: str) -> tuple[Option, ...]:
    """Return the rewards of a draft that can be won, by the key that names each.

    One that takes as many points as a member likes is worth nothing by itself.
    """
    listed = document.get(_REWARDS.name)
    found = (_reward(each, currency) for each in listed or () if isinstance(each, dict))
    return tuple(each for each in found if each)


def _reward(entry: dict[str, Any], currency: str) -> Option | None:
    kind = kind_named(_REWARDS, entry.get("kind"))
    if kind is None or kind is PointsAsMoney:
        return None
    settings = {name: value for name, value in entry.items() if name != "kind"}
    try:
        reward: Reward = schema_of(kind)().load(settings)
        key = reward.id
    except ValidationError:
        # Its own key names it, whatever else of it is still to be put right.
        key = _text(entry.get("key"))
    return Option(key, called(kind, entry, currency) or key) if key else None


def among(rewards: Iterable[Option], value: Any) -> tuple[Option, ...]:
    """Return rewards to choose from, and none; one that is not there any more stays."""
    chosen = _text(value)
    options = [Option("", "None, it brings points"), *rewards]
    if chosen not in {each.value for each in options}:
        options.append(Option(chosen, f"“{chosen}”, which there is not"))
    return tuple(replace(each, is_chosen=each.value == chosen) for each in options)


def without_reward(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return which mistakes are about a reward that is chosen, and is not there."""
    return [each for each in mistakes if each.path.rpartition(".")[2] == "reward"]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
