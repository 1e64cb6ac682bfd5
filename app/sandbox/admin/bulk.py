"""What the Admin API answers about bulk operations: queries answered in files."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from flask import Blueprint, Response, abort
from graphql import ExecutionResult, GraphQLSchema, graphql_sync

from app.sandbox import grants
from app.sandbox.admin import orders, products, scopes
from app.sandbox.admin.words import Answer, Call, error
from app.sandbox.line_bodies import gid
from app.sandbox.store import the_store
from app.sandbox.store_data import Rows

blueprint = Blueprint("bulk", __name__)

_KEPT, _FAILS = "bulk operations", "bulk operations fail"
# So often it is asked after before it is done.
_TAKES = 2


@dataclass(frozen=True)
class Operation:
    """A bulk operation: its file, and how often it was asked after."""

    id: int
    created_at: str
    name: str
    text: str
    count: int
    error_code: str | None
    asked: int = 0

    @property
    def status(self) -> str:
        """Return how far it is, in the store's words."""
        if self.asked < _TAKES:
            return "RUNNING"
        return "FAILED" if self.error_code else "COMPLETED"


def let_fail(rows: Rows, *, is_so: bool = True) -> None:
    """Let the next operation end half-way, or not."""
    rows.save_setting(_FAILS, is_so)


def is_to_fail(rows: Rows) -> bool:
    """Whether the next operation is to end half-way."""
    return bool(rows.setting(_FAILS, False))


def begin(
    call: Call,
    schema: GraphQLSchema,
    query: str,
    groupObjects: bool = False,  # noqa: N803
) -> Answer:
    """Answer the query, into a file; lines of one thing stand together."""
    del groupObjects
    roots = {
        "orders": lambda _info, **asked: orders.search(call, first=None, **asked),
        "products": lambda _info: products.all_products(call),
    }
    guard = scopes.guard(grants.scopes(call.rows))
    result = graphql_sync(schema, query, root_value=roots, middleware=[guard])
    error_code = _error_code(call.rows, result)
    if result.errors and error_code is None:
        words = "; ".join(each.message for each in result.errors)
        wrong = error("INVALID", words, "query")
        return {"bulkOperation": None, "userErrors": [wrong]}
    edges = [] if error_code else _edges(result)
    lines = [line for edge in edges for line in _lines(edge["node"])]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    known = call.rows.next_id(), call.at, secrets.token_urlsafe()
    made = Operation(*known, text, len(edges), error_code)
    _save(call.rows, [*_kept(call.rows), made])
    return {"bulkOperation": _told(made, None), "userErrors": []}


def _error_code(rows: Rows, result: ExecutionResult) -> str | None:
    """Return why the operation will end half-way, None where it will not."""
    codes = [(each.extensions or {}).get("code") for each in result.errors or ()]
    if scopes.DENIED in codes:
        return scopes.DENIED
    fails = is_to_fail(rows)
    let_fail(rows, is_so=False)
    return "INTERNAL_SERVER_ERROR" if fails and not codes else None


def _edges(result: ExecutionResult) -> list[Answer]:
    assert result.data
    [listed] = result.data.values()
    edges: list[Answer] = listed["edges"]
    return edges


def find(call: Call, root_url: str, id: str) -> Answer | None:
    """Show one operation, which goes on a little each time that it is asked after."""
    kept = _kept(call.rows)
    found = next((each for each in kept if gid("BulkOperation", each.id) == id), None)
    if found is None:
        return None
    further = replace(found, asked=found.asked + 1)
    _save(call.rows, [further if each is found else each for each in kept])
    return _told(further, root_url)


@blueprint.get("/bulk/<name>.jsonl")
def file(name: str) -> Response:
    """Give the file to whoever knows its name."""
    with the_store().data.reading() as rows:
        found = next((each for each in _kept(rows) if each.name == name), None)
    if found is None:
        abort(404)
    return Response(found.text, mimetype="application/jsonl")


def _told(operation: Operation, root_url: str | None) -> Answer:
    is_done = operation.status == "COMPLETED"
    return {
        "id": gid("BulkOperation", operation.id),
        "status": operation.status,
        "createdAt": operation.created_at,
        "errorCode": operation.error_code if operation.status == "FAILED" else None,
        "rootObjectCount": str(operation.count if is_done else operation.count // 2),
        "url": f"{root_url}bulk/{operation.name}.jsonl" if is_done else None,
    }


def _lines(node: Answer) -> Iterator[Answer]:
    """Yield a thing, and after it what hangs on it, as lines of their own."""
    hanging = [name for name, value in node.items() if _is_list(value)]
    yield {name: value for name, value in node.items() if name not in hanging}
    for name in hanging:
        for edge in node[name]["edges"]:
            yield edge["node"] | {"__parentId": node["id"]}


def _is_list(value: object) -> bool:
    return isinstance(value, dict) and "edges" in value


def _kept(rows: Rows) -> list[Operation]:
    saved = rows.setting(_KEPT, [])
    assert isinstance(saved, list)
    return [Operation(**each) for each in saved]


def _save(rows: Rows, operations: list[Operation]) -> None:
    rows.save_setting(_KEPT, [asdict(each) for each in operations])
