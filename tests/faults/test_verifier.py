"""The verifier itself: it must find what is planted, or its silence says nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.faults import counted
from tests.faults.conftest import Shop
from tests.faults.journal import Answer
from tests.faults.verifier import violated


def test_it_finds_what_was_answered_and_is_not_kept(shop: Shop):
    shop.send(shop.sells(3))
    assert {} == shop.wrong()

    shop.journal.write(Answer("ghost", shop.domain, 200, 0.1, 0))

    assert {"answered 200 and lost": [(shop.domain, "ghost")]} == shop.wrong()


def test_it_finds_what_was_never_answered(shop: Shop):
    shop.send(shop.sells(3))
    never = replace(shop.sent[0], delivery_id="never")
    shop.sent.append(never)

    assert {"never answered 200": [(shop.domain, "never")]} == shop.wrong()


def test_it_finds_points_that_the_fold_does_not_know(shop: Shop):
    shop.send(shop.sells(3))
    unknown = {each.delivery_id for each in shop.sent if each.topic == "orders/paid"}
    shop.sent = [each for each in shop.sent if each.delivery_id not in unknown]

    assert shop.wrong().keys() >= {
        "kept and never sent",
        "in a ledger and not in the fold",
    }


def test_it_finds_points_that_a_ledger_lacks(shop: Shop):
    shop.send(shop.sells(3))
    order = next(each for each in shop.sent if each.topic == "orders/paid")
    more = json.dumps(json.loads(order.body) | {"id": 99999}).encode()
    shop.sent = [*shop.sent, replace(order, delivery_id="more", body=more)]

    assert "in the fold and not in a ledger" in shop.wrong()


def test_it_counts_points_without_the_fold(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.send(shop.sells(3))
    assert {} == shop.wrong()

    # As if no order was worth anything: then everybody has too much.
    monkeypatch.setattr(counted.plain, "earned", lambda *_: None)

    assert {"points that are not what is counted"} == shop.wrong().keys()


def test_it_looks_at_the_invariants_too(shop: Shop):
    shop.send(shop.sells(3))
    shop.wrong()
    member = "select min(member_id) from lot join store using (program_id)"
    change = (
        "update lot set available = available + %(points)s"
        f" where member_id = ({member} where domain = %(domain)s)"
    )
    assert [] == violated(shop.site)

    shop.site.execute(change, points=1, domain=shop.domain)
    told = violated(shop.site)
    shop.site.execute(change, points=-1, domain=shop.domain)

    assert any(each.startswith("lots-hold-balances: ") for each in told)
    assert [] == violated(shop.site)
