"""Credit on a customer's account with a Shopify store, given once.

A credit has neither a code nor a note, and giving it twice gives it twice. All that
comes back as it was sent is its amount and when it expires; so the second at which it
does is worked out from the grant's code, and a credit with that second is this grant's.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.grants import (
    AlreadyUsed,
    Grant,
    Granted,
    GrantRefused,
    Revoked,
    StoreCreditGift,
)
from app.domain.money import to_major
from app.platforms.base import Fulfilment
from app.platforms.shopify.admin_api import (
    AdminApi,
    Answer,
    Known,
    UserError,
    gid,
    refused,
)

# How long a credit holds that is meant to hold for ever.
FOR_EVER = timedelta(days=50 * 365)
DAY_S = 86_400


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    store_credit_account_transaction: Known | None = None


class _Given(Answer):
    given: _Payload


class _Money(Answer):
    amount: Decimal
    currency_code: str


class _Transaction(Answer):
    """A credit, or an empty thing where the transaction is no credit."""

    id: str = ""
    expires_at: datetime | None = None
    amount: _Money | None = None


class _Transactions(Answer):
    nodes: tuple[_Transaction, ...]


class _Account(Answer):
    transactions: _Transactions


class _Accounts(Answer):
    nodes: tuple[_Account, ...]


class _Customer(Answer):
    store_credit_accounts: _Accounts


class _Found(Answer):
    customer: _Customer | None


class StoreCredit(Fulfilment):
    """Looks for the grant's credit first, each time, and gives it where it is not."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Give the credit, or find it given."""
        found = self._find(grant)
        if found:
            return Granted(found)
        amount, currency = _worth(grant)
        given = self._api.ask(
            "give_store_credit",
            _Given,
            id=gid("Customer", grant.customer_id),
            credit={
                "creditAmount": {"amount": str(amount), "currencyCode": currency},
                "expiresAt": expiry(grant).isoformat(),
            },
        ).given
        if given.store_credit_account_transaction and not given.user_errors:
            return Granted(given.store_credit_account_transaction.id)
        return refused(given.user_errors)

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """Say whether it was never given: what is on an account stays there.

        To take it off again would need a debit, which cannot be told apart from others
        and so might be made twice.
        """
        return AlreadyUsed() if self._find(grant) else Revoked()

    def _find(self, grant: Grant) -> str | None:
        """Return the id of the grant's credit.

        The newest are enough: it is sought soon after it may have been given. Of a
        customer who is forgotten nothing can be sought.
        """
        if not grant.customer_id:
            return None
        customer = self._api.ask(
            "find_store_credit", _Found, id=gid("Customer", grant.customer_id)
        ).customer
        accounts = customer.store_credit_accounts.nodes if customer else ()
        given = (each for account in accounts for each in account.transactions.nodes)
        return next((each.id for each in given if _is_of(each, grant)), None)


def expiry(grant: Grant) -> datetime:
    """Return when a grant's credit ends: within a day after the grant does."""
    ends_at = grant.ends_at or grant.starts_at + FOR_EVER
    digest = hashlib.sha256(grant.code.encode()).digest()
    mark = int.from_bytes(digest[:8], "big") % DAY_S
    return ends_at.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=mark)


def _is_of(given: _Transaction, grant: Grant) -> bool:
    if given.amount is None or given.expires_at is None:
        return False
    worth = given.amount.amount, given.amount.currency_code
    return worth == _worth(grant) and given.expires_at == expiry(grant)


def _worth(grant: Grant) -> tuple[Decimal, str]:
    assert isinstance(grant.benefit, StoreCreditGift)
    currency = grant.benefit.currency
    return to_major(grant.benefit.amount_minor, currency), currency
