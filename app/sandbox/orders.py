"""An order as the store keeps it, and the sums that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.sandbox import money
from app.sandbox.discounts import SHIPPING

PENDING_DISCREPANCY = "Pending refund discrepancy"

CARD = "bogus"
BANK = "Bank Deposit"
GIFT_CARD = "gift_card"
STORE_CREDIT = "shopify_store_credit"


class RefusedError(Exception):
    """The store does not do this to the order as it stands."""


@dataclass(frozen=True)
class Line:
    """Units of a product; those returned or removed are counted as gone.

    `taken` is what each of the order's discounts took off. `plan_id` and `plan_name`
    are of the selling plan by which it was bought.
    """

    id: int
    handle: str
    title: str
    sku: str
    product_id: int
    variant_id: int
    grams: int
    gift_card: bool
    tax_percent: int
    price_minor: int
    quantity: int
    taken: tuple[int, ...]
    plan_id: int | None = None
    plan_name: str = ""
    gone_units: int = 0
    gone_net_minor: int = 0
    gone_tax_minor: int = 0
    fulfilled_units: int = 0

    @property
    def discount_minor(self) -> int:
        """Return what was taken off all its units."""
        return sum(self.taken)

    @property
    def net_minor(self) -> int:
        """Return all its units after discounts, before tax and returns."""
        return self.price_minor * self.quantity - self.discount_minor

    @property
    def tax_minor(self) -> int:
        """Return the tax added to all its units, before returns."""
        return money.percent_of(self.net_minor, self.tax_percent)

    @property
    def current_units(self) -> int:
        """Return the units that the shopper still has."""
        return self.quantity - self.gone_units

    @property
    def open_units(self) -> int:
        """Return the units still to be sent."""
        return max(0, self.current_units - self.fulfilled_units)

    def part(self, units: int) -> tuple[int, int]:
        """Return what the next units to go are worth: net and tax.

        The last units take what is left, so that parts always sum to the line.
        """
        net = self.net_minor - self.gone_net_minor
        tax = self.tax_minor - self.gone_tax_minor
        return net * units // self.current_units, tax * units // self.current_units

    def without(self, units: int) -> Line:
        """Return the line with so many more units gone."""
        net, tax = self.part(units)
        return replace(
            self,
            gone_units=self.gone_units + units,
            gone_net_minor=self.gone_net_minor + net,
            gone_tax_minor=self.gone_tax_minor + tax,
        )


@dataclass(frozen=True)
class Transaction:
    """A movement of money: a sale or a refund, successful or pending.

    `source_id` is the gift card that paid, or the customer whose credit did.
    """

    id: int
    kind: str
    status: str
    amount_minor: int
    gateway: str
    created_at: str
    processed_at: str | None
    parent_id: int | None = None
    refund_id: int | None = None
    source_id: int | None = None


@dataclass(frozen=True)
class Tender:
    """Money from a gift card, or from a customer's credit, towards an order."""

    gateway: str
    amount_minor: int
    source_id: int


@dataclass(frozen=True)
class RefundLine:
    """Units given back, and what they are worth."""

    id: int
    line_id: int
    units: int
    restock_type: str
    net_minor: int
    tax_minor: int


@dataclass(frozen=True)
class Adjustment:
    """A difference between what was given back and what was paid back."""

    id: int
    kind: str
    amount_minor: int
    reason: str


@dataclass(frozen=True)
class Refund:
    """Things given back; the money is in the order's transactions."""

    id: int
    created_at: str
    note: str
    restock: bool
    lines: tuple[RefundLine, ...]
    adjustments: tuple[Adjustment, ...]
    shipping_minor: int = 0
    shipping_id: int = 0


@dataclass(frozen=True)
class Dispute:
    """A chargeback."""

    id: int
    amount_minor: int
    status: str
    initiated_at: str
    evidence_due_by: str
    finalized_on: str | None = None


@dataclass(frozen=True)
class Fulfillment:
    """A parcel: pairs of a line's id and units."""

    id: int
    created_at: str
    units: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Applied:
    """A discount of an order, by itself or by its code."""

    title: str
    kind: str
    value: int
    code: str | None = None
    is_for_all: bool = True


@dataclass(frozen=True)
class Order:
    """An order with everything that happened to it."""

    id: int
    number: int
    token: str
    currency: str
    created_at: str
    updated_at: str
    email: str
    name: str
    customer_id: int | None
    gateway: str
    shipping_id: int
    shipping_minor: int
    needs_shipping: bool
    lines: tuple[Line, ...]
    shipping_discount_minor: int = 0
    applied: tuple[Applied, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    cancelled_at: str | None = None
    cancel_reason: str | None = None

    @property
    def code(self) -> str | None:
        """Return the code that took something off."""
        return next((each.code for each in self.applied if each.code), None)

    def taken_by(self, discount: Applied) -> int:
        """Return what one of its discounts took off the goods or the postage."""
        if discount.kind == SHIPPING:
            return self.shipping_discount_minor
        place = self.applied.index(discount)
        return sum(line.taken[place] for line in self.lines)

    @property
    def goods_minor(self) -> int:
        """Return its lines after discounts, before tax and returns."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """Return the tax added, before returns."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """Return what was taken off the goods."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def saved_minor(self) -> int:
        """Return all that was taken off."""
        return self.discount_minor + self.shipping_discount_minor

    @property
    def total_minor(self) -> int:
        """Return the whole price, before returns."""
        return self.goods_minor + self.tax_minor + self.shipping_minor

    @property
    def current_goods_minor(self) -> int:
        """Return its lines after discounts and returns, before tax."""
        return self.goods_minor - sum(line.gone_net_minor for line in self.lines)

    @property
    def current_tax_minor(self) -> int:
        """Return the tax after returns."""
        return self.tax_minor - sum(line.gone_tax_minor for line in self.lines)

    @property
    def current_shipping_minor(self) -> int:
        """Return the postage that was not given back."""
        return self.shipping_minor - sum(r.shipping_minor for r in self.refunds)

    @property
    def current_total_minor(self) -> int:
        """Return the whole price after returns."""
        goods = self.current_goods_minor + self.current_tax_minor
        return goods + self.current_shipping_minor

    def moved(self, kind: str, status: str = "success") -> int:
        """Return the sum of its transactions of one kind and status."""
        chosen = (t for t in self.transactions if (t.kind, t.status) == (kind, status))
        return sum(t.amount_minor for t in chosen)

    @property
    def refundable_minor(self) -> int:
        """Return the money that can still be given back."""
        back = self.moved("refund") + self.moved("refund", "pending")
        return self.moved("sale") - back

    @property
    def gateways(self) -> list[str]:
        """Return the ways in which it is paid."""
        ways = [each.gateway for each in self.transactions if each.kind == "sale"]
        return list(dict.fromkeys(ways)) or [self.gateway]

    def left_of(self, sale: Transaction) -> int:
        """Return what of a payment was not given back, nor is about to be."""
        back = sum(t.amount_minor for t in self.transactions if t.parent_id == sale.id)
        return max(0, sale.amount_minor - back)

    @property
    def outstanding_minor(self) -> int:
        """Return what the shopper still owes; negative is owed to the shopper."""
        agreed = sum(
            adjustment.amount_minor
            for refund in self.refunds
            for adjustment in refund.adjustments
            if adjustment.kind == "refund_discrepancy"
            and adjustment.reason != PENDING_DISCREPANCY
        )
        if self.cancelled_at and self.moved("sale") == 0:
            return 0
        return self.current_total_minor + agreed - self.refundable_minor

    @property
    def financial_status(self) -> str:
        """Return how far its payment is, in the store's words."""
        paid, back = self.moved("sale"), self.moved("refund")
        if paid == 0 and self.total_minor:
            return "voided" if self.cancelled_at else "pending"
        if back:
            return "refunded" if back >= paid else "partially_refunded"
        return "partially_paid" if self.outstanding_minor > 0 else "paid"

    @property
    def fulfillment_status(self) -> str | None:
        """Return how far its sending is, in the store's words."""
        if not self.fulfillments:
            return None
        is_open = any(line.open_units for line in self.lines)
        return "partial" if is_open else "fulfilled"

    @property
    def is_disputed(self) -> bool:
        """Whether a chargeback awaits its end."""
        return any(d.finalized_on is None for d in self.disputes)

    def line(self, line_id: int) -> Line:
        """Return one of its lines."""
        found = next((line for line in self.lines if line.id == line_id), None)
        if found is None:
            raise RefusedError("There is no such line.")
        return found

    def transactions_of(self, refund: Refund) -> list[Transaction]:
        """Return the money movements of one refund."""
        return [t for t in self.transactions if t.refund_id == refund.id]
