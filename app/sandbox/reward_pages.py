"""The owner's pages about the app: its programme, what it made, trouble with it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.sandbox import automatic, balances, code_jobs, codes
from app.sandbox.admin import bulk, trouble
from app.sandbox.forms import is_ticked, to, whole_number
from app.sandbox.store import the_store

blueprint = Blueprint("rewards", __name__, url_prefix="/admin/rewards")


@blueprint.get("")
def rewards_page() -> str:
    """List all that the app made."""
    with the_store().data.reading() as rows:
        customers = rows.customers()
        return render_template(
            "admin/rewards.html",
            codes=[*codes.added(rows), *codes.made(rows)],
            standing=automatic.everything(rows),
            cards=balances.cards(rows),
            accounts=[
                (customer, balance)
                for customer in customers
                if (balance := balances.balance_of(rows, customer.id))
            ],
            names={customer.id: customer.name for customer in customers},
            kinds=trouble.KINDS,
            waiting=trouble.waiting(rows),
            fails=bulk.is_to_fail(rows),
            calls=code_jobs.waiting_calls(rows),
        )


@blueprint.get("/program")
def program_page() -> Response:
    """Lead to the owner's page in the app, which lets in whom this store sends."""
    settings = the_store().settings
    return redirect(f"{settings.app_url}{settings.program_path()}", 303)


@blueprint.get("/counter")
def counter_page() -> Response:
    """Lead to the page of the app at which vouchers are taken in."""
    settings = the_store().settings
    return redirect(f"{settings.app_url}{settings.counter_path()}", 303)


@blueprint.post("/trouble")
def make_trouble() -> Response:
    """Let the next calls of the app go wrong, or none."""
    with the_store().data.transaction() as rows:
        trouble.arrange(rows, request.form.get("kind", ""), whole_number("count", 1))
    flash("The next calls are arranged.", "done")
    return to("rewards.rewards_page")


@blueprint.post("/work")
def disturb_work() -> Response:
    """Let go wrong, or be late, what the store does for the app in its own time."""
    with the_store().data.transaction() as rows:
        bulk.let_fail(rows, is_so=is_ticked("fails"))
        code_jobs.delay(rows, min(99, whole_number("calls", 0)))
    flash("The store's own work is arranged.", "done")
    return to("rewards.rewards_page")
