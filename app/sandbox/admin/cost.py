"""What a document costs, by the rules that Shopify publishes.

https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits: what is written in
one word is free, an object is one point, a mutation with its whole payload ten. Of a
connection the rules say only that its size counts; here it is two points and whatever
may come, which is the most that Shopify has ever told of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableValues,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    type_from_ast,
)

MOST = 1000
_MUTATION, _CONNECTION = 10, 2
_ALL = object()


@dataclass(frozen=True)
class Meter:
    """Reckons one operation, as it is asked and as it was answered."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def requested(self) -> int:
        """Return what it costs at most; a connection without a size is refused."""
        return self._whole(_ALL)

    def actual(self, data: Any) -> int:
        """Return what it cost, given what came of it."""
        return min(self.requested(), self._whole(data or {}))

    def _whole(self, told: Any) -> int:
        root = self.schema.get_root_type(self.operation.operation)
        assert root
        return self._within(self.operation.selection_set, root, told, _Place())

    def _within(
        self,
        chosen: SelectionSetNode,
        kind: GraphQLCompositeType,
        told: Any,
        place: _Place,
    ) -> int:
        """Return what lies within one thing, at most of all kinds that it may be."""
        may_be = (
            self.schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        )
        return max(
            sum(
                self._field(node, each, told, place)
                for node in self._chosen(chosen, each)
            )
            for each in may_be
            if isinstance(each, GraphQLObjectType)
        )

    def _chosen(
        self, chosen: SelectionSetNode, kind: GraphQLObjectType
    ) -> Iterator[FieldNode]:
        """Yield the fields that are chosen of a kind, out of fragments too."""
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                yield node
                continue
            assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
            within = (
                self.fragments[node.name.value]
                if isinstance(node, FragmentSpreadNode)
                else node
            )
            condition = within.type_condition
            meant = type_from_ast(self.schema, condition) if condition else kind
            if meant is kind or (
                is_abstract_type(meant) and self.schema.is_sub_type(meant, kind)
            ):
                yield from self._chosen(within.selection_set, kind)

    def _field(
        self, node: FieldNode, parent: GraphQLObjectType, told: Any, place: _Place
    ) -> int:
        """Return what a field costs, with all that lies within."""
        declared = parent.fields.get(node.name.value)
        kind = declared and get_named_type(declared.type)
        value = _ALL if told is _ALL else told.get((node.alias or node.name).value)
        if not declared or not is_composite_type(kind) or value is None:
            return 0
        assert node.selection_set
        own, inner = place.worth, place
        if _is_connection(kind):
            arguments = get_argument_values(declared, node, self.variables)
            own, inner = _CONNECTION, _Place(size=_size(node, arguments))
        elif parent is self.schema.mutation_type:
            own, inner = _MUTATION, _Place(worth=0)
        elif kind.name == "PageInfo" or kind.name.endswith("Edge"):
            own = 0
        costs = [
            own + self._within(node.selection_set, kind, each, inner)
            for each in (value if isinstance(value, list) else [value])
            if each is not None
        ]
        if not (_is_connection(parent) and node.name.value in ("nodes", "edges")):
            return max(costs, default=0)
        return sum(costs) if value is not _ALL else costs[0] * place.size


@dataclass(frozen=True)
class _Place:
    """What an object costs in a place, and how many a connection may have there."""

    worth: int = 1
    size: int = 1


def _is_connection(kind: GraphQLCompositeType) -> bool:
    return kind.name.endswith("Connection")


def _size(node: FieldNode, arguments: Mapping[str, Any]) -> int:
    size = arguments.get("first", arguments.get("last"))
    if size is None:
        words = "you must provide one of first or last"
        raise GraphQLError(words, node, extensions={"code": "BAD_REQUEST"})
    return int(size)
