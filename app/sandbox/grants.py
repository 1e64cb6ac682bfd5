"""What opens the store's Admin API: tokens that expire, and what renews them.

A refresh token may be used again until the one that followed on it is used.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from app.sandbox.store_data import Rows

ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=90)
_KEPT = 20

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
# Without it an app is shown the orders of sixty days; it is granted on request only.
ALL_ORDERS = "read_all_orders"


@dataclass(frozen=True)
class Grant:
    """A token, what renews it, and the renewal that it came from."""

    access: str
    refresh: str
    access_until: str
    refresh_until: str
    follows: str = ""


def is_installed(rows: Rows) -> bool:
    """Whether the app is in the store; a new store comes with it."""
    return bool(rows.setting("app is installed", True))


def install(rows: Rows) -> None:
    """Let the app in, to do all that it asks for; it has no token yet."""
    rows.save_setting("app is installed", True)
    rows.save_setting("app scopes", list(SCOPES))


def scopes(rows: Rows) -> list[str]:
    """Return what the owner lets the app do, its custom app too."""
    saved = rows.setting("app scopes", list(SCOPES))
    assert isinstance(saved, list)
    return saved


def all_grants(rows: Rows) -> list[Grant]:
    """Return what was given since the app was installed, oldest first."""
    saved = rows.setting("app grants", [])
    assert isinstance(saved, list)
    return [Grant(**each) for each in saved]


def _save(rows: Rows, grants: list[Grant]) -> None:
    rows.save_setting("app grants", [asdict(each) for each in grants[-_KEPT:]])


def give(rows: Rows, now: datetime) -> Grant:
    """Give tokens to somebody new; whatever was given before is over."""
    grant = _new(now)
    _save(rows, [grant])
    return grant


def renew(rows: Rows, refresh: str, now: datetime) -> Grant | None:
    """Give the tokens that follow; None where the old ones are over, or unknown."""
    kept = all_grants(rows)
    used = next((each for each in kept if each.refresh == refresh), None)
    if used is None or datetime.fromisoformat(used.refresh_until) <= now:
        return None
    new = _new(now, used.refresh)
    # Whoever uses a token has kept it, so the one before is needed no longer.
    _save(rows, [each for each in kept if each.refresh != used.follows] + [new])
    return new


def opens(rows: Rows, access: str, now: datetime) -> bool:
    """Whether a token opens the Admin API now."""
    return any(
        secrets.compare_digest(each.access.encode(), access.encode())
        and datetime.fromisoformat(each.access_until) > now
        for each in all_grants(rows)
    )


def expire(rows: Rows, now: datetime) -> None:
    """End all tokens; what renews them stays good."""
    until = now.isoformat()
    _save(rows, [replace(each, access_until=until) for each in all_grants(rows)])


def end(rows: Rows) -> None:
    """End all that was given."""
    _save(rows, [])


def _new(now: datetime, follows: str = "") -> Grant:
    return Grant(
        access=f"shpat_{secrets.token_hex(16)}",
        refresh=f"shprt_{secrets.token_hex(16)}",
        access_until=(now + ACCESS_LIVES).isoformat(),
        refresh_until=(now + REFRESH_LIVES).isoformat(),
        follows=follows,
    )
