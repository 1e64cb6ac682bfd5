"""What the Admin API answers about lists of customers."""

from __future__ import annotations

from app.sandbox.admin import lists
from app.sandbox.admin.words import Answer, Call
from app.sandbox.customers import Customer
from app.sandbox.line_bodies import gid


def search(
    call: Call,
    query: str = "",
    first: int | None = None,
    after: str | None = None,
    sortKey: str = "ID",  # noqa: N803
) -> Answer:
    """List customers who changed between two moments."""
    found = _found(call, query)
    if sortKey == "UPDATED_AT":
        found.sort(key=lambda each: (each.updated_at, each.id))
    return lists.page(found, told, first, after)


def count(call: Call, query: str = "", limit: int | None = 10_000) -> Answer:
    """Count customers as a search finds them, up to a limit."""
    return lists.counted(len(_found(call, query)), limit)


def told(customer: Customer) -> Answer:
    """Show a customer, as a list and an order do."""
    return {
        "id": gid("Customer", customer.id),
        "createdAt": customer.created_at,
        "updatedAt": customer.updated_at,
        "verifiedEmail": True,
        "state": "ENABLED",
        "defaultEmailAddress": {
            "emailAddress": customer.email,
            "marketingState": customer.mail_state.upper(),
            "marketingUpdatedAt": customer.newsletter_at,
        },
        "tags": sorted(customer.tags),
    }


def _found(call: Call, query: str) -> list[Customer]:
    return [
        each
        for each in call.rows.customers()
        if lists.is_within(query, {"updated_at": each.updated_at})
    ]
