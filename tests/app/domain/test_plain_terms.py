"""Plain terms are there where no campaign can touch what an order earns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.plain_terms import TermsNow, terms_at
from app.domain.program import Program

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = "Europe/Berlin"


def _wall(written: str) -> datetime:
    """A time by the clock on the store's wall."""
    return datetime.fromisoformat(written)


def _campaign(**conditions: Any) -> Program:
    campaign = Multiplier(times=Decimal(2), conditions=Conditions(**conditions))
    return Program(earning=(PurchasePoints(), campaign))


@pytest.mark.parametrize(
    ("conditions", "is_plain", "until"),
    [
        ({}, False, None),
        ({"ends_at": _wall("2026-11-23T13:00")}, True, None),
        ({"ends_at": _wall("2026-11-23T14:00")}, False, (11, 23, 13)),
        ({"starts_at": _wall("2026-11-23T13:00")}, False, None),
        ({"starts_at": _wall("2026-11-27T00:00")}, True, (11, 26, 23)),
        ({"channels": frozenset({"pos"})}, True, None),
        ({"channels": frozenset({"pos", "web"})}, False, None),
        ({"collection_ids": frozenset({"7"})}, False, None),
        ({"tags": frozenset({"tea"}), "collection_ids": frozenset({"7"})}, False, None),
        ({"amount_min": Decimal(50)}, False, None),
    ],
)
def test_there_are_terms_while_no_campaign_for_all_products_runs(
    conditions: dict[str, Any], is_plain: bool, until: tuple[int, ...] | None
):
    told = terms_at(_campaign(**conditions), "EUR", PLACE, NOW)
    assert is_plain == (told.terms is not None)
    assert told.until == (datetime(2026, *until, tzinfo=UTC) if until else None)


def test_terms_name_the_products_of_campaigns_that_run():
    def campaign(**conditions: Any) -> Multiplier:
        return Multiplier(times=Decimal(2), conditions=Conditions(**conditions))

    ends, starts = _wall("2026-11-23T14:00"), _wall("2026-11-23T13:30")
    program = Program(
        earning=(
            PurchasePoints(),
            campaign(tags=frozenset({"Tea"}), ends_at=ends),
            campaign(tags=frozenset({"mugs"}), product_ids=frozenset({"21"})),
            campaign(tags=frozenset({"soon"}), starts_at=starts),
            campaign(tags=frozenset({"past"}), ends_at=_wall("2026-11-23T13:00")),
        )
    )
    told = terms_at(program, "EUR", PLACE, NOW)
    terms, until = told.terms, told.until
    assert terms
    assert terms.campaign_tags == {"tea", "mugs"}
    assert terms.campaign_product_ids == {"21"}
    assert until == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_a_campaign_that_ends_in_an_hour_told_twice_is_over_after_the_second():
    program = _campaign(ends_at=_wall("2026-10-25T02:30"))
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for at in (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), second.replace(minute=29)):
        assert TermsNow(None, second) == terms_at(program, "EUR", PLACE, at)
    assert terms_at(program, "EUR", PLACE, second).terms
