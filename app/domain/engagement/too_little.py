"""Whether enough of what is meant was bought in an order, and why not."""

from __future__ import annotations

from decimal import Decimal

from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.money import in_words, to_minor
from app.domain.reasons import NO_REASON, Reason, because

NOTHING_COUNTS = because("nothing_counts")


def too_little(
    kept: Kept, products: Products, amount_min: Decimal, currency: str
) -> Reason:
    """Return why what was bought of some products is too little, if it is.

    `amount_min` is in whole units of the currency; something must count in any case.
    """
    amount = kept.amount_minor(products)
    if amount <= 0:
        return NOTHING_COUNTS
    least = to_minor(amount_min, currency)
    if amount >= least:
        return NO_REASON
    told = in_words(amount, currency), in_words(least, currency)
    return because("too_little_counts", amount=told[0], least=told[1])
