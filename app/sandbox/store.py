"""The pretend store: what shoppers and its owner do, kept and told to the app."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import current_app

from app.sandbox import automatic, cart, codes, order_steps, purse, refunds
from app.sandbox.announcements import Change, OrderEdit
from app.sandbox.app_desk import AppDesk
from app.sandbox.cart import Cart, CartLine
from app.sandbox.customer_desk import CustomerDesk
from app.sandbox.customers import Customer
from app.sandbox.discounts import Attempt, Discount, refusal
from app.sandbox.label_desk import LabelDesk
from app.sandbox.order_steps import Buyer, EditRequest, Stamp
from app.sandbox.orders import Order, RefusedError
from app.sandbox.outbox import Outbox
from app.sandbox.purse import Purse
from app.sandbox.refunds import Ids, RefundRequest
from app.sandbox.settings import SandboxSettings
from app.sandbox.shelf_desk import ShelfDesk
from app.sandbox.store_data import Rows, StoreData

Step = Callable[[Order, Ids, str], Order]
NO_PURSE = Purse()


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Store:
    """Every method is one action: one transaction, one set of messages."""

    settings: SandboxSettings
    data: StoreData
    outbox: Outbox
    wake: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = utc_now

    @property
    def customers(self) -> CustomerDesk:
        """Return where customers are looked after."""
        return CustomerDesk(
            self.settings, self.data, self.outbox, self.wake, self.clock
        )

    @property
    def app(self) -> AppDesk:
        """Return where the app is looked after."""
        return AppDesk(self.settings, self.data, self.outbox, self.wake, self.clock)

    @property
    def labels(self) -> LabelDesk:
        """Return where customers are tagged, and put into segments."""
        return LabelDesk(self.data, self.outbox, self.wake, self.clock)

    @property
    def shelves(self) -> ShelfDesk:
        """Return where products are tagged, and put into collections."""
        return ShelfDesk(self.data, self.outbox, self.wake, self.clock)

    def priced(
        self, quantities: Mapping[str, int], code: str | None, customer: Customer | None
    ) -> Cart:
        """Price a cart with a code, or without it and with the reason why.

        What applies by itself applies beside the code, or where the two do not go
        together, stands against it: whatever takes more off.
        """
        now = self.clock()
        with self.data.reading() as rows:
            standing = automatic.applying(rows, customer, now)
            discount = codes.find(rows, code) if code else None
            beside = automatic.applying(rows, customer, now, discount)
        plain = cart.price(quantities, None, standing)
        if not code:
            return plain
        if discount is None:
            return replace(plain, refusal="This store does not know that code.")
        reason = self._refusal(discount, plain.lines, customer.id if customer else None)
        if reason:
            return replace(plain, refusal=reason)
        coded = cart.price(quantities, discount, beside)
        if standing and coded.saved_minor <= plain.saved_minor:
            words = f"{discount.code} would take no more off than you have already."
            return replace(plain, refusal=words)
        return coded

    def _refusal(
        self, discount: Discount, lines: Sequence[CartLine], customer_id: int | None
    ) -> str | None:
        counted = cart.counting(lines, discount)
        goods_minor = sum(line.price_minor for line in counted)
        attempt = Attempt(customer_id, self.clock(), goods_minor, bool(counted))
        return refusal(discount, attempt)

    def place_order(
        self, chosen: Cart, buyer: Buyer, gateway: str, pays: Purse = NO_PURSE
    ) -> Order:
        """Turn a cart into an order; its code may have been used up meanwhile."""
        with self.data.transaction() as rows:
            self._use_code(rows, chosen, buyer)
            automatic.count_uses(rows, chosen.used)
            today, due = self.clock().date(), chosen.total_minor
            spent = purse.tenders(rows, pays, buyer.customer_id, due, today)
            stamp = Stamp(
                number=rows.next_number(),
                token=secrets.token_hex(16),
                at=self._now(None),
                currency=self.settings.currency,
            )
            purse.spend(rows, spent, stamp.at)
            order = order_steps.place(
                chosen, buyer, gateway, rows.next_id, stamp, spent
            )
            self._keep(rows, None, order)
        self.wake()
        return order

    def _use_code(self, rows: Rows, chosen: Cart, buyer: Buyer) -> None:
        if chosen.discount is None or chosen.discount not in chosen.used:
            return
        discount = codes.find(rows, chosen.discount.code)
        if discount is None:
            raise RefusedError("This store does not know that code.")
        reason = self._refusal(discount, chosen.lines, buyer.customer_id)
        if reason:
            raise RefusedError(reason)
        codes.count_use(rows, discount)

    def refund(self, order_id: int, request: RefundRequest) -> Order:
        """Give units, postage or money back."""
        return self._step(
            order_id, lambda order, ids, at: refunds.refund(order, request, ids, at)
        )

    def refund_everything(self, order_id: int, pending: bool = False) -> Order:
        """Give all back that is left."""

        def step(order: Order, ids: Ids, at: str) -> Order:
            request = replace(refunds.everything(order), pending=pending)
            return refunds.refund(order, request, ids, at)

        return self._step(order_id, step)

    def settle_refund(self, order_id: int, refund_id: int) -> Order:
        """Let a pending refund's money arrive."""
        return self._step(
            order_id, lambda order, _ids, at: refunds.settle(order, refund_id, at)
        )

    def cancel(
        self, order_id: int, reason: str, give_back: bool, restock: bool
    ) -> Order:
        """Cancel an order, with its money or without."""

        def step(order: Order, ids: Ids, at: str) -> Order:
            cancelled = order_steps.cancel(order, reason, at)
            wish = replace(
                refunds.everything(order), restock=restock, note="Order canceled"
            )
            if give_back:
                return refunds.refund(cancelled, wish, ids, at)
            if restock:
                wish = replace(wish, with_money=False, shipping=False)
                return refunds.refund(cancelled, wish, ids, at)
            return cancelled

        return self._step(order_id, step)

    def collect(self, order_id: int) -> Order:
        """Mark as paid what the shopper still owes."""
        return self._step(order_id, order_steps.collect)

    def fulfil(self, order_id: int, units: Mapping[int, int]) -> Order:
        """Send units."""
        return self._step(
            order_id, lambda order, ids, at: order_steps.fulfil(order, units, ids, at)
        )

    def edit(self, order_id: int, request: EditRequest) -> Order:
        """Change units."""
        return self._step(
            order_id,
            lambda order, ids, at: order_steps.edit(order, request, ids, at),
            request,
        )

    def open_dispute(self, order_id: int) -> Order:
        """Open a chargeback."""
        return self._step(order_id, order_steps.open_dispute)

    def settle_dispute(self, order_id: int, dispute_id: int, status: str) -> Order:
        """End a chargeback."""
        return self._step(
            order_id,
            lambda order, _ids, at: order_steps.settle_dispute(
                order, dispute_id, status, at
            ),
        )

    def attach(self, order_id: int, customer_id: int) -> Order:
        """Give a guest's order to a customer."""
        with self.data.reading() as rows:
            if rows.customer(customer_id) is None:
                raise RefusedError("There is no such customer.")

        def step(order: Order, _ids: Ids, _at: str) -> Order:
            if order.customer_id is not None:
                raise RefusedError("The order has a customer already.")
            return replace(order, customer_id=customer_id)

        return self._step(order_id, step)

    def delete(self, order_id: int) -> None:
        """Delete a cancelled order."""
        with self.data.transaction() as rows:
            order = existing(rows, order_id)
            if not order.cancelled_at:
                raise RefusedError("Only a cancelled order can be deleted.")
            rows.delete_order(order_id)
            self.outbox.put(rows, [("orders/delete", {"id": order_id})])
        self.wake()

    def _step(
        self, order_id: int, step: Step, edit: EditRequest | None = None
    ) -> Order:
        with self.data.transaction() as rows:
            before = existing(rows, order_id)
            at = self._now(before)
            after = replace(step(before, rows.next_id, at), updated_at=at)
            made = None
            if edit:
                changes = order_steps.unit_changes(before, edit.units)
                made = OrderEdit(rows.next_id(), changes)
            self._keep(rows, before, after, made)
        self.wake()
        return after

    def _keep(
        self,
        rows: Rows,
        before: Order | None,
        after: Order,
        edit: OrderEdit | None = None,
    ) -> None:
        rows.save_order(after)
        purse.give_back(rows, before, after, after.updated_at)
        customer = rows.customer(after.customer_id)
        change = Change(before, after, customer, self.settings.domain, edit)
        self.outbox.put(rows, change.messages())

    def _now(self, order: Order | None) -> str:
        """Return the time in whole seconds, always later than the order's last."""
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        if order:
            last = datetime.fromisoformat(order.updated_at)
            now = max(now, last + timedelta(seconds=1))
        return now.isoformat()


def existing(rows: Rows, order_id: int) -> Order:
    """Return an order that must be there."""
    order = rows.order(order_id)
    if order is None:
        raise RefusedError("There is no such order.")
    return order


def the_store() -> Store:
    """Return the store of the running application."""
    store = current_app.extensions["sandbox"]
    assert isinstance(store, Store)
    return store
