"""Says what an order brought to stamp cards and challenges, or why it did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.domain.challenges import Challenge, Step
from app.domain.dates import local
from app.domain.engagement.purchases import Purchase
from app.domain.languages.translator import Translator, upper
from app.domain.phrases import counted
from app.domain.program import Program


def explain_stamps(bought: Sequence[Purchase]) -> Iterator[str]:
    """Yield a sentence for each card of the version that an order was placed under.

    `bought` is the order as it was paid and as it stood after each return, in the order
    of time; an order that was never paid has none, and brings nothing.
    """
    if not bought:
        return
    whole, last = bought[0], bought[-1]
    for card in whole.order.program.stamp_cards:
        name = card.shown_name()
        if closed := card.closed_to_order(whole.whole, whole.currency):
            yield f"No stamp of “{name}”: {closed}."
            continue
        had, left = (
            card.stamps_for(each.kept, each.whole, each.currency)
            for each in (whole, last)
        )
        back = f", of which {had - left:,} went back" if left < had else ""
        yield f"{counted(had, 'stamp')} of “{name}”{back}."


def explain_challenges(
    bought: Sequence[Purchase], programs: Iterable[Program], say: Translator
) -> Iterator[str]:
    """Yield a sentence for each step of the challenges that an order may count for.

    Of a challenge that several `programs` have, the terms of the last one are told.
    """
    challenges = {
        each.name: each for program in programs for each in program.titled_challenges
    }
    for challenge in challenges.values() if bought else ():
        yield from _challenge(challenge, bought[0], bought[-1], say)


def _challenge(
    challenge: Challenge, whole: Purchase, last: Purchase, say: Translator
) -> Iterator[str]:
    name = challenge.shown_name()
    placed_at = local(whole.placed_at, whole.order.timezone)
    if closed := challenge.closed_at(placed_at):
        yield f"Nothing for the challenge “{name}”: {closed}."
        return
    for step in challenge.steps:
        words = upper(step.in_words(say))
        if closed := step.closed_to_order(whole.kept):
            yield f"Nothing for “{words}” of the challenge “{name}”: {closed}."
            continue
        had, left = (_so_far(step, each, say) for each in (whole, last))
        back = f", and {left} since some of it went back" if left != had else ""
        yield f"For “{words}” of the challenge “{name}” it counts {had}{back}."


def _so_far(step: Step, bought: Purchase, say: Translator) -> str:
    """Return how far an order alone brings a step, no farther than it has to be."""
    done = min(step.of_order(bought.kept), step.target(bought.currency))
    return step.so_far(done, say)
