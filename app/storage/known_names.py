"""Names that a store is known to use: of products, collections, tags and segments."""

from __future__ import annotations

from sqlalchemy import Connection, text

# More than that nobody looks through; and so many rows tell the usual names.
_NAMES_MAX = 200
_ROWS_MAX = 20_000


def known_names(connection: Connection, program_id: int) -> dict[str, tuple[str, ...]]:
    """Return some names of each sort, in their order; none where none was heard of."""
    values = {"p": program_id, "names": _NAMES_MAX, "rows": _ROWS_MAX}
    found: dict[str, list[str]] = {}
    for row in connection.execute(_KNOWN, values):
        found.setdefault(row.sort, []).append(row.name)
    return {sort: tuple(names) for sort, names in found.items()}


_KNOWN = text("""
    with goods as (
        select product_id, tags, collection_ids from product
        where program_id = :p limit :rows
    ), called as (
        select kind, name from customer_label where program_id = :p limit :rows
    ), named as (
        select 'products' as sort, product_id as name from goods
        union select 'collections', unnest(collection_ids) from goods
        union select 'tags', lower(unnest(tags)) from goods
        union select case kind when 'tag' then 'customer_tags' else 'segments' end, name
        from called
    )
    select sort, name
    from (
        select sort, name, row_number() over (partition by sort order by name) as place
        from named
    ) as counted
    where place <= :names
    order by sort, place
""")
