"""What tiers promise is done in the store: by tags, segments and discounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.earning import PurchasePoints
from app.domain.grants import Grant, Granted, OrderDiscount
from app.domain.program import Program
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tier import Tier
from app.sandbox import automatic, segments
from app.sandbox.admin import trouble
from app.sandbox.automatic import AutomaticDiscount
from app.sandbox.cart import Cart
from app.sandbox.discounts import PERCENTAGE
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.orders import Order
from app.sandbox.segments import Segment
from tests.builders.line import TestLine
from tests.builders.open_store import served
from tests.builders.shown_store import Shop, hear_of

GOLD = Tier(name="Gold", percent_off=20, ships_free=True)
SILVER = Tier(name="Silver", percent_off=10)
LADDER = Tiers(ladder=(Tier(name="Bronze"), SILVER, GOLD))
PROGRAM = Program(earning=(PurchasePoints(),), tiers=LADDER)
PERKS = {"Silver: 10 % off", "Gold: 20 % off", "Gold: free shipping"}


class PerkShop(Shop):
    """A store that carries out what tiers promise."""

    def set_up(self) -> None:
        """Look after stores whose programme has changed, as time passes."""
        self.setting_up.note_versions()
        self.setting_up.work()

    def promise(self, tiers: Tiers) -> None:
        """Have these tiers from now on, and the store do as they say."""
        program = replace(PROGRAM, tiers=tiers)
        self.line.set_program(program, self.line.clock())
        self.set_up()

    def discounts(self) -> list[AutomaticDiscount]:
        """All discounts of the store that apply by themselves."""
        with self.shop.store.data.reading() as rows:
            return automatic.everything(rows)

    def in_force(self) -> set[str]:
        """The titles of those in force, each of them once."""
        now = self.shop.store.clock()
        titles = [e.title for e in self.discounts() if e.status(now) == "ACTIVE"]
        assert len(set(titles)) == len(titles)
        return set(titles)

    def segments(self) -> list[Segment]:
        """The segments of the store."""
        with self.shop.store.data.reading() as rows:
            return segments.everything(rows)

    def tags(self) -> tuple[str, ...]:
        """What Ada is tagged with in the store."""
        return self.shop.ada.tags

    def give(self, tier: str) -> None:
        """Give Ada a tier by hand."""
        body = {"customer_id": str(self.shop.ada.id), "tier": tier, "reason": "test"}
        self.line.ask_own("tiers/give", str(self.next_key()), body)

    def take(self, tier: str) -> None:
        """Take a tier that was given by hand."""
        body = {
            "customer_id": str(self.shop.ada.id),
            "tier": tier,
            "until": self.line.clock().isoformat(),
            "reason": "test",
        }
        self.line.ask_own("tiers/give", str(self.next_key()), body)

    def make_due(self) -> None:
        """Have whoever waits for the store to answer again wait no longer."""
        self.line.tamper(
            "update showing set due_at = now() - interval '1 second'"
            " where due_at is not null;"
            "update store_access set due_at = now() - interval '1 second'"
        )

    def cart(self, code: str | None = None) -> Cart:
        """What Ada pays for a bag of coffee."""
        return self.shop.store.priced({"house-blend": 1}, code, self.shop.ada)

    def buy(self, chosen: Cart) -> Order:
        """Have Ada pay for a cart."""
        ada = self.shop.ada
        buyer = Buyer(ada.email, ada.name, ada.id)
        return self.shop.store.place_order(chosen, buyer, CARD)


@pytest.fixture
def shop(line: TestLine, tmp_path: Path) -> Iterator[PerkShop]:
    """A store that was opened under a programme with three tiers."""
    with served(tmp_path / "shop") as opened:
        made = PerkShop(line, opened)
        made.open()
        assert made.store
        line.store = made.store
        line.set_program(PROGRAM)
        hear_of(made, opened.ada.id)
        made.setting_up.work()
        yield made
        made.close()


def test_each_perk_is_made_once_for_the_segment_of_its_tier(shop: PerkShop):
    assert shop.in_force() == PERKS
    made, kept = shop.discounts(), shop.segments()
    assert [(each.name, each.query) for each in kept] == [
        ("Tallymark: Silver", "customer_tags CONTAINS 'tallymark:silver'"),
        ("Tallymark: Gold", "customer_tags CONTAINS 'tallymark:gold'"),
    ]
    assert [each.segment_ids for each in made] == [
        (kept[0].id,),
        (kept[1].id,),
        (kept[1].id,),
    ]

    shop.make_due()
    shop.set_up()
    assert (shop.discounts(), shop.segments()) == (made, kept)


def test_lost_answers_leave_no_perk_twice(line: TestLine, tmp_path: Path):
    """Each of what is made is made by a call whose answer is lost."""
    with served(tmp_path / "shop") as opened:
        shop = PerkShop(line, opened)
        shop.open()
        assert shop.store
        line.store = shop.store
        shop.setting_up.work()
        line.set_program(PROGRAM)
        shop.make_due()
        for made in range(1, 6):
            # Three metafields, the discounts and the segments that there are; the next.
            opened.let_happen(*[trouble.NONE] * 5, trouble.HANG_AFTER)
            shop.setting_up.work()
            assert opened.has_no_trouble_left()
            assert len(shop.discounts()) + len(shop.segments()) == made
            shop.make_due()
        shop.setting_up.work()

        assert shop.in_force() == PERKS
        assert (len(shop.discounts()), len(shop.segments())) == (3, 2)
        shop.close()


def test_a_changed_programme_changes_and_ends_perks_of_ours_alone(shop: PerkShop):
    theirs = AutomaticDiscount(7, "Summer", PERCENTAGE, 5, shop.line.days_ago(1), "")
    marked = replace(theirs, id=8, title="Mine", tags=("tallymark-tiers",))
    with shop.shop.store.data.transaction() as rows:
        automatic.save(rows, theirs)
        automatic.save(rows, marked)
    silver = next(each for each in shop.discounts() if "Silver" in each.title)

    shop.promise(Tiers(ladder=(replace(SILVER, percent_off=15),)))
    assert shop.in_force() == {"Silver: 15 % off", "Summer", "Mine"}
    changed = next(each for each in shop.discounts() if each.id == silver.id)
    assert changed == replace(silver, title="Silver: 15 % off", value=15)

    shop.promise(LADDER)
    assert shop.in_force() == PERKS | {"Summer", "Mine"}
    assert len(shop.discounts()) == 5


def test_what_an_owner_did_to_a_discount_is_kept_or_put_right(shop: PerkShop):
    """Whom it is for and what it takes off is the programme's; the rest is theirs."""
    silver = next(each for each in shop.discounts() if "Silver" in each.title)
    theirs = replace(silver, title="Silber", combines=(), ends_at=silver.starts_at)
    with shop.shop.store.data.transaction() as rows:
        automatic.save(rows, replace(theirs, segment_ids=()))
        automatic.save(rows, replace(silver, id=silver.id + 1, title="again"))

    shop.make_due()
    shop.set_up()

    assert shop.in_force() == PERKS
    kept = next(each for each in shop.discounts() if each.id == silver.id)
    assert kept == replace(silver, combines=())


def test_a_store_that_has_no_room_is_asked_again_and_says_so(shop: PerkShop):
    shop.promise(Tiers())
    with shop.shop.store.data.transaction() as rows:
        for number in range(automatic.ACTIVE_MAX):
            at = shop.line.days_ago(1)
            each = AutomaticDiscount(number, f"{number}", PERCENTAGE, 1, at, at)
            automatic.save(rows, each)
    shop.promise(LADDER)

    with shop.line.database.auditor() as connection:
        query = "select note, due_at < now() + interval '25 hours' from store_access"
        [(note, is_soon)] = connection.exec_driver_sql(query).all()
    assert "Gold: 20 % off: At any given time, only 25 automatic discounts" in note
    assert is_soon


def test_a_customer_carries_the_tag_of_their_tier_and_no_other_of_ours(
    shop: PerkShop,
):
    shop.shop.store.labels.add_tags(shop.shop.ada.id, "VIP, Tallymark:Bronze")
    shop.give("Silver")
    shop.give("Gold")
    shop.show()
    assert shop.tags() == ("VIP", "tallymark:gold")

    shop.take("Gold")
    shop.show()
    assert shop.tags() == ("VIP", "tallymark:silver")

    shop.take("Silver")
    shop.show()
    assert shop.tags() == ("VIP",)


def test_a_tag_follows_though_an_answer_was_lost_and_the_tier_changed_back(
    shop: PerkShop,
):
    """It is lost of the metafields, of the tags there are, the new one and the old."""
    shop.give("Silver")
    shop.show()
    for calls in range(4):
        shop.give("Gold")
        shop.shop.let_happen(*[trouble.NONE] * calls, trouble.HANG_AFTER)
        shop.show()
        assert shop.shop.has_no_trouble_left()
        shop.take("Gold")
        shop.line.pass_days(1)
        shop.make_due()
        for _ in range(3):
            shop.show()

        assert shop.tags() == ("tallymark:silver",)


def test_of_two_merged_customers_the_one_that_is_kept_has_one_tag(shop: PerkShop):
    ada = shop.shop.ada.id
    grace = shop.shop.store.customers.register("Grace M", "grace.m@example.com").id
    shop.hear()
    shop.give("Silver")
    body = {"customer_id": str(grace), "tier": "Gold", "reason": "test"}
    shop.line.ask_own("tiers/give", str(shop.next_key()), body)
    shop.show()
    shop.shop.store.customers.merge(ada, grace)
    assert set(shop.tags()) == {"tallymark:gold", "tallymark:silver"}
    shop.hear()
    shop.show()

    assert shop.tags() == ("tallymark:gold",)


def test_our_own_tags_are_no_facts_and_a_hand_that_gives_them_is_put_right(
    shop: PerkShop,
):
    """A tier that asks for its own tag would else hold itself up for good."""
    loop = Tier(name="Loop", customer_tags=frozenset({"tallymark:silver"}))
    shop.promise(Tiers(ladder=(SILVER, loop)))
    shop.give("Silver")
    shop.show()
    shop.shop.store.labels.add_tags(shop.shop.ada.id, "tallymark:gold, friend")
    shop.shop.store.labels.remove_tags(shop.shop.ada.id, "tallymark:silver")
    shop.hear()
    shop.show()

    assert shop.tags() == ("friend", "tallymark:silver")
    with shop.line.database.auditor() as connection:
        query = "select name from customer_label where kind = 'tag'"
        assert connection.exec_driver_sql(query).scalars().all() == ["friend"]
    shop.hear()
    assert shop.show() == 1
    shop.hear()
    assert shop.show() == 0


def test_a_member_pays_less_and_earns_on_what_was_paid(shop: PerkShop):
    """A reward's code takes off as much as it says, beside what the tier promises."""
    assert (shop.cart().goods_minor, shop.cart().shipping_minor) == (1250, 490)
    shop.give("Gold")
    shop.show()
    chosen = shop.cart()
    assert (chosen.goods_minor, chosen.shipping_minor) == (1000, 0)

    assert shop.buy(chosen).total_minor == 1000
    shop.hear()
    assert shop.line.standing(shop.shop.ada.id).available == 10
    grant = Grant(
        "TM5OFF",
        "5.00 off",
        OrderDiscount(500, "EUR"),
        str(shop.shop.ada.id),
        shop.line.clock() - timedelta(days=1),
    )
    assert isinstance(shop.shop.admin().grant(grant), Granted)
    assert shop.buy(shop.cart("TM5OFF")).total_minor == 500
    shop.hear()
    assert shop.line.standing(shop.shop.ada.id).available == 10 + 5
    assert {e.title: e.uses for e in shop.discounts()} == {
        "Silver: 10 % off": 0,
        "Gold: 20 % off": 2,
        "Gold: free shipping": 2,
    }
