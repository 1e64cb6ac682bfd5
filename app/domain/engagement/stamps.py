"""From what a member bought to stamps, and from full cards to what they bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.domain.engagement.purchases import Purchase
from app.domain.engagement.reward_lot import Since, reward_lot
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit, Reversal
from app.domain.prizes import Prize, prize
from app.domain.program import Program


@dataclass(frozen=True)
class Stamps:
    """How many stamps a member has of one card, those of full cards among them."""

    card_id: str
    total: int
    full: int


@dataclass(frozen=True)
class Stamped:
    """What cards come to: their stamps, and a credit for each order that filled some.

    `programs` has the version that each credit was made under, `prizes` the rewards of
    the cards that are full now.
    """

    stamps: tuple[Stamps, ...]
    credits: tuple[Credit, ...]
    programs: dict[str, Program]
    prizes: tuple[Prize, ...] = ()


def stamped(bought: Sequence[Purchase], versions: Versions) -> Stamped:
    """Return what a member's cards come to; `bought` is in the order of its time."""
    piles: dict[str, _Pile] = defaultdict(_Pile)
    for purchase in bought:
        for card in purchase.order.program.stamp_cards:
            piles[card.id].take(card, purchase, versions)
    credits = [credit for pile in piles.values() for credit in pile.credits.values()]
    programs = {
        lot: program
        for pile in piles.values()
        for lot, program in pile.programs.items()
    }
    stamps = [Stamps(id_, pile.total, pile.full) for id_, pile in sorted(piles.items())]
    prizes = tuple(each for pile in piles.values() for each in pile.prizes())
    return Stamped(tuple(stamps), tuple(credits), programs, prizes)


@dataclass
class _Pile:
    """All cards of one name and size: full ones, and the one that is being filled.

    `filled` is how many cards each order filled that are still full, last ones last.
    """

    total: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    had: dict[str, int] = field(default_factory=dict)
    _won: dict[str, Prize] = field(default_factory=dict)

    @property
    def full(self) -> int:
        """How many cards are full."""
        return sum(self.filled.values())

    def take(self, card: StampCard, purchase: Purchase, versions: Versions) -> None:
        """Have an order bring stamps, or take back those that went back with it."""
        now = card.stamps_for(purchase.kept, purchase.whole, purchase.currency)
        self.total += now - self.had.get(purchase.id, 0)
        self.had[purchase.id] = now
        full = self.total // card.stamps
        if full > self.full:
            self._fill(card, purchase, full - self.full, versions)
        while self.full > full:
            self._empty(self.full - full, purchase)

    def _fill(
        self, card: StampCard, purchase: Purchase, cards: int, versions: Versions
    ) -> None:
        lot = f"stamps/{card.id}/{purchase.id}"
        program = versions.of(lot, purchase.order.program)
        terms = next((each for each in program.stamp_cards if each.id == card.id), card)
        self.filled[lot] = cards
        if terms.reward:
            self._won[lot] = prize(lot, f"stamps/{card.id}", terms, program)
            return
        self.programs[lot] = program
        points = cards * terms.points
        reason = f"stamp card “{terms.shown_name()}” is full"
        since = Since(purchase.placed_at, purchase.order.timezone)
        self.credits[lot] = reward_lot(lot, points, purchase.at, since, program, reason)

    def _empty(self, cards: int, purchase: Purchase) -> None:
        """Take back what cards brought, first those that were filled last."""
        lot, full = self.filled.popitem()
        taken = min(cards, full)
        if taken < full:
            self.filled[lot] = full - taken
        if lot not in self.credits:
            return
        credit = self.credits[lot]
        left = credit.points - sum(each.points for each in credit.reversals)
        reversal = Reversal(
            cause=f"{purchase.cause}/{purchase.id}@{lot}",
            at=purchase.at,
            points=left // full * taken,
            reason=f"{purchase.reason}, so a stamp card is not full any more",
        )
        self.credits[lot] = replace(credit, reversals=(*credit.reversals, reversal))

    def prizes(self) -> Iterator[Prize]:
        """Yield the rewards of the cards that are full."""
        for lot, cards in self.filled.items():
            if lot in self._won:
                won = self._won[lot].won
                yield Prize(lot, replace(won, times=cards))
