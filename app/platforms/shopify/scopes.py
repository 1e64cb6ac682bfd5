"""What the app asks owners to let it do; docs/shopify.md says why each is needed."""

from __future__ import annotations

from collections.abc import Iterable

SCOPES = (
    "read_customer_merge",
    "read_orders",
    "read_products",
    "read_shopify_payments_disputes",
    "read_store_credit_accounts",
    "write_app_proxy",
    "write_customers",
    "write_discounts",
    "write_gift_cards",
    "write_store_credit_account_transactions",
)

# Asked for by hand, where orders of more than 60 days are to be brought in.
ALL_ORDERS = "read_all_orders"


def lacking(granted: Iterable[str]) -> tuple[str, ...]:
    """Return what was not granted; leave to write is leave to read as well."""
    given = set(granted)
    given |= {
        scope.replace("write_", "read_", 1)
        for scope in given
        if scope.startswith("write_")
    }
    return tuple(scope for scope in SCOPES if scope not in given)
