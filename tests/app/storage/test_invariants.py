# ruff: noqa: E501 - statements read best in one piece
"""Each invariant is silent on a good history, and tells of what violates it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import InternalError

from app.storage.database import Database
from app.storage.invariants import findings, invariants, look
from tests.builders.copies import copy_members
from tests.builders.histories import live_through_everything
from tests.builders.invariants import wrong
from tests.builders.line import TestLine
from tests.faults.site import ROOT
from workers.proof import FOLLOWS, RECOMPUTES


@pytest.fixture(scope="module")
def history(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestLine]:
    """A line on which everything happened once; tests leave it as it is."""
    database = Database(new_database_url())
    home = tmp_path_factory.mktemp("home")
    lived = live_through_everything(TestLine(database, redis_url, home))
    with lived.as_superuser() as connection:
        connection.exec_driver_sql("analyze")
    yield lived
    database.close()


@pytest.fixture
def planted(history: TestLine) -> Iterator[Connection]:
    """A transaction in which anything can be changed, and which is undone."""
    with history.database.engine.connect() as connection:
        connection.exec_driver_sql("set session_replication_role = replica")
        yield connection
        connection.rollback()


def _violated(connection: Connection) -> set[str]:
    connection.exec_driver_sql("set local role tallymark_auditor")
    return {each.invariant.name for each in wrong(connection)}


def test_a_good_history_holds(history: TestLine):
    assert history.violations() == []
    assert [each for each in findings(history.database) if each.rows != ()] == []


KINDS = "adjust earn expire redeem refund release repay reserve reverse"


def test_the_history_has_everything_once(history: TestLine):
    with history.database.auditor() as connection:
        programs = connection.exec_driver_sql(
            "select count(distinct program_id) from ledger_transaction"
        )
        kinds = connection.exec_driver_sql(
            "select distinct kind from ledger_transaction order by 1"
        )
        debts = connection.exec_driver_sql("select count(*) from member where owed < 0")

        assert programs.scalar() == 2
        assert " ".join(kinds.scalars()) == KINDS
        assert debts.scalar() == 1


# A transaction in the middle of the longest chain, one of its entries, one of an order.
SOME = "(program_id, member_id, sequence) = (select program_id, member_id, 3 from ledger_transaction where sequence = 8 limit 1)"
LAST = "(program_id, member_id, sequence) in (select program_id, member_id, max(sequence) from ledger_transaction group by 1, 2)"
EARNED = "kind = 'earn' and corrects is null and lot like '%/5002'"

LAPSED = "update ledger_transaction set cause = 'inactivity/{}/x@' || lot where kind = 'expire'"
DAY_BEFORE = (
    "effective_at - interval '1 day' from ledger_transaction where kind = 'expire'"
)

# What is known of an order that stands, changed; a refund of one of its goods.
KNOWN = "update order_fact set facts = jsonb_set(facts::jsonb, '{{{}}}', '{}') where order_id = '5002'"
REFUND = '{"9": {"lines": [{"line_id": "11", "subtotal_minor": 5000, "tax_minor": 0}], "shipping_minor": 0, "duties_minor": 0, "payments": {"90": {"kind": "refund", "status": "success", "amount_minor": 5000, "currency": "EUR"}}}}'

PLANTED = [
    ("entries-balance", f"delete from ledger_entry where line = 2 and {SOME}"),
    ("entries-balance", f"delete from ledger_entry where {SOME}"),
    (
        "entries-follow-effects",
        f"update ledger_entry set amount = -amount where {SOME}",
    ),
    (
        "ledgers-sum-to-zero",
        f"update ledger_entry set amount = amount + 1 where line = 1 and {SOME}",
    ),
    ("rows-have-owners", f"delete from ledger_transaction where {SOME}"),
    (
        "balances-follow-entries",
        "update member set available = available + 1, issued = issued - 1",
    ),
    ("balances-follow-entries", "update member set versions[2] = versions[2] + 1"),
    (
        "entries-carry-balances",
        f"update ledger_entry set balance_after = balance_after + 1 where line = 2 and {SOME}",
    ),
    ("balances-have-signs", "update member set owed = 1"),
    ("lots-not-negative", "update lot set reserved = -1"),
    ("lots-hold-balances", "delete from lot where available > 0"),
    (
        "lots-follow-entries",
        "update lot set available = available + 1 where available > 0",
    ),
    (
        "effects-are-posted-once",
        "drop index ledger_effect; update ledger_transaction set corrects = null",
    ),
    (
        "corrections-have-originals",
        "update ledger_transaction set corrects = corrects + 100",
    ),
    (
        "effects-not-negative",
        "update ledger_transaction set points = -1000 where corrects is not null",
    ),
    (
        "returns-within-earnings",
        "update ledger_transaction set points = points + 1000 where kind = 'reverse'",
    ),
    ("ended-orders-keep-nothing", KNOWN.format("deleted_at", '"2026-11-09T10:00:00Z"')),
    (
        "ended-orders-keep-nothing",
        KNOWN.format("snapshot,cancelled_at", '"2026-11-09T10:00:00Z"'),
    ),
    (
        "ended-orders-keep-nothing",
        KNOWN.format("snapshot,financial_status", '"refunded"'),
    ),
    (
        "ended-orders-keep-nothing",
        KNOWN.format("snapshot,financial_status", '"voided"'),
    ),
    ("refunds-are-settled", KNOWN.format("refunds", REFUND)),
    ("refunds-are-settled", "update lot set reversals = 0"),
    ("returns-have-facts", "update order_fact set facts = facts::jsonb - 'refunds'"),
    (
        "returns-have-facts",
        "update ledger_transaction set cause = replace(cause, 'refund/', 'dispute/') where kind = 'reverse'",
    ),
    *(
        (
            "returns-have-facts",
            f"update ledger_transaction set cause = '{end}@' || substring(cause from '[^@]*$') where kind = 'reverse'",
        )
        for end in ("cancellation", "full-refund", "void", "deletion")
    ),
    ("earnings-have-orders", "delete from order_fact where order_id = '5002'"),
    (
        "earnings-have-orders",
        "update order_fact set pinned_version = null where order_id = '5002'",
    ),
    (
        "earnings-have-orders",
        "update order_fact set member_id = member_id + 1 where order_id = '5002'",
    ),
    (
        "birthdays-have-tiers",
        f"update ledger_transaction set lot = 'tier-birthday/born-2026' where {EARNED}",
    ),
    (
        "birthdays-have-tiers",
        "update program_version set document = jsonb_set(document, '{tiers}', '{\"ladder\": [{\"birthday_points\": 1000000}]}'); update ledger_transaction set lot = 'tier-birthday/' || sequence || '-2026' where kind = 'earn'",
    ),
    ("earnings-have-actions", "delete from action where action = 'review'"),
    ("earnings-have-actions", "update action set state = 'waiting'"),
    ("earnings-have-actions", "update action set member_id = member_id + 1"),
    (
        "actions-say-what-they-earned",
        "update action set points = points + 1 where points > 0",
    ),
    (
        "actions-say-what-they-earned",
        "update action set key = key || 'x' where points > 0",
    ),
    ("lapses-follow-silence", LAPSED.format(12)),
    (
        "lapses-follow-silence",
        f"{LAPSED.format(1)}; insert into command select program_id, 'late', member_id, 'redemption', 5, {DAY_BEFORE}",
    ),
    (
        "lapses-follow-silence",
        f"{LAPSED.format(1)}; insert into action (program_id, action, key, store_id, member_id, state, reported_by, at) select program_id, 'review', lot, 1, member_id, 'accepted', 'owner', {DAY_BEFORE}",
    ),
    (
        "orders-have-earnings",
        f"delete from ledger_entry where sequence in (select sequence from ledger_transaction where {EARNED}); delete from ledger_transaction where {EARNED}",
    ),
    ("orders-have-reasons", f"delete from ledger_transaction where {EARNED}"),
    (
        "surprises-came-or-were-missed",
        f"update order_fact set missed_surprises = '{{\"thanks\": {{}}}}'; update ledger_transaction set lot = replace(lot, 'order/', 'gift/thanks/') where {EARNED}",
    ),
    (
        "surprises-came-or-were-missed",
        f"update action set missed_surprises = '{{\"thanks\": {{}}}}', key = 'x'; update ledger_transaction set lot = 'gift/thanks/review/x' where {EARNED}",
    ),
    (
        "commands-have-effects",
        "update command set points = 21 where command_id = 'used'",
    ),
    (
        "commands-have-effects",
        "update command set captured_at = now() where command_id = 'open'",
    ),
    (
        "commands-have-effects",
        "update command set voided_at = null where command_id = 'voided'",
    ),
    (
        "commands-have-effects",
        "delete from command where kind = 'adjustment' and points > 0",
    ),
    (
        "commands-have-effects",
        "insert into command select program_id, 'new', member_id, 'adjustment', 5, now() from command limit 1",
    ),
    (
        "returns-within-redemptions",
        "update ledger_transaction set points = 1000 where effect_key like '%:redeemed>available'",
    ),
    ("limits-free-what-came-back", "update redemption set is_given_back = true"),
    (
        "redemptions-have-commands",
        "update redemption set state = 'granting'",
    ),
    (
        "redemptions-have-commands",
        "delete from command using redemption where command_id = redemption_id",
    ),
    (
        "slots-have-places",
        "update redemption set reward = jsonb_set(reward::jsonb, '{slots,0,places}', '0') where slot is not null",
    ),
    ("slots-have-places", "update redemption set slot = slot + interval '1 hour'"),
    ("referral-points-have-referrals", "delete from referral"),
    (
        "referral-points-have-referrals",
        "update referral set advocate_id = friend_id",
    ),
    ("referral-points-have-referrals", "update referral set state = 'refused'"),
    (
        "referral-points-have-referrals",
        "update ledger_transaction set points = points - 1 where kind = 'reverse' and cause like '%referral/%'",
    ),
    ("budgets-follow-allotments", "update budget_use set used = used + 1"),
    ("budgets-follow-allotments", "delete from allotment where used > 0"),
    ("budgets-follow-allotments", "delete from budget_use"),
    ("allotments-hold", "update allotment set used = allotted + 1"),
    ("allotments-hold", "update allotment set used = -1"),
    (
        "allotments-hold",
        "delete from ledger_transaction where kind = 'earn' and lot like '%/5008'",
    ),
    (
        "chains-are-linked",
        f"update ledger_transaction set previous_hash = 'x' where {SOME}",
    ),
    (
        "chains-are-linked",
        f"delete from ledger_entry where {SOME}; delete from ledger_transaction where {SOME}",
    ),
    (
        "members-know-their-last",
        f"update ledger_transaction set hash = 'x' where {LAST}",
    ),
    ("members-know-their-last", "update member set last_sequence = last_sequence - 1"),
    ("the-forgotten-are-gone", "update order_fact set is_forgotten = true"),
    ("labels-follow-customers", "update customer_label set member_id = member_id + 1"),
    (
        "finished-messages-are-dated",
        "update inbox set finished_at = null where state = 'settled'",
    ),
    ("finished-messages-are-dated", "update inbox set state = 'waiting'"),
    (
        "nothing-waits-too-long",
        "update inbox set state = 'waiting', finished_at = null, next_attempt_at = now() - interval '6 minutes'",
    ),
    (
        "nothing-due-is-forgotten",
        "update member set due_at = now() - interval '16 minutes'",
    ),
    (
        "nothing-due-in-stores-is-forgotten",
        "update redemption set due_at = now() - interval '16 minutes', lease_until = null",
    ),
    (
        "nothing-due-in-stores-is-forgotten",
        "insert into showing (program_id, store_id, member_id, due_at) select program_id, 1, member_id, now() - interval '16 minutes' from member",
    ),
    (
        "nothing-due-in-stores-is-forgotten",
        "insert into catalogue (program_id, store_id, due_at) select program_id, store_id, now() - interval '16 minutes' from store",
    ),
    (
        "nothing-due-in-stores-is-forgotten",
        "insert into store_access (program_id, store_id, due_at) select program_id, store_id, now() - interval '16 minutes' from store",
    ),
    (
        "stores-can-be-asked",
        "update redemption set state = 'granting', shut_at = now(), attempts = 13",
    ),
    (
        "requests-of-people-are-understood",
        "update inbox set topic = 'customers/redact', state = 'quarantined', body = '' where topic like 'refunds/%'",
    ),
    ("bodies-are-dropped", "update inbox set finished_at = now() - interval '33 days'"),
    (
        "deliveries-have-one-store",
        "insert into inbox (program_id, platform, domain, topic, delivery_id, state, finished_at) select 0, platform, 'third', topic, delivery_id, 'ignored', now() from inbox",
    ),
    (
        "bodies-have-one-head",
        "insert into inbox (program_id, platform, domain, topic, delivery_id, body_key, state, finished_at) select 0, platform, 'third', topic, delivery_id || 'again', body_key, 'ignored', now() from inbox",
    ),
    (
        "bodies-have-one-head",
        "insert into inbox (program_id, platform, domain, topic, delivery_id, body_key, state, finished_at) select program_id, platform, domain, 'refunds/create', delivery_id || 'again', body_key, 'ignored', now() from inbox where topic like 'orders/%'",
    ),
    (
        "orders-have-one-store",
        "update order_fact set order_id = '8001' where order_id = '5002'",
    ),
    ("keys-stay-within-programs", "create table voucher (code text primary key)"),
    ("keys-stay-within-programs", "create unique index on member (member_id)"),
    (
        "references-stay-within-programs",
        "alter table command drop constraint command_program_id_member_id_fkey",
    ),
    (
        "references-stay-within-programs",
        "create unique index one on member (member_id); alter table member add unique using index one; alter table tombstone add foreign key (store_id) references member (member_id)",
    ),
    ("programs-are-walled", "alter table product no force row level security"),
    ("programs-are-walled", "alter table product disable row level security"),
    ("programs-are-walled", "drop policy own_program on product"),
    ("programs-are-walled", "create policy all_of_them on product using (true)"),
    ("programs-are-walled", "alter policy own_program on product using (true)"),
    ("programs-are-walled", "alter policy own_program on product with check (true)"),
    ("nothing-goes-round-the-wall", "create view everybody as select * from member"),
    (
        "nothing-goes-round-the-wall",
        "create function peep() returns bigint language sql security definer as 'select count(*) from member'",
    ),
    ("guards-stand", "alter table ledger_entry disable trigger only_added_to"),
    ("guards-stand", "drop trigger never_emptied on checkpoint"),
    ("guards-stand", "alter table ledger_entry disable trigger only_whole"),
    ("roles-have-no-power", "alter role tallymark_app bypassrls"),
    ("roles-have-no-power", "alter table product owner to tallymark_app"),
    ("roles-have-no-power", "grant pg_read_all_data to tallymark_receiver"),
    (
        "roles-stay-narrow",
        "grant update (points) on ledger_transaction to tallymark_app",
    ),
    ("roles-stay-narrow", "grant delete on ledger_entry to public"),
    ("roles-stay-narrow", "grant truncate on inbox to tallymark_sweeper"),
    ("roles-stay-narrow", "grant select (body) on inbox to tallymark_receiver"),
    ("roles-stay-narrow", "grant select on customer to tallymark_sweeper"),
    ("roles-stay-narrow", "grant select on personal_key to tallymark_sweeper"),
    ("roles-stay-narrow", "grant insert on command to tallymark_auditor"),
    ("roles-stay-narrow", "grant select (tokens) on store_access to tallymark_sweeper"),
    ("roles-stay-narrow", "grant select (written) on showing to tallymark_sweeper"),
    (
        "uninstalled-stores-are-closed",
        "update store set uninstalled_at = now(); insert into store_access (program_id, store_id, tokens) select program_id, store_id, '' from store",
    ),
    (
        "personal-data-has-owners",
        "delete from customer where member_id in (select member_id from personal)",
    ),
    ("personal-data-has-owners", "delete from personal_key"),
]


@pytest.mark.parametrize(("name", "statements"), PLANTED)
def test_what_violates_an_invariant_is_found(
    planted: Connection, name: str, statements: str
):
    _drop_checks(planted)
    _plant(planted, statements)

    assert name in _violated(planted)


def test_every_invariant_was_violated_once():
    assert {name for name, _ in PLANTED} == {each.name for each in invariants()}


def test_the_page_for_those_who_run_it_names_each_of_them():
    page = (ROOT / "docs" / "operations.md").read_text()
    _, _, table = page.partition("| what must hold |")
    table, _, _ = table.partition("\n\n")
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", table))

    proven = {RECOMPUTES.name, FOLLOWS.name}
    assert named == {each.name for each in invariants()} | proven


def _drop_checks(connection: Connection) -> None:
    """Let the columns take what their own checks would refuse."""
    found = connection.exec_driver_sql(
        "select conrelid::regclass, conname from pg_constraint where contype = 'c'"
        " and connamespace = 'public'::regnamespace"
    )
    for table, name in found.all():
        connection.exec_driver_sql(f"alter table {table} drop constraint {name}")


def _plant(connection: Connection, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def test_what_there_was_no_time_for_is_said(history: TestLine):
    with history.as_superuser() as connection:
        connection.exec_driver_sql("lock table lot in access exclusive mode")
        found = list(findings(history.database, each_s=0.2))

    unseen = {each.invariant.name for each in found if each.rows is None}
    assert {"lots-not-negative", "lots-hold-balances", "lots-follow-entries"} <= unseen
    assert all(each.rows is None for each in findings(history.database, all_s=0))


def test_looking_changes_nothing(planted: Connection):
    look(planted, invariants()[0])

    with pytest.raises(InternalError, match="read-only transaction"):
        _plant(planted, "delete from lot")


# As many rows as a plan would handle for each of the tables, if it read all of them a
# few times; comparing each with each comes to a hundred.
HANDLED_MAX = 8


def test_a_look_at_many_rows_takes_as_many_steps_for_each(planted: Connection):
    database = planted.connection.driver_connection
    assert isinstance(database, psycopg.Connection)
    found = database.execute("select distinct member_id from member").fetchall()
    # Nobody has counted them for the planner, as after an import.
    copied = copy_members(database, [each for (each,) in found], range(1, 151))
    planted.exec_driver_sql("set local role tallymark_auditor")

    handled = {}
    for each in invariants():
        look(planted, each)
        told = f"explain (analyze, timing off, format json) {each.query}"
        [[plan]] = planted.exec_driver_sql(told.replace("%", "%%"))
        handled[each.name] = _rows_handled(plan[0]["Plan"]) / copied

    assert copied > 20_000
    too_many = {name: many for name, many in handled.items() if many > HANDLED_MAX}
    assert not too_many


def _rows_handled(node: dict[str, Any]) -> float:
    here = sum(
        many
        for name, many in node.items()
        if name == "Actual Rows" or name.startswith("Rows Removed by")
    )
    below = sum(map(_rows_handled, node.get("Plans", [])))
    return float(here * node["Actual Loops"] + below)
