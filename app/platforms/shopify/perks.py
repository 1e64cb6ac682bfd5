"""What tiers promise for good, in a store: a discount for the segment of each tier.

A segment has those who carry the tier's tag, and the discount applies by itself. Ours
are known by two tags of their own: that they are ours, and of which tier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from app.domain.tiers.tags import tag_of
from app.domain.tiers.tier import Tier
from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError, gid
from app.platforms.shopify.terms import combines_with

MARK = "tallymark-tier"
Input = dict[str, object]


class _Page(Answer):
    has_next_page: bool
    end_cursor: str | None = None


class _Context(Answer):
    segments: tuple[Known, ...] = ()


class _Value(Answer):
    percentage: float | None = None


class _Gets(Answer):
    value: _Value


class _Discount(Answer):
    kind: str = msgspec.field(name="__typename")
    status: str | None = None
    tags: tuple[str, ...] = ()
    context: _Context = msgspec.field(default_factory=_Context)
    customer_gets: _Gets | None = None


class _Node(Answer):
    id: str
    discount: _Discount

    @property
    def automatic_id(self) -> str:
        """Return its id among automatic discounts, by which it is changed and ended.

        Lists of all sorts of discounts may name it otherwise, by the same number.
        """
        return gid("DiscountAutomaticNode", self.id.rpartition("/")[2])


class _Nodes(Answer):
    nodes: tuple[_Node, ...]
    page_info: _Page


class _Listed(Answer):
    discount_nodes: _Nodes


class _Segment(Answer):
    id: str
    name: str
    query: str


class _SegmentNodes(Answer):
    nodes: tuple[_Segment, ...]
    page_info: _Page


class _SegmentsListed(Answer):
    segments: _SegmentNodes


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    segment: Known | None = None


class _Made(Answer):
    made: _Payload


@dataclass(frozen=True)
class _Shipping:
    """Free shipping for a tier."""

    kind: ClassVar[str] = "DiscountAutomaticFreeShipping"
    maker: ClassVar[str] = "make_standing_shipping"
    changer: ClassVar[str] = "change_standing_shipping"

    tier: Tier

    @property
    def title(self) -> str:
        """What shoppers read at the checkout."""
        return f"{self.tier.name}: free shipping"

    def is_met_by(self, discount: _Discount) -> bool:
        """Whether a discount gives it already."""
        return discount.kind == self.kind

    def first(self) -> Input:
        """Write what only a new discount is given, which owners may change."""
        together = combines_with(on_postage=True)
        return {"combinesWith": together, "destination": {"all": True}}

    def always(self) -> Input:
        """Write what the programme decides."""
        return {}


@dataclass(frozen=True)
class _Percentage:
    """A percentage off every order for a tier."""

    kind: ClassVar[str] = "DiscountAutomaticBasic"
    maker: ClassVar[str] = "make_standing_percentage"
    changer: ClassVar[str] = "change_standing_percentage"

    tier: Tier

    @property
    def title(self) -> str:
        """What shoppers read at the checkout."""
        return f"{self.tier.name}: {self.tier.percent_off} % off"

    def is_met_by(self, discount: _Discount) -> bool:
        """Whether a discount takes off as much already."""
        gets = discount.customer_gets
        share = gets.value.percentage if gets else None
        return share is not None and round(share * 100) == self.tier.percent_off

    def first(self) -> Input:
        """Write what only a new discount is given, which owners may change."""
        gets = {**self._gets(), "items": {"all": True}}
        together = combines_with(on_postage=False)
        return {"combinesWith": together, "customerGets": gets}

    def always(self) -> Input:
        """Write what the programme decides."""
        return {"customerGets": self._gets()}

    def _gets(self) -> Input:
        return {"value": {"percentage": self.tier.percent_off / 100}}


_Perk = _Percentage | _Shipping


class Perks:
    """Has a store's discounts do what tiers promise, and nothing that none promises."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._refused: list[str] = []

    def carry_out(self, tiers: Iterable[Tier], now: datetime) -> list[str]:
        """Make, change and end discounts of ours; return what the store refused.

        May be repeated: what is there is found again. Raises StoreAway.
        """
        self._refused = []
        left = self._ours()
        promised = [perk for tier in tiers for perk in _perks_of(tier)]
        segments = self._segments() if promised else []
        for perk in promised:
            ours = left[tag_of(perk.tier.name), perk.kind]
            first = ours.pop(0) if ours else None
            segment_id = self._segment(perk.tier, segments)
            if segment_id:
                self._keep(perk, segment_id, first, now)
        for node in (each for some in left.values() for each in some):
            if node.discount.status != "EXPIRED":
                self._ask(
                    "end_standing_discount", "the end of a perk", id=node.automatic_id
                )
        return self._refused

    def _ours(self) -> dict[tuple[str, str], list[_Node]]:
        """Return our discounts, by the tag of their tier and their sort, oldest first.

        An answer that was lost may have left one of them twice.
        """
        found: dict[tuple[str, str], list[_Node]] = defaultdict(list)
        after: str | None = None
        while True:
            listed = self._api.ask(
                "list_standing_discounts", _Listed, query=f"tag:{MARK}", after=after
            ).discount_nodes
            for node in listed.nodes:
                told = node.discount
                if MARK in told.tags:
                    whose = next((tag for tag in told.tags if tag != MARK), "")
                    found[whose, told.kind].append(node)
            after = listed.page_info.end_cursor
            if not (listed.page_info.has_next_page and after):
                return found

    def _segments(self) -> list[_Segment]:
        found: list[_Segment] = []
        after: str | None = None
        while True:
            listed = self._api.ask("list_segments", _SegmentsListed, after=after)
            found += listed.segments.nodes
            after = listed.segments.page_info.end_cursor
            if not (listed.segments.page_info.has_next_page and after):
                return found

    def _segment(self, tier: Tier, segments: list[_Segment]) -> str | None:
        """Return the segment of a tier, made or put right where it has to be."""
        name, query = f"Tallymark: {tier.name}", _query(tier)
        for each in segments:
            if each.query == query:
                return each.id
        for each in segments:
            if each.name == name:
                return self._ask("change_segment", name, id=each.id, query=query)
        made = self._ask("make_segment", name, name=name, query=query)
        if made:
            segments.append(_Segment(made, name, query))
        return made

    def _keep(
        self, perk: _Perk, segment_id: str, node: _Node | None, now: datetime
    ) -> None:
        title = perk.title
        frame: Input = {"title": title, "endsAt": None}
        context = {"customerSegments": {"add": [segment_id]}}
        if node is None:
            starts_at = now.astimezone(UTC).replace(microsecond=0).isoformat()
            tags = [MARK, tag_of(perk.tier.name)]
            frame |= {"startsAt": starts_at, "context": context, "tags": tags}
            asked = frame | perk.first()
            self._ask(perk.maker, title, discount=asked)
            return
        told = node.discount
        is_theirs = segment_id in [each.id for each in told.context.segments]
        if is_theirs and told.status != "EXPIRED" and perk.is_met_by(told):
            return
        asked = frame | perk.always() | ({} if is_theirs else {"context": context})
        self._ask(perk.changer, title, id=node.automatic_id, discount=asked)

    def _ask(self, document: str, what: str, **variables: object) -> str | None:
        """Ask; return the id of a segment, where it is about one."""
        made = self._api.ask(document, _Made, **variables).made
        self._refused += [f"{what}: {each.message}" for each in made.user_errors]
        return made.segment.id if made.segment and not made.user_errors else None


def _perks_of(tier: Tier) -> list[_Perk]:
    perks: list[_Perk] = [_Percentage(tier)] if tier.percent_off else []
    return [*perks, _Shipping(tier)] if tier.ships_free else perks


def _query(tier: Tier) -> str:
    return f"customer_tags CONTAINS '{tag_of(tier.name)}'"
