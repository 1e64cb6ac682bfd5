"""An owner looks at doubtful friends, and tells households apart."""

from __future__ import annotations

import pytest

from app.domain.errors import UnknownReferral
from app.domain.program import Program
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, an_order

HOME = {"address1": "1 Mill Lane", "zip": "AB1 2CD", "country_code": "GB"}


def test_the_queue_has_reasons_and_the_owner_decides(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(referral=ReferralTerms()))
    line.settle(("orders/paid", an_order(customer=ADA | {"default_address": HOME})))
    friend = {"id": 8001, "email": "wim@example.com", "default_address": HOME}
    line.settle(("customers/create", friend))
    code = code_of_member("secret", line.store.program_id, line.member_id(7001))
    line.post("referrals", "8001", {"code": code})
    line.worker.drain()

    run(line, "referral", "list", DOMAIN, "--review")
    told = capsys.readouterr().out
    assert "review" in told
    assert "same_address" in told
    assert "example.com" not in told
    referral_id = told.split()[0]

    run(line, "referral", "approve", DOMAIN, referral_id)
    line.worker.drain()
    capsys.readouterr()
    run(line, "referral", "list", DOMAIN, "--review")
    assert "none\n" == capsys.readouterr().out
    run(line, "referral", "list", DOMAIN, "--state", "accepted")
    assert referral_id in capsys.readouterr().out

    run(line, "referral", "refuse", DOMAIN, referral_id)
    line.worker.drain()
    capsys.readouterr()
    run(line, "referral", "list", DOMAIN, "--state", "refused")
    assert "no points" in capsys.readouterr().out


def test_a_friend_in_doubt_since_they_ordered_is_so_after_a_rebuild(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(referral=ReferralTerms()))
    line.settle(("orders/paid", an_order(customer=ADA, billing_address=HOME)))
    friend = {"id": 8001, "email": "wim@example.com", "verified_email": True}
    line.settle(("customers/create", friend))
    code = code_of_member("secret", line.store.program_id, line.member_id(7001))
    line.post("referrals", "8001", {"code": code})
    line.worker.drain()
    bought = an_order(id=5002, name="#2", customer=friend, billing_address=HOME)
    at = dict.fromkeys(("processed_at", "created_at", "updated_at"), line.days_ago(0))
    line.settle(("orders/paid", bought | at | {"email": friend["email"]}))

    for command in (["referral", "list", DOMAIN, "--review"], ["rebuild"]) * 2:
        run(line, *command)

    told = capsys.readouterr().out
    assert 2 == told.count("500 points  (same_address)")


def test_a_referral_that_is_not_there_is_told_so(line: TestLine, run: Run):
    with pytest.raises(UnknownReferral):
        run(line, "referral", "approve", DOMAIN, "nothing")
