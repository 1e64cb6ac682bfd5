"""What a store knows its members as: their customer ids, or a guest's order."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from app.domain.phrases import listed
from app.storage.identities import customers_of


def member_names(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, str]:
    """Return what to call each of these members towards their store."""
    wanted = set(member_ids)
    customers = customers_of(connection, program_id, wanted)
    guests = wanted - customers.keys()
    values = {"p": program_id, "ids": sorted(guests)}
    orders = connection.execute(_AN_ORDER, values).all() if guests else ()
    names = {row.member_id: f"the guest of order {row.number}" for row in orders}
    for member_id, ids in customers.items():
        names[member_id] = f"customer{'s' * (len(ids) > 1)} {listed(ids)}"
    return {id_: names.get(id_, "somebody forgotten") for id_ in wanted}


_AN_ORDER = text("""
    select distinct on (member_id) member_id, facts #>> '{snapshot,number}' as number
    from order_fact
    where program_id = :p and member_id = any(:ids) and not is_forgotten
      and facts #>> '{snapshot,number}' is not null
    order by member_id, order_id desc
""")
