"""What a store's pages reckon points by: a metafield of the app's own installation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil, lcm

from app.domain.money import minor_units
from app.domain.plain_terms import PlainTerms
from app.domain.rounding import Rounding
from app.platforms.shopify.admin_api import AdminApi, Answer, UserError
from app.platforms.shopify.metafields import STALE, shown_tier

# It belongs to the installation, so no other app can write to this name of ours, and
# Liquid knows it as `app.metafields.tallymark.earning`.
NAMESPACE, KEY = "tallymark", "earning"
# Longer ones a store may not take, and then would go on saying what it said before.
CHARACTERS_MAX = 60_000
# With larger numbers the programme's own decimals would no longer be exact.
NUMBER_MAX = 10**9
# Somebody else wrote each time between our look and our word.
TRIES = 3

# What pages reckon by; empty where they should not.
Document = Mapping[str, object]


class _Kept(Answer):
    compare_digest: str
    value: str


class _Installation(Answer):
    id: str
    earning: _Kept | None = None


class _Found(Answer):
    current_app_installation: _Installation


class _Payload(Answer):
    user_errors: tuple[UserError, ...]


class _Made(Answer):
    made: _Payload


def document_of(
    terms: PlainTerms | None, currency: str, until: datetime | None
) -> Document:
    """Write terms in whole numbers of the hundredths that Liquid has for money.

    Points are `amount * points + plus` by `per`, what is left over dropped: that is any
    of the three ways of rounding. Of collections Liquid knows only those that it shows,
    and of shipping and tax nothing: prices have to have in them what counts.
    """
    if terms is None:
        return {}
    if terms.counting.excluded_collection_ids or terms.counting.includes_shipping:
        return {}
    hundredth = Fraction(minor_units(currency), 100)
    rate = terms.rate * hundredth
    rates = {shown_tier(name): each * hundredth for name, each in terms.by_tier.items()}
    per = 2 * lcm(*(each.denominator for each in (rate, *rates.values())))
    points = int(rate * per)
    tiers = {name: int(each * per) for name, each in rates.items()}
    if max(per, points, *tiers.values()) > NUMBER_MAX:
        return {}
    plus = {Rounding.DOWN: 0, Rounding.NEAREST: per // 2, Rounding.UP: per - 1}
    document = {
        "currency": currency,
        "points": points,
        "per": per,
        "plus": plus[terms.rounding],
        "tiers": tiers if set(tiers.values()) - {points} else None,
        "least": ceil(terms.least_minor / hundredth),
        "most": terms.most,
        "taxes": terms.counting.includes_tax,
        "gift_cards": terms.counting.includes_gift_cards,
        "tags": sorted(terms.counting.excluded_tags),
        "products": sorted(terms.counting.excluded_product_ids),
        "campaign_tags": sorted(terms.campaign_tags),
        "campaign_products": sorted(terms.campaign_product_ids),
        "until": int(until.timestamp()) if until else None,
    }
    return document if len(json.dumps(document)) <= CHARACTERS_MAX else {}


class EarningTerms:
    """Has a store's pages reckon by what is in force, never by what was before."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def tell(self, wanted: Callable[[], Document]) -> list[str]:
        """Write what is wanted; return what the store refused. Raises StoreAway.

        What the store says is read before it is worked out what it should say, and is
        overwritten only if it says so still: so an older view never covers a newer one.
        """
        for _ in range(TRIES):
            found = self._api.ask("find_app_data", _Found).current_app_installation
            kept, document = found.earning, wanted()
            if document == (json.loads(kept.value) if kept else {}):
                return []
            asked = {
                "ownerId": found.id,
                "namespace": NAMESPACE,
                "key": KEY,
                "type": "json",
                "value": json.dumps(document),
                # Without a digest it is set only where there is none yet.
                "compareDigest": kept and kept.compare_digest,
            }
            errors = self._api.ask("set_app_data", _Made, metafields=[asked]).made
            refused = [each for each in errors.user_errors if each.code not in STALE]
            if refused or not errors.user_errors:
                return [f"points in pages: {each.message}" for each in refused]
        return ["points in pages: somebody else wrote each time"]
