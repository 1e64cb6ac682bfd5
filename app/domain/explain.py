"""Says in plain words why an order earned what it earned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from app.domain.credits import Assessment, MemberOrder
from app.domain.eligible import CountedLine, Return
from app.domain.labels import NO_LABELS_THEN
from app.domain.ledger import Credit
from app.domain.money import in_words
from app.domain.phrases import listed


def explain(each: Assessment, credit: Credit | None) -> list[str]:
    """Return the story of an order's points, a sentence a line.

    `credit` is what came of it once the limits of its member were applied.
    """
    snapshot = each.order.facts.counted_snapshot
    if snapshot is None or each.count is None:
        return [f"No points: {each.award.reason}."]
    placed = f"{snapshot.processed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    story = [f"Order {snapshot.number}, placed {placed}, {snapshot.financial_status}."]
    if snapshot is not each.order.facts.snapshot:
        story.append("It was edited since; what that added counts when it is paid.")
    story += [_line(line, snapshot.currency) for line in each.count.lines]
    if each.count.shipping_minor:
        shipping = in_words(each.count.shipping_minor, snapshot.currency)
        story.append(f"Shipping: {shipping} counts.")
    story.append(f"In all {in_words(each.count.base_minor, snapshot.currency)} counts.")
    if each.order.tier:
        story.append(f"Its tier when it was placed: {each.order.tier.reason}.")
    story += _called(each.order)
    if credit is None:
        reason = "the limit of the day or of the member is reached"
        return [*story, f"No points: {reason if each.points else each.award.reason}."]
    version = each.order.program.version
    story.append(
        f"Earned {credit.points} points by version {version} of the programme: "
        f"{credit.reason}."
    )
    left = credit.points
    for back, reversal in zip(each.count.returns, credit.reversals, strict=True):
        left -= reversal.points
        story.append(_return(back, reversal.points, left, snapshot.currency))
    return story


def _called(order: MemberOrder) -> Iterator[str]:
    """Yield what the customer was called, as far as points depend on it."""
    then = order.labels or NO_LABELS_THEN
    asked_for = {name for _, name in order.program.labels}
    words = [f"the tag “{name}”" for name in sorted(then.tags & asked_for)]
    words += [f"segment {name}" for name in sorted(then.segments & asked_for)]
    if words:
        yield f"What its customer was called then: {listed(words)}."


def _line(counted: CountedLine, currency: str) -> str:
    line = counted.line
    price = in_words(line.price_minor, currency)
    start = f"Line {line.id}: {line.quantity} x {price}"
    if line.discount_minor:
        start += f" less {in_words(line.discount_minor, currency)}"
    if counted.excluded_because:
        return f"{start} does not count: {counted.excluded_because}."
    return f"{start}, {in_words(counted.net_minor, currency)} counts."


def _return(back: Return, taken: int, left: int, currency: str) -> str:
    remaining = in_words(back.remaining_minor, currency)
    return (
        f"{back.at.astimezone(UTC):%Y-%m-%d}: {back.reason} ({back.cause}), so "
        f"{remaining} is left of what counted: {taken} points go back, {left} stay."
    )
