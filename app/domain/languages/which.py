"""Which products are meant, told to shoppers, whom ids of a store tell nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from app.domain.languages.translator import Translator


def which(
    say: Translator,
    product_ids: Collection[str],
    collection_ids: Collection[str],
    tags: Iterable[str],
) -> str:
    """Return which products are meant, after a word for them; some must be.

    >>> which(Translator("EUR"), {"502", "501"}, {"9"}, ["tea"])
    'tagged “tea” or of a chosen collection or that we chose'
    """
    return say.one_of(_which(say, product_ids, collection_ids, tags))


def _which(
    say: Translator,
    product_ids: Collection[str],
    collection_ids: Collection[str],
    tags: Iterable[str],
) -> Iterator[str]:
    if named := sorted(tags):
        yield say("products.tagged", tags=named)
    if collection_ids:
        yield say("products.of_collections", collections=len(collection_ids))
    if product_ids:
        yield say("products.chosen")
