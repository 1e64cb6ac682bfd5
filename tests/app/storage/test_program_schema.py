"""The JSON Schema of programmes takes every programme, and refuses what it can tell."""

import jsonschema_rs
import pytest
from hypothesis import given, settings

from app.domain.program import Program
from app.storage.program_document import dump_program
from app.storage.program_schema import program_schema
from tests.builders.settings import any_of

VALIDATOR = jsonschema_rs.validator_for(program_schema())


@settings(max_examples=40)
@given(any_of(Program))
def test_every_program_is_valid(program):
    VALIDATOR.validate(dump_program(program))


def test_what_is_left_out_is_as_the_schema_says():
    told = program_schema()["properties"]

    assert {name: each["default"] for name, each in told.items()} == dump_program(
        Program()
    )


@pytest.mark.parametrize(
    "document",
    [
        {"no_such_setting": 1},
        {"earning": []},
        {"earning": [{"kind": "wishes"}]},
        {"earning": [{"rate": "1"}]},
        {"earning": [{"kind": "purchase", "rate": "many"}]},
        {"earning": [{"kind": "purchase", "rates": {"euro": "1"}}]},
        {"rewards": [{"kind": "free_shipping"}]},
        {"rounding": "sideways"},
        {"limits": {"points_per_day_max": 0}},
        {"counting": {"excluded_tags": "sale"}},
        {"credit_after_days": 366},
    ],
)
def test_a_mistake_is_refused(document):
    assert not VALIDATOR.is_valid(document)
