"""What points become in a store: made, ended and given up, of each kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from app.access import Access
from app.config import Settings
from app.domain.program import Program
from app.domain.redemptions import code_of
from app.domain.rewards import (
    REWARDS,
    AmountOff,
    FreeProduct,
    FreeShipping,
    GiftCard,
    Handling,
    PercentOff,
    PointsAsMoney,
    Reward,
    StoreCredit,
)
from app.platforms.shopify.gift_cards import card_code
from app.sandbox import balances, catalogue, codes
from app.storage import redemptions
from tests.builders.shown_store import Shop
from tests.workers.interruptions import Effect, KilledBefore, ScopesTakenBefore
from workers.runtime import make_fulfilling

COST = 100
COFFEE = str(catalogue.PRODUCTS[0].product_id)
_numbers = itertools.count(1)

# One of each kind that a store makes; the title makes its terms new.
SAMPLES: dict[str, Callable[[str], Reward]] = {
    "amount_off": lambda t: AmountOff(points_cost=COST, title=t, amount=Decimal(5)),
    "percent_off": lambda t: PercentOff(points_cost=COST, title=t, percent=10),
    "free_shipping": lambda t: FreeShipping(points_cost=COST, title=t),
    "free_product": lambda t: FreeProduct(points_cost=COST, title=t, product_id=COFFEE),
    "points_as_money": lambda t: PointsAsMoney(
        points_cost=COST, title=t, step=COST, amount=Decimal(1)
    ),
    "store_credit": lambda t: StoreCredit(points_cost=COST, title=t, amount=Decimal(5)),
    "gift_card": lambda t: GiftCard(points_cost=COST, title=t, amount=Decimal(5)),
}
# What makes each, what ends it, and what has it never be there once it is given up.
SHARED = ("make_discount", "add_code"), ("remove_code",), ("make_discount",)
DOCUMENTS_OF = {
    "amount_off": SHARED,
    "percent_off": SHARED,
    "free_shipping": (("make_free_shipping", "add_code"), *SHARED[1:]),
    "free_product": SHARED,
    "points_as_money": (("make_discount",), ("end_discount",), ("make_discount",)),
    # What is on an account stays there, so nothing is asked that could be asked twice.
    "store_credit": (("give_store_credit",), (), ()),
    "gift_card": (
        ("make_gift_card",),
        ("end_gift_card",),
        ("make_gift_card", "end_gift_card"),
    ),
}
KINDS = [kind.kind for kind in REWARDS if kind.handling is Handling.STORE]


class RewardMade(Effect):
    """Points become a reward."""

    ends = "granted"

    def __init__(self, kind: str) -> None:
        self.kind, self.name = kind, f"{kind} made"
        self.documents = DOCUMENTS_OF[kind][0]

    def arrange(self, site: Shop) -> None:
        """Have Ada ask for one."""
        self.wish = f"wish-{next(_numbers)}"
        reward = SAMPLES[self.kind](self.wish)
        site.line.set_program(Program(rewards=(reward,)), site.line.clock())
        site.line.adjust(site.shop.ada.id, COST)
        self.before_it = site.line.standing(site.shop.ada.id).available
        self.credit_before = _credit(site)
        body = {
            "redemption_id": self.wish,
            "customer_id": str(site.shop.ada.id),
            "reward_id": reward.id,
        }
        site.line.ask_own("redemptions/request", self.wish, body)

    def carry_out(self, settings: Settings, way: Access) -> None:
        """Be a new worker that makes what is due."""
        make_fulfilling(settings, way).work()

    def free(self, site: Shop) -> None:
        """Let leases and waits end."""
        site.line.tamper(
            "update redemption set due_at = now(), lease_until ="
            " case when lease_until is not null then now() end"
            " where state in ('granting', 'ending')"
        )

    def check(self, site: Shop) -> None:
        """It is there once for its points, or not there and they are back."""
        self._check(site, self.ends)

    def check_denied(self, site: Shop) -> None:
        """Do the same; it may have been refused, instead of made."""
        is_refused = self._state(site) == "refused"
        self._check(site, "refused" if is_refused else self.ends)

    def _check(self, site: Shop, ends: str) -> None:
        standing = site.line.standing(site.shop.ada.id)
        is_had = ends in ("granted", "used")
        told = self._state(site), standing.available, standing.reserved
        assert told == (ends, self.before_it - COST * is_had, 0)
        assert self._usable(site) == is_had

    def _state(self, site: Shop) -> str:
        with site.line.in_program() as connection:
            kept = redemptions.find(connection, site.line.store.program_id, self.wish)
        assert kept
        return kept.redemption.state

    def _usable(self, site: Shop) -> int:
        """How many things of this wish somebody could use in the store."""
        secret, program_id = site.settings.secret_key, site.line.store.program_id
        code, now = code_of(secret, program_id, self.wish), site.shop.store.clock()
        with site.shop.store.data.reading() as rows:
            found = [*codes.made(rows), *codes.added(rows)]
            live = [one for one in found if one.status(now) == "ACTIVE"]
            cards = [
                card
                for card in balances.cards(rows)
                if card.code == card_code(code) and not card.deactivated_at
            ]
        credits, rest = divmod(_credit(site) - self.credit_before, 500)
        assert rest == 0
        return sum(one.code == code for one in live) + len(cards) + credits


class RewardEnded(RewardMade):
    """A reward that was not used is given back."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.name = f"{kind} ended"
        self.documents = DOCUMENTS_OF[kind][1]
        self.ends = "used" if kind == "store_credit" else "ended"

    def arrange(self, site: Shop) -> None:
        """Have Ada give back one that she has."""
        super().arrange(site)
        self.work(site)
        site.line.take_step(self.wish, "cancel")


class RewardGivenUp(RewardMade):
    """A reward that no answer came of for a day is never to be there."""

    ends = "refused"

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.name = f"{kind} given up"
        self.documents = DOCUMENTS_OF[kind][2]

    def arrange(self, site: Shop) -> None:
        """Have Ada have asked for one two days ago."""
        super().arrange(site)
        site.line.tamper(
            "update redemption set requested_at = requested_at - interval '2 days'"
            f" where redemption_id = '{self.wish}'"
        )


class CardEndedInPart(RewardEnded):
    """A gift card is paid with just as it is ended: what is left comes back."""

    def __init__(self) -> None:
        super().__init__("gift_card")
        self.name = "gift_card ended in part"

    def before(self, site: Shop, document: str) -> None:
        """Have somebody pay two fifths with it."""
        if document == "end_gift_card":
            with site.shop.store.data.transaction() as rows:
                card = replace(balances.cards(rows)[0], balance_minor=300)
                balances.save_card(rows, card)

    def check(self, site: Shop) -> None:
        """Three fifths of the points are back, once, or the card is hers as it is.

        So it is left where a second worker looks at it only after it was paid with.
        """
        standing = site.line.standing(site.shop.ada.id)
        back = standing.available - (self.before_it - COST)
        assert (back, self._usable(site)) in ((60, 0), (0, 1))
        assert standing.reserved == 0

    def check_denied(self, site: Shop) -> None:
        """Do the same: nobody is refused what they have."""
        self.check(site)


class CreditTakenOff(RewardMade):
    """Who gave a credit second takes it off again.

    Who dies before that, after having stood still for longer than the lease, leaves two
    (docs/rewards-in-the-store.md): store credit has nothing to be known again by. So
    does who may not take it off any more.
    """

    spared = (KilledBefore, ScopesTakenBefore)

    def __init__(self) -> None:
        super().__init__("store_credit")
        self.name = "store_credit taken off"
        self.documents = ("take_store_credit",)

    def arrange(self, site: Shop) -> None:
        """Have Ada ask for one; the next worker will be overtaken."""
        super().arrange(site)
        self.is_overtaken = False

    def before(self, site: Shop, document: str) -> None:
        """Have another worker do all of it between the look and the gift."""
        if document == "give_store_credit" and not self.is_overtaken:
            self.is_overtaken = True
            self.free(site)
            self.work(site)


def _credit(site: Shop) -> int:
    """What is on Ada's account in the store."""
    with site.shop.store.data.reading() as rows:
        return balances.balance_of(rows, site.shop.ada.id)
