"""What the Admin API answers about products."""

from __future__ import annotations

from app.sandbox import catalogue, shelves
from app.sandbox.admin.words import Answer, Call, amount, number_of
from app.sandbox.catalogue import Product
from app.sandbox.line_bodies import gid


def find(call: Call, id: str) -> Answer | None:
    """Show one product."""
    product = catalogue.find_by_id(number_of("Product", id))
    return _told(call, product) if product else None


def all_products(call: Call) -> Answer:
    """List all products."""
    return _edges([_told(call, product) for product, _ in shelves.standing(call.rows)])


def _told(call: Call, product: Product) -> Answer:
    price = amount(product.price_minor, call.currency)
    shelf = shelves.find(call.rows, product)
    collections = [{"id": gid("Collection", id_)} for id_ in shelf.collection_ids]
    return {
        "id": gid("Product", product.product_id),
        "title": product.title,
        "priceRangeV2": {"maxVariantPrice": price, "minVariantPrice": price},
        "tags": list(shelf.tags),
        "updatedAt": shelf.updated_at,
        "collections": _edges(collections),
    }


def _edges(nodes: list[Answer]) -> Answer:
    return {"edges": [{"node": node} for node in nodes]}
