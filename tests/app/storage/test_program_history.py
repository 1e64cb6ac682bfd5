"""Which versions of a programme may have a say about what happened at a moment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.program import Program
from app.domain.tiers import Tier, Tiers
from app.storage import due_plans
from app.storage.stores import ProgramHistory
from tests.app.domain.heard import PAID, facts_of
from tests.builders.shopify import an_order

BY_PLAN = Tiers(ladder=(Tier(name="Gold", selling_plan_ids=frozenset({"77"})),))
WITHOUT = Program()


def _month(number: int) -> datetime:
    return datetime(2026, number, 1, tzinfo=UTC)


def _history(*versions: tuple[int | None, Program]) -> ProgramHistory:
    return ProgramHistory(
        tuple((month and _month(month), program) for month, program in versions)
    )


def test_plans_are_asked_for_while_any_version_to_come_names_one():
    named = Program(tiers=BY_PLAN)
    planned = _history((None, WITHOUT), (5, named))
    over = _history((None, named), (5, WITHOUT))
    never = _history((None, WITHOUT), (5, named), (4, WITHOUT))

    assert not _history((None, WITHOUT)).names_plans
    assert planned.names_plans_since(_month(1))
    assert planned.names_plans_since(_month(9))
    assert over.names_plans
    assert over.names_plans_since(_month(4))
    assert not over.names_plans_since(_month(5))
    # The version that was saved last is in force from April on.
    assert never.names_plans
    assert not never.names_plans_since(_month(1))


def test_where_no_version_names_a_plan_the_database_is_not_asked():
    nobody: Any = None
    paid = facts_of(PAID, an_order())

    assert paid.lacks_plans
    due_plans.note(nobody, nobody, _history((None, WITHOUT), (5, WITHOUT)), [paid])
    with pytest.raises(AttributeError):
        due_plans.note(nobody, nobody, _history((None, Program(tiers=BY_PLAN))), [paid])
