"""credit-ledger: grants to tenants, one by one, each with a key against repeats.

Each raises a balance and adds one row to a ledger of single entries, in a transaction
of its own. The package brings no tables; these are those of its documentation.
"""

from __future__ import annotations

import os
import sys
import time

from credit_ledger import grant
from sqlalchemy import URL, create_engine

CUSTOMERS = 1_000
_TABLES = """
create table credit_balance (
    tenant_id text primary key,
    credits numeric(18, 4) not null,
    updated_at timestamptz not null default now()
);
create table credit_ledger (
    id uuid primary key,
    tenant_id text not null,
    delta numeric(18, 4) not null,
    reason text not null,
    idempotency_key text,
    balance_after numeric(18, 4) not null,
    created_at timestamptz not null default now(),
    unique (tenant_id, idempotency_key)
);
"""


def main() -> None:
    """Make the tables, then answer each line with a round's rate."""
    url = URL.create(
        "postgresql+psycopg",
        username=os.environ["PEER_USER"],
        database=os.environ["PEER_DATABASE"],
        query={"host": os.environ["PEER_HOST"], "port": os.environ["PEER_PORT"]},
    )
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(_TABLES)
    print("ready", flush=True)
    done = 0
    for line in sys.stdin:
        began, before, seconds = time.perf_counter(), done, float(line)
        while time.perf_counter() - began < seconds:
            whose, key = f"customer {done % CUSTOMERS}", f"order {done}"
            assert grant(whose, 414, idempotency_key=key, engine=engine).ok
            done += 1
        print((done - before) / (time.perf_counter() - began), flush=True)


main()
