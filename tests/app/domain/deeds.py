"""What moves members between tiers, made up or drawn, and a plain second reckoning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.tiers import Downgrade, Spending, Tally, Tier, Tiers, Window
from app.domain.tiers.climb import Climb
from app.domain.tiers.deeds import Deed, Left

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("Bronze", "Silver", "Gold")


def day(number: float) -> datetime:
    """The moment so many days after the start."""
    return START + timedelta(days=number)


def spent(euros: int) -> Tally:
    """One order of so many euros that earned a point each; nothing is no order."""
    return Tally((("EUR", euros * 100),) if euros else (), euros, int(euros > 0))


def a_deed(euros: int, at: float, *lefts: tuple[float, int], name: str = "a") -> Deed:
    """An order, and after these days so much is left of it."""
    told = (Left(day(when), spent(left)) for when, left in ((at, euros), *lefts))
    return Deed(name, "UTC", tuple(told))


def a_ladder(*euros: int, **more) -> Tiers:
    """Tiers by money, lowest first."""
    from_names = zip(NAMES, euros, strict=False)
    ladder = tuple(
        Tier(name=name, needs=(Spending(amount=amount),)) for name, amount in from_names
    )
    return Tiers(ladder=ladder, **more)


def level_at(tiers: Tiers, deeds, at: datetime, held=()) -> int:
    """The level at a moment, as the climb has it."""
    climb = Climb(tiers, held)
    for deed in deeds:
        climb.add(deed)
    climb.run_through(at)
    return climb.hold.level


def reckoned_level(tiers: Tiers, deeds: list[Deed], now: datetime) -> int:
    """The level by what the rule says: what is left now, at each moment before now."""
    spans = [(deed, tiers.counts_until(deed.at, deed.timezone)) for deed in deeds]
    edges = {edge for deed, end in spans for edge in (deed.at, end) if edge}
    edges = sorted(edge for edge in edges if edge <= now)
    best = 0
    for number, begin in enumerate(edges):
        tally = Tally()
        for deed, end in spans:
            if deed.at <= begin and (end is None or begin < end):
                left = [left.tally for left in deed.lefts if left.at <= now]
                tally = tally.plus(left[-1])
        level = tiers.reached(tally)
        if number + 1 == len(edges):
            best = max(best, level)
        elif tiers.grace:
            steps = (now - edges[number + 1]) // tiers.grace
            if tiers.downgrade is Downgrade.BY_BALANCE and steps:
                continue
            best = max(best, level - steps)
    return best


@st.composite
def drawn_deeds(draw, size: int = 6):
    """Some orders within three years, each returned in parts or not."""
    found = []
    for number in range(draw(st.integers(0, size))):
        at, left = draw(st.integers(0, 1000)), draw(st.integers(0, 60))
        whole, lefts = left, []
        for after in sorted(draw(st.lists(st.integers(0, 500), max_size=2))):
            left = draw(st.integers(0, left))
            lefts.append((at + after, left))
        found.append(a_deed(whole, at, *lefts, name=f"order{number}"))
    return found


POLICIES = st.builds(
    a_ladder,
    st.integers(1, 30),
    st.integers(31, 60),
    st.integers(61, 120),
    window=st.sampled_from(Window),
    months=st.sampled_from([1, 6, 12]),
    grace_days=st.sampled_from([0, 1, 30, 200]),
).flatmap(
    lambda tiers: st.sampled_from(
        [tiers, _one_down(tiers)] if tiers.grace_days else [tiers]
    )
)


def _one_down(tiers: Tiers) -> Tiers:
    return Tiers(
        ladder=tiers.ladder,
        window=tiers.window,
        months=tiers.months,
        grace_days=tiers.grace_days,
        downgrade=Downgrade.ONE_DOWN,
    )


@st.composite
def drawn_moments(draw):
    """Tiers, deeds, and a moment, mostly when something has just ceased to count."""
    tiers, deeds = draw(POLICIES), draw(drawn_deeds())
    ends = [tiers.counts_until(deed.at, deed.timezone) for deed in deeds]
    near = st.sampled_from([end for end in ends if end] or [day(0)])
    far = st.integers(0, 2500).map(day)
    after = st.integers(-3, 2 * tiers.grace_days + 3)
    return tiers, deeds, draw(near | near | far) + timedelta(days=draw(after))
