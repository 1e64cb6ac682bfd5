"""A batch costs what it holds, however much more waits than PostgreSQL believes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import text

from app.domain.program import Program
from app.domain.rewards import Donation
from app.storage import inbox, redemptions
from app.storage.rows import document
from tests.builders.line import TestLine
from tests.builders.shopify import an_order

_SETTLED = 3_000
_WAITING = 400
_BATCH = 5

_MANY = text("""
    insert into inbox
        (program_id, store_id, platform, domain, topic, delivery_id, body_key, state)
    select program_id, store_id, platform, domain, topic, :state || number,
           sha256(cast(:state || number as bytea)), :state
    from (select * from inbox limit 1) as one, generate_series(1, :count) as number
""")


_DONATION = Donation(points_cost=1, key="trees", cause="Trees", amount=Decimal(1))
_MANY_TAKEN = text("""
    insert into redemption
    select (jsonb_populate_record(one, jsonb_build_object(
        'redemption_id', number, 'code_key', number, 'reward', '{"kind": "goods"}'
    ))).*
    from redemption as one, generate_series(1, :count) as number
""")


def _looked_at(plan: Iterable[str]) -> int:
    """Return the most rows that a step of a plan that was carried out looked at."""
    rows = re.findall(r"(?:Removed by .*: |actual .* rows=)([0-9.]+)", "\n".join(plan))
    assert rows
    return max(int(float(each)) for each in rows)


def test_donations_are_summed_without_a_look_at_all_that_was_taken(line: TestLine):
    line.set_program(Program(rewards=(_DONATION,)))
    line.settle(("orders/paid", an_order()))
    line.redeem(7001, "trees")
    with line.as_superuser() as connection:
        connection.execute(_MANY_TAKEN, {"count": _SETTLED})
        connection.exec_driver_sql("analyze redemption")
    with line.in_program() as connection:
        statement = text(f"explain analyze {redemptions._DONATED.text}")
        plan = connection.execute(statement, {"p": line.store.program_id}).scalars()
        looked_at = _looked_at(plan)
        assert {"Trees": 1} == redemptions.donated(connection, line.store.program_id)

    assert looked_at <= 1


def test_a_batch_is_claimed_without_a_look_at_all_that_came_before(line: TestLine):
    """Though each of it is looked for among all bodies of all stores."""
    line.settle(("orders/paid", an_order()))
    with line.as_superuser() as connection:
        connection.execute(_MANY, {"count": _SETTLED, "state": "settled"})
        connection.execute(_MANY, {"count": _WAITING, "state": "waiting"})
        connection.exec_driver_sql("analyze inbox")
    values = {"limit": _BATCH, "least": 0, "most": 0, "older_than_s": 0, "lease_s": 30}
    with line.database.sweeper() as connection:
        statement = text(f"explain analyze {inbox._CLAIM.text}")
        plan = list(connection.execute(statement, values).scalars())

    assert any("inbox_body_key" in each for each in plan)
    assert _looked_at(plan) <= _BATCH


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
        looked_at = _looked_at(plan)

    assert looked_at <= _BATCH
    assert _WAITING - _BATCH == len(
        [row for row in line.inbox() if row.state == "waiting"]
    )
