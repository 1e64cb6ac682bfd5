"""The sandbox's Admin schema is what was compared with Shopify's, and part of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from graphql import build_schema, introspection_from_schema

from tests.app.sandbox.admin_schema import (
    DIGESTS,
    FROM,
    SOURCE,
    NotTheirsError,
    differences,
    digests,
    kept,
    lines,
    ours,
)

KEPT = json.loads(DIGESTS.read_text())
TEXT, OURS = SOURCE.read_text(), ours()
ID = "  customer(id: ID!): Customer\n"
# Each is one word that differs, and what is said of it.
DIFFER = {
    "a field that is not there": (ID, "", "ours QueryRoot.customer(id: ID!): Customer"),
    "another type": (ID, ID.replace("ID!", "ID"), "theirs QueryRoot.customer(id: ID)"),
    "deprecated": (
        ID,
        ID.replace("Customer\n", "Customer @deprecated\n"),
        "theirs QueryRoot.customer(id: ID!): Customer @deprecated",
    ),
    "one more that is required": (
        ID,
        ID.replace("ID!", "ID!, at: ID!"),
        "theirs QueryRoot.customer(at: ID!, id: ID!): Customer",
    ),
    "another default": ("limit: Int = 10000", "limit: Int = 5", "limit: Int = 5"),
    "a value of an enum": ("  PREVENTED\n", "", "ours DisputeStatus.PREVENTED"),
    "a deprecated value": (
        "  PREVENTED\n",
        "  PREVENTED @deprecated\n",
        "theirs DisputeStatus.PREVENTED @deprecated",
    ),
    "a member of a union": (
        "union DiscountCode = DiscountCodeBasic |",
        "union DiscountCode =",
        "ours DiscountCode = DiscountCodeBasic",
    ),
}


def test_it_is_what_was_compared_with_shopifys_own():
    """If this fails, run `make schema FROM=FILE`; the schema's header says of what."""
    assert KEPT["source"] == FROM
    assert digests(lines(OURS, OURS)) == KEPT["types"]


@pytest.mark.parametrize("case", DIFFER)
def test_what_differs_from_shopifys_is_told(case: str):
    here, there, told = DIFFER[case]
    assert here in TEXT
    whole = build_schema(TEXT.replace(here, there))

    assert told in "\n".join(differences(whole, OURS))
    assert digests(lines(whole, whole)) != KEPT["types"]


def _as_a_file(folder: Path, text: str) -> Path:
    file = folder / "schema.json.gz"
    told = {"data": introspection_from_schema(build_schema(text))}
    file.write_bytes(gzip.compress(json.dumps(told).encode()))
    return file


def test_what_shopify_has_besides_does_not_matter(tmp_path: Path):
    more = ID + "  another(id: ID!): Customer @deprecated\n"
    whole = TEXT.replace(ID, more) + "\ntype Another {\n  id: ID!\n}\n"

    assert kept(_as_a_file(tmp_path, whole), OURS)["types"] == KEPT["types"]


def test_nothing_is_kept_of_what_shopify_does_not_have(tmp_path: Path):
    with pytest.raises(NotTheirsError, match="ours QueryRoot"):
        kept(_as_a_file(tmp_path, TEXT.replace(ID, "")), OURS)
