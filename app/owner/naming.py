"""What the parts of a program are called where an owner reads of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError

from app.domain.actions import ActionRule
from app.domain.challenges import Challenge, Step
from app.domain.earning import EarningRule
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.languages.translator import Translator, upper
from app.domain.phrases import counted
from app.domain.rewards import Reward, name_of
from app.domain.tiers import Need, Tier
from app.storage.program_document import schema_of

# How something listed is called, once it can be made of its settings.
_CALLED: dict[type, Callable[[Any, Translator], str]] = {
    EarningRule: lambda rule, say: upper(rule.in_words(say)),
    Reward: lambda reward, say: (
        f"{counted(reward.points_cost, 'point')}: {name_of(reward, say)}"
    ),
    ActionRule: lambda rule, say: rule.in_words(say),
    Need: lambda need, say: need.in_words(say),
    Step: lambda step, say: step.in_words(say),
    Tier: lambda tier, _: tier.name,
    StampCard: lambda card, _: card.shown_name(),
    Challenge: lambda challenge, _: challenge.shown_name(),
    Surprise: lambda surprise, _: surprise.shown_name(),
}


def called(kind: type, document: Any, currency: str) -> str:
    """Return what something listed is called; what cannot be made yet, by its name."""
    settings = dict(document) if isinstance(document, Mapping) else {}
    by_name = str(settings.get("title") or settings.get("name") or "")
    settings.pop("kind", None)
    call = next((_CALLED[base] for base in _CALLED if issubclass(kind, base)), None)
    if call is None:
        return by_name
    try:
        return call(schema_of(kind)().load(settings), Translator(currency))
    except ValidationError:
        return by_name


def kind_in_words(name: str) -> str:
    """Return the name of a kind or a choice as people write it.

    >>> kind_in_words("amount_off")
    'Amount off'
    """
    return upper(name.replace("_", " "))


def about_kind(kind: type) -> str:
    """Return what the first words about a class say, unless they name its fields."""
    first = (kind.__doc__ or "").strip().partition("\n\n")[0]
    return "" if "`" in first else " ".join(first.split())
