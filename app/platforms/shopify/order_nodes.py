"""Orders and refunds as the Admin API shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from app.platforms.shopify.admin_api import Answer, Known


class Page(Answer):
    """Whether there is more of a list, and after what."""

    has_next_page: bool = False
    end_cursor: str | None = None


class Money(Answer):
    """An amount in one currency."""

    amount: Decimal
    currency_code: str


class Bag(Answer):
    """An amount in the store's currency, in the shopper's, or in both."""

    shop_money: Money | None = None
    presentment_money: Money | None = None


class Priced(Answer):
    """A tax by its price."""

    price_set: Bag


class _Allocation(Answer):
    allocated_amount_set: Bag


class PlanNode(Answer):
    """The selling plan by which a line was bought; one that is gone has no id."""

    selling_plan_id: str | None = None


class LineNode(Answer):
    """One line of an order."""

    id: str
    title: str
    quantity: int
    current_quantity: int
    is_gift_card: bool
    original_unit_price_set: Bag
    product: Known | None = None
    selling_plan: PlanNode | None = None
    discount_allocations: tuple[_Allocation, ...] = ()
    tax_lines: tuple[Priced, ...] = ()


class LinePage(Answer):
    """Some lines of an order."""

    nodes: tuple[LineNode, ...] = ()
    page_info: Page = msgspec.field(default_factory=Page)


class ShippingNode(Answer):
    """One charge for shipping."""

    discounted_price_set: Bag
    tax_lines: tuple[Priced, ...] = ()


class _ShippingLines(Answer):
    nodes: tuple[ShippingNode, ...] = ()


class _Address(Answer):
    email_address: str


class CustomerNode(Answer):
    """Whose order it is."""

    id: str
    created_at: datetime
    updated_at: datetime
    verified_email: bool
    default_email_address: _Address | None = None


class OrderNode(Answer):
    """An order with some of its lines, with none where these are told apart."""

    id: str
    name: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    currency_code: str
    presentment_currency_code: str
    taxes_included: bool
    test: bool
    display_fulfillment_status: str
    total_price_set: Bag
    total_tip_received_set: Bag
    line_items: LinePage = msgspec.field(default_factory=LinePage)
    shipping_lines: _ShippingLines = msgspec.field(default_factory=_ShippingLines)
    cancelled_at: datetime | None = None
    email: str | None = None
    source_name: str | None = None
    display_financial_status: str | None = None
    discount_codes: tuple[str, ...] = ()
    customer: CustomerNode | None = None
    refunds: tuple[Known, ...] = ()


class _LineOfRefund(Answer):
    id: str
    is_gift_card: bool


class RefundLineNode(Answer):
    """Units of one line that went back."""

    quantity: int
    line_item: _LineOfRefund
    subtotal_set: Bag
    total_tax_set: Bag


class RefundLinePage(Answer):
    """Some lines of a refund."""

    nodes: tuple[RefundLineNode, ...]
    page_info: Page


class _ShippingBack(Answer):
    subtotal_amount_set: Bag
    tax_amount_set: Bag


class _ShippingBackLines(Answer):
    nodes: tuple[_ShippingBack, ...]


class _Difference(Answer):
    amount_set: Bag
    tax_amount_set: Bag


class _Differences(Answer):
    nodes: tuple[_Difference, ...]


class _Duty(Answer):
    amount_set: Bag


class TransactionNode(Answer):
    """A movement of money."""

    id: str
    kind: str
    status: str
    amount_set: Bag


class _Transactions(Answer):
    nodes: tuple[TransactionNode, ...]


class RefundNode(Answer):
    """A refund with some of its lines."""

    id: str
    processed_at: datetime
    refund_line_items: RefundLinePage
    refund_shipping_lines: _ShippingBackLines
    order_adjustments: _Differences
    transactions: _Transactions
    created_at: datetime | None = None
    duties: tuple[_Duty, ...] | None = None
