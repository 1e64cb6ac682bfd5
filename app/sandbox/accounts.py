"""Signing in, opening an account, and the account's own pages."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.sandbox import balances, codes, visitor
from app.sandbox.forms import identifier, is_ticked, to
from app.sandbox.orders import RefusedError
from app.sandbox.store import the_store

NEXT_PAGES = ("/cart", "/checkout", "/")

blueprint = Blueprint("accounts", __name__, url_prefix="/account")


@blueprint.get("/login")
def login_page() -> str:
    """Offer the shoppers that there are, and a new account."""
    with the_store().data.reading() as rows:
        customers = rows.customers()
    return render_template("login.html", customers=customers, next=_next())


@blueprint.post("/login")
def login() -> Response:
    """Sign in as one of the shoppers; a pretend store asks no password."""
    with the_store().data.reading() as rows:
        customer = rows.customer(identifier("customer_id"))
    if customer is None:
        flash("There is no such shopper.", "wrong")
        return to("accounts.login_page")
    visitor.sign_in(customer)
    return redirect(_next(), 303)


@blueprint.post("/register")
def register() -> Response:
    """Open an account and sign in."""
    name, email = request.form.get("name", ""), request.form.get("email", "")
    try:
        customer = the_store().customers.register(
            name, email, has_newsletter=is_ticked("newsletter")
        )
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
        return to("accounts.login_page")
    visitor.sign_in(customer)
    return redirect(_next(), 303)


@blueprint.post("/logout")
def logout() -> Response:
    """Sign out."""
    visitor.sign_out()
    return to("shop.catalogue_page")


@blueprint.get("")
def account_page() -> str | Response:
    """Show the shopper's orders, and what is theirs to use."""
    customer = visitor.shopper()
    if customer is None:
        return to("accounts.login_page")
    with the_store().data.reading() as rows:
        return render_template(
            "account.html",
            orders=rows.orders(customer.id),
            codes=codes.made(rows, customer.id),
            cards=balances.cards(rows, customer.id),
            credit_minor=balances.balance_of(rows, customer.id),
        )


@blueprint.post("/newsletter")
def set_newsletter() -> Response:
    """Have the store send the shopper mail, or no more."""
    customer = visitor.shopper()
    if customer is None:
        return to("accounts.login_page")
    wanted = is_ticked("newsletter")
    the_store().customers.set_newsletter(customer.id, has_newsletter=wanted)
    flash("You get our mail." if wanted else "You get no mail from us.", "done")
    return to("accounts.account_page")


@blueprint.get("/rewards")
def rewards_page() -> str | Response:
    """Show the page that the app has in the account."""
    if visitor.shopper() is None:
        return to("accounts.login_page")
    return render_template("account_rewards.html")


@blueprint.get("/orders/<int:order_id>")
def order_page(order_id: int) -> str | Response:
    """Show how an order of the shopper's stands."""
    customer = visitor.shopper()
    if customer is None:
        return to("accounts.login_page")
    with the_store().data.reading() as rows:
        order = rows.order(order_id)
    if order is None or order.customer_id != customer.id:
        abort(404)
    return render_template("order_status.html", order=order)


def _next() -> str:
    wanted = request.values.get("next", "")
    return wanted if wanted in NEXT_PAGES else url_for("accounts.account_page")
