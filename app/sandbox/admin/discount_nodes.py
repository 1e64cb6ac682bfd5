"""What the Admin API answers about discounts of either sort, with codes or without."""

from __future__ import annotations

from app.sandbox import automatic, codes
from app.sandbox.admin import automatic_discounts, discounts
from app.sandbox.admin.words import Answer, Call


def by_id(call: Call, id: str) -> Answer | None:
    """Find a discount by the id that it has among those of its sort."""
    with_code = discounts.find(call, id)
    if with_code:
        return _of_either(discounts.node(call, with_code))
    by_itself = automatic_discounts.find(call, id)
    return _of_either(automatic_discounts.node(call, by_itself)) if by_itself else None


def listed(
    call: Call, first: int, after: str | None = None, query: str | None = None
) -> Answer:
    """Return the first discounts, or those with a tag, after one returned last.

    A search finds more than it was asked for: what begins in the same way, too. Codes
    have no tags in this store.
    """
    tag = (query or "").removeprefix("tag:")
    found = {
        each.id: automatic_discounts.node(call, each)
        for each in automatic.everything(call.rows)
        if not tag or any(own.startswith(tag) for own in each.tags)
    }
    if not tag:
        found |= {each.id: discounts.node(call, each) for each in codes.made(call.rows)}
    kept = sorted(id_ for id_ in found if after is None or id_ > int(after))
    page = kept[:first]
    return {
        "nodes": [_of_either(found[id_]) for id_ in page],
        "pageInfo": {
            "hasNextPage": len(kept) > len(page),
            "endCursor": str(page[-1]) if page else None,
        },
    }


def _of_either(node: Answer) -> Answer:
    """Show a node of one sort as what both sorts have in common."""
    [told] = (value for name, value in node.items() if name != "id")
    return {"id": node["id"], "discount": told}
