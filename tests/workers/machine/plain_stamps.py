"""Stamp cards, reckoned once more from docs/stamp-cards.md: slowly, and plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.engagement.stamps import Stamps
from app.domain.ledger import Credit, Reversal
from tests.workers.machine.plain_deeds import Bought, a_credit
from tests.workers.machine.plain_prizes import Prize, a_prize


def stamped(
    bought: Sequence[Bought],
) -> tuple[list[Credit], tuple[Stamps, ...], list[Prize]]:
    """What all cards gave and took back, how many stamps of each, and what is won."""
    credits: list[Credit] = []
    stamps: list[Stamps] = []
    prizes: list[Prize] = []
    for card_id in {card.id for each in bought for card in each.program.stamp_cards}:
        given, told, won = _of_card(card_id, bought)
        credits += given
        stamps.append(told)
        prizes += won
    return credits, tuple(sorted(stamps, key=lambda each: each.card_id)), prizes


def _of_card(
    card_id: str, bought: Sequence[Bought]
) -> tuple[list[Credit], Stamps, list[Prize]]:
    stamps: dict[str, int] = {}
    given: dict[str, Credit] = {}
    prizes: dict[str, Prize] = {}
    filled: dict[str, int] = {}
    # The lot that each full card brought, the card that was filled last at the end.
    full: list[str] = []
    for each in bought:
        card = next((c for c in each.program.stamp_cards if c.id == card_id), None)
        if card is None:
            continue
        stamps[each.id] = _stamps(card, each)
        cards = sum(stamps.values()) // card.stamps
        lot = f"stamps/{card_id}/{each.id}"
        if cards > len(full):
            points = (cards - len(full)) * card.points
            if card.reward:
                prizes[lot] = a_prize(f"stamps/{card_id}", card, each.program)
            else:
                given[lot] = a_credit(
                    lot, each.at, points, each.placed_at, each.program
                )
            filled[lot] = cards - len(full)
            full += [lot] * filled[lot]
        emptied = Counter(full[cards:])
        full = full[:cards]
        for theirs, number in emptied.items():
            if theirs not in given:
                continue
            cause = f"{each.cause}/{each.id}@{theirs}"
            points = given[theirs].points // filled[theirs]
            back = Reversal(cause, each.at, number * points)
            reversals = *given[theirs].reversals, back
            given[theirs] = replace(given[theirs], reversals=reversals)
    won = [prizes[lot] for lot in full if lot in prizes]
    return list(given.values()), Stamps(card_id, sum(stamps.values()), len(full)), won


def _stamps(card: StampCard, bought: Bought) -> int:
    """How many stamps an order has, as it stands now."""
    if sum(bought.whole_minor) < max(1, card.amount_min * 100):
        return 0
    if card.stamp_for is StampFor.VISIT:
        return int(sum(bought.left_minor) > 0)
    return sum(bought.units)
