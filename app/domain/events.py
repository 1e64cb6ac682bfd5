"""What can have happened in a store, in our words; past tense, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.labels import LabelKind
from app.domain.orders import OrderFacts


@dataclass(frozen=True)
class CustomerChanged:
    """A customer as the store knew it at `at`; `email_key` only for a proven address.

    The key is a keyed hash: addresses themselves are never kept. `joined_at` is when
    the customer's record was made, where the message is about the customer itself, and
    `has_account` whether they can sign in, where that is told. `ordered_at` is when the
    order was placed that tells of them, where one does. `marks` are keyed hashes too,
    by which one person with two accounts is known.
    """

    customer_id: str
    email_key: str | None
    at: datetime
    joined_at: datetime | None = None
    has_account: bool | None = None
    marks: tuple[str, ...] = ()
    ordered_at: datetime | None = None


@dataclass(frozen=True)
class OrderChanged:
    """Something more is known of an order."""

    facts: OrderFacts
    customer: CustomerChanged | None = None


@dataclass(frozen=True)
class CustomerDeleted:
    """The store deleted a customer; the ledger stays."""

    customer_id: str
    at: datetime


@dataclass(frozen=True)
class CustomersMerged:
    """Two customers turned out to be one; the kept one takes over everything."""

    kept_id: str
    deleted_id: str


@dataclass(frozen=True)
class LabelsChanged:
    """A customer got tags or came into segments at `at`, or lost or left them."""

    customer_id: str
    kind: LabelKind
    names: frozenset[str]
    is_given: bool
    at: datetime


@dataclass(frozen=True)
class ProductChanged:
    """A product's tags, which programmes may exclude."""

    product_id: str
    tags: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class ProductRead:
    """A product as its store said it was; `tags` are None where it said none of them.

    `tags_at` is as of when they are known, where that is later than the question.
    """

    product_id: str
    collection_ids: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    tags_at: datetime | None = None


@dataclass(frozen=True)
class ProductsRead:
    """What a store said of its products when it was asked, at `at`."""

    products: tuple[ProductRead, ...]
    at: datetime


@dataclass(frozen=True)
class CollectionsChanged:
    """Products may be in other collections than before; a store does not say which."""

    at: datetime


@dataclass(frozen=True)
class StoreUninstalled:
    """The owner took the app out of the store."""

    at: datetime


@dataclass(frozen=True)
class StoreScopesChanged:
    """The owner lets the app do other things than before: all that it may do now."""

    scopes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class CustomerDataRequested:
    """A shopper asks for their data, which the host hands to the owner as a file.

    Where neither id nor address says who it is, `marks` and `names_phone` do as in
    `CustomerRedacted`.
    """

    request_id: str
    at: datetime
    customer_id: str | None
    email_key: str | None
    order_ids: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    names_phone: bool = False


@dataclass(frozen=True)
class CustomerRedacted:
    """A shopper is to be forgotten; the anonymous ledger stays.

    `marks` say who it is where neither id nor address does. A phone may be named of
    which there are none, since not every programme needs them.
    """

    customer_id: str | None
    email_key: str | None
    order_ids: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    names_phone: bool = False

    @property
    def is_vague(self) -> bool:
        """Whether neither id nor address says who it is."""
        return not (self.customer_id or self.email_key)


@dataclass(frozen=True)
class StoreRedacted:
    """Everybody of an uninstalled store is to be forgotten."""

    at: datetime


@dataclass(frozen=True)
class PointsAdjusted:
    """The owner gave points, or took them where the number is negative."""

    command_id: str
    customer_id: str
    points: int
    reason: str
    at: datetime


@dataclass(frozen=True)
class RewardRequested:
    """A member wants a reward; `points` and `slot` where these are theirs to choose.

    A slot is a moment by the clock of the store's walls. `prize` names what won the
    reward, where it is to cost nothing.
    """

    redemption_id: str
    customer_id: str
    reward_id: str
    points: int | None
    at: datetime
    slot: datetime | None = None
    prize: str | None = None


class RedemptionStep(StrEnum):
    """What people do about a redemption that is there already.

    `made` and `not_made` say what is there in a store that we may not ask any more.
    """

    APPROVE = "approve"
    REFUSE = "refuse"
    TAKE_IN = "take_in"
    CANCEL = "cancel"
    MADE = "made"
    NOT_MADE = "not_made"


@dataclass(frozen=True)
class RedemptionTaken:
    """Somebody took a step with a redemption; its own member, where one is named."""

    redemption_id: str
    step: RedemptionStep
    at: datetime
    customer_id: str | None = None
    reason: str = ""
    by: str | None = None


@dataclass(frozen=True)
class TierGiven:
    """The owner gave a tier, from `since` on and before `until` where these are set."""

    command_id: str
    customer_id: str
    tier: str
    since: datetime | None
    until: datetime | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class ActionReported:
    """Somebody says that a customer did something; `key` is once for ever."""

    action: str
    key: str
    customer_id: str
    at: datetime
    by: str


@dataclass(frozen=True)
class MailSubscribed:
    """A customer let the store send them mail, as the store says itself."""

    customer_id: str
    at: datetime


@dataclass(frozen=True)
class ActionDecided:
    """The owner approved or refused an action that waited for it."""

    action: str
    key: str
    is_approved: bool
    at: datetime
    by: str


@dataclass(frozen=True)
class BirthdayTold:
    """A customer said when their birthday is."""

    key: str
    customer_id: str
    month: int
    day: int
    at: datetime


@dataclass(frozen=True)
class ReferralClaimed:
    """A customer says whose link brought them; `device` is a mark of their browser."""

    referral_id: str
    customer_id: str
    code: str
    device: str | None
    is_own_browser: bool
    at: datetime


@dataclass(frozen=True)
class ReferralDecided:
    """The owner approved a referral whatever speaks against it, or refused it."""

    referral_id: str
    approved: bool
    at: datetime
    by: str | None = None


@dataclass(frozen=True)
class Ignored:
    """Nothing to do, and why; where that is in doubt, people are to look at it."""

    reason: str
    is_doubtful: bool = False


Event = (
    OrderChanged
    | CustomerChanged
    | CustomerDeleted
    | CustomersMerged
    | LabelsChanged
    | ProductChanged
    | ProductsRead
    | CollectionsChanged
    | StoreUninstalled
    | StoreScopesChanged
    | CustomerDataRequested
    | CustomerRedacted
    | StoreRedacted
    | PointsAdjusted
    | RewardRequested
    | RedemptionTaken
    | TierGiven
    | ActionReported
    | MailSubscribed
    | ActionDecided
    | BirthdayTold
    | ReferralClaimed
    | ReferralDecided
    | Ignored
)


@dataclass(frozen=True)
class Translated:
    """A message in our words, and the ids by which its body can be found and erased.

    `domain` is the store that the body itself names, None where it names none.
    """

    event: Event
    order_id: str | None = None
    customer_id: str | None = None
    domain: str | None = field(default=None)
