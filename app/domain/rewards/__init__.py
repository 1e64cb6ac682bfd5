"""The kinds of rewards: one file a kind, listed here."""

from app.domain.rewards.amount_off import AmountOff
from app.domain.rewards.asked import Asked
from app.domain.rewards.base import GivenBack, Handling, NotOffered, Offer, Reward
from app.domain.rewards.donation import Donation
from app.domain.rewards.free_product import FreeProduct
from app.domain.rewards.free_shipping import FreeShipping
from app.domain.rewards.gift_card import GiftCard
from app.domain.rewards.giveaway import GiveawayEntry
from app.domain.rewards.goods import Goods
from app.domain.rewards.percent_off import PercentOff
from app.domain.rewards.points_as_money import PointsAsMoney
from app.domain.rewards.service import Service
from app.domain.rewards.slot import Slot, SlotLeft, slot_refusal, slots_left
from app.domain.rewards.store_credit import StoreCredit
from app.domain.rewards.terms import RewardTerms, terms_of
from app.domain.rewards.words import limits_in_words, name_of

REWARDS: tuple[type[Reward], ...] = (
    AmountOff,
    PercentOff,
    FreeShipping,
    FreeProduct,
    PointsAsMoney,
    StoreCredit,
    GiftCard,
    Goods,
    Service,
    Donation,
    GiveawayEntry,
)

__all__ = [
    "REWARDS",
    "AmountOff",
    "Asked",
    "Donation",
    "FreeProduct",
    "FreeShipping",
    "GiftCard",
    "GivenBack",
    "GiveawayEntry",
    "Goods",
    "Handling",
    "NotOffered",
    "Offer",
    "PercentOff",
    "PointsAsMoney",
    "Reward",
    "RewardTerms",
    "Service",
    "Slot",
    "SlotLeft",
    "StoreCredit",
    "limits_in_words",
    "name_of",
    "slot_refusal",
    "slots_left",
    "terms_of",
]
