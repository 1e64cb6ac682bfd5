"""What the Admin API answers about segments of customers."""

from __future__ import annotations

from dataclasses import replace

from graphql import GraphQLError

from app.sandbox import segments
from app.sandbox.admin import lists
from app.sandbox.admin.words import Answer, Call, number_of
from app.sandbox.customers import Customer
from app.sandbox.label_desk import SEGMENTS
from app.sandbox.line_bodies import gid
from app.sandbox.segments import Segment

# Staff fill these by hand here, so there is no query that says who is in them.
_BY_HAND = [Segment(id_, name, "") for id_, name in SEGMENTS.items()]


def listed(call: Call, first: int, after: str | None = None) -> Answer:
    """Return the first segments after one that was returned last."""
    kept = [*_BY_HAND, *segments.everything(call.rows)]
    rest = [each for each in kept if after is None or each.id > int(after)]
    page = rest[:first]
    return {
        "nodes": [node(each) for each in page],
        "pageInfo": {
            "hasNextPage": len(rest) > len(page),
            "endCursor": str(page[-1].id) if page else None,
        },
    }


def members(
    call: Call,
    segmentId: str | None = None,  # noqa: N803
    first: int | None = None,
    after: str | None = None,
) -> Answer:
    """List who is in a segment, each by an id of its own kind."""
    wanted = number_of("Segment", segmentId or "")
    made = {each.id: each for each in segments.everything(call.rows)}
    if wanted not in made and wanted not in SEGMENTS:
        raise GraphQLError("Segment does not exist")
    found = [
        each
        for each in call.rows.customers()
        if wanted in each.segments or (wanted in made and made[wanted].has(each))
    ]
    return lists.page(found, _member, first, after)


def _member(customer: Customer) -> Answer:
    return {"id": gid("CustomerSegmentMember", customer.id)}


def make(call: Call, name: str, query: str) -> Answer:
    """Make a segment, where no other has its name."""
    made = Segment(call.rows.next_id(), name, query)
    return _kept(call, made)


def change(
    call: Call, id: str, name: str | None = None, query: str | None = None
) -> Answer:
    """Change a segment's name, or whom it is about."""
    number = number_of("Segment", id)
    for each in segments.everything(call.rows):
        if each.id == number:
            changed = replace(each, name=name or each.name, query=query or each.query)
            return _kept(call, changed)
    return _refused("Segment does not exist", "id")


def node(segment: Segment) -> Answer:
    """Write a segment."""
    written = {"name": segment.name, "query": segment.query}
    return {"id": gid("Segment", segment.id), **written}


def _kept(call: Call, segment: Segment) -> Answer:
    others = [e for e in segments.everything(call.rows) if e.id != segment.id]
    if segment.name in [each.name for each in others]:
        return _refused("Name has already been taken", "name")
    if segments.tag_in(segment.query) is None:
        return _refused("Query cannot be read by this store", "query")
    segments.save(call.rows, segment)
    return {"segment": node(segment), "userErrors": []}


def _refused(words: str, field: str) -> Answer:
    return {"segment": None, "userErrors": [{"field": [field], "message": words}]}
