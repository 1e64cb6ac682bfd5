"""By what Shopify's bodies let one person be known again: mail, phone, house, card."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.marks import address_mark, mail_mark, payment_mark, phone_mark
from app.platforms.shopify import bodies


def order_marks(body: bodies.Order) -> Iterator[str | None]:
    """Yield the marks of whoever placed an order."""
    yield mail_mark(body.email or body.contact_email)
    yield phone_mark(body.phone)
    yield card_mark(body.payment_details)
    for address in (body.billing_address, body.shipping_address):
        yield from _address_marks(address)
    if body.customer:
        yield from buyer_marks(body.customer)


def buyer_marks(body: bodies.Buyer) -> Iterator[str | None]:
    """Yield the marks of a customer."""
    yield mail_mark(body.email)
    yield phone_mark(body.phone)
    yield from _address_marks(body.default_address)


def card_mark(body: bodies.PaymentDetails | None) -> str | None:
    """Return the mark of the card that paid, None where the store is not told."""
    if body is None:
        return None
    return payment_mark(
        body.credit_card_company,
        body.credit_card_number,
        body.credit_card_bin,
        body.credit_card_expiration_month,
        body.credit_card_expiration_year,
    )


def _address_marks(body: bodies.Address | None) -> Iterator[str | None]:
    if body:
        lines = body.address1, body.address2
        yield address_mark(*lines, body.zip, body.country_code)
        yield phone_mark(body.phone)
