"""By which selling plans the lines of an order were bought, which no message tells."""

from __future__ import annotations

from app.platforms.shopify.admin_api import AdminApi, Answer, gid
from app.platforms.shopify.order_bodies import number, plan_of
from app.platforms.shopify.order_nodes import Page, PlanNode


class _Line(Answer):
    id: str
    selling_plan: PlanNode | None = None


class _Lines(Answer):
    nodes: tuple[_Line, ...]
    page_info: Page


class _Order(Answer):
    line_items: _Lines


class _OneOrder(Answer):
    order: _Order | None = None


def find_plans(api: AdminApi, order_id: str) -> dict[str, str] | None:
    """Return the plan of each line by its id, '' for none; raises StoreAway.

    None where the store has no such order any more, or does not show it to us.
    """
    found: dict[str, str] = {}
    after = None
    while True:
        variables = {"id": gid("Order", order_id), "after": after}
        order = api.ask("find_plans", _OneOrder, **variables).order
        if order is None:
            return None
        lines = order.line_items
        found |= {
            str(number(each.id)): str(plan_of(each.selling_plan) or "")
            for each in lines.nodes
        }
        if not lines.page_info.has_next_page:
            return found
        after = lines.page_info.end_cursor
