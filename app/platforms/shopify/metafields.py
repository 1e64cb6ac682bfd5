"""What a store's own pages show of a member: metafields of the customer there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.offers import Offered
from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError, gid
from app.platforms.shopify.set_up import METAFIELDS, NAMESPACE

# One call sets 25 metafields at most, and all of them or none.
CUSTOMERS_MAX = 25 // len(METAFIELDS)

_TYPES = {key: kind for key, _, kind in METAFIELDS}
# What stands for nothing where something stood before. Shopify can remove a metafield
# only whatever it says by now, which may be news that came after.
_NOTHING = {"next_reward": "{}", "tier": "-"}
# What the store says where a metafield is not any more as it was read.
STALE = ("STALE_OBJECT", "INVALID_COMPARE_DIGEST")


@dataclass(frozen=True)
class Kept:
    """A value that the store has, and the digest by which it tells it from others."""

    value: str
    digest: str


@dataclass(frozen=True)
class Wish:
    """What a customer's metafields should say, and what they say as far as is known."""

    customer_id: str
    values: Mapping[str, str | None]
    kept: Mapping[str, Kept]

    @property
    def changes(self) -> dict[str, str]:
        """Return what is to be set."""
        wanted = {
            key: _NOTHING[key] if value is None else value
            for key, value in self.values.items()
            if value is not None or key in self.kept
        }
        return {
            key: value
            for key, value in wanted.items()
            if key not in self.kept or self.kept[key].value != value
        }

    @property
    def is_fulfilled(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes


@dataclass(frozen=True)
class Written:
    """The metafields say what they should."""

    kept: Mapping[str, Kept]


@dataclass(frozen=True)
class Moved:
    """They said something else than was known, namely this; nothing was set."""

    kept: Mapping[str, Kept]


@dataclass(frozen=True)
class CustomerGone:
    """The store has no such customer any more."""


@dataclass(frozen=True)
class NotWritten:
    """The store would not, in its own words."""

    reason: str


Outcome = Written | Moved | CustomerGone | NotWritten


class _SetError(UserError):
    element_index: int | None = None


class _Digest(Answer):
    compare_digest: str
    key: str
    owner: Known


class _SetPayload(Answer):
    user_errors: tuple[_SetError, ...]
    metafields: tuple[_Digest, ...] | None = None


class _Set(Answer):
    made: _SetPayload


class _Value(Answer):
    compare_digest: str
    value: str


class _Customer(Answer):
    balance: _Value | None = None
    next_reward: _Value | None = None
    tier: _Value | None = None


class _Found(Answer):
    customer: _Customer | None


def values_of(
    available: int, goal: Offered | None, tier: str | None
) -> dict[str, str | None]:
    """Return what the metafields of a member should say; None is nothing."""
    told = goal and {"name": goal.name, "points_needed": goal.points_needed}
    return {
        "balance": str(available),
        "next_reward": json.dumps(told, ensure_ascii=False) if told else None,
        "tier": shown_tier(tier) or None if tier else None,
    }


def shown_tier(name: str) -> str:
    """Return the name of a tier as a metafield has it: one line."""
    return " ".join(name.split())


class Metafields:
    """Sets what changed, only where the store still has what was known of it."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def write(self, wishes: Iterable[Wish]) -> dict[str, Outcome]:
        """Fulfil wishes of some customers, one of each; raises StoreAway.

        Where one customer stands in the way of the others, they go on without.
        """
        left = {each.customer_id: each for each in wishes}
        assert len(left) <= CUSTOMERS_MAX
        outcomes: dict[str, Outcome] = {}
        while True:
            named = [(id_, key) for id_, wish in left.items() for key in wish.changes]
            made = self._set(left, named)
            if not made.user_errors:
                break
            faults = _by_customer(made.user_errors, named)
            for customer_id, fault in faults.items():
                outcomes[customer_id] = self._outcome(customer_id, fault)
                del left[customer_id]
        kept = _kept(left, made)
        return outcomes | {id_: Written(kept[id_]) for id_ in left}

    def _set(
        self, wishes: Mapping[str, Wish], named: list[tuple[str, str]]
    ) -> _SetPayload:
        if not named:
            return _SetPayload(())
        asked = []
        for customer_id, key in named:
            wish = wishes[customer_id]
            known = wish.kept.get(key)
            asked.append(
                {
                    **_place(customer_id, key),
                    "type": _TYPES[key],
                    "value": wish.changes[key],
                    # Without a digest it is set only where there is none yet.
                    "compareDigest": known and known.digest,
                }
            )
        return self._api.ask("set_metafields", _Set, metafields=asked).made

    def _outcome(self, customer_id: str, fault: _SetError) -> Outcome:
        """Return what became of a customer whose metafields could not be set."""
        found = self._api.ask(
            "find_metafields", _Found, id=gid("Customer", customer_id)
        )
        if found.customer is None:
            return CustomerGone()
        if fault.code not in STALE:
            return NotWritten(fault.message)
        told = {key: getattr(found.customer, key) for key in _TYPES}
        return Moved(
            {
                key: Kept(each.value, each.compare_digest)
                for key, each in told.items()
                if each
            }
        )


def _place(customer_id: str, key: str) -> dict[str, object]:
    return {
        "ownerId": gid("Customer", customer_id),
        "namespace": NAMESPACE,
        "key": key,
    }


def _by_customer(
    errors: Iterable[_SetError], named: list[tuple[str, str]]
) -> dict[str, _SetError]:
    """Return whom each error is about: everybody, where it does not say."""
    faults: dict[str, _SetError] = {}
    for error in errors:
        index = error.element_index
        at = range(len(named)) if index is None else [index]
        for each in at:
            faults.setdefault(named[each][0], error)
    return faults


def _kept(wishes: Mapping[str, Wish], made: _SetPayload) -> dict[str, dict[str, Kept]]:
    """Return what the store has now, as it was asked for."""
    kept = {id_: dict(wish.kept) for id_, wish in wishes.items()}
    by_gid = {gid("Customer", id_): id_ for id_ in wishes}
    for each in made.metafields or ():
        id_ = by_gid[each.owner.id]
        value = wishes[id_].changes[each.key]
        kept[id_][each.key] = Kept(value, each.compare_digest)
    return kept
