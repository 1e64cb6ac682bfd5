"""What is known of an order: facts that merge to the same whole in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

# How far a payment status is along its way; a tie of times is won by the farther one.
PAYMENT_PROGRESS = (
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "expired",
    "voided",
)
PAID_STATUSES = frozenset({"paid", "partially_refunded", "refunded"})
UNPAID_STATUSES = frozenset({"pending", "authorized", "partially_paid"})
# A payment's status only moves forward in this row.
TRANSACTION_PROGRESS = ("pending", "awaiting_response", "error", "failure", "success")
DISPUTE_PROGRESS = (
    "needs_response",
    "under_review",
    "prevented",
    "won",
    "charge_refunded",
    "accepted",
    "lost",
)
OPEN_DISPUTES = frozenset({"needs_response", "under_review"})
# A refunded charge shows among the refunds.
LOST_DISPUTES = frozenset({"accepted", "lost"})


def _progress(row: tuple[str, ...], status: str) -> int:
    return row.index(status) if status in row else -1


@dataclass(frozen=True)
class Line:
    """One line of an order: `quantity` units at `price_minor` each, before returns."""

    id: str
    product_id: str | None
    quantity: int
    current_quantity: int | None
    price_minor: int
    discount_minor: int
    tax_minor: int
    is_gift_card: bool = False
    is_tip: bool = False
    tags: tuple[str, ...] = ()
    collection_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """An order as the store showed it at `updated_at`, in the store's currency.

    `channel` is where it was placed, in the store's word (Shopify: `web`, `pos`).
    `discount_codes` are in capitals, as a store reads them in either case; a discount
    that its owner gave by hand may be among them under its title.
    """

    number: str
    processed_at: datetime
    updated_at: datetime
    currency: str
    total_minor: int
    presentment_currency: str
    presentment_total_minor: int
    taxes_included: bool
    shipping_minor: int
    shipping_tax_minor: int
    financial_status: str
    is_fulfilled: bool
    is_test: bool
    cancelled_at: datetime | None
    lines: tuple[Line, ...]
    channel: str = ""
    discount_codes: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool:
        """Whether the store has been paid in full, whatever went back since."""
        return self.financial_status in PAID_STATUSES

    def _rank(self) -> tuple[datetime, int, bool, str]:
        progress = _progress(PAYMENT_PROGRESS, self.financial_status)
        return self.updated_at, progress, self.cancelled_at is not None, repr(self)

    def newer(self, other: Snapshot) -> Snapshot:
        """Return whichever of the two the store wrote last."""
        return max(self, other, key=Snapshot._rank)


@dataclass(frozen=True)
class Buyer:
    """Who bought, as the store showed it at `at`.

    `email_key` is a keyed hash of the shopper's address, never the address.
    """

    at: datetime
    customer_id: str | None
    email_key: str | None

    def _rank(self) -> tuple[bool, datetime, str, str]:
        is_customer = self.customer_id is not None
        return is_customer, self.at, self.customer_id or "", self.email_key or ""

    def newer(self, other: Buyer) -> Buyer:
        """Return the customer rather than the guest, and the later of two."""
        return max(self, other, key=Buyer._rank)


@dataclass(frozen=True)
class Payment:
    """A movement of money on an order (Shopify: an order transaction).

    `amount_minor` is in `currency`, which may be the shopper's, not the store's.
    """

    id: str
    kind: str
    status: str
    amount_minor: int
    currency: str

    def _rank(self) -> tuple[int, str]:
        return _progress(TRANSACTION_PROGRESS, self.status), repr(self)

    def newer(self, other: Payment) -> Payment:
        """Return whichever of the two has moved farther."""
        return max(self, other, key=Payment._rank)


@dataclass(frozen=True)
class RefundLine:
    """Units of a line given back; `subtotal_minor` None where the store left it out."""

    line_id: str
    quantity: int
    subtotal_minor: int | None
    tax_minor: int
    is_gift_card: bool = False


@dataclass(frozen=True)
class Refund:
    """Units or money given back on an order, money in the store's currency.

    `shipping_minor` and `duties_minor` are what went back, tax included.
    `discrepancy_minor` is positive where the store kept some of the lines' worth and
    negative where it gave more (Shopify: `refund_discrepancy` adjustments).
    """

    id: str
    at: datetime
    lines: tuple[RefundLine, ...]
    shipping_minor: int
    shipping_tax_minor: int
    duties_minor: int
    discrepancy_minor: int
    payments: Mapping[str, Payment] = field(default_factory=dict)

    def merged(self, other: Refund) -> Refund:
        """Return the fuller of the two with the latest state of every payment."""
        fuller = max(
            self, other, key=lambda refund: (len(refund.lines), refund._content())
        )
        payments = _merged(self.payments, other.payments, Payment.newer)
        return replace(fuller, payments=payments)

    def _content(self) -> str:
        return repr(replace(self, payments={}))


@dataclass(frozen=True)
class Dispute:
    """A shopper's bank asks for money back; only a lost one takes it."""

    id: str
    at: datetime
    status: str
    amount_minor: int
    currency: str

    def _rank(self) -> tuple[int, str]:
        return _progress(DISPUTE_PROGRESS, self.status), repr(self)

    @property
    def is_open(self) -> bool:
        """Whether the bank has yet to decide."""
        return self.status in OPEN_DISPUTES

    def newer(self, other: Dispute) -> Dispute:
        """Return whichever of the two has moved farther."""
        return max(self, other, key=Dispute._rank)


@dataclass(frozen=True)
class OrderFacts:
    """All that is known of one order.

    `merged` is commutative, associative and idempotent, so messages may arrive in any
    order and any number of times. `paid_snapshot` is the last that was paid in full,
    where a newer one is not; `unpaid_at` is when the order was last seen unpaid.
    `marks` are keyed hashes of what its buyer may be known again by. `plans` are the
    selling plans by which its lines were bought, '' for none; a line that is not among
    them was not asked about.
    """

    order_id: str
    snapshot: Snapshot | None = None
    paid_snapshot: Snapshot | None = None
    buyer: Buyer | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    payments: Mapping[str, Payment] = field(default_factory=dict)
    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    unpaid_at: datetime | None = None
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    deleted_at: datetime | None = None
    marks: tuple[str, ...] = ()
    plans: Mapping[str, str] = field(default_factory=dict)

    @property
    def placed_at(self) -> datetime | None:
        """When the order was placed, None where it has not arrived."""
        return self.snapshot.processed_at if self.snapshot else None

    @property
    def counted_snapshot(self) -> Snapshot | None:
        """The order as it counts: what an edit added, only once it is paid."""
        if self.snapshot and self.snapshot.financial_status in UNPAID_STATUSES:
            return self.paid_snapshot or self.snapshot
        return self.snapshot

    def with_counted_lines(self, lines: Iterable[Line]) -> OrderFacts:
        """Return the same, with these lines of the order as it counts."""
        counted = self.counted_snapshot
        assert counted
        known = replace(counted, lines=tuple(lines))
        if counted is self.snapshot:
            return replace(self, snapshot=known)
        return replace(self, paid_snapshot=known)

    def merged(self, other: OrderFacts) -> OrderFacts:
        """Return what the two say together."""
        assert self.order_id == other.order_id
        snapshot = _newest(self.snapshot, other.snapshot)
        paid = _newest(self._last_paid(), other._last_paid())
        return OrderFacts(
            order_id=self.order_id,
            snapshot=snapshot,
            paid_snapshot=None if paid == snapshot else paid,
            buyer=_newest(self.buyer, other.buyer),
            refunds=_merged(self.refunds, other.refunds, Refund.merged),
            payments=_merged(self.payments, other.payments, Payment.newer),
            disputes=_merged(self.disputes, other.disputes, Dispute.newer),
            unpaid_at=max(known((self.unpaid_at, other.unpaid_at)), default=None),
            paid_at=earliest(self.paid_at, other.paid_at),
            fulfilled_at=earliest(self.fulfilled_at, other.fulfilled_at),
            deleted_at=earliest(self.deleted_at, other.deleted_at),
            marks=tuple(sorted({*self.marks, *other.marks})),
            plans=_merged(self.plans, other.plans, max),
        )

    @property
    def lacks_plans(self) -> bool:
        """Whether it counts, and a product in it may have been bought by any plan."""
        snapshot = self.counted_snapshot
        if not (snapshot and self.paid_at) or snapshot.is_test or self.deleted_at:
            return False
        bought = (line.id for line in snapshot.lines if line.product_id)
        return any(line_id not in self.plans for line_id in bought)

    def _last_paid(self) -> Snapshot | None:
        """The newest snapshot that was paid in full; kept apart only if not newest."""
        is_paid = self.snapshot is not None and self.snapshot.is_paid
        return self.snapshot if is_paid else self.paid_snapshot

    def refunds_in_time(self) -> list[Refund]:
        """Return the refunds by time, each payment as last heard of."""
        known = [
            replace(
                refund,
                payments={
                    id_: payment.newer(self.payments.get(id_, payment))
                    for id_, payment in refund.payments.items()
                },
            )
            for refund in self.refunds.values()
        ]
        return sorted(known, key=lambda refund: (refund.at, refund.id))


Fact = TypeVar("Fact", Refund, Payment, Dispute, str)


def _merged(
    mine: Mapping[str, Fact],
    yours: Mapping[str, Fact],
    join: Callable[[Fact, Fact], Fact],
) -> dict[str, Fact]:
    return {
        id_: join(mine[id_], yours[id_])
        if id_ in mine and id_ in yours
        else mine[id_]
        if id_ in mine
        else yours[id_]
        for id_ in sorted({*mine, *yours})
    }


Shown = TypeVar("Shown", Snapshot, Buyer)


def _newest(mine: Shown | None, yours: Shown | None) -> Shown | None:
    return mine.newer(yours) if mine and yours else mine or yours


def earliest(*times: datetime | None) -> datetime | None:
    """Return the earliest of the times that are known, None where none is."""
    return min(known(times), default=None)


def known(times: Iterable[datetime | None]) -> list[datetime]:
    """Return the times that are known."""
    return [time for time in times if time is not None]
