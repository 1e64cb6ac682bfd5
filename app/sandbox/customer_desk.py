"""Where customers of the pretend store are registered, merged and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from app.sandbox import balances, codes, customer_bodies, metafields
from app.sandbox.bodies import SHOP_ID
from app.sandbox.customers import Customer
from app.sandbox.orders import RefusedError
from app.sandbox.outbox import Outbox
from app.sandbox.settings import SandboxSettings
from app.sandbox.store_data import Rows, StoreData

FIRST_CUSTOMERS = (
    ("Ada Byron", "ada@example.com"),
    ("Grace Murray", "grace@example.com"),
    ("Linus Berg", "linus@example.com"),
)
BEFORE_THE_APP = timedelta(days=30)

CONSENT = "customers_email_marketing_consent/update"


@dataclass(frozen=True)
class CustomerDesk:
    """Every method is one action: one transaction, one set of messages."""

    settings: SandboxSettings
    data: StoreData
    outbox: Outbox
    wake: Callable[[], None]
    clock: Callable[[], datetime]

    def settle_in(self) -> None:
        """Give a new store its first customers, who were there before the app."""
        at = self._time(self.clock() - BEFORE_THE_APP)
        with self.data.transaction() as rows:
            if not rows.setting("is_settled", False):
                rows.save_setting("is_settled", True)
                for name, email in FIRST_CUSTOMERS:
                    self._new(rows, name, email, at)

    def register(
        self, name: str, email: str, *, has_newsletter: bool = False
    ) -> Customer:
        """Open an account, with the newsletter for who wishes it."""
        name, email = " ".join(name.split()), email.strip()
        if not name or len(name) > 80:
            raise RefusedError("Please enter your name.")
        if not is_address(email):
            raise RefusedError("Please enter an e-mail address.")
        with self.data.transaction() as rows:
            if rows.customer_by_email(email):
                raise RefusedError("There is an account with this e-mail address.")
            customer = self._new(rows, name, email, self._now())
            body = customer_bodies.whole_customer_body(customer, self.settings.currency)
            self.outbox.put(rows, [("customers/create", body)])
            if has_newsletter:
                customer = self._consent(rows, customer, has_newsletter=True)
        self.wake()
        return customer

    def set_newsletter(self, customer_id: int, *, has_newsletter: bool) -> None:
        """Let the store send a customer mail, or no more; the same again is no news."""
        with self.data.transaction() as rows:
            customer = existing(rows, customer_id)
            if customer.has_newsletter != has_newsletter:
                self._consent(rows, customer, has_newsletter=has_newsletter)
        self.wake()

    def _consent(
        self, rows: Rows, customer: Customer, *, has_newsletter: bool
    ) -> Customer:
        at = self._now()
        customer = replace(
            customer,
            has_newsletter=has_newsletter,
            newsletter_at=at,
            updated_at=at,
        )
        rows.save_customer(customer)
        body = customer_bodies.consent_body(customer)
        self.outbox.put(rows, [(CONSENT, body)])
        return customer

    def request_data(self, customer_id: int) -> None:
        """Let a customer ask for all that is kept of them."""
        with self.data.transaction() as rows:
            body = self._privacy_body(rows, customer_id, "orders_requested")
            body["data_request"] = {"id": rows.next_id()}
            self.outbox.put(rows, [("customers/data_request", body)])
        self.wake()

    def redact(self, customer_id: int) -> None:
        """Let a customer ask to be forgotten."""
        with self.data.transaction() as rows:
            body = self._privacy_body(rows, customer_id, "orders_to_redact")
            self.outbox.put(rows, [("customers/redact", body)])
        self.wake()

    def delete(self, customer_id: int) -> None:
        """Delete a customer who never ordered."""
        with self.data.transaction() as rows:
            customer = existing(rows, customer_id)
            if rows.orders(customer_id):
                raise RefusedError("A customer with orders cannot be deleted.")
            metafields.remove_all(rows, customer_id)
            rows.delete_customer(customer_id)
            body = customer_bodies.deleted_body(customer)
            self.outbox.put(rows, [("customers/delete", body)])
        self.wake()

    def merge(self, kept_id: int, gone_id: int) -> None:
        """Make two customers one; the kept one gets all that the other had."""
        if kept_id == gone_id:
            raise RefusedError("Choose two different customers.")
        with self.data.transaction() as rows:
            kept, gone = existing(rows, kept_id), existing(rows, gone_id)
            for order in rows.orders(gone_id):
                rows.save_order(replace(order, customer_id=kept_id))
            codes.move(rows, gone_id, kept_id)
            balances.move(rows, gone_id, kept_id)
            metafields.move(rows, gone_id, kept_id)
            rows.delete_customer(gone_id)
            kept = replace(
                kept,
                updated_at=self._now(),
                tags=tuple(dict.fromkeys((*kept.tags, *gone.tags))),
                segments=tuple({*kept.segments, *gone.segments}),
            )
            rows.save_customer(kept)
            body = customer_bodies.whole_customer_body(kept, self.settings.currency)
            self.outbox.put(
                rows,
                [
                    ("customers/merge", customer_bodies.merge_body(kept, gone)),
                    ("customers/update", body),
                ],
            )
        self.wake()

    def _new(self, rows: Rows, name: str, email: str, at: str) -> Customer:
        customer = Customer(rows.next_id(), name, email, at, at)
        rows.save_customer(customer)
        return customer

    def _privacy_body(
        self, rows: Rows, customer_id: int, field: str
    ) -> customer_bodies.Body:
        customer = existing(rows, customer_id)
        orders = [order.id for order in rows.orders(customer_id)]
        shop = (SHOP_ID, self.settings.domain)
        return customer_bodies.privacy_body(shop, customer, (field, orders))

    def _now(self) -> str:
        return self._time(self.clock())

    def _time(self, at: datetime) -> str:
        return at.astimezone(UTC).replace(microsecond=0).isoformat()


def is_address(email: str) -> bool:
    """Whether this looks like an e-mail address."""
    name, _, host = email.strip().partition("@")
    return bool(name and "." in host and " " not in email.strip()) and len(email) < 200


def existing(rows: Rows, customer_id: int) -> Customer:
    """Return a customer who must be there."""
    customer = rows.customer(customer_id)
    if customer is None:
        raise RefusedError("There is no such customer.")
    return customer
