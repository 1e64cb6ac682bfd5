"""Who is looking at the store's pages, and what is in their cart."""

from __future__ import annotations

from flask import session

from app.sandbox import cart, purse
from app.sandbox.balances import GiftCard
from app.sandbox.cart import Cart
from app.sandbox.customers import Customer
from app.sandbox.orders import RefusedError
from app.sandbox.store import the_store


def shopper() -> Customer | None:
    """Return who is signed in."""
    customer_id = session.get("customer_id")
    if customer_id is None:
        return None
    with the_store().data.reading() as rows:
        return rows.customer(int(customer_id))


def sign_in(customer: Customer) -> None:
    """Remember who is signed in."""
    session["customer_id"] = str(customer.id)


def sign_out() -> None:
    """Forget who was signed in; the cart stays."""
    session.pop("customer_id", None)


def quantities() -> dict[str, int]:
    """Return how many of each choice are in the cart."""
    return dict(session.get("cart", []))


def put(choice: str, quantity: int) -> None:
    """Set how many of a choice are in the cart."""
    chosen = quantities()
    chosen[choice] = min(quantity, cart.MOST_UNITS)
    # A list keeps the order in which things were chosen; a session sorts a mapping.
    session["cart"] = [[key, count] for key, count in chosen.items() if count > 0]


def use_code(code: str | None) -> None:
    """Remember a discount code, or forget it."""
    session["code"] = code


def use_gift_card(code: str | None) -> None:
    """Remember a gift card to pay with, or forget it."""
    session["gift_card"] = code


def gift_card() -> GiftCard | None:
    """Return the gift card to pay with, while something is left on it."""
    code = session.get("gift_card")
    if not code:
        return None
    store = the_store()
    try:
        with store.data.reading() as rows:
            return purse.find_card(rows, code, store.clock().date())
    except RefusedError:
        return None


def priced_cart() -> Cart:
    """Return the cart with its prices."""
    return the_store().priced(quantities(), session.get("code"), shopper())


def empty_cart() -> None:
    """Begin a new cart."""
    session.pop("cart", None)
    session.pop("code", None)
    session.pop("gift_card", None)
