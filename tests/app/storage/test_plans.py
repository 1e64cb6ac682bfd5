"""A batch costs what it holds, however much more waits than PostgreSQL believes."""

from __future__ import annotations

import re

from sqlalchemy import text

from app.storage import inbox
from app.storage.rows import document
from tests.builders.line import TestLine
from tests.builders.shopify import an_order

_SETTLED = 3_000
_WAITING = 400
_BATCH = 5

_MANY = text("""
    insert into inbox
        (program_id, store_id, platform, domain, topic, delivery_id, state)
    select program_id, store_id, platform, domain, topic, :state || number, :state
    from (select * from inbox limit 1) as one, generate_series(1, :count) as number
""")


def test_a_batch_is_finished_without_a_look_at_all_that_waits(line: TestLine):
    line.settle(("orders/paid", an_order()))
    with line.as_superuser() as connection:
        connection.execute(_MANY, {"count": _SETTLED, "state": "settled"})
        connection.exec_driver_sql("analyze inbox")
        connection.execute(_MANY, {"count": _WAITING, "state": "waiting"})
    with line.database.sweeper() as connection:
        batch = inbox.claim(connection, _BATCH)

    keys = ("program_id", "message_id", "lease_epoch")
    rows = [{key: getattr(each, key) for key in keys} for each in batch]
    rows = [row | {"state": "settled", "keeps_body": True} for row in rows]
    with line.in_program() as connection:
        statement = text(f"explain analyze {inbox._FINISH.text}")
        plan = connection.execute(statement, {"rows": document(rows)}).scalars()
        looked_at = re.findall(
            r"(?:Removed by .*: |actual .* rows=)(\d+)", "\n".join(plan)
        )

    assert looked_at
    assert max(map(int, looked_at)) <= _BATCH
    assert _WAITING - _BATCH == len(
        [row for row in line.inbox() if row.state == "waiting"]
    )
