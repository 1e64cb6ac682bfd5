"""Says in plain words why an order earned what it earned."""

from __future__ import annotations

from app.domain.credits import Assessment
from app.domain.earning import Award, Eligible
from app.domain.eligible import CountedLine, Return
from app.domain.money import in_words


def explain(each: Assessment) -> list[str]:
    """Return the story of an order's points, a sentence a line."""
    snapshot = each.order.facts.snapshot
    if snapshot is None or each.count is None:
        return [f"No points: {each.award.reason}."]
    placed = f"{snapshot.processed_at:%Y-%m-%d %H:%M} UTC"
    story = [f"Order {snapshot.number}, placed {placed}, {snapshot.financial_status}."]
    story += [_line(line, snapshot.currency) for line in each.count.lines]
    if each.count.shipping_minor:
        shipping = in_words(each.count.shipping_minor, snapshot.currency)
        story.append(f"Shipping: {shipping} counts.")
    if each.count.unpaid_minor:
        unpaid = in_words(each.count.unpaid_minor, snapshot.currency)
        story.append(f"{unpaid} was added by an edit and is not paid yet.")
    story.append(f"In all {in_words(each.count.base_minor, snapshot.currency)} counts.")
    if not isinstance(each.award, Award):
        return [*story, f"No points: {each.award.reason}."]
    version = each.order.program.version
    story.append(
        f"Earned {each.points} points by version {version} of the program: "
        f"{each.award.reason}."
    )
    return story + _returns(each, snapshot.currency)


def _line(counted: CountedLine, currency: str) -> str:
    line = counted.line
    price = in_words(line.price_minor, currency)
    start = f"Line {line.id}: {line.quantity} x {price}"
    if line.discount_minor:
        start += f" less {in_words(line.discount_minor, currency)}"
    if counted.excluded_because:
        return f"{start} does not count: {counted.excluded_because}."
    return f"{start}, {in_words(counted.net_minor, currency)} counts."


def _returns(each: Assessment, currency: str) -> list[str]:
    assert each.count
    before, told = each.points, []
    for back in each.count.returns:
        award = each.order.program.award(Eligible(back.remaining_minor, currency))
        points = int(award.points) if isinstance(award, Award) else 0
        left = min(before, points)
        told.append(_return(back, before - left, left, currency))
        before = left
    return told


def _return(back: Return, taken: int, left: int, currency: str) -> str:
    remaining = in_words(back.remaining_minor, currency)
    return (
        f"{back.at:%Y-%m-%d}: {back.reason} ({back.cause}), so {remaining} is left of "
        f"what counted: {taken} points go back, {left} stay."
    )
