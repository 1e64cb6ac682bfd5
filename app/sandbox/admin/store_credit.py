"""What the Admin API answers about customers' accounts."""

from __future__ import annotations

from app.sandbox import balances
from app.sandbox.admin.lists import page, pages
from app.sandbox.admin.metafields import reader
from app.sandbox.admin.words import (
    Answer,
    Call,
    amount,
    error,
    minor_of,
    number_of,
    written,
)
from app.sandbox.balances import Credit
from app.sandbox.line_bodies import gid


def customer(call: Call, id: str) -> Answer | None:
    """Find a customer with their accounts, each of which begins with a credit."""
    found = call.rows.customer(number_of("Customer", id))
    if found is None:
        return None
    accounts = [*balances.accounts_of(call.rows, found.id).values()]
    return {
        "id": id,
        "metafield": reader(call, found.id),
        "storeCreditAccounts": pages(accounts, lambda each: _account(call, each)),
    }


def account(call: Call, id: str) -> Answer | None:
    """Find an account."""
    moved = balances.account(call.rows, number_of("StoreCreditAccount", id))
    return _account(call, moved) if moved else None


def give(call: Call, id: str, creditInput: Answer) -> Answer:  # noqa: N803
    """Put money on an account; this is done as often as it is asked."""
    owner = call.rows.customer(number_of("Customer", id))
    asked, expires_at = creditInput["creditAmount"], creditInput.get("expiresAt")
    wrong = None
    if owner is None:
        wrong = error("OWNER_NOT_FOUND", "Owner does not exist", "id")
    elif asked["amount"] <= 0:
        words = "A positive amount must be used to credit a store credit account"
        wrong = error("NEGATIVE_OR_ZERO_AMOUNT", words, "creditInput")
    elif asked["currencyCode"] != call.currency:
        words = "The currency provided is not currently supported"
        wrong = error("UNSUPPORTED_CURRENCY", words, "creditInput")
    elif expires_at and expires_at <= call.now:
        words = "The expiry date must be in the future"
        wrong = error("EXPIRES_AT_IN_PAST", words, "creditInput", "expiresAt")
    if wrong or owner is None:
        return {"storeCreditAccountTransaction": None, "userErrors": [wrong]}
    worth = minor_of(asked["amount"])
    credit = Credit(
        id=call.rows.next_id(),
        customer_id=owner.id,
        amount_minor=worth,
        balance_after_minor=balances.balance_of(call.rows, owner.id) + worth,
        created_at=call.at,
        expires_at=written(expires_at) if expires_at else None,
    )
    balances.save_credit(call.rows, credit)
    return {"storeCreditAccountTransaction": _told(call, credit), "userErrors": []}


def take(call: Call, id: str, debitInput: Answer) -> Answer:  # noqa: N803
    """Take money off an account; this too is done as often as it is asked."""
    owner = call.rows.customer(number_of("Customer", id))
    asked = debitInput["debitAmount"]
    worth = minor_of(asked["amount"])
    left = balances.balance_of(call.rows, owner.id) if owner else 0
    wrong = None
    if owner is None:
        words = "The store credit account could not be found"
        wrong = error("ACCOUNT_NOT_FOUND", words, "id")
    elif worth > left:
        words = "The store credit account does not have sufficient funds"
        wrong = error("INSUFFICIENT_FUNDS", words, "debitInput", "debitAmount")
    if wrong or owner is None:
        return {"storeCreditAccountTransaction": None, "userErrors": [wrong]}
    debit = Credit(call.rows.next_id(), owner.id, -worth, left - worth, call.at)
    balances.save_credit(call.rows, debit)
    return {"storeCreditAccountTransaction": _told(call, debit), "userErrors": []}


def _account(call: Call, moved: list[Credit]) -> Answer:
    def transactions(
        _info: object, first: int, after: str | None = None, reverse: bool = False
    ) -> Answer:
        in_order = moved[::-1] if reverse else moved
        return page(in_order, lambda each: _told(call, each), first, after)

    return {
        "id": gid("StoreCreditAccount", moved[0].id),
        "balance": _amount(call, moved[0], sum(each.amount_minor for each in moved)),
        "transactions": transactions,
    }


def _told(call: Call, credit: Credit) -> Answer:
    kind = "Credit" if credit.amount_minor > 0 else "Debit"
    name = f"StoreCreditAccount{kind}Transaction"
    return {
        "__typename": name,
        "id": gid(name, credit.id),
        "amount": _amount(call, credit, credit.amount_minor),
        "balanceAfterTransaction": _amount(call, credit, credit.balance_after_minor),
        "createdAt": credit.created_at,
        "event": credit.event,
        "expiresAt": credit.expires_at,
    }


def _amount(call: Call, credit: Credit, minor: int) -> Answer:
    return amount(minor, credit.currency or call.currency)
