"""Credit on a customer's account with a Shopify store, given once.

A credit has neither a code nor a note, and giving it twice gives it twice. All that
comes back as it was sent is its amount and when it expires; so the second at which it
does is worked out from the grant's code, and a credit with that second is this grant's.

It is looked for before it is given and once more after that: who then sees that
somebody else was first takes the own one off again, in that same call and never later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import structlog

from app.domain.grants import (
    AlreadyUsed,
    Grant,
    Granted,
    GrantRefused,
    Revoked,
    StoreCreditGift,
)
from app.domain.money import to_major
from app.platforms.base import Fulfilment, StoreAway
from app.platforms.shopify.admin_api import (
    AdminApi,
    Answer,
    UserError,
    gid,
    refused,
)
from app.platforms.shopify.order_nodes import Page

# How long a credit holds that is meant to hold for ever.
FOR_EVER = timedelta(days=50 * 365)
DAY_S = 86_400
# How far the clock of a store may be behind ours.
CLOCKS_APART = timedelta(days=1)

_log = structlog.get_logger()


class _Credit(Answer):
    id: str
    expires_at: datetime | None


class _GivenPayload(Answer):
    user_errors: tuple[UserError, ...]
    store_credit_account_transaction: _Credit | None = None


class _Given(Answer):
    given: _GivenPayload


class _TakenPayload(Answer):
    user_errors: tuple[UserError, ...]


class _Taken(Answer):
    taken: _TakenPayload


class _Money(Answer):
    amount: Decimal
    currency_code: str


class _Transaction(Answer):
    """A credit; of any other movement, only when it was made."""

    created_at: datetime
    id: str = ""
    expires_at: datetime | None = None
    amount: _Money | None = None


class _Transactions(Answer):
    nodes: tuple[_Transaction, ...]
    page_info: Page


class _Currency(Answer):
    currency_code: str


class _Account(Answer):
    id: str
    transactions: _Transactions


class _Held(_Account):
    balance: _Currency


class _Accounts(Answer):
    nodes: tuple[_Held, ...]
    page_info: Page


class _Customer(Answer):
    store_credit_accounts: _Accounts


class _Found(Answer):
    customer: _Customer | None


class _FoundOlder(Answer):
    store_credit_account: _Account | None


class StoreCredit(Fulfilment):
    """Looks for the grant's credit first, each time, and gives it where it is not."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._check: Callable[[], None] = lambda: None

    def before_giving(self, check: Callable[[], None]) -> None:
        """Have this called whenever the credit is about to be given, after a look."""
        self._check = check

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Give the credit, or find it given."""
        found = self._find(grant)
        if found:
            return Granted(found[0])
        given = self._api.ask_after(
            self._check,
            "give_store_credit",
            _Given,
            id=gid("Customer", grant.customer_id),
            credit={
                "creditAmount": _money(grant),
                "expiresAt": expiry(grant).isoformat(),
            },
        ).given
        credit = given.store_credit_account_transaction
        if credit and not given.user_errors:
            if credit.expires_at != expiry(grant):
                # Should an answer ever be lost, nothing would tell this credit is ours.
                _log.error("store credit came back with another expiry", id=credit.id)
            return self._first(grant, credit.id)
        return refused(given.user_errors)

    def _first(self, grant: Grant, given: str) -> Granted:
        """Return the grant's first credit; another that we gave is taken off again.

        Each that is not the first is taken off once, by who gave it, which is what
        tells this debit from others. What cannot be taken off, or looked at again, is
        told in the log: ours is there all the same, whatever this look is answered.
        """
        try:
            found = self._find(grant)
        except StoreAway as error:
            _log.error(
                "store credit could not be looked at again", id=given, error=str(error)
            )
            return Granted(given)
        if not found or found[0] == given:
            return Granted(given)
        try:
            taken = self._api.ask(
                "take_store_credit",
                _Taken,
                id=gid("Customer", grant.customer_id),
                debit={"debitAmount": _money(grant)},
            ).taken
            is_taken = not taken.user_errors
        except StoreAway:
            is_taken = False
        if not is_taken:
            _log.error("store credit may have been given twice", first=found[0])
        return Granted(found[0])

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """Say whether it was never given: what is on an account stays there.

        To take it off again would need a debit, which a later call could not tell from
        others and so might make twice.
        """
        return AlreadyUsed() if self._find(grant) else Revoked()

    def _find(self, grant: Grant) -> list[str]:
        """Return the ids of the grant's credits, of which there is one, oldest first.

        Of a customer who is forgotten nothing can be sought.
        """
        if not grant.customer_id:
            return []
        account = self._account(grant)
        if account is None:
            return []
        given = self._newer(account, grant.starts_at - CLOCKS_APART)
        ours = {each.id for each in given if _is_of(each, grant)}
        return sorted(ours, key=lambda id_: int(id_.rpartition("/")[2]))

    def _account(self, grant: Grant) -> _Account | None:
        """Return the customer's account in the grant's currency, if there is one.

        There is at most one a currency. They are read page by page, rather than
        searched for by it: a search may not know yet what has just been made.
        """
        id_, (_, currency) = gid("Customer", grant.customer_id), _worth(grant)
        after = None
        while True:
            customer = self._api.ask(
                "find_store_credit", _Found, id=id_, after=after
            ).customer
            if customer is None:
                return None
            page = customer.store_credit_accounts
            for account in page.nodes:
                if account.balance.currency_code == currency:
                    return account
            if not page.page_info.has_next_page:
                return None
            after = page.page_info.end_cursor

    def _newer(self, account: _Account, since: datetime) -> Iterator[_Transaction]:
        """Yield what moved on an account since a moment, newest first.

        After a lost answer that may be hours, and many movements, ago.
        """
        page = account.transactions
        while True:
            yield from page.nodes
            is_past = any(each.created_at < since for each in page.nodes)
            if is_past or not page.page_info.has_next_page:
                return
            found = self._api.ask(
                "find_older_store_credit",
                _FoundOlder,
                id=account.id,
                after=page.page_info.end_cursor,
            ).store_credit_account
            if found is None:
                raise StoreAway("find_older_store_credit: the account is gone")
            page = found.transactions


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


def _money(grant: Grant) -> dict[str, str]:
    amount, currency = _worth(grant)
    return {"amount": str(amount), "currencyCode": currency}


def _worth(grant: Grant) -> tuple[Decimal, str]:
    assert isinstance(grant.benefit, StoreCreditGift)
    currency = grant.benefit.currency
    return to_major(grant.benefit.amount_minor, currency), currency
