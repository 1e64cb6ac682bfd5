"""The short way and the whole history come to the same, for every sort of news."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.domain.advance import kept_lot
from app.domain.ledger import Credit, Debit, Redemption, Reversal
from app.domain.program import ReturnPolicy
from tests.app.domain.histories import POINTS, a_credit, a_return, hour
from tests.app.domain.told import Told, owed_in, sums

# Most news is of the hour in which it comes; some is late, some ahead of its time.
LATENESS = st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 5, -2])
OCCASIONS = st.sampled_from(["news"] * 6 + ["time", "clock", "clock", "command"])
taken: Counter[str] = Counter()


def _hour_of(draw, now: int):
    return hour(max(0, now - draw(LATENESS)))


def _new_credit(draw, told: Told, now: int) -> Credit:
    number = len(told.credits)
    at = _hour_of(draw, now)
    points = draw(POINTS)
    is_held = draw(st.booleans())
    reversals = tuple(
        Reversal(f"refund/{number}.0@lot{number}", _hour_of(draw, now), part)
        for part in draw(st.lists(st.integers(0, points), max_size=1))
    )
    return Credit(
        lot=f"lot{number}",
        cause=f"lot{number}",
        at=at,
        points=points,
        is_held=is_held,
        releases_at=_ahead(draw, now) if is_held else None,
        expires_at=_ahead(draw, now),
        reversals=reversals,
        return_policy=draw(st.sampled_from([*ReturnPolicy, ReturnPolicy.UNLIMITED])),
    )


def _ahead(draw, now: int):
    hours = draw(st.none() | st.integers(-1, 8))
    return None if hours is None else hour(max(0, now + hours))


def _taken_back(draw, credit: Credit, now: int) -> Credit:
    left = credit.points - sum(each.points for each in credit.reversals)
    cause = f"refund/{len(credit.reversals)}@{credit.lot}"
    back = Reversal(cause, _hour_of(draw, now), draw(st.integers(0, left)))
    inserted = sorted([*credit.reversals, back], key=lambda each: each.at)
    return replace(credit, reversals=tuple(inserted))


def _changed(draw, credit: Credit, now: int) -> Credit:
    """What an edit, a fulfilment, a dispute or a refund that failed may do."""
    if credit.is_held and draw(st.booleans()):
        return replace(credit, releases_at=_ahead(draw, now))
    how = draw(st.sampled_from(["points", "expiry", "undone", "same"]))
    if how == "points":
        return replace(credit, points=credit.points + draw(st.integers(0, 3)))
    if how == "expiry":
        return replace(credit, expires_at=_ahead(draw, now))
    if how == "undone":
        return replace(credit, reversals=credit.reversals[:-1])
    return credit


def _credit_news(draw, told: Told, now: int) -> list[Credit]:
    news: dict[str, Credit] = {}
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        known = sorted(told.credits.keys() - news.keys())
        how = draw(st.sampled_from(["new", "back", "changed"]))
        if how == "new" or not known:
            if not any(lot not in told.credits for lot in news):
                made = _new_credit(draw, told, now)
                news[made.lot] = made
        else:
            credit = told.credits[draw(st.sampled_from(known))]
            change = _taken_back if how == "back" else _changed
            news[credit.lot] = change(draw, credit, now)
    return list(news.values())


def _command(draw, told: Told, now: int) -> None:
    open_ones = [
        each
        for each in told.commands.values()
        if isinstance(each, Redemption) and not (each.captured_at or each.voided_at)
    ]
    if open_ones and draw(st.booleans()):
        ended = draw(st.sampled_from(open_ones))
        end = draw(st.sampled_from(["captured_at", "voided_at"]))
        command = replace(ended, **{end: hour(now)})
    else:
        kind = draw(st.sampled_from([Debit, Redemption]))
        cause = f"command/{len(told.commands)}"
        command = kind(cause, _hour_of(draw, now), draw(POINTS))
    told.commands[command.cause] = command


def _must_be_the_same(told: Told, now) -> None:
    """What was kept and posted step by step is what one whole fold comes to."""
    end = told.whole(now)
    assert told.posted == sums(end.movements)
    assert (told.whereabouts.owed, owed_in(told.posted)) == (end.owed, end.owed)
    assert told.lots == {
        lot.name: kept_lot(lot, told.credits[lot.name]) for lot in end.lots
    }
    # A release that was put off leaves the next look too early, never too late.
    assert told.whereabouts.settled_to == end.settled_to
    if end.due_at:
        assert told.whereabouts.due_at
        assert told.whereabouts.due_at <= end.due_at


def _live(draw, steps: int) -> Told:
    told, now = Told(), 0
    for _ in range(steps):
        what = draw(OCCASIONS)
        if what == "news":
            told.hear(_credit_news(draw, told, now), hour(now))
        elif what == "command":
            _command(draw, told, now)
            told.settle(hour(now))
        else:
            now += draw(st.integers(1, 3))
            due_at = told.whereabouts.due_at
            if what == "clock" and due_at and due_at <= hour(now):
                told.settle(hour(now))
            elif due_at and due_at <= hour(now):
                # Nobody looked yet, so it is the next news that must.
                continue
        _must_be_the_same(told, hour(now))
    return told


def test_points_that_were_released_are_held_up_again_by_an_earlier_dispute():
    """The short way once took no notice, since a put-off release is no new step."""
    told, credit = Told(), a_credit("a", 10, is_held=True, releases_at=hour(2))
    told.hear([credit], hour(0))
    told.settle(hour(3))

    told.hear([replace(credit, releases_at=None)], hour(3))

    assert (10, 0) == (told.lots["a"].pending, told.lots["a"].available)
    _must_be_the_same(told, hour(3))


def test_nothing_but_new_returns_of_an_order_is_told_the_short_way():
    told, credit = Told(), a_credit("a", 10)
    told.hear([credit], hour(0))

    told.hear([replace(credit, reversals=a_return(4, at=1))], hour(1))

    assert {"short": 2} == told.ways
    assert 6 == told.lots["a"].available


def test_other_words_for_a_reason_are_no_other_credit():
    told, credit = Told(), a_credit("a", 10)
    credit = replace(credit, reason="10 EUR", reversals=a_return(4, at=1))
    told.hear([credit], hour(1))
    back = replace(credit.reversals[0], reason="sent back")

    more = a_return(4, at=1) + a_return(2, at=2, cause="refund/2@a")
    reworded = replace(credit, reason="ten euros", reversals=(back, *more[1:]))
    told.hear([reworded], hour(2))

    assert credit.fingerprint(1) == reworded.fingerprint(1)
    assert {"short": 2} == told.ways
    for changed in ({"points": 9}, {"at": hour(0.5)}, {"reversals": more[1:]}):
        assert credit.fingerprint(1) != replace(credit, **changed).fingerprint(1)


@settings(max_examples=100)
@given(st.data(), st.integers(4, 14))
def _histories(data, steps):
    told = _live(lambda strategy: data.draw(strategy), steps)
    taken.update(told.ways)
    event(f"short ways: {min(told.ways['short'], 5)}")
    event(f"whole histories: {min(told.ways['whole'], 5)}")


def test_the_short_way_and_the_whole_history_come_to_the_same():
    taken.clear()
    _histories()

    # Both ways must have been taken often, or nothing has been shown.
    assert taken["short"] >= 200
    assert taken["whole"] >= 200
