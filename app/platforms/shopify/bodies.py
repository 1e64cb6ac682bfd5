"""The parts of Shopify's webhook bodies that points depend on; all else is passed over.

Names are Shopify's (REST resources, API version 2026-10). Older versions leave fields
out, so all but the ids may be missing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

Id = int | str
# Anything else has no known number of decimals, so its amounts could not be read.
Currency = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]

CustomerGid = Annotated[
    str, msgspec.Meta(pattern=r"\Agid://shopify/Customer/[0-9]{1,20}\Z")
]


CollectionGid = Annotated[
    str, msgspec.Meta(pattern=r"\Agid://shopify/Collection/[0-9]{1,20}\Z")
]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all bodies: immutable, named fields only."""


class Money(Body, frozen=True, kw_only=True):
    """An amount in one currency."""

    amount: Decimal | None = None
    currency_code: Currency | None = None


class MoneySet(Body, frozen=True, kw_only=True):
    """An amount in the store's currency."""

    shop_money: Money | None = None


class PresentedSet(Body, frozen=True, kw_only=True):
    """An amount in the store's currency and in the shopper's."""

    shop_money: Money | None = None
    presentment_money: Money | None = None


class DiscountAllocation(Body, frozen=True, kw_only=True):
    """The part of a discount that falls on one line."""

    amount: Decimal | None = None
    amount_set: MoneySet | None = None


class DiscountCode(Body, frozen=True, kw_only=True):
    """A code that was used on an order."""

    code: str | None = None


class TaxLine(Body, frozen=True, kw_only=True):
    """One tax on one line."""

    price: Decimal | None = None
    price_set: MoneySet | None = None


class LineItem(Body, frozen=True, kw_only=True):
    """One line of an order; its selling plan is told where the store was asked."""

    id: Id
    product_id: Id | None = None
    selling_plan_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    title: str | None = None
    quantity: int = 0
    current_quantity: int | None = None
    price: Decimal | None = None
    price_set: MoneySet | None = None
    total_discount: Decimal | None = None
    total_discount_set: MoneySet | None = None
    discount_allocations: list[DiscountAllocation] | None = None
    tax_lines: list[TaxLine] | None = None
    gift_card: bool | None = None


class ShippingLine(Body, frozen=True, kw_only=True):
    """One charge for shipping."""

    price: Decimal | None = None
    price_set: MoneySet | None = None
    discounted_price: Decimal | None = None
    discounted_price_set: MoneySet | None = None
    tax_lines: list[TaxLine] | None = None


class PaymentDetails(Body, frozen=True, kw_only=True):
    """The card that paid, as far as a store is told."""

    credit_card_bin: Id | None = None
    credit_card_company: str | None = None
    credit_card_number: str | None = None
    credit_card_expiration_month: Id | None = None
    credit_card_expiration_year: Id | None = None


class Address(Body, frozen=True, kw_only=True):
    """Where somebody lives, or has things sent to."""

    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    country_code: str | None = None
    phone: str | None = None


class OrderTransaction(Body, frozen=True, kw_only=True):
    """A movement of money on an order."""

    id: Id
    kind: str
    status: str
    amount: Decimal | None = None
    currency: Currency | None = None
    order_id: Id | None = None
    payment_details: PaymentDetails | None = None


class RefundedLine(Body, frozen=True, kw_only=True):
    """The line that a refund gives back, as it was ordered."""

    gift_card: bool | None = None


class RefundLineItem(Body, frozen=True, kw_only=True):
    """Units given back."""

    line_item_id: Id
    quantity: int = 0
    subtotal: Decimal | None = None
    subtotal_set: MoneySet | None = None
    total_tax: Decimal | None = None
    total_tax_set: MoneySet | None = None
    line_item: RefundedLine | None = None


class OrderAdjustment(Body, frozen=True, kw_only=True):
    """A difference between a refund's lines and the money that moved."""

    kind: str | None = None
    amount: Decimal | None = None
    amount_set: MoneySet | None = None
    tax_amount: Decimal | None = None
    tax_amount_set: MoneySet | None = None


class RefundShippingLine(Body, frozen=True, kw_only=True):
    """Shipping given back, before tax."""

    subtotal_amount_set: MoneySet | None = None


class Refund(Body, frozen=True, kw_only=True):
    """Units or money given back."""

    id: Id
    order_id: Id | None = None
    created_at: datetime | None = None
    processed_at: datetime | None = None
    refund_line_items: list[RefundLineItem] = []
    refund_shipping_lines: list[RefundShippingLine] | None = None
    order_adjustments: list[OrderAdjustment] | None = None
    transactions: list[OrderTransaction] = []
    total_duties_set: MoneySet | None = None


class RefundCreated(Refund, frozen=True, kw_only=True):
    """The body of refunds/create, which always says what it gave back."""

    order_id: Id
    refund_line_items: list[RefundLineItem]
    transactions: list[OrderTransaction]


class Buyer(Body, frozen=True, kw_only=True):
    """The customer within an order; old guest orders have one without an id."""

    id: Id | None = None
    email: str | None = None
    phone: str | None = None
    default_address: Address | None = None
    verified_email: bool | None = None
    updated_at: datetime | None = None
    created_at: datetime | None = None


class Customer(Buyer, frozen=True, kw_only=True):
    """A customer on its own."""

    id: Id
    state: str | None = None
    line_items: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    myshopify_domain: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Order(Body, frozen=True, kw_only=True):
    """An order as the store shows it."""

    id: Id
    line_items: list[LineItem]
    name: str | None = None
    created_at: datetime | None = None
    processed_at: datetime | None = None
    updated_at: datetime | None = None
    cancelled_at: datetime | None = None
    currency: Currency = "USD"
    presentment_currency: Currency | None = None
    total_price: Decimal | None = None
    total_price_set: PresentedSet | None = None
    total_shipping_price_set: MoneySet | None = None
    total_tip_received: Decimal | None = None
    taxes_included: bool | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    test: bool | None = None
    email: str | None = None
    contact_email: str | None = None
    order_status_url: str | None = None
    source_name: str | None = None
    phone: str | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    payment_details: PaymentDetails | None = None
    customer: Buyer | None = None
    discount_codes: list[DiscountCode] | None = None
    shipping_lines: list[ShippingLine] | None = None
    refunds: list[Refund] | None = None


class OrderEdit(Body, frozen=True, kw_only=True):
    """What orders/edited carries: no totals."""

    order_id: Id


class OrderEdited(Body, frozen=True, kw_only=True):
    """The body of orders/edited."""

    order_edit: OrderEdit


class OrderDeleted(Body, frozen=True, kw_only=True):
    """The body of orders/delete: an id, and never the order."""

    id: Id
    line_items: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class OrderTransactionCreated(OrderTransaction, frozen=True, kw_only=True):
    """The body of order_transactions/create."""

    order_id: Id


class Dispute(Body, frozen=True, kw_only=True):
    """A chargeback or an inquiry."""

    id: Id
    type: str
    status: str
    amount: Decimal
    order_id: Id | None = None
    currency: Currency | None = None
    initiated_at: datetime | None = None


class CustomerDeleted(Body, frozen=True, kw_only=True):
    """The body of customers/delete: an id, and never the customer."""

    id: Id
    email: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class CustomersMerged(Body, frozen=True, kw_only=True):
    """The body of customers/merge."""

    admin_graphql_api_customer_kept_id: str
    admin_graphql_api_customer_deleted_id: str
    status: str | None = None


class CustomerTags(Body, frozen=True, kw_only=True, rename="camel"):
    """The body of customer.tags_added and customer.tags_removed."""

    customer_id: CustomerGid
    tags: list[Annotated[str, msgspec.Meta(max_length=255)]]
    occurred_at: datetime


class EmailConsent(Body, frozen=True, kw_only=True):
    """Whether a customer has subscribed to mail, and since when that is so."""

    state: str
    consent_updated_at: datetime | None = None


class EmailConsentUpdated(Body, frozen=True, kw_only=True):
    """The body of customers_email_marketing_consent/update; it names an address too."""

    customer_id: Id
    email_marketing_consent: EmailConsent


class CustomerSegment(Body, frozen=True, kw_only=True):
    """The body of customer.joined_segment and customer.left_segment: no time."""

    customer_id: CustomerGid
    segment_id: Annotated[
        str, msgspec.Meta(pattern=r"\Agid://shopify/Segment/[0-9]{1,20}\Z")
    ]


class Product(Body, frozen=True, kw_only=True):
    """The body of products/create and products/update."""

    id: Id
    variants: list[msgspec.Raw]
    tags: str | list[str] | None = None
    updated_at: datetime | None = None


class Collection(Body, frozen=True, kw_only=True):
    """The body of collections/create, /update and /delete; none lists its products."""

    id: Id
    admin_graphql_api_id: CollectionGid | None = None


class Shop(Body, frozen=True, kw_only=True):
    """The body of app/uninstalled."""

    id: Id
    myshopify_domain: str | None


class ScopesUpdated(Body, frozen=True, kw_only=True):
    """The body of app/scopes_update."""

    current: list[str]
    previous: list[str]
    updated_at: datetime | None = None


class Person(Body, frozen=True, kw_only=True):
    """Whom a compliance request is about; sometimes only one of these is known."""

    id: Id | None = None
    email: str | None = None
    phone: str | None = None


class DataRequest(Body, frozen=True, kw_only=True):
    """The number of a data request."""

    id: Id


class CustomersDataRequest(Body, frozen=True, kw_only=True):
    """The body of customers/data_request."""

    shop_domain: str
    customer: Person
    data_request: DataRequest
    orders_requested: list[Id] | None = None


class CustomersRedact(Body, frozen=True, kw_only=True):
    """The body of customers/redact."""

    shop_domain: str
    customer: Person
    orders_to_redact: list[Id] | None = None
    data_request: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ShopRedact(Body, frozen=True, kw_only=True):
    """The body of shop/redact."""

    shop_domain: str
    shop_id: Id | None = None
    customer: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
