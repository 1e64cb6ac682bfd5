"""A programme as a document: checked, its mistakes told in the owner's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, missing, post_load, validate
from marshmallow.exceptions import SCHEMA

from app.domain.actions import ACTION_RULES, ActionRule
from app.domain.challenges import STEPS, Step
from app.domain.earning import EARNING_RULES, EarningRule
from app.domain.errors import InvalidProgram
from app.domain.program import Program
from app.domain.rewards import REWARDS, Reward
from app.domain.settings import (
    MOST,
    About,
    Setting,
    Sort,
    mistakes_of,
    settings_of,
)
from app.domain.tiers import NEEDS, Need

# A class whose kinds a document names, and these kinds.
KINDS: dict[Any, tuple[Any, ...]] = {
    EarningRule: EARNING_RULES,
    Need: NEEDS,
    Reward: REWARDS,
    ActionRule: ACTION_RULES,
    Step: STEPS,
}

_DIGITS_MAX = 4


class _Settings(Schema):
    """A document of settings, loaded as the class that they are of."""

    of: ClassVar[type]
    error_messages: dict[str, str] = {
        "type": "must be an object of settings",
        "unknown": "there is no such setting",
    }

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        for each in settings_of(self.of):
            if each.name in values and each.sort in _LISTS:
                values[each.name] = _LISTS[each.sort](values[each.name])
        made = self.of(**values)
        mistakes = mistakes_of(made)
        if mistakes:
            raise ValidationError({name: [words] for name, words in mistakes.items()})
        return made


# How the domain keeps what a document can only list.
_LISTS: dict[Sort, Callable[[Any], Any]] = {
    Sort.NAMES: frozenset,
    Sort.CHOICES: frozenset,
    Sort.KINDS: tuple,
    Sort.PARTS: tuple,
}


@cache
def schema_of(kind: type) -> type[Schema]:
    """Return the schema of a class of settings, as its fields tell it."""
    members: dict[str, Any] = {each.name: _field(each) for each in settings_of(kind)}
    return type(f"{kind.__name__}Schema", (_Settings,), members | {"of": kind})


def _field(each: Setting) -> fields.Field[Any]:
    field = _FIELDS[each.sort](each)
    field.required = each.is_required
    field.allow_none = each.is_optional
    for one in _with_inner(field):
        one.error_messages |= _MESSAGES | _INVALID.get(type(one), {})
    return field


def _with_inner(field: fields.Field[Any]) -> Iterator[fields.Field[Any]]:
    """Yield a field, and those of what is in it."""
    yield field
    if isinstance(field, fields.List):
        yield field.inner
    if isinstance(field, fields.Dict):
        yield from filter(None, (field.key_field, field.value_field))


class _Amount(fields.Decimal):
    """A decimal number, written as people write it."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return None if value is None else f"{value.normalize():f}"

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        number: Decimal = super()._deserialize(value, attr, data, **options)
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_DIGITS_MAX:
            raise ValidationError(f"has more than {_DIGITS_MAX} digits after the point")
        return number


class _Set(fields.List[Any]):
    """A set, in order where it is written."""

    def _serialize(self, value: Any, *args: Any, **options: Any) -> Any:
        return super()._serialize(sorted(value), *args, **options)


class _OneOf(fields.Field[Any]):
    """A document with a `kind`, loaded as the class of that kind."""

    def __init__(self, base: type, **options: Any) -> None:
        super().__init__(**options)
        self.kinds = {kind.kind: kind for kind in KINDS[base]}

    def _serialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        kind: type = type(value)
        dumped: dict[str, Any] = schema_of(kind)().dump(value)
        return {"kind": value.kind} | dumped

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("must be an object with a kind")
        settings = dict(value)
        name = settings.pop("kind", None)
        kind = self.kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise ValidationError(
                f"kind must be one of: {', '.join(sorted(self.kinds))}"
            )
        return schema_of(kind)().load(settings)


def _between(about: About) -> validate.Range:
    most = MOST if about.most is None else about.most
    if about.above is not None:
        error = f"must be more than {about.above:,}, at most {most:,}"
        return validate.Range(about.above, most, min_inclusive=False, error=error)
    error = f"must be from {about.least or 0:,} to {most:,}"
    return validate.Range(about.least or 0, most, error=error)


# What the library would say of a value, for people who write programmes.
_MESSAGES = {
    "required": "is missing",
    "null": "must not be empty",
    "too_large": "is too large",
}
_INVALID: dict[type, dict[str, str]] = {
    fields.Boolean: {"invalid": "must be true or false"},
    fields.String: dict.fromkeys(("invalid", "invalid_utf8"), "must be a text"),
    fields.Enum: {"unknown": "must be one of: {choices}"},
    fields.Dict: {"invalid": "must be an object"},
    fields.List: {"invalid": "must be a list"},
    _Set: {"invalid": "must be a list"},
}


_NO_MOMENT: dict[str, Any] = {
    "invalid": "must be a day and time as in 2026-12-24T18:00",
    "invalid_awareness": "is by the store's own clock: leave the time zone out",
}


_NOT_WHOLE: dict[str, Any] = {"invalid": "must be a whole number"}
_NO_NUMBER: dict[str, Any] = dict.fromkeys(("invalid", "special"), "must be a number")


def _number(each: Setting) -> fields.Field[Any]:
    return fields.Integer(
        strict=True, validate=_between(each.about), error_messages=_NOT_WHOLE
    )


def _amount(each: Setting) -> fields.Field[Any]:
    return _Amount(
        allow_nan=False, validate=_between(each.about), error_messages=_NO_NUMBER
    )


def _amounts(each: Setting) -> fields.Field[Any]:
    currency = validate.Regexp("^[A-Z]{3}$", error="not a currency")
    return fields.Dict(keys=fields.String(validate=currency), values=_amount(each))


def _choice(each: Setting) -> fields.Field[Any]:
    return fields.Enum(each.of, by_value=True)


def _part(each: Setting) -> fields.Field[Any]:
    return fields.Nested(schema_of(each.of))


def _text(each: Setting) -> fields.Field[Any]:
    about = each.about
    checks: list[validate.Validator] = [
        validate.Length(
            about.least,
            about.most,
            error=f"must have from {about.least or 0} to {about.most} characters",
        )
    ]
    if about.pattern:
        # A `$` alone lets a line end pass.
        error = f"must be {about.written}"
        checks.append(validate.Regexp(f"(?:{about.pattern})\\Z", error=error))
    return fields.String(validate=checks)


def _kinds(each: Setting) -> fields.Field[Any]:
    return fields.List(_OneOf(each.of), validate=_entries(each.about))


def _parts(each: Setting) -> fields.Field[Any]:
    return fields.List(_part(each), validate=_entries(each.about))


def _entries(about: About) -> validate.Length:
    return validate.Length(about.least, error=f"must have at least {about.least}")


_FIELDS: dict[Sort, Callable[[Setting], fields.Field[Any]]] = {
    Sort.NUMBER: _number,
    Sort.AMOUNT: _amount,
    Sort.TEXT: _text,
    Sort.SWITCH: lambda _: fields.Boolean(),
    Sort.CHOICE: _choice,
    Sort.NAMES: lambda _: _Set(fields.String()),
    Sort.AMOUNTS: _amounts,
    Sort.CHOICES: lambda each: _Set(_choice(each)),
    Sort.MOMENT: lambda _: fields.NaiveDateTime(
        format="iso", error_messages=_NO_MOMENT
    ),
    Sort.PART: _part,
    Sort.PARTS: _parts,
    Sort.KINDS: _kinds,
}


def load_setting(each: Setting, document: Mapping[str, Any]) -> Any:
    """Return what a document says of one setting, or its default; ValidationError."""
    if each.name not in document and not each.is_required:
        return each.default
    told = document.get(each.name, missing)
    value = _field(each).deserialize(told, each.name, document)
    return (
        _LISTS[each.sort](value) if value is not None and each.sort in _LISTS else value
    )


def dump_setting(each: Setting) -> Any:
    """Return what a document says of a setting that was left as it is by default."""
    return _field(each).serialize("default", each)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a document, and the path of the field that has to change."""

    path: str
    words: str

    def __str__(self) -> str:
        """The mistake after its path."""
        return f"{self.path}: {self.words}"


def load_program(document: Mapping[str, Any], version: int = 1) -> Program:
    """Return the programme that a document describes.

    Raises InvalidProgram that lists every mistake with the path of its field.
    """
    try:
        program: Program = schema_of(Program)().load(document)
    except ValidationError as error:
        raise invalid(mistakes_told(error)) from error
    return replace(program, version=version)


def invalid(mistakes: list[Mistake]) -> InvalidProgram:
    """Return the error that lists these mistakes."""
    told = "; ".join(map(str, mistakes))
    return InvalidProgram(f"the programme has mistakes: {told}")


def dump_program(program: Program) -> dict[str, Any]:
    """Return a programme as a document, every setting written out."""
    document: dict[str, Any] = schema_of(Program)().dump(program)
    return document


def dump_reward(reward: Reward) -> dict[str, Any]:
    """Return a reward as it stands in a document."""
    kind: dict[str, Any] = _OneOf(Reward).serialize("reward", {"reward": reward})
    return kind


def load_reward(document: Mapping[str, Any]) -> Reward:
    """Return the reward that `dump_reward` wrote."""
    return _reward(json.dumps(document, sort_keys=True))


# All that took the same reward have it written out alike.
@lru_cache(maxsize=1024)
def _reward(document: str) -> Reward:
    reward: Reward = _OneOf(Reward).deserialize(json.loads(document))
    return reward


def mistakes_told(error: ValidationError) -> list[Mistake]:
    """Return what is wrong with a document, each with the path of its field."""
    return _flat(error.messages, "")


def _flat(messages: Any, path: str) -> list[Mistake]:
    if isinstance(messages, Mapping):
        return [
            line
            for key, value in messages.items()
            for line in _flat(value, _path(path, str(key)))
        ]
    return [Mistake(path, message) for message in messages]


def _path(path: str, key: str) -> str:
    # What is said of settings as a whole is told of where they are.
    steps = [each for each in (path, key) if each and each != SCHEMA]
    return ".".join(steps)
