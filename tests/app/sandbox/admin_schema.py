"""That the sandbox's Admin schema is part of Shopify's, by digests made from Shopify's.

The whole schema is too large to keep. `make schema FROM=FILE` reads it, as
introspection gives it (JSON, also gzipped), and writes the digests if all of ours is
in it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_client_schema,
    build_schema,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    print_ast,
)

from app.sandbox.admin import schema
from app.sandbox.deliveries import API_VERSION

SOURCE = Path(schema.__file__).with_suffix(".graphql")
DIGESTS = Path(__file__).with_suffix(".json")
FROM = f"introspection of https://shopify.dev/docs/api/admin-graphql/{API_VERSION}"

Lines = dict[str, list[str]]


class NotTheirsError(Exception):
    """What we have is not in Shopify's schema as we have it."""


def lines(whole: GraphQLSchema, part: GraphQLSchema) -> Lines:
    """Return by type what a schema says of all that another has.

    What nobody may leave out (arguments and input that are required) is there always,
    and so is whether something is deprecated.
    """
    roots = [f"schema {whole.query_type} {whole.mutation_type}"]
    return {"": roots} | {
        name: [*_type(whole.type_map.get(name), kind)]
        for name, kind in sorted(part.type_map.items())
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    }


def digests(told: Lines) -> dict[str, str]:
    """Return what to keep of each type."""
    return {
        name: hashlib.sha256("\n".join(sorted(each)).encode()).hexdigest()
        for name, each in told.items()
    }


def ours() -> GraphQLSchema:
    """Return the sandbox's schema as it is written."""
    return build_schema(SOURCE.read_text())


def kept(path: Path, part: GraphQLSchema) -> dict[str, Any]:
    """Return what to keep, by Shopify's own schema; raises NotTheirsError."""
    raw = path.read_bytes()
    told = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    whole = build_client_schema(told.get("data", told), assume_valid=True)
    if wrong := differences(whole, part):
        raise NotTheirsError("\n".join(wrong))
    sha = hashlib.sha256(raw).hexdigest()
    return {"source": FROM, "source_sha256": sha, "types": digests(lines(whole, part))}


def differences(whole: GraphQLSchema, part: GraphQLSchema) -> list[str]:
    """Return what only one of both says of what is in `part`, and which."""
    theirs, own = lines(whole, part), lines(part, part)
    return [
        f"{sign} {line}"
        for name in own
        for sign, has, lacks in (("ours", own, theirs), ("theirs", theirs, own))
        for line in sorted({*has[name]} - {*lacks[name]})
    ]


def _type(whole: GraphQLNamedType | None, part: GraphQLNamedType) -> Iterator[str]:
    name = part.name
    if type(whole) is not type(part):
        yield f"{name} is not there" if whole is None else f"{name} is {type(whole)}"
        return
    yield f"{type(part).__name__} {name}"
    match whole, part:
        case GraphQLEnumType(), GraphQLEnumType():
            for value in part.values.keys() & whole.values.keys():
                reason = whole.values[value].deprecation_reason
                yield f"{name}.{value}{_mark(reason)}"
        case GraphQLUnionType(), GraphQLUnionType():
            own = {each.name for each in part.types}
            yield from (f"{name} = {e.name}" for e in whole.types if e.name in own)
        case GraphQLInputObjectType(), GraphQLInputObjectType():
            yield f"{name} oneOf {whole.is_one_of}"
            for key, given in whole.fields.items():
                if key in part.fields or is_required_input_field(given):
                    yield f"{name}.{key}: {_given(given)}"
        case (
            GraphQLObjectType() | GraphQLInterfaceType(),
            GraphQLObjectType() | GraphQLInterfaceType(),
        ):
            own = {each.name for each in part.interfaces}
            for each in whole.interfaces:
                if each.name in own:
                    yield f"{name} implements {each.name}"
            for key in part.fields.keys() & whole.fields.keys():
                yield f"{name}.{key}{_field(whole.fields[key], part.fields[key].args)}"


def _field(whole: GraphQLField, part: Mapping[str, object]) -> str:
    args = ", ".join(
        f"{key}: {_given(each)}"
        for key, each in sorted(whole.args.items())
        if key in part or is_required_argument(each)
    )
    return f"({args}): {whole.type}{_mark(whole.deprecation_reason)}"


def _given(given: GraphQLArgument | GraphQLInputField) -> str:
    usual = given.default and given.default.literal
    written = f" = {print_ast(usual)}" if usual else ""
    return f"{given.type}{written}{_mark(given.deprecation_reason)}"


def _mark(reason: str | None) -> str:
    return "" if reason is None else " @deprecated"


if __name__ == "__main__":
    try:
        made = kept(Path(sys.argv[1]), ours())
    except NotTheirsError as error:
        sys.exit(f"{SOURCE} is not part of that schema:\n{error}")
    DIGESTS.write_text(json.dumps(made, indent=1) + "\n")
