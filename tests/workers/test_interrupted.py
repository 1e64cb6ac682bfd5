"""Gift cards, store credit and tokens, where workers die or come late.

Codes are in `test_effects.py`, every call at which a worker may die in
`test_every_effect.py`. That an answer may be lost is looked at where each call
is: `test_admin.py`, `test_metafields.py`, `test_access.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.grants import Grant, Granted, GrantRefused, Revocation
from app.domain.program import Program
from app.domain.rewards import GiftCard, StoreCredit
from app.platforms.base import Fulfilment
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.gift_cards import GiftCards
from app.platforms.shopify.store_credit import StoreCredit as StoreCredits
from app.sandbox import balances
from app.sandbox_token import SANDBOX_DOMAIN
from app.storage import ledger, redemptions
from tests.builders import dying
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.open_store import served
from workers.fulfil import Fulfilling
from workers.runtime import make_fulfilling, makers
from workers.show import Showing

FIVE = Decimal(5)
REWARDS = (
    GiftCard(points_cost=100, key="card", amount=FIVE),
    StoreCredit(points_cost=100, key="credit", amount=FIVE),
)
every_reward = pytest.mark.parametrize("reward", [each.key for each in REWARDS])


@dataclass
class Effects:
    """A store that is open to the app; Ada has 1,000 points there, and one wish."""

    site: Installation

    def __post_init__(self) -> None:
        self.line, self.ada = self.site.line, self.site.shop.ada.id
        self.site.open()
        self.site.setting_up.work()
        assert self.site.store
        self.line.store = self.site.store
        self.line.set_program(Program(rewards=REWARDS))
        told = {"id": self.ada, "updated_at": "2026-11-01T10:00:00Z"}
        self.line.deliver(
            "customers/update", told, **{"X-Shopify-Shop-Domain": SANDBOX_DOMAIN}
        )
        self.line.worker.drain()
        self.line.adjust(self.ada, 1000)
        self.fulfilling = make_fulfilling(self.site.settings, self.site.way)
        self.before = self._things()

    def wish(self, reward: str) -> None:
        """Have Ada ask for a reward."""
        body = {"redemption_id": "w", "customer_id": str(self.ada), "reward_id": reward}
        self.line.ask_own("redemptions/request", "w", body)

    def let_leases_end(self) -> None:
        """Let the time pass in which nobody else may do what somebody began."""
        for table in ("redemption", "showing"):
            self.line.tamper(f"update {table} set lease_until = now() where true")

    @property
    def made(self) -> int:
        """How many rewards there are in the store."""
        return self._things() - self.before

    def _things(self) -> int:
        with self.site.shop.store.data.reading() as rows:
            credited = balances.credits_of(rows, self.ada)
            return len([*balances.cards(rows), *credited])

    def balance(self) -> str:
        """What the store's own pages say that Ada has."""
        return self.site.shop.said_of(self.ada)["balance"]

    def show(self) -> None:
        """Have the store's pages shown anew, as two seconds from now."""
        way, later = self.site.way, timedelta(seconds=2)
        Showing(way, lambda connection: ledger.now(connection) + later).work()

    def must_be_one_reward(self) -> None:
        """One reward is there, and its points are gone once."""
        assert 1 == self.made
        standing = self.line.standing(self.ada)
        assert (900, 0) == (standing.available, standing.reserved)
        assert (self.line.audit(), self.line.violations()) == (None, [])


@pytest.fixture
def effects(line: TestLine, tmp_path: Path) -> Iterator[Effects]:
    """Ada in her store."""
    with served(tmp_path / "shop") as shop:
        site = Installation(line, shop)
        yield Effects(site)
        site.close()


def test_a_worker_that_pauses_longer_than_its_lease_gives_no_second_credit(
    effects: Effects, monkeypatch: pytest.MonkeyPatch
):
    """Between its look and its gift another worker does all of it."""
    effects.wish("credit")
    find, pauses = StoreCredits._find, [effects.let_leases_end]

    def find_and_pause(self: StoreCredits, grant: Grant) -> list[str]:
        found = find(self, grant)
        while pauses:
            pauses.pop()()
            assert 1 == make_fulfilling(effects.site.settings, effects.site.way).work()
        return found

    monkeypatch.setattr(StoreCredits, "_find", find_and_pause)
    effects.fulfilling.work()
    effects.must_be_one_reward()
    assert not pauses


def _card(effects: Effects) -> balances.GiftCard:
    with effects.site.shop.store.data.reading() as rows:
        return balances.cards(rows)[0]


def _spend(effects: Effects, left_minor: int) -> None:
    with effects.site.shop.store.data.transaction() as rows:
        card = replace(balances.cards(rows)[0], balance_minor=left_minor)
        balances.save_card(rows, card)


def _back(effects: Effects) -> tuple[str, str, int]:
    """Have Ada give her reward back; return what she reads, and has."""
    effects.line.take_step("w", "cancel")
    effects.fulfilling.work()
    with effects.line.in_program() as connection:
        kept = redemptions.find(connection, effects.line.store.program_id, "w")
    assert kept
    assert (effects.line.audit(), effects.line.violations()) == (None, [])
    available = effects.line.standing(effects.ada).available
    return kept.redemption.state, str(kept.redemption.reason), available


def test_a_card_that_was_used_in_part_is_kept_and_pays_nothing_back(effects: Effects):
    effects.wish("card")
    effects.fulfilling.work()
    _spend(effects, 300)

    reason = "the card was used already: what is left on it is kept"
    assert ("used", reason, 900) == _back(effects)
    assert (300, None) == (_card(effects).balance_minor, _card(effects).deactivated_at)


def test_of_a_card_that_is_used_as_it_ends_the_rest_comes_back_in_points(
    effects: Effects, monkeypatch: pytest.MonkeyPatch
):
    effects.wish("card")
    effects.fulfilling.work()
    ended = GiftCards._ended

    def ended_late(self: GiftCards, id_: str) -> Any:
        _spend(effects, 300)
        return ended(self, id_)

    monkeypatch.setattr(GiftCards, "_ended", ended_late)
    assert ("ended", "cancelled", 960) == _back(effects)
    assert _card(effects).deactivated_at


def test_a_worker_that_pauses_before_it_ends_a_card_leaves_it_to_who_found_it_used(
    effects: Effects, monkeypatch: pytest.MonkeyPatch
):
    """Else what is left on it would be gone, and its points with it."""
    effects.wish("card")
    effects.fulfilling.work()
    known = GiftCards._known

    def known_early(self: GiftCards, grant: Grant) -> Any:
        found = known(self, grant)
        monkeypatch.setattr(GiftCards, "_known", known)
        _spend(effects, 300)
        effects.let_leases_end()
        assert 1 == make_fulfilling(effects.site.settings, effects.site.way).work()
        return found

    monkeypatch.setattr(GiftCards, "_known", known_early)
    reason = "the card was used already: what is left on it is kept"
    assert ("used", reason, 900) == _back(effects)
    assert (300, None) == (_card(effects).balance_minor, _card(effects).deactivated_at)


def test_a_card_is_ended_though_its_note_is_changed_and_no_search_knows_it(
    effects: Effects, monkeypatch: pytest.MonkeyPatch
):
    effects.wish("card")
    effects.fulfilling.work()
    with effects.site.shop.store.data.transaction() as rows:
        balances.save_card(rows, replace(balances.cards(rows)[0], note="VIP"))
    monkeypatch.setattr(GiftCards, "_alike", lambda *_: [])

    assert ("ended", "cancelled", 1000) == _back(effects)
    assert _card(effects).deactivated_at


def test_tokens_that_a_worker_died_with_are_asked_for_again(effects: Effects):
    site = effects.site
    effects.line.tamper("update store_access set expires_at = now()")
    dying.dies(dying.renew, site.settings)

    assert site.store
    opener = site.way.opener(site.store)
    assert opener
    token = opener.token()
    assert token == site.shop.grants()[-1].access


class Slow(Fulfilment):
    """Takes so long over a reward that somebody else has made it meanwhile."""

    def __init__(self, effects: Effects, real: Fulfilment | None) -> None:
        assert real
        self._effects, self._real = effects, real

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it after another worker."""
        self._effects.let_leases_end()
        assert 1 == self._effects.fulfilling.work()
        return self._real.grant(grant)

    def revoke(self, grant: Grant) -> Revocation:
        """End it."""
        return self._real.revoke(grant)


@every_reward
def test_of_two_workers_at_one_reward_one_makes_it(effects: Effects, reward: str):
    reach = makers(effects.site.settings, effects.site.way)
    effects.wish(reward)
    slow = Fulfilling(
        effects.line.database,
        lambda store: Slow(effects, reach(store)),
        "secret",
        effects.line.keys,
    )
    assert 1 == slow.work()

    effects.must_be_one_reward()
    assert 0 == effects.fulfilling.work()


@every_reward
def test_a_token_that_ends_between_two_calls_makes_nothing_twice(
    effects: Effects, reward: str, monkeypatch: pytest.MonkeyPatch
):
    """Before each call the store ends the token that the call has in hand."""
    ask = AdminApi.ask

    def ask_late(self: AdminApi, *arguments: Any, **variables: Any) -> Any:
        effects.site.shop.store.app.expire_tokens()
        return ask(self, *arguments, **variables)

    monkeypatch.setattr(AdminApi, "ask", ask_late)
    effects.wish(reward)
    effects.fulfilling.work()
    effects.must_be_one_reward()
    effects.show()
    assert "900" == effects.balance()
    assert len(effects.site.shop.grants()) > 1
