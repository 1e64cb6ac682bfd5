"""A regular shopper's past, so that a new store has something to show.

Some of her points have expired, some are about to, and so is her tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.store import Store

NAME, EMAIL = "Rosa Keller", "rosa@example.com"
JOINED_DAYS_AGO = 425
SENT_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Bought:
    """So many of some products, so many days ago."""

    days_ago: int
    quantities: Mapping[str, int]


ORDERS = (
    Bought(410, {"guji-natural": 2}),
    Bought(350, {"morning-mug": 6}),
    Bought(200, {"house-blend": 4, "guji-natural": 2}),
    Bought(61, {"drip-cone": 2}),
    Bought(9, {"espresso-pair": 1, "house-blend": 2}),
)


def give_past(store: Store) -> None:
    """Tell a store's app of a shopper who has been coming for long; only once."""
    with store.data.reading() as rows:
        if rows.customer_by_email(EMAIL):
            return
    now = store.clock()
    joined_at = now - timedelta(days=JOINED_DAYS_AGO)
    customer = _then(store, joined_at).customers.register(NAME, EMAIL)
    buyer = Buyer(EMAIL, NAME, customer.id)
    for each in ORDERS:
        at = now - timedelta(days=each.days_ago)
        # What applies by itself today did not then.
        cart = _then(store, at).priced(each.quantities, None, None)
        order = _then(store, at).place_order(cart, buyer, CARD)
        units = {line.id: line.quantity for line in order.lines}
        _then(store, at + SENT_AFTER).fulfil(order.id, units)


def _then(store: Store, at: datetime) -> Store:
    return replace(store, clock=lambda: at)
