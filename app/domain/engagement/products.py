"""Which products are meant, where only some are."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.languages.translator import Translator
from app.domain.languages.which import which
from app.domain.orders import Line
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Products:
    """Those of which any of id, collections and tags is named; all where none is."""

    product_ids: frozenset[str] = setting("Products", default=frozenset())
    collection_ids: frozenset[str] = setting("Collections", default=frozenset())
    tags: frozenset[str] = setting(
        "Tags", default=frozenset(), hint="small and capital letters are the same"
    )

    def __post_init__(self) -> None:
        """Write tags as they are compared."""
        tags = frozenset(tag.lower() for tag in self.tags)
        object.__setattr__(self, "tags", tags)

    @property
    def are_some(self) -> bool:
        """Whether only some products are meant."""
        return bool(self.product_ids or self.collection_ids or self.tags)

    @property
    def are_looked_at(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return bool(self.collection_ids or self.tags)

    def mean(self, line: Line) -> bool:
        """Whether a line's product is meant."""
        return not self.are_some or bool(
            line.product_id in self.product_ids
            or self.collection_ids.intersection(line.collection_ids)
            or self.tags.intersection(tag.lower() for tag in line.tags)
        )

    def in_words(self, say: Translator) -> str:
        """Return which are meant, after a word for them, where not all are."""
        return which(say, self.product_ids, self.collection_ids, self.tags)
