"""A member as rules and rewards may ask about them: answers, and no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Customer:
    """Answers questions about one member; nothing in it says who that is.

    >>> customer = Customer(available=300, taken={"mug": 1})
    >>> customer.can_afford(300), customer.can_afford(301)
    (True, False)
    >>> customer.times_taken("mug"), customer.times_taken("cup")
    (1, 0)
    >>> regular = Customer(orders=2, tags={"vip"})
    >>> regular.has_ordered_before(), regular.has_ordered_before(3)
    (True, False)
    >>> regular.is_tagged({"vip", "press"}), regular.is_tagged({"press"})
    (True, False)
    """

    __slots__ = ("_available", "_orders", "_tags", "_taken", "_tier")

    def __init__(
        self,
        *,
        available: int = 0,
        tier: str | None = None,
        taken: Mapping[str, int] | None = None,
        orders: int = 0,
        tags: Iterable[str] = (),
    ) -> None:
        """Know of a member what can be spent, was taken, and else is asked for."""
        self._available = available
        self._tier = tier
        self._taken = dict(taken or {})
        self._orders = orders
        self._tags = frozenset(tags)

    @property
    def balance(self) -> int:
        """Return the points that can be spent now."""
        return self._available

    @property
    def tier(self) -> str | None:
        """Return the name of the tier they are in, None for none."""
        return self._tier

    def can_afford(self, points: int) -> bool:
        """Whether so many points can be spent now."""
        return points <= self._available

    def times_taken(self, reward_id: str) -> int:
        """Return how often they took a reward and kept it."""
        return self._taken.get(reward_id, 0)

    def has_ordered_before(self, times: int = 1) -> bool:
        """Whether they have placed so many orders that were paid."""
        return self._orders >= times

    def is_tagged(self, tags: Iterable[str]) -> bool:
        """Whether the store calls them any of these, written as they are compared."""
        return not self._tags.isdisjoint(tags)
