"""Which messages the store sends when an order has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox import refund_bodies
from app.sandbox.bodies import order_body
from app.sandbox.customers import Customer
from app.sandbox.line_bodies import Body
from app.sandbox.orders import Order
from app.sandbox.outbox import Message


@dataclass(frozen=True)
class OrderEdit:
    """An edit's own id and by how many units each line changed."""

    id: int
    changes: Mapping[int, int]


@dataclass(frozen=True)
class Change:
    """An order before and after one action; there is no before for a new one."""

    before: Order | None
    after: Order
    customer: Customer | None
    domain: str
    edit: OrderEdit | None = None

    def messages(self) -> list[Message]:
        """Return all messages of the action."""
        body = whole_order_body(self.after, self.customer, self.domain)
        told = [
            *[(topic, body) for topic in self._order_topics()],
            *self._edits(),
            *self._refunds(),
            *self._transactions(),
        ]
        if told or not self._disputes():
            told.append(("orders/updated", body))
        return [*told, *self._disputes()]

    def _order_topics(self) -> list[str]:
        before, after = self.before, self.after
        topics = [] if before else ["orders/create"]
        if self._is_newly_paid():
            topics.append("orders/paid")
        if after.cancelled_at and not (before and before.cancelled_at):
            topics.append("orders/cancelled")
        if before and len(after.fulfillments) > len(before.fulfillments):
            is_whole = after.fulfillment_status == "fulfilled"
            topics.append(f"orders/{'' if is_whole else 'partially_'}fulfilled")
        return topics

    def _is_newly_paid(self) -> bool:
        if self.after.financial_status == "pending" or self.after.outstanding_minor > 0:
            return False
        if self.before is None:
            return self.after.financial_status == "paid"
        return self.after.moved("sale") > self.before.moved("sale")

    def _edits(self) -> list[Message]:
        if self.edit is None:
            return []
        body = refund_bodies.edit_body(self.after, self.edit.id, self.edit.changes)
        return [("orders/edited", body)]

    def _refunds(self) -> list[Message]:
        known = self.before.refunds if self.before else ()
        return [
            ("refunds/create", refund_bodies.refund_body(self.after, refund))
            for refund in self.after.refunds[len(known) :]
            if self.edit is None or self.after.transactions_of(refund)
        ]

    def _transactions(self) -> list[Message]:
        known = self.before.transactions if self.before else ()
        return [
            (
                "order_transactions/create",
                refund_bodies.transaction_message(self.after, transaction),
            )
            for transaction in self.after.transactions
            if transaction.status == "success" and transaction not in known
        ]

    def _disputes(self) -> list[Message]:
        known = {d.id: d for d in self.before.disputes} if self.before else {}
        return [
            (
                "disputes/update" if dispute.id in known else "disputes/create",
                refund_bodies.dispute_body(self.after, dispute),
            )
            for dispute in self.after.disputes
            if dispute != known.get(dispute.id)
        ]


def whole_order_body(order: Order, customer: Customer | None, domain: str) -> Body:
    """Write an order with its refunds."""
    refunds = [refund_bodies.refund_body(order, refund) for refund in order.refunds]
    return order_body(order, customer, domain, refunds)
