"""Every document that is sent fits the part of Shopify's schema that is kept here."""

from pathlib import Path

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    VariableValues,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from app.platforms.shopify import admin_api
from app.platforms.shopify.admin_api import document_text
from app.sandbox.admin import cost
from app.sandbox.admin.schema import admin_schema

FOLDER = Path(admin_api.__file__).parent / "documents"
DOCUMENTS = sorted(FOLDER.glob("*.graphql"))
# A store answers them by and by into a file, and so counts no points for them.
IN_BULK = {FOLDER / "all_orders.graphql", FOLDER / "all_products.graphql"}
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


@pytest.mark.parametrize(
    "path", sorted({*DOCUMENTS} - IN_BULK), ids=lambda path: path.stem
)
def test_no_document_costs_more_than_a_store_takes(path: Path, schema: GraphQLSchema):
    document = parse(document_text(path.stem))
    operation = get_operation_ast(document)
    assert operation
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    meter = cost.Meter(schema, operation, fragments, VariableValues({}, {}))

    assert 0 < meter.requested() <= cost.MOST


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_sent_by_its_name(path: Path):
    room = Path(admin_api.__file__).parent
    sources = [source.read_text() for source in room.glob("*.py")]

    assert any(f'"{path.stem}"' in source for source in sources)


def test_the_schema_finds_a_field_that_is_not_there(schema: GraphQLSchema):
    wrong = '{ codeDiscountNodeByCode(code: "A") { title } }'

    assert "Cannot query field 'title'" in str(validate(schema, parse(wrong)))
