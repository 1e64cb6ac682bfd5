"""What a store shows of its members and their tiers, as effects."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from decimal import Decimal

from app.access import Access
from app.config import Settings
from app.domain.earning import PurchasePoints
from app.domain.program import Program
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tags import tag_of
from app.domain.tiers.tier import Tier
from app.sandbox import automatic, segments
from tests.builders.installation import PUBLIC_URL
from tests.builders.shown_store import Shop
from tests.workers.interruptions import Effect
from workers.set_up import SettingUp
from workers.show import Showing

# As an earlier version of the app might have asked for it.
NO_ACCESS = {"admin": None, "customerAccount": "NONE", "storefront": "NONE"}

_numbers = itertools.count(1)


class MembersShown(Effect):
    """What the store's pages say of a member, and the tag of their tier."""

    name = kind = "metafields and tag"
    documents = ("set_metafields", "add_tags", "remove_tags")

    def arrange(self, site: Shop) -> None:
        """Have Ada's balance and tier change, once more."""
        if not hasattr(self, "tier"):
            self._change(site)
            self.work(site)
        self._change(site)

    def _change(self, site: Shop) -> None:
        number = next(_numbers)
        self.tier = f"Tier {number}"
        tiers = Tiers(ladder=(Tier(name=self.tier),))
        site.line.set_program(Program(tiers=tiers), site.line.clock())
        body = {
            "customer_id": str(site.shop.ada.id),
            "tier": self.tier,
            "reason": "test",
        }
        site.line.ask_own("tiers/give", f"tier-{number}", body)
        site.line.adjust(site.shop.ada.id, 1)
        self.free(site)

    def carry_out(self, settings: Settings, way: Access) -> None:  # noqa: ARG002
        """Be a new process that shows who is due."""
        Showing(way).work()

    def free(self, site: Shop) -> None:
        """Let leases and waits end."""
        site.line.tamper(
            "update showing set due_at = now() - interval '1 s', lease_until ="
            " case when lease_until is not null then now() end"
        )

    def check(self, site: Shop) -> None:
        """The store says what the ledger does, and has one tag of ours."""
        available = site.line.standing(site.shop.ada.id).available
        said = site.said()
        assert (said["balance"], said["tier"]) == (str(available), self.tier)
        ours = [tag for tag in site.shop.ada.tags if tag.startswith("tallymark:")]
        assert ours == [f"tallymark:{self.tier.lower()}"]


class StoreSetUp(Effect):
    """What tiers promise, as segments and discounts, and what products earn."""

    name = kind = "standing discounts and terms"
    looks = 1
    number = 0
    documents = (
        "define_metafield",
        "change_definition",
        "change_segment",
        "change_standing_percentage",
        "change_standing_shipping",
        "make_segment",
        "make_standing_percentage",
        "make_standing_shipping",
        "end_standing_discount",
        "set_app_data",
    )

    def arrange(self, site: Shop) -> None:
        """Have a new tier come, the last one change, and the one before it end."""
        if not self.number:
            self._promise(site, ["Perk -1", "Perk 0"])
            self.work(site)
        self.number += 1
        with site.shop.store.data.transaction() as rows:
            defined = rows.setting("metafield definitions", [])
            older = [each | {"access": NO_ACCESS} for each in defined[1:]]
            rows.save_setting("metafield definitions", older)
            kept = segments.everything(rows)
            rows.save_setting(
                "customer segments",
                [
                    asdict(replace(each, query=f"{each.query[:-1]}-old'"))
                    for each in kept
                ],
            )
            for each in automatic.everything(rows):
                automatic.save(rows, replace(each, segment_ids=()))
        self._promise(site, [f"Perk {self.number - 1}", f"Perk {self.number}"])

    def _promise(self, site: Shop, names: list[str]) -> None:
        self.tiers = [
            Tier(name=name, percent_off=10 + place, ships_free=True)
            for place, name in enumerate(names)
        ]
        earning = (PurchasePoints(rate=Decimal(next(_numbers))),)
        program = Program(earning=earning, tiers=Tiers(ladder=tuple(self.tiers)))
        site.line.set_program(program, site.line.clock())
        self.free(site)

    def carry_out(self, settings: Settings, way: Access) -> None:  # noqa: ARG002
        """Be a new process that looks after the store."""
        SettingUp(way, PUBLIC_URL).work()

    def free(self, site: Shop) -> None:
        """Let leases and waits end."""
        site.line.tamper(
            "update store_access set due_at = now() - interval '1 s', lease_until ="
            " case when lease_until is not null then now() end"
        )

    def check(self, site: Shop) -> None:
        """Each perk is in force once, for the segment of its tier, and nothing else."""
        now = site.shop.store.clock()
        with site.shop.store.data.reading() as rows:
            live = [
                each
                for each in automatic.everything(rows)
                if each.status(now) == "ACTIVE"
            ]
            by_query = {each.query: each.id for each in segments.everything(rows)}
            defined = {
                each["key"]: each["access"]["storefront"]
                for each in rows.setting("metafield definitions", [])
            }
        wanted = [
            (title, by_query[f"customer_tags CONTAINS '{tag_of(tier.name)}'"])
            for tier in self.tiers
            for title in (
                f"{tier.name}: {tier.percent_off} % off",
                f"{tier.name}: free shipping",
            )
        ]
        found = [(each.title, *each.segment_ids) for each in live]
        assert sorted(found) == sorted(wanted)
        keys = ("balance", "next_reward", "tier")
        assert defined == dict.fromkeys(keys, "PUBLIC_READ")
