"""A store in which each page has something to show, and another store beside it."""

from __future__ import annotations

from dataclasses import dataclass

from flask.testing import FlaskClient

from app.counter.link import counter_path
from app.domain.actions import Newsletter, Review
from app.domain.program import Program
from app.domain.rewards import Service
from app.storage import stores
from app.storage.stores import Store
from tests.app.owner.conftest import APPROVALS, FORM, LOOK, fields
from tests.builders.line import TestLine
from tests.builders.sent_form import Pairs
from tests.builders.shopify import a_line, an_order

LEAVE = "/owner/leave"
OTHER = "other.myshopify.com"
# What only the first store's programme says.
CANARY = "Canary repair"
_REPAIR = Service(points_cost=30, key="repair", service=CANARY)
_PROGRAM = Program(
    rewards=(_REPAIR, *Program().rewards),
    actions=(Newsletter(shoppers_report=True), Review(needs_approval=True)),
)


@dataclass(frozen=True)
class Furnished:
    """Ada has vouchers, and a report of hers waits for the owner.

    `wish` is what one voucher is known by, `code` the code of another. `taken_in` is
    where the counter tells what became of a third.
    """

    line: TestLine
    other: Store
    counter: str
    other_counter: str
    wish: str
    code: str
    taken_in: str

    def filled_in(self, path: str, browser: FlaskClient) -> Pairs:
        """What a form sends to this path, read from pages of somebody signed in."""
        if path.startswith("/counter/"):
            return [("code", self.code)]
        form = fields(browser.get(FORM), LOOK)
        token = [pair for pair in form if pair[0] == "_token"]
        if path == APPROVALS:
            return [*token, ("about", "action/review/1"), ("way", "approve")]
        return token if path == LEAVE else form

    def ours(self) -> tuple[int, int]:
        """How many messages and versions of its programme the first store has."""
        program_id = self.line.store.program_id
        kept = [each for each in self.line.inbox() if each.program_id == program_id]
        with self.line.in_program() as connection:
            history = stores.program_history(connection, program_id)
        return len(kept), len(history.versions)


def furnish(line: TestLine) -> Furnished:
    """Give a line's store all of this."""
    other = line.add_store(OTHER)
    line.set_program(_PROGRAM)
    line.settle(("orders/paid", an_order(a_line("9000.00"))))
    waits = {"customer_id": "7001", "action": "review", "key": "1", "by": "owner"}
    line.ask_own("actions/report", "report/review/1", waits)
    counter, other_counter = (
        counter_path("secret", each.program_id, each.store_id)
        for each in (line.store, other)
    )
    wish, voucher, used = (line.redeem(7001, "repair") for _ in range(3))
    taken = line.client.post(counter, data={"code": used["code"]})
    line.worker.drain()
    taken_in = taken.headers["Location"].removeprefix(counter)
    return Furnished(
        line, other, counter, other_counter, wish["id"], voucher["code"], taken_in
    )
