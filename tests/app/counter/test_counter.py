"""Vouchers are taken in at the counter page: by whoever has its link, each once."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from app.counter.link import counter_path, opened_by
from app.domain.program import Program
from app.domain.rewards import AmountOff, Service
from tests.builders.line import TestLine
from tests.builders.shopify import an_order

REPAIR = Service(points_cost=30, key="repair", service="<b>Repair</b>")
OFF = AmountOff(points_cost=10, key="off", amount=Decimal(1))


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store with a service, where Ada has 100 points."""
    line.set_program(Program(rewards=(REPAIR, OFF)))
    line.settle(("orders/paid", an_order()))
    return line


@pytest.fixture
def page(shop: TestLine) -> str:
    """Where the store's counter page is."""
    return counter_path("secret", shop.store.program_id, shop.store.store_id)


def _told(answer: TestResponse) -> str:
    found = re.search('role="status">(.*)</p>', answer.get_data(as_text=True))
    assert found
    return found.group(1)


def _give(client: FlaskClient, page: str, code: str) -> TestResponse:
    return client.post(page, data={"code": code})


def test_a_voucher_is_taken_in_and_only_once(shop: TestLine, page: str):
    code = shop.redeem(7001, "repair")["code"]
    first, again = (_give(shop.client, page, f" {code.lower()} ") for _ in range(2))
    assert (303, 303) == (first.status_code, again.status_code)
    assert "One moment …" == _told(shop.client.get(first.headers["Location"]))
    shop.worker.drain()

    taken = shop.client.get(first.headers["Location"])
    assert (200, "Taken in: &lt;b&gt;Repair&lt;/b&gt;") == (
        taken.status_code,
        _told(taken),
    )
    late = shop.client.get(again.headers["Location"])
    assert (409, "This voucher was taken in before.") == (late.status_code, _told(late))
    after = _give(shop.client, page, code)
    assert (409, "This voucher cannot be taken in: it is used.") == (
        after.status_code,
        _told(after),
    )
    assert [] == shop.violations()


@pytest.mark.parametrize("code", ["", "TMAAAAAAAAAA", "x" * 9999, "\0'"])
def test_what_is_no_voucher_is_told_so(shop: TestLine, page: str, code: str):
    answer = _give(shop.client, page, code)

    assert answer.status_code in (404, 413)
    if answer.status_code == 404:
        assert "There is no such voucher. Look at the code again." == _told(answer)


def test_a_code_for_the_checkout_is_no_voucher(shop: TestLine, page: str):
    code = shop.redeem(7001, "off")["code"]

    assert 404 == _give(shop.client, page, code).status_code
    assert "granted" == shop.redemption(7001, shop.redeem(7001, "off")["id"])["state"]


def test_a_link_opens_its_own_store_and_nothing_else(shop: TestLine, page: str):
    other = shop.add_store("other.myshopify.com")
    code = shop.redeem(7001, "repair")["code"]
    theirs = counter_path("secret", other.program_id, other.store_id)

    assert 200 == shop.client.get(page).status_code
    assert 404 == _give(shop.client, theirs, code).status_code
    for false in (
        page[:-1],
        page + "a",
        "/counter/1-1-",
        "/counter/9-9-a",
        "/counter/٣-1-a",
    ):
        assert 404 == shop.client.get(false).status_code
    assert opened_by("another secret", page.rpartition("/")[2]) is None


def test_a_link_has_one_spelling_so_that_wrong_codes_on_it_are_counted_together(
    shop: TestLine, page: str
):
    words = page.rpartition("/")[2]
    program, store, key = words.split("-")
    for spelt in (
        f"0{program}-{store}-{key}",
        f"{program}-0{store}-{key}",
        f"00{words}",
        f"{program}-{store}-{key.upper()}",
        f"{words}-",
    ):
        assert opened_by("secret", spelt) is None
        assert 404 == shop.client.get(f"/counter/{spelt}").status_code
    assert (shop.store.program_id, shop.store.store_id) == opened_by("secret", words)


def test_the_page_runs_nothing_and_sends_only_to_itself(shop: TestLine, page: str):
    policy = shop.client.get(page).headers["Content-Security-Policy"]

    assert re.fullmatch(
        "default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        policy,
    )


def test_the_page_is_accessible(shop: TestLine, page: str, browser: Browser):
    answer = shop.client.get(page)
    opened = browser.new_page()
    opened.set_content(answer.get_data(as_text=True))
    found = Axe().run(opened).response["violations"]
    opened.close()

    assert [] == [each["id"] for each in found]


def test_a_member_sees_the_voucher_as_a_picture(shop: TestLine):
    told = shop.redeem(7001, "repair")
    answer = shop.ask(f"redemptions/{told['id']}/qr.svg", "7001")

    assert told["is_voucher"]
    assert (200, "image/svg+xml") == (answer.status_code, answer.mimetype)
    assert b'<svg xmlns="http://www.w3.org/2000/svg"' in answer.get_data()
    assert 404 == shop.ask(f"redemptions/{told['id']}/qr.svg", "7002").status_code
    assert 403 == shop.ask(f"redemptions/{told['id']}/qr.svg").status_code
