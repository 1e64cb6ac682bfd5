"""What an app may ask for and hear by the scopes that it has; `scopes.toml` says which.

As in Shopify, a field is refused when it is come to: all else is answered.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, get_named_type

DENIED = "ACCESS_DENIED"
_PAGE = "https://shopify.dev/api/usage/access-scopes"

_TOLD: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
_LISTS = ("Connection", "Edge")


def may_hear(granted: Collection[str], topic: str) -> bool:
    """Whether an app with these scopes is sent a topic, in either way to write it."""
    enum = topic.replace("/", "_").replace(".", "_").upper()
    return covers(granted, _TOLD["topics"].get(enum))


def guard(granted: Collection[str]) -> Callable[..., Any]:
    """Return what refuses, on the way to each field, what these scopes do not cover."""

    def guarded(
        resolve: Callable[..., Any],
        source: Any,
        info: GraphQLResolveInfo[Any],
        **arguments: Any,
    ) -> Any:
        for scope in (_needed(info), *_of_owners(arguments)):
            if not covers(granted, scope):
                raise _denied(info.field_name, f"`{scope}` access scope.")
        return resolve(source, info, **arguments)

    return guarded


def covers(granted: Collection[str], scope: str | None) -> bool:
    """Whether scopes allow what needs this one; leave to write is leave to read."""
    return scope is None or scope in granted or f"write_{scope[5:]}" in granted


def _needed(info: GraphQLResolveInfo[Any]) -> str | None:
    """Return the scope that a field needs, or else what it leads to."""
    kind = get_named_type(info.return_type).name
    for ending in _LISTS:
        kind = kind.removesuffix(ending)
    of_field = _TOLD["fields"].get(info.parent_type.name, {}).get(info.field_name)
    found: str | None = of_field or _TOLD["types"].get(kind)
    return found


def _of_owners(arguments: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield the scopes that metafields need which are to be set, by whose they are."""
    for asked in arguments.get("metafields", ()):
        kind = asked["ownerId"].removeprefix("gid://shopify/").partition("/")[0]
        yield _TOLD["owners"].get(kind)


def _denied(field: str, required: str) -> GraphQLError:
    words = f"Access denied for {field} field. Required access: {required}"
    told = {"code": DENIED, "documentation": _PAGE, "requiredAccess": required}
    return GraphQLError(words, extensions=told)
