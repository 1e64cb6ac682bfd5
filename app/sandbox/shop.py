"""The shopper's pages: catalogue, product, rewards, cart, checkout, thank you."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.wrappers import Response

from app.sandbox import balances, catalogue, order_steps, visitor
from app.sandbox.customer_desk import is_address
from app.sandbox.customers import Customer
from app.sandbox.forms import is_ticked, to, whole_number
from app.sandbox.order_steps import Buyer
from app.sandbox.orders import Order, RefusedError
from app.sandbox.purse import Purse
from app.sandbox.store import the_store

WIDGET_SUFFIXES = (".js", ".css", ".json")
GATEWAYS = {"card": order_steps.CARD, "bank": order_steps.BANK}

blueprint = Blueprint("shop", __name__)


@blueprint.get("/")
def catalogue_page() -> str:
    """Show all products."""
    return render_template("catalogue.html", products=catalogue.PRODUCTS)


@blueprint.get("/products/<handle>")
def product_page(handle: str) -> str:
    """Show one product."""
    product = catalogue.find(handle) or abort(404)
    others = sorted(
        (item for item in catalogue.PRODUCTS if item != product),
        key=lambda item: item.category != product.category,
    )[:4]
    return render_template("product.html", product=product, others=others)


@blueprint.get("/pages/rewards")
def rewards_page() -> str:
    """Show the theme's page for members."""
    return render_template("rewards.html")


@blueprint.post("/cart/add")
def add_to_cart() -> Response:
    """Put units of a product into the cart, to be bought once or by a plan."""
    product = catalogue.find(request.form.get("handle", "")) or abort(404)
    plan_id = request.form.get("selling_plan", "")
    choice = f"{product.handle}:{plan_id}" if plan_id else product.handle
    if catalogue.chosen(choice) is None:
        abort(404)
    had = visitor.quantities().get(choice, 0)
    visitor.put(choice, had + max(1, whole_number("quantity", 1)))
    flash(f"{product.title} is in your cart.", "done")
    return to("shop.cart_page")


@blueprint.get("/cart")
def cart_page() -> str:
    """Show the cart."""
    return render_template("cart.html")


@blueprint.post("/cart")
def change_cart() -> Response:
    """Change quantities, or take a product out."""
    for choice in visitor.quantities():
        visitor.put(choice, max(0, whole_number(f"quantity.{choice}", 1)))
    visitor.put(request.form.get("remove", ""), 0)
    return to("shop.cart_page")


@blueprint.post("/cart/code")
def change_code() -> Response:
    """Use a discount code, or take it away."""
    code = request.form.get("code", "").strip()
    visitor.use_code(None if is_ticked("remove_code") else code or None)
    cart = visitor.priced_cart()
    if cart.refusal:
        visitor.use_code(None)
        flash(cart.refusal, "wrong")
    elif cart.discount:
        flash(f"{cart.discount.code}: {cart.discount.title}.", "done")
    return to("shop.cart_page")


@blueprint.get("/checkout")
def checkout_page() -> str | Response:
    """Show what is to be paid and ask who pays."""
    if not visitor.priced_cart().lines:
        return to("shop.cart_page")
    customer = visitor.shopper()
    with the_store().data.reading() as rows:
        credit_minor = balances.balance_of(rows, customer.id) if customer else 0
    return render_template(
        "checkout.html", credit_minor=credit_minor, card=visitor.gift_card()
    )


@blueprint.post("/checkout")
def pay() -> Response:
    """Turn the cart into an order."""
    cart = visitor.priced_cart()
    if not cart.lines:
        return to("shop.cart_page")
    gateway = GATEWAYS.get(request.form.get("payment", "card")) or abort(400)
    try:
        card = visitor.gift_card()
        written = request.form.get("gift_card") or (card.code if card else "")
        pays = Purse(written, is_ticked("with_credit"))
        order = the_store().place_order(cart, _buyer(), gateway, pays)
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
        return to("shop.checkout_page")
    visitor.empty_cart()
    return to("shop.thank_you", order_id=order.id)


def _buyer() -> Buyer:
    customer = visitor.shopper() or _registered()
    if customer:
        return Buyer(customer.email, customer.name, customer.id)
    email = request.form.get("email", "").strip()
    if not is_address(email):
        raise RefusedError("Please enter your e-mail address.")
    name = " ".join(request.form.get("name", "").split())[:80]
    return Buyer(email, name or "Guest")


def _registered() -> Customer | None:
    """Open an account for a guest who wishes one."""
    if not is_ticked("create_account"):
        return None
    name, email = request.form.get("name", ""), request.form.get("email", "")
    customer = the_store().customers.register(name, email)
    visitor.sign_in(customer)
    return customer


@blueprint.get("/orders/<int:order_id>/thank-you")
def thank_you(order_id: int) -> str:
    """Show how an order stands."""
    return render_template("thank_you.html", order=_order(order_id))


def _order(order_id: int) -> Order:
    with the_store().data.reading() as rows:
        return rows.order(order_id) or abort(404)


@blueprint.get("/cdn/tallymark/<path:path>")
def widget_file(path: str) -> Response:
    """Serve the widget's files, as the store's network of caches would."""
    if not path.endswith(WIDGET_SUFFIXES):
        abort(404)
    folder = the_store().settings.widget_folder.resolve()
    if not (folder / path).exists():
        folder /= "theme/assets"
    answer = send_from_directory(folder, path, max_age=60)
    answer.headers["Cache-Control"] = "public, max-age=60"
    return answer
