"""What there is to choose from: kinds, a draft's rewards and tiers, a store's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError

from app.domain.drafts import CHANNELS
from app.domain.program import Program
from app.domain.rewards import PointsAsMoney, Reward
from app.domain.settings import Setting, Sort, settings_of
from app.owner.form import TIERS, kind_named
from app.owner.naming import called, kind_in_words
from app.storage.program_document import Mistake, schema_of

# Of which sort the names are that a setting holds, by the setting.
_SORTS = {
    "product_id": "products",
    "product_ids": "products",
    "excluded_product_ids": "products",
    "collection_ids": "collections",
    "excluded_collection_ids": "collections",
    "tags": "tags",
    "excluded_tags": "tags",
    "channels": "channels",
    "customer_tags": "customer_tags",
    "only_customer_tags": "customer_tags",
    "segments": "segments",
}
# These are few as a rule, and can be ticked; of more, a field suggests some.
_TICKED = frozenset({"channels", "customer_tags", "segments"})
_TICKED_MAX = 20

_GONE = "“{}”, which there is not"

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
        options.append(Option(chosen, _GONE.format(chosen)))
    return tuple(replace(each, is_chosen=each.value == chosen) for each in options)


def names_tiers(each: Setting) -> bool:
    """Whether a setting holds names of the programme's tiers, and nothing else."""
    return each.name in TIERS and each.sort is Sort.NAMES


def tiers_in(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a draft's tiers, lowest first, as far as they have any."""
    tiers = document.get("tiers")
    ladder = tiers.get("ladder") if isinstance(tiers, dict) else None
    names = (_text(each.get("name")) for each in ladder or () if isinstance(each, dict))
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def tiers_among(tiers: Iterable[str], value: Any) -> tuple[Option, ...]:
    """Return tiers to tick; one that is ticked, and not there any more, stays."""
    chosen = _listed(value)
    options = [Option(name, name, name in chosen) for name in tiers]
    known = {each.value for each in options}
    gone = [name for name in chosen if name not in known]
    return (*options, *(Option(name, _GONE.format(name), True) for name in gone))


@dataclass(frozen=True)
class Words:
    """How names that are the store's own words are asked for.

    `options` are to be ticked, `others` typed; `suggested` is the sort of the known
    names that typing suggests, nothing where it suggests none.
    """

    options: tuple[Option, ...]
    others: tuple[str, ...]
    suggested: str = ""


def words_for(each: Setting, value: Any, known: Mapping[str, Sequence[str]]) -> Words:
    """Return how to ask for names, by what is known of the store's."""
    chosen, sort = _listed(value), _SORTS.get(each.name, "")
    names = sorted(CHANNELS) if sort == "channels" else known.get(sort, ())
    if sort not in _TICKED or len(names) > _TICKED_MAX:
        return Words((), chosen, sort if names else "")
    options = (Option(name, name, name in chosen) for name in names)
    return Words(tuple(options), tuple(name for name in chosen if name not in names))


def without_choice(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return which mistakes are about what is chosen of a draft, and is not there."""
    return [each for each in mistakes if _is_chosen(*each.path.rpartition("."))]


def _is_chosen(within: str, _: str, name: str) -> bool:
    # The tiers themselves lie in nothing.
    return bool(within) and name in {"reward", *TIERS}


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
