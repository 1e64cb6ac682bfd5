"""What every platform can say of a store's customers when it is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.platforms.base import Told


@dataclass(frozen=True)
class ListedCustomer:
    """A customer as a list of the store shows them; `email` only where it is proven.

    `subscribed_at` is since when the store may send them mail, None where it may not.
    """

    customer_id: str
    email: str | None = field(repr=False)
    joined_at: datetime
    has_account: bool
    updated_at: datetime
    tags: tuple[str, ...]
    subscribed_at: datetime | None = None


class PastCustomers(ABC):
    """What one store says of its customers when it is asked, and its words for it.

    All that asks raises StoreAway.
    """

    @abstractmethod
    def changed(
        self, since: datetime, until: datetime
    ) -> Iterator[Sequence[ListedCustomer]]:
        """Yield who changed in a time, some at once, the oldest change first."""

    @abstractmethod
    def count(self, since: datetime, until: datetime) -> int | None:
        """Return how many changed in a time, None where the store does not say."""

    @abstractmethod
    def gone(self, customer_ids: Collection[str]) -> set[str]:
        """Return which of these there are no more."""

    @abstractmethod
    def buyer(self, order_id: str) -> str | None:
        """Return whose an order is by now, None where nobody's."""

    @abstractmethod
    def change_told(self, listed: ListedCustomer) -> Told:
        """Return the message that a customer changed."""

    @abstractmethod
    def tags_told(
        self, listed: ListedCustomer, tags: Collection[str], *, is_given: bool
    ) -> Told:
        """Return the message that a customer got tags or lost them."""

    @abstractmethod
    def subscription_told(self, listed: ListedCustomer) -> Told:
        """Return the message that a customer subscribed to mail; they have."""

    @abstractmethod
    def segments(self, names: Collection[str]) -> set[str]:
        """Return which of these segments there are, by the store's numbers."""

    @abstractmethod
    def members(self, segment: str) -> Iterator[Collection[str]]:
        """Yield the customers in a segment that there is, some ids at once."""

    @abstractmethod
    def segment_told(
        self, customer_id: str, segment: str, at: datetime, *, is_given: bool
    ) -> Told:
        """Return the message that a customer came into a segment or left it."""

    @abstractmethod
    def merge_told(self, kept_id: str, gone_id: str, at: datetime) -> Told:
        """Return the message that one customer became part of another."""

    @abstractmethod
    def deletion_told(self, gone_id: str, at: datetime) -> Told:
        """Return the message that a customer was deleted."""
