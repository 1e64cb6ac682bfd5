"""Every document that is sent fits the part of Shopify's schema that is kept here."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLSchema,
    NoUnusedFragmentsRule,
    parse,
    specified_rules,
    validate,
)

from app.platforms.shopify import admin_api
from app.platforms.shopify.admin_api import document_text
from app.sandbox.admin.schema import admin_schema

FOLDER = Path(admin_api.__file__).parent / "documents"
DOCUMENTS = sorted(FOLDER.glob("*.graphql"))
FRAGMENTS = sorted(FOLDER.with_name("fragments").glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return admin_schema()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_fits_the_schema(path: Path, schema: GraphQLSchema):
    assert validate(schema, parse(document_text(path.stem))) == []


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_fragment_is_used_and_is_of_what_it_says(path: Path, schema: GraphQLSchema):
    """It is written into documents as text, which would not tell if it were not."""
    used = [each for each in (*DOCUMENTS, *FRAGMENTS) if each != path]
    assert any(f"...{path.stem}\n" in each.read_text() for each in used)
    shared = parse("\n".join(each.read_text() for each in FRAGMENTS))
    rules = [rule for rule in specified_rules if rule is not NoUnusedFragmentsRule]
    assert validate(schema, shared, rules) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_sent_by_its_name(path: Path):
    room = Path(admin_api.__file__).parent
    sources = [source.read_text() for source in room.glob("*.py")]

    assert any(f'"{path.stem}"' in source for source in sources)


def test_the_schema_finds_a_field_that_is_not_there(schema: GraphQLSchema):
    wrong = '{ codeDiscountNodeByCode(code: "A") { title } }'

    assert "Cannot query field 'title'" in str(validate(schema, parse(wrong)))
