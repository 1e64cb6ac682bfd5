"""What points buy in a store, whatever fails: never without the other, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.grants import Grant, Granted, GrantRefused, Revocation
from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.platforms.base import Fulfilment
from app.platforms.shopify.scopes import SCOPES
from app.sandbox import code_jobs, codes
from app.sandbox.admin import trouble
from app.sandbox_token import SANDBOX_DOMAIN
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.open_store import served
from workers.fulfil import Fulfilling
from workers.runtime import makers

FIVE_OFF = AmountOff(points_cost=500, amount=Decimal(5), key="five", title="Five off")


class Shop(Installation):
    """A sandbox store that is open to the app, where Ada has 1,000 points."""

    def __post_init__(self) -> None:
        """Have the store let the app in, and Ada known."""
        super().__post_init__()
        self.open()
        assert self.store
        self.line.store = self.store
        self.line.set_program(Program(rewards=(FIVE_OFF,)))
        self.ada = str(self.shop.ada.id)
        told = {"id": self.shop.ada.id, "updated_at": "2026-11-01T10:00:00Z"}
        self._deliver("customers/update", told)
        body = {"customer_id": self.ada, "points": 1000, "reason": "test"}
        self.line.ask_own("points/adjust", str(uuid4()), body)
        self.fulfilling = self.another()

    def _deliver(self, topic: str, body: Any) -> None:
        self.line.deliver(topic, body, **{"X-Shopify-Shop-Domain": SANDBOX_DOMAIN})
        self.line.worker.drain()

    def another(self, maker: Fulfilment | None = None) -> Fulfilling:
        """One more worker, who makes rewards as all do or by `maker`."""
        as_all_do = makers(self.settings, self.way)
        return Fulfilling(
            self.way.database,
            (lambda _: maker) if maker else as_all_do,
            self.settings.secret_key,
            self.way.keys,
            self.line.this_moment,
        )

    def ask_for(self) -> str:
        """Have Ada ask for the reward; the store is not asked yet."""
        body = {"request_id": str(uuid4()), "reward_id": "five"}
        answer = self.line.post("redemptions", self.ada, body, shop=SANDBOX_DOMAIN)
        assert answer.status_code == 202
        self.line.worker.drain()
        return str(answer.get_json()["id"])

    def cancel(self, redemption_id: str) -> None:
        """Have Ada cancel it; the store is not asked yet."""
        where = f"redemptions/{redemption_id}/cancel"
        answer = self.line.post(where, self.ada, shop=SANDBOX_DOMAIN)
        assert answer.status_code == 202
        self.line.worker.drain()

    def work(self) -> None:
        """Have a worker come back to all that is not done."""
        self.line.tamper(
            "update redemption set lease_until = null, due_at = clock_timestamp()"
            " where state in ('granting', 'ending')"
        )
        # Another worker does not know which stores rest.
        self.another().work()

    def told(self, redemption_id: str) -> dict[str, Any]:
        """What Ada is told of it."""
        answer = self.line.ask(
            f"redemptions/{redemption_id}", self.ada, shop=SANDBOX_DOMAIN
        )
        return dict(answer.get_json())

    @property
    def points(self) -> tuple[int, int]:
        """What Ada can spend, and what is set aside."""
        standing = self.line.standing(self.ada)
        return standing.available, standing.reserved

    @property
    def codes(self) -> list[str]:
        """The codes that hang on discounts of the store."""
        with self.shop.store.data.reading() as rows:
            return [each.code for each in codes.added(rows)]

    @property
    def discounts(self) -> int:
        """How many discounts the app made."""
        with self.shop.store.data.reading() as rows:
            return len(codes.made(rows))

    def delay_codes(self, calls: int) -> None:
        """Let the store add and take away codes so many calls later."""
        with self.shop.store.data.transaction() as rows:
            code_jobs.delay(rows, calls)


@pytest.fixture
def shop(line: TestLine, tmp_path: Path) -> Iterator[Shop]:
    with served(tmp_path / "shop") as opened:
        made = Shop(line, opened)
        yield made
        made.close()


def _has_one_for_its_points(shop: Shop, redemption_id: str) -> None:
    told = shop.told(redemption_id)
    assert ("granted", [told["code"]], 1) == (told["state"], shop.codes, shop.discounts)
    assert (500, 0) == shop.points
    assert (None, []) == (shop.line.audit(), shop.line.violations())


@pytest.mark.parametrize("kind", [trouble.HANG_AFTER, trouble.EXPIRED])
def test_whatever_happens_to_a_call_there_is_one_code_for_the_points(
    shop: Shop, kind: str
):
    wish = shop.ask_for()
    for calls_before in range(5):
        shop.shop.let_happen(*[trouble.NONE] * calls_before, kind)
        shop.work()
        assert shop.points in ((500, 500), (500, 0))
    shop.shop.let_happen()
    shop.work()

    _has_one_for_its_points(shop, wish)


class Overtaken(Fulfilment):
    """Lets another worker do the same before it comes to an answer itself."""

    def __init__(self, shop: Shop) -> None:
        assert shop.store
        maker = makers(shop.settings, shop.way)(shop.store)
        assert maker
        self._shop, self._maker = shop, maker
        self.asked: list[str] = []

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it, after another worker has."""
        self.asked.append(grant.code)
        self._shop.work()
        return self._maker.grant(grant)

    def revoke(self, grant: Grant) -> Revocation:
        """End it, after another worker has."""
        self._shop.work()
        return self._maker.revoke(grant)


def test_a_job_that_is_done_twice_at_once_makes_and_ends_one(shop: Shop):
    slow = shop.another(Overtaken(shop))
    wish = shop.ask_for()
    slow.work()
    _has_one_for_its_points(shop, wish)

    shop.cancel(wish)
    slow.work()
    assert ("ended", []) == (shop.told(wish)["state"], shop.codes)
    assert (1000, 0) == shop.points
    assert (None, []) == (shop.line.audit(), shop.line.violations())


def test_what_another_worker_did_meanwhile_is_not_asked_for_again(shop: Shop):
    maker = Overtaken(shop)
    for _ in "12":
        shop.ask_for()
    shop.another(maker).work()

    assert (1, 2) == (len(maker.asked), len(shop.codes))
    assert (0, 0) == shop.points


def test_points_come_back_once_the_code_is_gone_and_not_before(shop: Shop):
    wish = shop.ask_for()
    shop.work()
    shop.delay_codes(1)
    shop.cancel(wish)
    shop.work()
    assert ("ending", (500, 0)) == (shop.told(wish)["state"], shop.points)
    assert 1 == len(shop.codes)

    shop.work()
    assert ("ended", (1000, 0)) == (shop.told(wish)["state"], shop.points)
    assert ([], 1) == (shop.codes, shop.discounts)


def test_what_was_given_up_is_not_there_though_the_store_adds_it_late(shop: Shop):
    wish = shop.ask_for()
    shop.delay_codes(3)
    shop.work()
    shop.line.pass_days(2)
    # The code comes while it is being given up, so that is begun once more.
    shop.work()
    assert ("granting", (500, 500)) == (shop.told(wish)["state"], shop.points)
    shop.delay_codes(0)
    shop.work()

    told = shop.told(wish)
    reason = "the store could not be reached"
    assert ("refused", reason) == (told["state"], told["reason"])
    assert ([], (1000, 0)) == (shop.codes, shop.points)


def _leave(shop: Shop) -> None:
    shop.shop.store.app.uninstall()
    shop.hear()
    assert not shop.is_open


def test_a_new_installation_finds_the_discount_of_the_one_before(shop: Shop):
    shop.ask_for()
    shop.work()
    _leave(shop)
    shop.shop.store.app.install()
    shop.open()
    # Whatever was known before is not trusted any more.
    shop.line.tamper("update shared_discount set store_ref = 'gid://shopify/Shop/1'")
    shop.ask_for()
    shop.work()

    assert (2, 1) == (len(shop.codes), shop.discounts)
    assert (0, 0) == shop.points


def test_after_a_lost_answer_points_wait_for_the_store_that_shut_us_out(shop: Shop):
    wish = shop.ask_for()
    shop.shop.let_happen(trouble.NONE, trouble.NONE, trouble.HANG_AFTER)
    shop.work()
    _leave(shop)
    shop.work()
    assert ("granting", (500, 500)) == (shop.told(wish)["state"], shop.points)

    shop.shop.store.app.install()
    shop.open()
    shop.work()
    _has_one_for_its_points(shop, wish)


def test_after_a_lost_answer_and_a_scope_taken_away_people_say_what_is_there(
    shop: Shop,
):
    wish = shop.ask_for()
    shop.shop.let_happen(trouble.NONE, trouble.NONE, trouble.HANG_AFTER)
    shop.work()
    shop.line.take_step(wish, "not_made")
    shop.shop.store.app.set_scopes(set(SCOPES) - {"write_discounts"})
    shop.work()
    assert ("granting", (500, 500)) == (shop.told(wish)["state"], shop.points)

    shop.line.take_step(wish, "made")
    _has_one_for_its_points(shop, wish)


def test_of_a_store_that_has_left_points_come_back_and_members_read_why(shop: Shop):
    wish = shop.ask_for()
    shop.shop.let_happen(trouble.NONE, trouble.NONE, trouble.HANG_AFTER)
    shop.work()
    _leave(shop)
    shop.line.pass_days(3)
    shop.work()

    told = shop.told(wish)
    assert ("refused", "the store has left the programme") == (
        told["state"],
        told["reason"],
    )
    assert (1000, 0) == shop.points


def test_a_wish_that_no_store_was_ever_asked_for_is_refused_at_once(shop: Shop):
    _leave(shop)
    wish = shop.ask_for()
    shop.work()

    assert ("refused", (1000, 0)) == (shop.told(wish)["state"], shop.points)


def test_a_code_that_cannot_be_ended_is_kept_and_not_paid_back(shop: Shop):
    wish = shop.ask_for()
    shop.work()
    code = shop.told(wish)["code"]
    _leave(shop)
    shop.cancel(wish)
    shop.work()
    assert ("ending", (500, 0)) == (shop.told(wish)["state"], shop.points)

    shop.line.pass_days(3)
    shop.work()
    told = shop.told(wish)
    assert ("granted", code, (500, 0)) == (told["state"], told["code"], shop.points)

    shop.shop.store.app.install()
    shop.open()
    shop.cancel(wish)
    shop.work()
    assert ("ended", [], (1000, 0)) == (
        shop.told(wish)["state"],
        shop.codes,
        shop.points,
    )
