"""What the Admin API answers about discounts that apply by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.sandbox import automatic, segments
from app.sandbox.admin.discounts import combined, wrong_combination
from app.sandbox.admin.segments import node as segment_node
from app.sandbox.admin.words import Answer, Call, error, number_of, written
from app.sandbox.automatic import ACTIVE_MAX, AutomaticDiscount
from app.sandbox.discounts import (
    ORDERS,
    PERCENTAGE,
    PRODUCTS,
    SHIPMENTS,
    SHIPPING,
)
from app.sandbox.line_bodies import gid

BASIC, FREE_SHIPPING = "automaticBasicDiscount", "freeShippingAutomaticDiscount"
_KINDS = {BASIC: PERCENTAGE, FREE_SHIPPING: SHIPPING}


def maker(field: str) -> Callable[..., Answer]:
    """Return what makes a discount of the sort that a field is about."""

    def make(call: Call, **arguments: Any) -> Answer:
        asked = arguments[field]
        missing = [
            error("BLANK", f"{name} can't be blank", field, name)
            for name in ("title", "startsAt")
            if not asked.get(name)
        ]
        if missing:
            return _refused(missing)
        at = written(asked["startsAt"])
        made = AutomaticDiscount(
            call.rows.next_id(), "", _KINDS[field], 0, at, created_at=call.at
        )
        return _kept(call, field, _changed(made, asked))

    return make


def changer(field: str) -> Callable[..., Answer]:
    """Return what changes a discount of the sort that a field is about."""

    def change(call: Call, id: str, **arguments: Any) -> Answer:
        found = find(call, id)
        if found is None or found.kind != _KINDS[field]:
            return _missing()
        return _kept(call, field, _changed(found, arguments[field]))

    return change


def deactivate(call: Call, id: str) -> Answer:
    """End a discount now."""
    found = find(call, id)
    if found is None:
        return _missing()
    ended = replace(found, ends_at=call.at)
    automatic.save(call.rows, ended)
    return {"automaticDiscountNode": node(call, ended), "userErrors": []}


def find(call: Call, id_: str) -> AutomaticDiscount | None:
    """Find a discount by its id."""
    number = number_of("DiscountAutomaticNode", id_)
    kept = automatic.everything(call.rows)
    return next((each for each in kept if each.id == number), None)


def _changed(discount: AutomaticDiscount, asked: Answer) -> AutomaticDiscount:
    """Return a discount with what is asked for; what is not named stays."""
    changes: dict[str, Any] = {}
    if "title" in asked:
        changes["title"] = asked["title"]
    if "tags" in asked:
        changes["tags"] = tuple(asked["tags"])
    if "endsAt" in asked:
        changes["ends_at"] = written(asked["endsAt"]) if asked["endsAt"] else None
    if "combinesWith" in asked:
        changes["combines"] = combined(asked)
    share = ((asked.get("customerGets") or {}).get("value") or {}).get("percentage")
    if share is not None:
        changes["value"] = round(share * 100)
    if "context" in asked:
        changes["segment_ids"] = _segments(discount, asked["context"])
    return replace(discount, **changes)


def _segments(discount: AutomaticDiscount, context: Answer) -> tuple[int, ...]:
    asked = context.get("customerSegments") or {}
    gone, new = (_numbers(asked.get(name) or ()) for name in ("remove", "add"))
    left = [id_ for id_ in discount.segment_ids if id_ not in gone]
    return tuple(dict.fromkeys((*left, *new)))


def _numbers(ids: list[str] | tuple[()]) -> list[int]:
    return [number_of("Segment", id_) or 0 for id_ in ids]


def _kept(call: Call, field: str, discount: AutomaticDiscount) -> Answer:
    wrong = list(_mistakes(call, field, discount))
    if wrong:
        return _refused(wrong)
    automatic.save(call.rows, discount)
    return {"automaticDiscountNode": node(call, discount), "userErrors": []}


def _mistakes(call: Call, field: str, discount: AutomaticDiscount) -> list[Answer]:
    others = [e for e in automatic.everything(call.rows) if e.id != discount.id]
    active = [each for each in others if each.status(call.now) == "ACTIVE"]
    wrong = []
    if discount.title in [each.title for each in active]:
        words = "Title must be unique for automatic discount"
        wrong.append(error("TAKEN", words, field, "title"))
    if len(active) >= ACTIVE_MAX and discount.status(call.now) == "ACTIVE":
        words = (
            f"At any given time, only {ACTIVE_MAX} automatic discounts can be active"
        )
        wrong.append(error("ACTIVE_PERIOD_OVERLAP", words, field, "startsAt"))
    if discount.kind == PERCENTAGE and not 0 < discount.value <= 100:
        words = "Value is outside of its range"
        wrong.append(error("VALUE_OUTSIDE_RANGE", words, field, "customerGets"))
    wrong += wrong_combination(field, discount)
    known = {each.id for each in segments.everything(call.rows)}
    if not known.issuperset(discount.segment_ids):
        words = "Customer segments are invalid"
        wrong.append(error("INVALID", words, field, "context"))
    return wrong


def _missing() -> Answer:
    return _refused([error("INVALID", "Automatic discount does not exist.", "id")])


def _refused(errors: list[Answer]) -> Answer:
    return {"automaticDiscountNode": None, "userErrors": errors}


def node(call: Call, discount: AutomaticDiscount) -> Answer:
    """Show a discount."""
    is_basic = discount.kind == PERCENTAGE
    classes = (ORDERS, PRODUCTS, SHIPMENTS)
    return {
        "id": gid("DiscountAutomaticNode", discount.id),
        "automaticDiscount": {
            "__typename": f"DiscountAutomatic{'Basic' if is_basic else 'FreeShipping'}",
            "asyncUsageCount": discount.uses,
            "combinesWith": {name: name in discount.combines for name in classes},
            "context": _context(call, discount),
            "createdAt": discount.created_at,
            "customerGets": {
                "value": {
                    "__typename": "DiscountPercentage",
                    "percentage": discount.value / 100,
                }
            },
            "endsAt": discount.ends_at,
            "startsAt": discount.starts_at,
            "status": discount.status(call.now),
            "tags": list(discount.tags),
            "title": discount.title,
        },
    }


def _context(call: Call, discount: AutomaticDiscount) -> Answer:
    if not discount.segment_ids:
        return {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
    theirs = [
        segment_node(each)
        for each in segments.everything(call.rows)
        if each.id in discount.segment_ids
    ]
    return {"__typename": "DiscountCustomerSegments", "segments": theirs}
