"""What the Admin API answers about discount codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.sandbox import catalogue, codes
from app.sandbox.admin.words import Answer, Call, error, minor_of, number_of, written
from app.sandbox.cart import AnyDiscount
from app.sandbox.discounts import (
    FIXED_AMOUNT,
    PERCENTAGE,
    SHIPMENTS,
    SHIPPING,
    Discount,
)
from app.sandbox.line_bodies import gid


def by_code(call: Call, code: str) -> Answer | None:
    """Find a discount by its code."""
    found = codes.find(call.rows, code)
    return node(call, found) if found else None


def find(call: Call, id_: str) -> Discount | None:
    """Find a discount by its id."""
    number = number_of("DiscountCodeNode", id_)
    return codes.find_by_id(call.rows, number) if number else None


def make_basic(call: Call, basicCodeDiscount: Answer) -> Answer:  # noqa: N803
    """Make a code that takes something off the goods."""
    gets = basicCodeDiscount.get("customerGets") or {}
    value = gets.get("value") or {}
    products = (gets.get("items") or {}).get("products") or {}
    ids = tuple(number_of("Product", id_) for id_ in products.get("productsToAdd", ()))
    kind, size = _size(value)
    errors = []
    if size <= 0 or (kind == PERCENTAGE and size > 100):
        errors.append(error("VALUE_OUTSIDE_RANGE", "Value is outside of its range"))
    if not ids and not (gets.get("items") or {}).get("all"):
        errors.append(error("BLANK", "Items can't be blank"))
    if any(catalogue.find_by_id(id_) is None for id_ in ids):
        errors.append(error("INVALID", "Product is invalid"))
    found = tuple(id_ for id_ in ids if id_ is not None)
    sort = Discount("", kind, size, "", product_ids=found)
    return _make(call, "basicCodeDiscount", basicCodeDiscount, sort, errors)


def make_free_shipping(call: Call, freeShippingCodeDiscount: Answer) -> Answer:  # noqa: N803
    """Make a code that takes the postage off."""
    asked = freeShippingCodeDiscount
    errors = []
    if not (asked.get("destination") or {}).get("all"):
        errors.append(error("BLANK", "Destination can't be blank"))
    sort = Discount("", SHIPPING, 0, "")
    return _make(call, "freeShippingCodeDiscount", asked, sort, errors)


def deactivate(call: Call, id: str) -> Answer:
    """End a code now."""
    found = find(call, id)
    if found is None:
        missing = error("INVALID", "Code discount does not exist.", "id")
        return {"codeDiscountNode": None, "userErrors": [missing]}
    ended = replace(found, ends_at=call.at)
    codes.save(call.rows, ended)
    return {"codeDiscountNode": node(call, ended), "userErrors": []}


def combined(asked: Answer) -> tuple[str, ...]:
    """Return what a discount is to go together with."""
    whole = asked.get("combinesWith") or {}
    return tuple(name for name, is_so in whole.items() if is_so)


def wrong_combination(field: str, discount: AnyDiscount) -> list[Answer]:
    """Say that an order has one discount on its postage, where more are asked for."""
    if discount.part != SHIPMENTS or SHIPMENTS not in discount.combines:
        return []
    words = "The combinesWith settings are invalid for the discount class"
    code = "INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS"
    return [error(code, words, field, "combinesWith")]


def _size(value: Answer) -> tuple[str, int]:
    if value.get("percentage") is not None:
        return PERCENTAGE, round(value["percentage"] * 100)
    off = (value.get("discountAmount") or {}).get("amount")
    return FIXED_AMOUNT, minor_of(off) if off is not None else 0


def _make(
    call: Call, field: str, asked: Answer, sort: Discount, errors: list[Answer]
) -> Answer:
    sort = replace(sort, combines=combined(asked))
    errors = [*_mistakes(call, field, asked), *wrong_combination(field, sort), *errors]
    if errors:
        return {"codeDiscountNode": None, "userErrors": errors}
    subtotal = (asked.get("minimumRequirement") or {}).get("subtotal") or {}
    least = subtotal.get("greaterThanOrEqualToSubtotal")
    made = replace(
        sort,
        id=call.rows.next_id(),
        code=asked["code"],
        title=asked["title"],
        customer_id=_customer(asked),
        goods_min_minor=minor_of(least) if least is not None else 0,
        starts_at=written(asked["startsAt"]),
        ends_at=written(asked["endsAt"]) if asked.get("endsAt") else None,
        usage_limit=asked.get("usageLimit"),
        once_per_customer=bool(asked.get("appliesOncePerCustomer")),
        created_at=call.at,
    )
    codes.save(call.rows, made)
    return {"codeDiscountNode": node(call, made), "userErrors": []}


def _mistakes(call: Call, field: str, asked: Answer) -> list[Answer]:
    """Return what is wrong with what all codes have in common."""
    found = [
        error("BLANK", f"{name} can't be blank", field, name)
        for name in ("title", "code", "startsAt", "context")
        if not asked.get(name)
    ]
    if codes.find(call.rows, asked.get("code") or ""):
        taken = "Code must be unique. Please try a different code."
        found.append(error("TAKEN", taken, field, "code"))
    starts_at, ends_at = asked.get("startsAt"), asked.get("endsAt")
    if starts_at and ends_at and ends_at <= starts_at:
        late = "Ends at needs to be after starts_at"
        found.append(error("END_DATE_BEFORE_START_DATE", late, field, "endsAt"))
    wanted = ((asked.get("context") or {}).get("customers") or {}).get("add")
    if wanted is not None and not call.rows.customer(_customer(asked)):
        found.append(error("INVALID", "Customer is invalid", field, "context"))
    return found


def _customer(asked: Answer) -> int | None:
    """Return for whom a code is; this store's are for one customer or for all."""
    wanted: list[Any] = (asked["context"].get("customers") or {}).get("add") or []
    return number_of("Customer", wanted[0]) if len(wanted) == 1 else None


def node(call: Call, discount: Discount) -> Answer:
    """Show a discount, by whichever of its codes it was found."""
    is_shipping = discount.kind == SHIPPING
    owner = discount.customer_id
    first = codes.find_by_id(call.rows, discount.id) or discount
    all_codes = [first, *codes.added(call.rows, discount.id)]

    def searched(_info: Any, first: int = 10, query: str = "") -> Answer:
        found = [each for each in all_codes if query.upper() in each.code.upper()]
        return {"nodes": [redeem_code(each) for each in found[:first]]}

    return {
        "id": gid("DiscountCodeNode", discount.id),
        "codeDiscount": {
            "__typename": f"DiscountCode{'FreeShipping' if is_shipping else 'Basic'}",
            "appliesOncePerCustomer": discount.once_per_customer,
            "asyncUsageCount": sum(each.uses for each in all_codes),
            "codes": searched,
            "context": (
                {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
                if owner is None
                else {
                    "__typename": "DiscountCustomers",
                    "customers": [{"id": gid("Customer", owner)}],
                }
            ),
            "createdAt": discount.created_at,
            "endsAt": discount.ends_at,
            "startsAt": discount.starts_at,
            "status": discount.status(call.now),
            "title": discount.title,
            "usageLimit": discount.usage_limit,
        },
    }


def redeem_code(discount: Discount) -> Answer:
    """Show one code of a discount."""
    return {
        "asyncUsageCount": discount.uses,
        "code": discount.code,
        "id": gid("DiscountRedeemCode", discount.redeem_id or discount.id),
    }
