"""What extensions of checkout and account ask, whose session token says who asks.

The answers are those of the app proxy. Extensions run in workers of another origin, so
any origin is let in: a token is no cookie, and whoever has none is told nothing.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.api.asking import (
    EXTENSIONS,
    asking_customer,
    asking_store,
    in_store,
)
from app.api.donations import donations
from app.api.giveaways import all_giveaways, one_draw
from app.api.history import Brought, of_order
from app.api.proxy import estimate, standing
from app.api.redemptions import cancel, request_reward, see
from app.api.schemas import OrderPointsSchema
from app.api.words import words
from app.doors import the_doors
from app.problems import answer_errors
from app.storage.identities import Identities

extensions = Blueprint("extensions", __name__, url_prefix=EXTENSIONS)
answer_errors(extensions)

extensions.get("/standing")(standing)
extensions.post("/estimate")(estimate)
extensions.get("/donations")(donations)
extensions.get("/words")(words)
extensions.get("/giveaways")(all_giveaways)
extensions.get("/giveaways/<commitment>")(one_draw)
extensions.post("/redemptions")(request_reward)
extensions.get("/redemptions/<redemption_id>")(see)
extensions.post("/redemptions/<redemption_id>/cancel")(cancel)

_LET_IN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Max-Age": "7200",
}


@extensions.get("/orders/<order_id>")
def points_of_order(order_id: str) -> Response:
    """Answer what an order brought the member who is signed in."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        people = Identities(connection, store.program_id, store.store_id)
        known = people.customers([asking_customer()]).values()
        brought = Brought(0, "unknown")
        # An order is named by a number; nothing else is looked for.
        for each in known if order_id.isdecimal() else ():
            member_id = people.following(each).member_id
            brought = of_order(connection, store, member_id, order_id)
    return jsonify(OrderPointsSchema().dump(brought))


@extensions.after_request
def _let_in(response: Response) -> Response:
    response.headers.update(_LET_IN)
    return response
