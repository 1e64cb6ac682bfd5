"""An owner reads the programme, changes it, looks first, and saves a new version."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from redis import Redis
from rq import Queue

from app.domain.program import Program
from app.domain.tiers import Spending, Tier, Tiers
from app.jobs import QUEUE
from app.owner import forecast
from app.storage import stores
from app.storage.program_document import dump_program
from tests.app.owner.conftest import (
    APPROVALS,
    FORM,
    LOOK,
    SAVE,
    Owning,
    fields,
    send,
    told,
)
from tests.builders.line import DOMAIN, TestLine
from tests.builders.sent_form import changed
from tests.builders.shopify import an_order


def ways_to_earn(line: TestLine) -> list[str]:
    """What the storefront says of earning."""
    program = line.ask("standing").get_json()["program"]
    said: list[str] = program["ways_to_earn"]
    return said


def newest(line: TestLine) -> Program:
    """The version that was saved last."""
    with line.in_program() as connection:
        history = stores.program_history(connection, line.store.program_id)
    return history.versions[-1][1]


def test_owners_read_what_shoppers_of_each_language_read(owning: Owning):
    english = owning.client.get("/owner/program?language=xx")
    german = owning.client.get("/owner/program?language=de")

    assert "You earn 1 point for each €1.00 you spend." in told(english)
    assert "Du bekommst 1 Punkt je 1,00 € Einkaufswert." in told(german)
    assert "What shoppers read English · Deutsch" in told(german)
    assert '<ul class="words" lang="de">' in german.text
    assert 'href="/owner/program?language=de"' in english.text


def test_what_is_saved_is_what_shoppers_read_from_now_on(
    line: TestLine, owning: Owning, redis: Redis
):
    assert ["1 point for each €1.00 you spend"] == ways_to_earn(line)
    looked_at = owning.look(owning.form(), earning__0__rate="2")

    assert "before You earn 1 point for each €1.00 you spend." in told(looked_at)
    assert "after You earn 2 points for each €1.00 you spend." in told(looked_at)
    assert "Ways to earn › 1 › Points for each 1.00 spent 1 2" in told(looked_at)  # noqa: RUF001
    assert 1 == newest(line).version
    saved = owning.save(looked_at)

    assert (303, "/owner/program?saved=2") == (
        saved.status_code,
        saved.headers["Location"],
    )
    # A worker is to have the store do what it promises.
    assert 1 == len(Queue(QUEUE, connection=redis))
    shown = told(owning.client.get(saved.headers["Location"]))
    assert "Saved. Version 2 is in force." in shown
    assert "You earn 2 points for each €1.00 you spend." in shown
    assert ["2 points for each €1.00 you spend"] == ways_to_earn(line)


def test_a_mistake_is_told_and_saves_nothing_and_what_was_typed_stays(
    line: TestLine, owning: Owning
):
    wrong = owning.look(owning.form(), earning__0__rate="lots", expires_on="13-13")

    assert 422 == wrong.status_code
    assert "2 things have to be put right first" in told(wrong)
    assert "Points for each 1.00 spent : must be a number" in told(wrong)
    again = fields(wrong, LOOK)
    assert ("earning.0.rate", "lots") in again
    assert ("expires_on", "13-13") in again
    assert 1 == newest(line).version


def test_a_campaign_is_added_by_its_button_and_filled_in(
    line: TestLine, owning: Owning
):
    added = owning.press(
        owning.form(), "add:earning", earning__0__rate="3", _kind__earning="multiplier"
    )
    pairs = fields(added, LOOK)
    assert ("earning.0.rate", "3") in pairs
    assert "Times the points : must not be empty" in told(owning.look(pairs))

    fridays = [*pairs, ("earning.1.conditions.weekdays", "friday")]
    owning.save(owning.look(fridays, earning__1__times="2"))

    assert ways_to_earn(line) == [
        "3 points for each €1.00 you spend",
        "2 times the points on Fridays",
    ]


def test_a_store_that_took_the_app_out_has_no_page(line: TestLine, owning: Owning):
    draft = fields(owning.look(owning.form(), earning__0__rate="3"), SAVE)
    body = {"id": 1, "myshopify_domain": DOMAIN}
    line.settle(("app/uninstalled", body))

    for answer in (
        owning.client.get(FORM),
        send(owning.client, SAVE, draft),
        owning.client.get(APPROVALS),
        send(owning.client, APPROVALS, draft),
    ):
        assert 403 == answer.status_code
        assert "not installed in your store any more" in told(answer)
    assert 1 == newest(line).version


def test_one_goes_back_from_looking_with_all_that_was_typed(owning: Owning):
    looked_at = owning.look(owning.form(), rewards__0__title="Free post <b>")
    draft = fields(looked_at, "/owner/program/save")

    back = owning.press(draft, "")

    assert 200 == back.status_code
    assert ("rewards.0.title", "Free post <b>") in fields(back, LOOK)


def test_a_reward_that_goes_while_a_card_brings_it_is_told_at_once(owning: Owning):
    card = owning.press(owning.form(), "add:stamp_cards")
    chosen = changed(
        fields(card, LOOK),
        stamp_cards__0__name="coffee",
        stamp_cards__0__reward="free_shipping-300",
    )
    assert 200 == owning.press(chosen, "up:rewards.1").status_code
    gone = owning.press(chosen, "remove:rewards.0")

    assert 200 == gone.status_code
    assert "One thing has to be put right first" in told(gone)
    assert "there is no reward with the key “free_shipping-300”" in told(gone)
    points = owning.look(fields(gone, LOOK), stamp_cards__0__reward="")
    assert 200 == points.status_code


def test_the_form_knows_the_words_that_the_store_was_heard_to_use(
    line: TestLine, owning: Owning
):
    tagged = {
        "id": 501,
        "tags": "Tea, Milk",
        "variants": [],
        "updated_at": "2026-11-01T10:00:00Z",
    }
    called = {"customerId": "gid://shopify/Customer/7001", "tags": ["VIP"]}
    called["occurredAt"] = "2026-11-01T10:00:00Z"
    line.settle(("products/update", tagged), ("customer.tags_added", called))
    page = owning.press(owning.form(), "add:earning", _kind__earning="bonus")

    shown = page.get_data(as_text=True)
    conditions = 'name="earning.1.conditions'
    assert '<datalist id="known-products"><option value="501"></option>' in shown
    assert f'{conditions}.tags" list="known-tags"' in shown
    assert '<option value="milk"></option><option value="tea"></option>' in shown
    assert f'{conditions}.customer_tags" value="vip">' in shown


def with_silver(euros: int) -> Program:
    """A programme with one tier from so much on."""
    need = Spending(amount=Decimal(euros))
    return Program(tiers=Tiers(ladder=(Tier(name="Silver", needs=(need,)),)))


def test_who_would_move_between_tiers_is_told_before_saving(
    line: TestLine, owning: Owning, monkeypatch: pytest.MonkeyPatch
):
    line.set_program(with_silver(100))
    grace = {"id": 7002, "email": "grace@example.com", "verified_email": True}
    hers = an_order(id=5002, name="#1002", customer=grace, email=grace["email"])
    line.settle(("orders/paid", an_order()), ("orders/paid", hers))
    pairs = owning.form()
    same = owning.look(pairs, credit_after_days="1")
    higher = owning.look(pairs, tiers__ladder__0__needs__0__amount="101")
    monkeypatch.setattr(forecast, "MEMBERS_MAX", 1)
    some = owning.look(pairs, tiers__ladder__0__needs__0__amount="101")
    monkeypatch.undo()
    monkeypatch.setattr(forecast, "_NAMED_MAX", 1)
    named = owning.look(pairs, tiers__ladder__0__needs__0__amount="101")
    line.set_program(with_silver(101))
    monkeypatch.undo()
    lower = owning.look(owning.form(), tiers__ladder__0__needs__0__amount="100")

    assert "Who would move" not in told(same)
    assert "Silver to no tier and 1 more, whom tallymark programme" in told(named)
    assert "up 0 down 2 stay 0 From To Way Members Silver no tier down 2" in told(
        higher
    )
    assert "customer 7001: Silver to no tier customer 7002: Silver to" in told(higher)
    assert "tier By what is known now, of 1 of your 2 members" in told(some)
    assert "up 2 down 0 stay 0 From To Way Members no tier Silver up 2" in told(lower)


def test_a_newer_version_of_somebody_else_is_not_saved_over_unseen(
    line: TestLine, let_in: Callable[..., Owning]
):
    one, other = let_in(DOMAIN), let_in(DOMAIN)
    looked_at = one.look(one.form(), credit_after_days="7")
    other.save(other.look(other.form(), earning__0__rate="5"))

    refused = one.save(looked_at)

    assert 409 == refused.status_code
    assert "Somebody else saved version 2 meanwhile" in told(refused)
    assert "before You earn 5 points for each €1.00 you spend." in told(refused)
    assert 2 == newest(line).version
    assert 303 == one.save(refused).status_code
    assert (3, 7) == (newest(line).version, newest(line).credit_after_days)


def test_a_version_can_begin_later_by_the_stores_clock(line: TestLine, owning: Owning):
    line.tamper("update store set timezone = 'Asia/Tokyo'")
    looked_at = owning.look(owning.form(), earning__0__rate="2")
    for never in ("", "soon", "2020-01-01T00:00", "9999-99-99T00:00"):
        refused = owning.save(looked_at, _when="then", _then=never)
        assert 422 == refused.status_code
        assert "must be a day and time to come" in told(refused)
    owning.save(looked_at, _when="then", _then="2099-05-01T09:00")

    with line.in_program() as connection:
        history = stores.program_history(connection, line.store.program_id)
    assert "2099-05-01 00:00:00+00:00" == str(history.versions[-1][0])
    shown = told(owning.client.get("/owner/program"))
    assert "Version 2 takes effect on 1 May 2099 09:00" in shown
    assert ["1 point for each €1.00 you spend"] == ways_to_earn(line)
    # What is saved next takes the place of what is planned, and says so.
    again = owning.look(owning.form(), credit_after_days="3")
    assert "Version 2 is planned from 1 May 2099 09:00" in told(again)
    owning.save(again)
    assert "Version 2 never in force" in told(owning.client.get("/owner/program"))
    assert ["2 points for each €1.00 you spend"] == ways_to_earn(line)


def test_one_can_start_from_an_older_version(line: TestLine, owning: Owning):
    first = dump_program(newest(line))
    line.set_program(Program(credit_after_days=30), line.clock() - timedelta(hours=1))

    looked_at = owning.look(owning.form(version=1))
    owning.save(looked_at)

    assert (3, first) == (newest(line).version, dump_program(newest(line)))
    assert 404 == owning.client.get(FORM, query_string={"version": 9}).status_code


def test_nothing_changed_is_nothing_to_save(owning: Owning):
    looked_at = owning.look(owning.form())

    assert "Nothing would change: it is all as in version 1." in told(looked_at)
    assert ">Save<" not in looked_at.get_data(as_text=True)


def test_a_draft_that_is_no_document_is_refused(owning: Owning):
    looked_at = owning.look(owning.form(), credit_after_days="1")

    for draft in ("", "[]", "{", "[" * 9999):
        assert 400 == owning.save(looked_at, _draft=draft).status_code


def test_a_draft_of_strange_things_is_shown_with_what_is_wrong(owning: Owning):
    strange = {"earning": [{"kind": "wishes"}, 5], "tiers": [], "limits": {"x": {}}}
    strange |= {"counting": {"excluded_tags": 7}, "rounding": ["up"], "rewards": {}}
    looked_at = owning.look(owning.form(), credit_after_days="1")

    refused = owning.save(looked_at, _draft=json.dumps(strange))

    assert 422 == refused.status_code
    assert "kind must be one of: bonus, multiplier, purchase" in told(refused)
