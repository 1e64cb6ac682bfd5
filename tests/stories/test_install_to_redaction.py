"""The whole app against the sandbox store, from installation to redaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app.domain.referral_code import code_of_member
from app.platforms.shopify.scopes import ALL_ORDERS, SCOPES
from app.platforms.shopify.tokens import TokensRefused
from app.sandbox.app_home import id_token
from app.sandbox.refunds import RefundRequest
from app.sandbox_token import SANDBOX_DOMAIN
from tests.app.commands.conftest import Run, run
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.member_life import MemberLife, tokens_of, words_of
from tests.builders.open_store import served
from tests.builders.traces import traces

__all__ = ["run"]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the store's answers, which shares this process, however slow it is.

    What is lost is asked for again a minute later, and here each step is done at once.
    """
    send = requests.Session.send

    def send_and_wait(
        self: requests.Session, request: requests.PreparedRequest, **how: Any
    ) -> requests.Response:
        return send(self, request, **(how | {"timeout": 120}))

    monkeypatch.setattr(requests.Session, "send", send_and_wait)


@pytest.fixture
def life(
    line: TestLine, run: Run, tmp_path: Path, patient: None
) -> Iterator[MemberLife]:
    """A sandbox store with a shopper, and the app that nobody opened yet."""
    with served(tmp_path / "shop") as shop:
        site = Installation(line, shop)
        yield MemberLife(site, run)
        site.close()


def test_from_installation_to_the_redaction_of_a_shopper_and_of_the_store(
    life: MemberLife, capfd: pytest.CaptureFixture[str]
):
    life.bought_before()
    life.install()
    _brings_in_the_past(life)
    _lives(life)
    _outlives_its_tokens(life)
    _answers_a_request_for_data(life)
    log, words, marks = _log(capfd), life.words, life.marks()
    assert len(traces(life.site.line, log, words)) > 20
    assert len(marks) > 1
    _forgets(life)

    found = traces(life.site.line, log + _log(capfd), [*words, *marks])
    assert not found, "\n".join(found)
    life.command("verify")
    _leaves_and_comes_back(life)
    _is_forgotten_as_a_whole(life)


def _log(capfd: pytest.CaptureFixture[str]) -> str:
    return "".join(capfd.readouterr())


def _brings_in_the_past(life: MemberLife) -> None:
    life.site.shop.store.app.set_scopes([*SCOPES, ALL_ORDERS])
    command = ("backfill", SANDBOX_DOMAIN, "--since", "2025-01-01")
    life.command(*command, "--dry-run")
    assert not life.site.line.totals()
    life.command(*command)
    life.work()
    assert life.site.line.totals()["available"] > 0
    # A look that is not followed by anything leaves its file.
    life.command(*command, "--dry-run")


def _lives(life: MemberLife) -> None:
    """Everything that a member can do, and what the store tells of it."""
    line, shop, person = life.site.line, life.site.shop.store, life.person
    first = life.buy()
    shop.labels.add_tags(person.id, "VIP, lives-at-the-lake")
    shop.labels.join(person.id, 31)
    life.work()
    second = life.buy()
    shop.refund(second.id, RefundRequest(units={second.lines[0].id: 1}))
    shop.customers.merge(person.id, life.former.id)
    life.tell_more(first)
    life.work()
    assert "Silver" == life.shown()["tier"]

    five = life.redeem("five")
    life.buy(code=five["code"])
    life.work()
    assert "used" == life.ask(f"redemptions/{five['id']}")["state"]
    for reward in ("five", "mending", "trees", "draw"):
        assert life.redeem(reward)["state"] in ("granted", "used")
    assert "asked" == life.redeem("visit", slot=life.slot.isoformat())["state"]
    life.command("giveaway", "promise", SANDBOX_DOMAIN, "draw")
    life.command("giveaway", "draw", SANDBOX_DOMAIN, "draw")
    assert life.shown()["balance"] == str(line.standing(person.id).available)

    _brings_a_friend(life)
    life.say("actions", action="newsletter", key="spring")
    life.say("actions", action="birthday", month=5, day=12)
    who = str(person.id)
    life.command("action", "report", SANDBOX_DOMAIN, who, "review", "--key", "r1")
    life.command("label", SANDBOX_DOMAIN, who, "early-bird")
    life.command("give-tier", SANDBOX_DOMAIN, who, "Silver", "--reason", "thanks")
    life.work()
    life.command("action", "approve", SANDBOX_DOMAIN, "review", "r1")
    life.work()


def _brings_a_friend(life: MemberLife) -> None:
    """The shopper brings Wim, and says that Ada brought the shopper."""
    line, shop = life.site.line, life.site.shop
    life.friend = shop.store.customers.register("Wim Friendly", "wim@example.com")
    life.work()
    for friend, advocate in ((life.friend, life.person), (life.person, shop.ada)):
        whose = line.member_id(advocate.id)
        code = code_of_member("secret", line.store.program_id, whose)
        life.say("referrals", friend, code=code, device=f"browser-of-{friend.id}")
    [gift] = life.ask("standing", life.friend)["redemptions"]
    life.buy(life.friend, gift["code"])
    life.work()


def _outlives_its_tokens(life: MemberLife) -> None:
    """What opens the store ends amid the work, which goes on with what follows."""
    before = life.site.shop.grants()[-1].access
    life.site.shop.store.app.expire_tokens()
    assert "granted" == life.redeem("five")["state"]
    assert before != life.site.shop.grants()[-1].access


def _answers_a_request_for_data(life: MemberLife) -> None:
    life.site.shop.store.customers.request_data(life.person.id)
    life.work()
    [path] = (life.site.line.home / "data_requests").glob("*.json")
    told = json.loads(path.read_text())
    assert str(life.person.id) == told["customer_id"]
    [member] = told["members"]
    assert all(member.values()), [name for name, said in member.items() if not said]


def _forgets(life: MemberLife) -> None:
    """The shopper is forgotten, and stays so whatever is heard late and again."""
    line, shop = life.site.line, life.site.shop.store
    totals = line.totals()
    shop.labels.add_tags(life.person.id, "late")
    shop.customers.redact(life.person.id)
    life.work()
    shop.labels.remove_tags(life.person.id, "late")
    life.work()
    assert totals == line.totals()
    assert (line.audit(), line.violations()) == (None, [])


def _leaves_and_comes_back(life: MemberLife) -> None:
    """Within two days: what the store says of the time before ends nothing."""
    site, line = life.site, life.site.line
    store, ada = site.shop.store, str(site.shop.ada.id)
    store.app.uninstall()
    life.work()
    assert not site.is_open
    assert [None] == tokens_of(line)
    with pytest.raises(TokensRefused):
        site.way.endpoint.by_id_token(site.shop.url, id_token(store.settings))

    store.app.install()
    with store.data.transaction() as rows:
        rows.save_setting("metafield definitions", [])
    life.install()
    assert len(site.setting("metafield definitions")) == 3
    store.app.redact()
    life.work()
    assert line.mentions(ada)
    assert site.is_open
    life.buy(site.shop.ada)
    life.work()


def _is_forgotten_as_a_whole(life: MemberLife) -> None:
    """Two days after it left for good, a store has figures here, and nobody."""
    site, line = life.site, life.site.line
    people = [site.shop.ada, life.friend]
    words = [word for who in people for word in words_of(line, who)]
    totals = line.totals()
    site.shop.store.app.uninstall()
    life.work()
    site.shop.store.app.redact()
    site.hear(ago=-timedelta(hours=49))

    found = traces(line, "", words)
    assert not found, "\n".join(found)
    assert totals == line.totals()
    assert (line.audit(), line.violations()) == (None, [])
    life.command("verify")
