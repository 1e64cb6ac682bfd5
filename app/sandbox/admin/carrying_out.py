"""How a document is carried out: checked, reckoned, paid for, and then answered."""

from __future__ import annotations

from typing import Any

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    VariableValues,
    execute_sync,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)

from app.sandbox import grants
from app.sandbox.admin import bucket, cost, scopes
from app.sandbox.admin.bucket import Bucket
from app.sandbox.admin.cost import Meter
from app.sandbox.admin.words import Answer, Call

_RULES = "https://shopify.dev/api/usage/rate-limits"


def carry_out(
    schema: GraphQLSchema, call: Call, asked: Answer, roots: Answer, has: Bucket
) -> Answer:
    """Answer a document by an app that has so many points, and keep what is left."""
    try:
        document = parse(asked["query"])
        if wrong := validate(schema, document):
            return _written(ExecutionResult(errors=wrong))
        meter = _meter(schema, document, asked.get("variables") or {})
        requested = meter.requested()
    except GraphQLError as error:
        return _written(ExecutionResult(errors=[error]))
    if requested > cost.MOST:
        return _too_dear(requested)
    if requested > has.left:
        return _throttled(requested, has)
    result = execute_sync(
        schema,
        document,
        root_value=roots,
        variable_values=asked.get("variables"),
        middleware=[scopes.guard(grants.scopes(call.rows))],
    )
    actual = meter.actual(result.data)
    left = has.taken(actual)
    bucket.keep(call.rows, left)
    return {"data": result.data} | _written(result) | _costs(requested, actual, left)


def _meter(schema: GraphQLSchema, document: Any, given: dict[str, Any]) -> Meter:
    operation = get_operation_ast(document)
    if operation is None:
        raise GraphQLError("An operation name is required")
    declared = operation.variable_definitions or ()
    variables = get_variable_values(schema, declared, given)
    if not isinstance(variables, VariableValues):
        raise variables[0]
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    return Meter(schema, operation, fragments, variables)


def _written(result: ExecutionResult) -> Answer:
    if not result.errors:
        return {}
    return {"errors": [error.formatted for error in result.errors]}


def _too_dear(requested: int) -> Answer:
    told = {
        "code": "MAX_COST_EXCEEDED",
        "cost": requested,
        "maxCost": cost.MOST,
        "documentation": _RULES,
    }
    words = (
        f"Query cost is {requested}, which exceeds the single query max cost limit"
        f" ({cost.MOST})."
    )
    return {"errors": [{"message": words, "extensions": told}]}


def _throttled(requested: int, has: Bucket) -> Answer:
    told = {"code": "THROTTLED", "documentation": _RULES}
    error = {"message": "Throttled", "extensions": told}
    return {"errors": [error]} | _costs(requested, None, has)


def _costs(requested: int, actual: int | None, has: Bucket) -> Answer:
    told = {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": has.status(),
    }
    return {"extensions": {"cost": told}}
