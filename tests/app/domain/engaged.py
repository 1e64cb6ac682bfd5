"""Members who order and give back: how orders are assessed, under one programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.domain.credits import Assessment, MemberOrder, assess
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit
from app.domain.program import Program
from tests.app.domain.heard import PAID, REFUND, an_owned, heard
from tests.builders.shopify import a_line, a_refund, an_order

BEGIN = datetime(2026, 11, 1, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Ordered:
    """So many units at 10.00 each, placed on a day; `back` units on later days."""

    id: int
    day: float
    units: int
    back: tuple[tuple[float, int], ...] = ()
    product_id: int = 21

    @property
    def kept(self) -> int:
        """The units that are kept in the end."""
        return self.units - sum(units for _, units in self.back)

    def assessed(self, program: Program) -> Assessment:
        """The order as it is assessed under a programme."""
        return assess(self.owned(program))

    def owned(self, program: Program) -> MemberOrder:
        """The order under a programme's terms."""
        line = a_line("10.00", self.units, product_id=self.product_id)
        told: list[tuple[str, dict[str, Any]]] = [
            (PAID, an_order(line, id=self.id, **_times(self.day)))
        ]
        for number, (day, units) in enumerate(self.back):
            refund = a_refund(
                f"{10 * units}.00",
                (11, units, f"{10 * units}.00"),
                id=self.id * 100 + number,
                order_id=self.id,
            )
            at = _at(day)
            told.append((REFUND, refund | {"created_at": at, "processed_at": at}))
        return an_owned(heard(*told), program)


def _at(day: float) -> str:
    return (BEGIN + timedelta(days=day)).isoformat()


def _times(day: float) -> dict[str, str]:
    return dict.fromkeys(("created_at", "processed_at", "updated_at"), _at(day))


@st.composite
def _ordered(draw: st.DrawFn, id_: int) -> Ordered:
    units, day = draw(st.integers(1, 5)), draw(st.integers(0, 20))
    back, left = [], units
    for _ in range(draw(st.integers(0, 2))):
        some = draw(st.integers(0, left))
        if some:
            back.append((day + draw(st.integers(0, 20)), some))
            left -= some
    return Ordered(5000 + id_, day, units, tuple(back))


@st.composite
def histories(draw: st.DrawFn) -> list[Ordered]:
    """Some orders of one member, some of them given back."""
    return [draw(_ordered(id_)) for id_ in range(draw(st.integers(0, 6)))]


def under(*programs: tuple[datetime, Program]) -> Versions:
    """The versions of a programme, each from its time on."""
    history = list(programs)

    def at(moment: datetime) -> Program:
        begun = [program for since, program in history if since <= moment]
        return begun[-1] if begun else history[0][1]

    numbers = {program.version: program for _, program in history}
    return Versions(at, numbers.__getitem__)


def net(credits: Sequence[Credit]) -> int:
    """The points that are left of credits."""
    return sum(
        credit.points - sum(back.points for back in credit.reversals)
        for credit in credits
    )
