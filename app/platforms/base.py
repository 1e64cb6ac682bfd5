"""What every platform can do: prove a message genuine, and say it in our words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from app.domain.events import Translated
from app.domain.grants import Grant, Granted, GrantRefused, Revocation


@dataclass(frozen=True)
class Genuine:
    """The signature fits; true as a condition."""

    def __bool__(self) -> bool:
        """Genuine is a yes."""
        return True


@dataclass(frozen=True)
class Forged:
    """The signature does not fit, for a reason that strangers are not told."""

    reason: str

    def __bool__(self) -> bool:
        """Forged is a no."""
        return False


Verdict = Genuine | Forged


@dataclass(frozen=True)
class Delivery:
    """What the headers of a message say; only the body is signed, so none is proof.

    `body_key` is alike where bodies are, and tells nobody else what they are.
    """

    domain: str
    topic: str
    delivery_id: str | None
    event_id: str | None
    triggered_at: datetime | None
    body_key: bytes | None = None


@dataclass(frozen=True)
class Message:
    """A kept body and what is needed to read it.

    `at` stands in where the body has no time of its own. `conceal` makes the keyed hash
    of an e-mail address. Where nobody `wants_marks` none are made, since most of the
    hashing of an order is for them.
    """

    delivery_id: str
    topic: str
    body: bytes
    at: datetime
    conceal: Callable[[str], str]
    wants_marks: bool = True

    def concealed(self, marks: Iterable[str | None]) -> tuple[str, ...]:
        """Return marks as they are kept: their sort, and a keyed hash."""
        if not self.wants_marks:
            return ()
        kept = {
            f"{mark.partition('/')[0]}:{self.conceal(mark)[:24]}"
            for mark in marks
            if mark
        }
        return tuple(sorted(kept))


class Platform(ABC):
    """One sort of store."""

    name: ClassVar[str]

    @abstractmethod
    def verify(self, headers: Mapping[str, str], body: bytes) -> Verdict:
        """Say whether the store really sent exactly these bytes.

        Names of headers are in lower case, here and in `delivery`.
        """

    @abstractmethod
    def delivery(self, headers: Mapping[str, str]) -> Delivery:
        """Read the headers of a message."""

    @abstractmethod
    def knows(self, topic: str) -> bool:
        """Whether messages of this topic are of any use here."""

    @abstractmethod
    def translate(self, message: Message) -> Translated:
        """Say a message in our words.

        Raises UnreadableMessage where the body is not what its topic promises, and
        OfAnotherRelease where it was written here, but not by this code.
        """


class StoreAway(Exception):
    """The store gave no answer that says what became of a call; ask again later.

    Not before `wait_s`: the call may still be on its way inside the store. One that
    `is_shut` did nothing, and will not before its owner lets us ask it again. Where it
    `is_busy`, other calls would wait for nothing; where it `is_silent`, they may.
    """

    wait_s = 60.0
    is_busy = False
    is_shut = False
    is_silent = True


class StoreAtWork(StoreAway):
    """The store has taken something on that it will do in a moment.

    It answers: there is no need to let it rest.
    """

    wait_s = 1.0
    is_silent = False


class AccessDenied(StoreAway):
    """The owner has not allowed this: the call did nothing.

    Nothing was made in the same attempt either; an older one may have made it.
    """

    is_shut = True
    is_silent = False


class Fulfilment(ABC):
    """The way to one store that makes what points have bought.

    Each call may be repeated: a grant is known by its code, and what was made is found
    again. StoreAway leaves open whether anything was done.
    """

    @abstractmethod
    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it, or find it made; raises StoreAway."""

    @abstractmethod
    def revoke(self, grant: Grant) -> Revocation:
        """End it if it was not used; what was never made is as good as revoked.

        Raises StoreAway.
        """

    def before_giving(self, check: Callable[[], None]) -> None:  # noqa: B027
        """Have this called right before what the store would do twice, or for good.

        It raises where somebody else has the grant by now, and ends the call with that.
        """

    def withdraw(self, grant: Grant) -> Revocation:
        """Revoke what may be on its way still: no older call can make it after this.

        Raises StoreAway.
        """
        return self.revoke(grant)


@dataclass(frozen=True)
class Listed:
    """An order as a list of the store shows it."""

    order_id: str
    updated_at: datetime


@dataclass(frozen=True)
class Told:
    """What a store was asked for, as a message of this topic would have told it."""

    topic: str
    body: bytes
    at: datetime


class PastOrders(ABC):
    """What one store says of its orders when it is asked."""

    @abstractmethod
    def changed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield what changed in a time, some at once, the oldest change first.

        Raises StoreAway.
        """

    @abstractmethod
    def count(self, since: datetime, until: datetime) -> int | None:
        """Return how many changed in a time, None where the store does not say.

        Raises StoreAway.
        """

    @abstractmethod
    def placed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield what was placed in a time and is there still, some at once.

        Raises StoreAway.
        """

    @abstractmethod
    def read(self, order_id: str) -> Told | None:
        """Return an order, None where the store has it no more; raises StoreAway."""

    @abstractmethod
    def deletion_told(self, order_id: str, at: datetime) -> Told:
        """Return the message that an order was deleted."""


@dataclass(frozen=True)
class ListedDispute:
    """A dispute as a list of the store shows it, and the message that would tell it."""

    dispute_id: str
    order_id: str
    status: str
    told: Told


class PastDisputes(ABC):
    """What one store says of disputes when it is asked."""

    @abstractmethod
    def begun(
        self, since: datetime, until: datetime
    ) -> Iterator[Sequence[ListedDispute]]:
        """Yield the disputes that began in a time, some at once; raises StoreAway."""


class FileOver(StoreAway):
    """The store keeps its file no more: it has to make another one."""


@dataclass(frozen=True)
class FileState:
    """How far a store is with a file that it makes; `failed` says why it ended.

    What it says is as of `begun_at`, by the store's clock, or of some moment since.
    """

    written: int
    begun_at: datetime | None = None
    is_done: bool = False
    url: str | None = None
    failed: str | None = None


class Archive(ABC):
    """All past orders of one store, as a file that the store writes when asked.

    All but `orders` raise StoreAway.
    """

    @abstractmethod
    def count(self, since: datetime | None) -> int | None:
        """Return how many orders that are, None where the store does not say."""

    @abstractmethod
    def begin(self, since: datetime | None) -> str:
        """Have the store write the file, of orders placed since then, or of all."""

    @abstractmethod
    def state(self, name: str) -> FileState:
        """Return how far the store is."""

    @abstractmethod
    def fetch(self, url: str, file: Path) -> None:
        """Get the file, whole or not at all; its first part has the suffix .part."""

    @abstractmethod
    def orders(self, file: Path) -> Iterator[tuple[Listed, Told | None]]:
        """Yield the orders of the file; None stands for one that has to be read."""

    @abstractmethod
    def read(self, order_id: str) -> Told | None:
        """Return one order, None where it is gone."""


@dataclass(frozen=True)
class Listing:
    """A product as the file of a store shows it, last changed at `updated_at`."""

    product_id: str
    tags: tuple[str, ...]
    collection_ids: tuple[str, ...]
    updated_at: datetime


class Catalogue(ABC):
    """All products of one store, as a file that the store writes when asked.

    All but `products` raise StoreAway.
    """

    @abstractmethod
    def begin(self) -> str:
        """Have the store write the file; return by what it is known."""

    @abstractmethod
    def state(self, name: str) -> FileState:
        """Return how far the store is."""

    @abstractmethod
    def fetch(self, url: str, file: Path) -> None:
        """Get the file, whole or not at all."""

    @abstractmethod
    def products(self, file: Path) -> Iterator[Listing]:
        """Yield the products of the file."""
