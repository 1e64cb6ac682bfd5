"""Draws rewards, and wishes for them, of which many can be had."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from app.domain.rewards import Asked, Reward
from tests.builders.settings import any_of


@st.composite
def a_wish(draw: st.DrawFn, kind: type[Reward]) -> tuple[Reward, Asked]:
    """Return a reward, most often one that is open to everybody, and a wish for it."""
    drawn = draw(any_of(kind))
    if draw(st.sampled_from([True, True, True, False])):
        open_to_all = {
            "only_tiers": frozenset(),
            "only_customer_tags": frozenset(),
            "only_after_orders": None,
            "starts_at": None,
            "ends_at": None,
            "stock": None,
        }
        drawn = replace(drawn, **open_to_all)
    slots = [slot.starts_at for slot in drawn.slots]
    slot = draw(st.sampled_from(slots or [None]) | st.none())
    before = st.datetimes(max_value=slot) if slot else st.nothing()
    at = draw(before | st.datetimes())
    points = draw(st.sampled_from([None, drawn.least_points]))
    return drawn, Asked(at, "EUR", points, slot=slot)
