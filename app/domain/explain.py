"""Says in plain words why an order earned what it earned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from app.domain.credits import Assessment, MemberOrder, unearned_because
from app.domain.eligible import CountedLine, Return
from app.domain.labels import NO_LABELS_THEN
from app.domain.ledger import Credit
from app.domain.money import in_words
from app.domain.phrases import listed


def explain(
    each: Assessment, credit: Credit | None, kept_reason: str | None = None
) -> list[str]:
    """Return the story of an order's points, a sentence a line.

    `credit` is what would come of it now, once the limits of its member are applied,
    and `kept_reason` why nothing came of it when it was settled.
    """
    snapshot = each.order.facts.counted_snapshot
    if snapshot is None or each.count is None:
        return [f"No points: {kept_reason or each.award.reason}."]
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
    reason_now = unearned_because(each, credit)
    if reason := kept_reason or reason_now:
        story.append(f"No points: {reason}.")
    if reason_now and reason_now != reason:
        story.append(f"Settled anew, it would earn nothing either: {reason_now}.")
    told = [f"Also {reason}." for reason in each.award.untold]
    if credit is None:
        return story + told
    version = each.order.program.version
    earned = "Settled anew, it would earn" if kept_reason else "Earned"
    story.append(
        f"{earned} {credit.points} points by version {version} of the programme: "
        f"{credit.reason}."
    )
    story += told
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
