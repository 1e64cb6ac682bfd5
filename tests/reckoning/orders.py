"""What orders are worth, from first principles: out of the raw messages of a store.

Nothing of the app is used: not how it reads messages, merges facts or counts money.
It knows stores whose prices include no tax, and that give no discounts, charge no
shipping and use one currency; docs/money.md says what is reckoned here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from app.domain.earning import PurchasePoints
from app.domain.ledger import Credit, Reversal
from app.domain.program import ExpiryRounding, Limits, Program, ReturnPolicy
from tests.reckoning.dates import end_of_points

Body = Mapping[str, Any]

_PAID = ("paid", "partially_refunded", "refunded")
_STATUSES = ("pending", "authorized", "partially_paid", *_PAID, "expired", "voided")
_OPEN = ("needs_response", "under_review")
_LOST = ("accepted", "lost")


@dataclass(frozen=True)
class Terms:
    """What a plain programme gives: so many points for each 1.00, held and ending.

    `most` is what an order earns at most, None for no limit.
    """

    rate: Fraction
    held_days: int = 0
    months: int | None = None
    policy: ReturnPolicy = ReturnPolicy.UNLIMITED
    most: int | None = None
    rounding: ExpiryRounding = ExpiryRounding.EXACT
    ends_on: str = "12-31"

    @property
    def is_lasting(self) -> bool:
        """Whether what an order is worth stays, spent or owed, until it goes back."""
        return self.months is None and self.policy is ReturnPolicy.UNLIMITED

    def points(self, cents: int) -> int:
        """What so much money of one order is worth."""
        points = floor(cents * self.rate / 100)
        return points if self.most is None else min(points, self.most)


def plain_terms(program: Program) -> Terms | None:
    """The terms of a programme, None where it has more than these."""
    most = program.limits.points_per_order_max
    plain = Program(
        version=program.version,
        earning=program.earning,
        rewards=program.rewards,
        credit_after_days=program.credit_after_days,
        expires_after_months=program.expires_after_months,
        expiry_rounding=program.expiry_rounding,
        expires_on=program.expires_on,
        limits=Limits(points_per_order_max=most),
        return_policy=program.return_policy,
    )
    [rule, *others] = program.earning
    if program != plain or others or not isinstance(rule, PurchasePoints) or rule.rates:
        return None
    return Terms(
        Fraction(rule.rate),
        program.credit_after_days,
        program.expires_after_months,
        program.return_policy,
        most,
        program.expiry_rounding,
        program.expires_on,
    )


@dataclass
class Heard:
    """All that a store said of one order."""

    id: str
    shown: list[Body] = field(default_factory=list)
    refunds: dict[int, Body] = field(default_factory=dict)
    paid_out: set[int] = field(default_factory=set)
    disputes: dict[int, list[Body]] = field(default_factory=dict)
    deleted_at: list[datetime] = field(default_factory=list)

    @property
    def newest(self) -> Body:
        """How the store showed it last."""
        return max(self.shown, key=_rank)

    @property
    def counted(self) -> Body:
        """How it counts: as it was paid last, while what was added is not paid."""
        paid = [each for each in self.shown if each["financial_status"] in _PAID]
        is_open = self.newest["financial_status"] in _STATUSES[:3]
        return max(paid, key=_rank) if paid and is_open else self.newest

    @property
    def paid_at(self) -> datetime | None:
        """When it was first seen paid, None where it never was."""
        paid = [each for each in self.shown if each["financial_status"] in _PAID]
        return min(map(_updated_at, paid), default=None)

    @property
    def placed_at(self) -> datetime:
        """When it was placed."""
        return _moment(self.newest["processed_at"])

    @property
    def is_clear(self) -> bool:
        """Whether the messages say what is newest: two of one moment may not."""
        if not self.shown:
            return True
        alike = [each for each in self.shown if _rank(each) == _rank(self.newest)]
        paid = [each for each in self.shown if _rank(each) == _rank(self.counted)]
        return all(
            each["line_items"] == chosen["line_items"]
            for each, chosen in (
                *((each, self.newest) for each in alike),
                *((each, self.counted) for each in paid),
            )
        )

    def left(self) -> Iterator[tuple[datetime, int]]:
        """How many cents count at first, and after each thing that took some."""
        lines = self.counted["line_items"]
        bought = {each["id"]: each["quantity"] - self._edited(each) for each in lines}
        counts = sum(_cents(each["price"]) * bought[each["id"]] for each in lines)
        whole = sum(_cents(each["price"]) * each["quantity"] for each in lines)
        assert self.paid_at
        yield self.paid_at, counts
        goods, beyond = 0, Fraction(0)
        for at, is_all, of_goods, of_money in sorted(self._backs()):
            goods += counts if is_all else of_goods
            beyond += of_money
            undone = beyond * min(counts, whole) / whole if whole else Fraction(0)
            yield at, max(0, counts - goods - floor(undone + Fraction(1, 2)))

    def _edited(self, line: Body) -> int:
        """How many units an edit took away: all that left and that no refund names."""
        refunded = sum(
            each["quantity"]
            for refund in self.refunds.values()
            for each in refund["refund_line_items"]
            if each["line_item_id"] == line["id"]
        )
        return max(0, line["quantity"] - line["current_quantity"] - refunded)

    def _backs(self) -> Iterator[tuple[datetime, bool, int, int]]:
        """When what went back: all, or cents for goods, or cents for none."""
        moved = False
        for refund in self.refunds.values():
            cents = sum(
                _cents(each["amount"])
                for each in refund["transactions"]
                if each["status"] == "success" or each["id"] in self.paid_out
            )
            named = [_cents(each["subtotal"]) for each in refund["refund_line_items"]]
            assert not cents or not named or cents == sum(named)
            if cents:
                moved = True
                goods, money = (cents, 0) if named else (0, cents)
                yield _moment(refund["processed_at"]), False, goods, money
        if self.newest["cancelled_at"] and not moved:
            yield _moment(self.newest["cancelled_at"]), True, 0, 0
        if self.newest["financial_status"] in ("refunded", "voided"):
            yield _updated_at(self.newest), True, 0, 0
        if self.deleted_at:
            yield min(self.deleted_at), True, 0, 0
        for said in self.disputes.values():
            if any(each["status"] in _LOST for each in said):
                yield _moment(said[0]["initiated_at"]), True, 0, 0

    def released_at(self, held_days: int) -> datetime | None:
        """When points can be spent; None while a bank may still ask for the money."""
        assert self.paid_at
        at = self.paid_at + timedelta(days=held_days)
        for said in self.disputes.values():
            is_open = all(each["status"] in _OPEN for each in said)
            if is_open and _moment(said[0]["initiated_at"]) < at:
                return None
        return at


class Orders:
    """What one store said of all its orders."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.by_id: dict[str, Heard] = {}

    def hear(self, topic: str, body: Body, at: datetime) -> None:
        """Take in one message; what says nothing of orders is left out."""
        room, _, what = topic.partition("/")
        if topic == "orders/delete":
            self._of(body["id"]).deleted_at.append(at)
        elif room == "orders" and what != "edited":
            order = self._of(body["id"])
            order.shown.append(body)
            for refund in body["refunds"]:
                order.refunds[refund["id"]] = refund
        elif room == "refunds":
            self._of(body["order_id"]).refunds[body["id"]] = body
        elif room == "order_transactions" and body["status"] == "success":
            self._of(body["order_id"]).paid_out.add(body["id"])
        elif room == "disputes":
            disputes = self._of(body["order_id"]).disputes
            disputes.setdefault(body["id"], []).append(body)

    def _of(self, order_id: int) -> Heard:
        return self.by_id.setdefault(str(order_id), Heard(str(order_id)))


def earned(
    order: Heard, store_id: int, terms_at: Callable[[datetime], Terms]
) -> Credit | None:
    """The points of an order, and what of them went back; None where it earned none."""
    if not order.shown or order.paid_at is None or order.newest["test"]:
        return None
    terms = terms_at(order.placed_at)
    (at, at_first), *later = order.left()
    points = left = terms.points(at_first)
    if not points:
        return None
    backs = []
    for back_at, cents in later:
        stays = min(left, terms.points(cents))
        backs.append(Reversal(f"{len(backs)}@{order.id}", back_at, left - stays))
        left = stays
    lot = f"order/{store_id}/{order.id}"
    return Credit(
        lot,
        lot,
        at,
        points,
        is_held=terms.held_days > 0,
        releases_at=order.released_at(terms.held_days),
        expires_at=end_of_points(
            order.placed_at, terms.months, terms.rounding, terms.ends_on
        ),
        reversals=tuple(backs),
        return_policy=terms.policy,
    )


def _rank(body: Body) -> tuple[datetime, int, bool]:
    """What the store said later; of one moment, what is further on its way."""
    progress = _STATUSES.index(body["financial_status"])
    return _updated_at(body), progress, body["cancelled_at"] is not None


def _updated_at(body: Body) -> datetime:
    return _moment(body["updated_at"])


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)
