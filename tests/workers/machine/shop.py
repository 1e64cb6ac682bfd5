"""A pretend store that remembers what happened in it, and says it in messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.builders.shopify import a_line, a_refund, an_order

PRICES = ("10.00", "33.50", "99.99", "12.00")
PRODUCTS = (21, 21, 21, 9001)
# The place of a membership among what is sold.
MEMBERSHIP = 3
# The selling plan by which some memberships are bought, which the store tells if asked.
PLAN = "77"
CUSTOMERS = (7001, 7002, 7003)
# The first of each is the customer's own at first; anybody may come to have the rest.
JOINED_AT = "2025-03-12T09:00:00+00:00"
CONSENT = "customers_email_marketing_consent/update"
ADDRESSES = ("ada@x.org", "bob@x.org", "cyn@x.org", "late@x.org")


@dataclass(frozen=True)
class Said:
    """One message of a store, or of our own, as often as it may be delivered."""

    domain: str
    topic: str
    body: dict[str, Any]
    at: datetime
    is_own: bool = False


class Shop:
    """Orders, refunds and customers as the store itself knows them."""

    def __init__(self, domain: str) -> None:
        """Open with three customers and no orders."""
        self.domain = domain
        self.orders: list[dict[str, Any]] = []
        self.disputes: list[dict[str, Any]] = []
        self.emails = dict(zip(CUSTOMERS, ADDRESSES, strict=False))
        self.merged: set[int] = set()
        self._last_id = 9000

    def place(
        self,
        at: datetime,
        who: int | str,
        basket: Iterable[tuple[int, int]],
        *,
        is_paid: bool,
        code: str | None = None,
    ) -> list[Said]:
        """Have a customer, or a guest with an address, buy `(price, quantity)` each."""
        is_guest = isinstance(who, str)
        lines = [
            a_line(PRICES[price], quantity, id=11 + number, product_id=PRODUCTS[price])
            for number, (price, quantity) in enumerate(basket)
        ]
        order = an_order(
            *lines,
            id=5001 + len(self.orders),
            name=f"#{1001 + len(self.orders)}",
            financial_status="paid" if is_paid else "pending",
            customer=None if is_guest else self._customer(who),
            email=who if is_guest else self.emails[who],
            created_at=at.isoformat(),
            processed_at=at.isoformat(),
            discount_codes=[{"code": code.lower()}] if code else [],
        )
        self.orders.append(order)
        topics = ["orders/create", "orders/paid"] if is_paid else ["orders/create"]
        return [self._order(order, topic, at) for topic in topics]

    def tell_plans(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Answer by which plan an order was bought: memberships in it by ours."""
        plans = {
            str(line["id"]): PLAN if line["product_id"] == PRODUCTS[MEMBERSHIP] else ""
            for line in order["line_items"]
        }
        return self.say("orders/plans", at, order_id=str(order["id"]), plans=plans)

    def pay(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Have an order paid in full."""
        order["financial_status"] = "partially_refunded" if order["refunds"] else "paid"
        return [self._order(order, "orders/paid", at)]

    def fulfil(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Send the goods."""
        order["fulfillment_status"] = "fulfilled"
        return [self._order(order, "orders/fulfilled", at)]

    def edit(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Take a unit away where more than one is left; else add a line to be paid."""
        line = order["line_items"][0]
        if line["current_quantity"] > 1:
            line["current_quantity"] -= 1
        else:
            number = 11 + len(order["line_items"])
            order["line_items"].append(a_line("33.50", id=number))
            order["financial_status"] = "partially_paid"
        edited = {"order_edit": {"order_id": order["id"]}}
        first = Said(self.domain, "orders/edited", edited, at)
        return [first, self._order(order, "orders/updated", at)]

    def cancel(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Cancel an order without saying what went back."""
        order["cancelled_at"] = at.isoformat()
        return [self._order(order, "orders/cancelled", at)]

    def reinstate(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Have a cancelled order stand again, paid."""
        order["cancelled_at"] = None
        return self.pay(order, at)

    def delete(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Remove an order from the store."""
        return [Said(self.domain, "orders/delete", {"id": order["id"]}, at)]

    def refund(self, order: dict[str, Any], at: datetime, how: str) -> list[Said]:
        """Give back a unit, all units that are left, or an amount; maybe pending."""
        id_ = self._new_id()
        left = [line for line in order["line_items"] if line["current_quantity"]]
        status = "pending" if how == "pending" else "success"
        times = {"created_at": at.isoformat(), "processed_at": at.isoformat()}
        more: dict[str, Any] = {"id": id_, "order_id": order["id"]} | times
        if how == "amount" or not left:
            adjusted = (("refund_discrepancy", "-7.25"),)
            refund = a_refund("7.25", adjustments=adjusted, **more)
        else:
            back = [
                (line, line["current_quantity"] if how == "all" else 1)
                for line in (left if how == "all" else left[:1])
            ]
            worth = [Decimal(line["price"]) * units for line, units in back]
            parts = [
                (line["id"], units, str(price))
                for (line, units), price in zip(back, worth, strict=True)
            ]
            refund = a_refund(str(sum(worth)), *parts, status=status, **more)
            for line, units in back:
                line["current_quantity"] -= units
        order["refunds"].append(refund)
        if order["financial_status"] != "pending":
            is_rest = not any(line["current_quantity"] for line in left)
            order["financial_status"] = (
                "refunded" if how == "all" and is_rest else "partially_refunded"
            )
        said = [Said(self.domain, "refunds/create", refund, at)]
        said.append(self._order(order, "orders/updated", at))
        if status == "pending":
            money = refund["transactions"][0] | {"status": "success"}
            said.append(Said(self.domain, "order_transactions/create", money, at))
        return said

    def dispute(self, order: dict[str, Any], at: datetime) -> list[Said]:
        """Have a shopper's bank ask for an order's money."""
        dispute = {
            "id": self._new_id(),
            "order_id": order["id"],
            "type": "chargeback",
            "amount": order["total_price"],
            "currency": "EUR",
            "status": "under_review",
            "initiated_at": at.isoformat(),
        }
        self.disputes.append(dispute)
        return [Said(self.domain, "disputes/create", dispute, at)]

    def decide(
        self, dispute: dict[str, Any], at: datetime, *, is_lost: bool
    ) -> list[Said]:
        """End a dispute."""
        decided = dispute | {"status": "lost" if is_lost else "won"}
        return [Said(self.domain, "disputes/update", decided, at)]

    def join(
        self, customer: int, email: str, at: datetime, *, state: str | None = None
    ) -> list[Said]:
        """Have a customer prove an address; `state` says whether they have an account.

        It is `enabled` where they have, `disabled` where not, and may be left out.
        """
        self.emails[customer] = email
        body = self._customer(customer) | {
            "created_at": JOINED_AT,
            "updated_at": at.isoformat(),
            "state": state,
        }
        return [Said(self.domain, "customers/update", body, at)]

    def consent(
        self, customer: int, state: str, since: datetime, at: datetime
    ) -> list[Said]:
        """Tell whether a customer lets the store send them mail, and since when."""
        consent = {"state": state, "consent_updated_at": since.isoformat()}
        body = {
            "customer_id": customer,
            "email_address": self.emails.get(customer),
            "email_marketing_consent": consent,
        }
        return [Said(self.domain, CONSENT, body, at)]

    def befriend(self, at: datetime) -> tuple[int, list[Said]]:
        """Have somebody new open an account; return who, and what is said of it."""
        friend = 7100 + len(self.emails)
        return friend, self.join(friend, f"friend{friend}@x.org", at)

    def say(self, topic: str, at: datetime, **body: Any) -> list[Said]:
        """Have somebody ask something of us."""
        return [Said(self.domain, topic, body, at, is_own=True)]

    def report_by_tool(
        self, action: str, customer: str, key: str, at: datetime
    ) -> list[Said]:
        """Have a tool called `desk` say what a customer did."""
        told = {"customer_id": customer, "action": action, "key": key}
        return self.say("actions/report", at, by="tool desk", **told)

    def call(
        self, who: int, label: str, at: datetime, now: datetime, *, is_given: bool
    ) -> list[Said]:
        """Have a customer get or lose a tag, or come into a segment or leave it.

        Of a segment the store tells no time, so an owner says since when it holds.
        """
        if label == "segment":
            told = {"kind": "segment", "name": "31", "is_given": is_given}
            told |= {"customer_id": str(who), "at": at.isoformat()}
            return [Said(self.domain, "customers/label", told, now, is_own=True)]
        # No store gives and takes in one moment exactly the same tags.
        tags = [label.upper()] if is_given else [label.upper(), "of old"]
        body = {
            "customerId": f"gid://shopify/Customer/{who}",
            "tags": tags,
            "occurredAt": at.isoformat(),
        }
        topic = f"customer.tags_{'added' if is_given else 'removed'}"
        return [Said(self.domain, topic, body, now)]

    def merge(self, kept: int, deleted: int, at: datetime) -> list[Said]:
        """Make one customer of two."""
        self.merged.add(deleted)
        gid = "gid://shopify/Customer/"
        body = {
            "admin_graphql_api_customer_kept_id": f"{gid}{kept}",
            "admin_graphql_api_customer_deleted_id": f"{gid}{deleted}",
            "status": "completed",
        }
        return [Said(self.domain, "customers/merge", body, at)]

    def redact(self, customer: int, orders: list[int], at: datetime) -> Said:
        """Ask for a customer, with these orders, to be forgotten."""
        body = {
            "shop_id": 1,
            "shop_domain": self.domain,
            "customer": {"id": customer, "email": self.emails[customer]},
            "orders_to_redact": orders,
        }
        return Said(self.domain, "customers/redact", body, at)

    def _customer(self, customer: int) -> dict[str, Any]:
        return {
            "id": customer,
            "email": self.emails[customer],
            "verified_email": True,
        }

    def _order(self, order: dict[str, Any], topic: str, at: datetime) -> Said:
        order["updated_at"] = at.isoformat()
        if order["customer"]:
            order["customer"] = self._customer(order["customer"]["id"])
        lines = [dict(line) for line in order["line_items"]]
        body = order | {"line_items": lines, "refunds": list(order["refunds"])}
        return Said(self.domain, topic, body, at)

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id


def ticked(at: datetime, minutes: int) -> datetime:
    """So many minutes later."""
    return at + timedelta(minutes=minutes)
