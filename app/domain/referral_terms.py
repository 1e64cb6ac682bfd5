"""What an owner sets about members who bring friends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.languages.translator import Translator
from app.domain.rewards import AmountOff, PercentOff, Reward, name_of
from app.domain.settings import MOST, setting


class Doubt(StrEnum):
    """A sign that friend and advocate are one person, or one person many friends."""

    SAME_EMAIL = "same_email"
    SAME_PHONE = "same_phone"
    SAME_ADDRESS = "same_address"
    SAME_PAYMENT = "same_payment"
    SAME_DEVICE = "same_device"
    VELOCITY = "velocity"


# Names the gift among what members have taken.
GIFT = "friends-gift"


@dataclass(frozen=True)
class ReferralTerms:
    """What both get when a member brings a friend, and what is looked at first."""

    advocate_points: int = setting(
        "Points for the member who brings a friend", default=500, least=1, most=MOST
    )
    gift_amount: Decimal | None = setting(
        "Friend's gift: so much off an order",
        default=Decimal(5),
        hint="in the store's currency",
        above=0,
        most=MOST,
    )
    gift_percent: int | None = setting(
        "Friend's gift: so many percent off", default=None, least=1, most=100
    )
    gift_valid_days: int | None = setting(
        "Days the gift can be used", default=30, least=1, most=3650
    )
    order_amount_min: Decimal = setting(
        "Smallest first order",
        default=Decimal(20),
        least=0,
        most=MOST,
        hint="goods only, after discounts",
    )
    stand_days: int = setting(
        "Days the first order has to stand once paid", default=14, least=0, most=365
    )
    friends_per_month_max: int | None = setting(
        "Most friends a member is paid for in a month", default=10, least=1, most=MOST
    )
    friends_per_hour_max: int = setting(
        "Most friends by one link within an hour", default=3, least=1, most=MOST
    )
    refuses: frozenset[Doubt] = setting(
        "Signs on which it is refused",
        default=frozenset({Doubt.SAME_EMAIL}),
    )
    reviews: frozenset[Doubt] = setting(
        "Signs on which somebody of the store looks first",
        default=frozenset(
            {
                Doubt.SAME_PHONE,
                Doubt.SAME_ADDRESS,
                Doubt.SAME_PAYMENT,
                Doubt.SAME_DEVICE,
                Doubt.VELOCITY,
            }
        ),
    )

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        if self.gift_amount is not None and self.gift_percent is not None:
            return {"gift_percent": "a friend gets one gift: leave one of the two out"}
        return {}

    def counted(self, found: Iterable[str]) -> list[str]:
        """Return what of these signs matters under these terms."""
        looked_at = self.refuses | self.reviews
        return sorted(
            each for each in found if each not in set(Doubt) or each in looked_at
        )

    def in_words(self, say: Translator) -> str:
        """Return what both get, and for what.

        >>> told = ReferralTerms().in_words(Translator("EUR"))
        >>> told  # doctest: +NORMALIZE_WHITESPACE
        'You get 500 points for a friend whose first order of €20.00 or more stands 14
        days; your friend gets €5.00 off, to be used within 30 days.'
        """
        order = say("referral.order")
        if self.order_amount_min:
            order = say("referral.order_from", least=say.money(self.order_amount_min))
        told = {"points": self.advocate_points, "order": order, "gift": self._gift(say)}
        if self.stand_days:
            return say("referral.stands", days=self.stand_days, **told)
        return say("referral.paid", **told)

    def _gift(self, say: Translator) -> str:
        if self.gift is None:
            return ""
        name = name_of(self.gift, say)
        valid = ""
        if self.gift_valid_days:
            valid = say("referral.valid", days=self.gift_valid_days)
        return say("referral.gift", gift=name) + valid

    @property
    def gift(self) -> Reward | None:
        """Return what the friend gets, None for nothing; it costs no points."""
        common = {
            "points_cost": 1,
            "key": GIFT,
            "order_amount_min": self.order_amount_min,
            "valid_days": self.gift_valid_days,
            "unused_returns": False,
        }
        if self.gift_amount is not None:
            return AmountOff(amount=self.gift_amount, **common)  # type: ignore[arg-type]
        if self.gift_percent is not None:
            return PercentOff(percent=self.gift_percent, **common)  # type: ignore[arg-type]
        return None
