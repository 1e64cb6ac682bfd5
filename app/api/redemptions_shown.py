"""A redemption as its member sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.grants import StoreCreditGift
from app.domain.languages.translator import Translator
from app.domain.reasons import NO_REASON, Reason
from app.domain.redemptions import Redemption, State, code_of
from app.domain.rewards import Handling, name_of
from app.storage.stores import Store

_WITH_CODE = {State.GRANTED, State.USED}


@dataclass(frozen=True)
class Shown:
    """What became of a wish, with the code once there is one to use."""

    id: str
    state: str
    name: str = ""
    points: int = 0
    reason: Reason = NO_REASON
    code: str | None = None
    requested_at: datetime | None = None
    valid_until: datetime | None = None
    can_cancel: bool = False
    slot: datetime | None = None
    cancel_until: datetime | None = None
    is_voucher: bool = False
    kind: str = ""


def shown(wish: Redemption, secret_key: str, store: Store, language: str) -> Shown:
    """Return what a member sees of a redemption of theirs, in a language."""
    return Shown(
        id=wish.id,
        state=wish.state,
        name=name_of(wish.reward, Translator(store.currency, language)),
        points=wish.points,
        reason=wish.reason.told_in(language),
        code=_code(wish, secret_key, store),
        requested_at=wish.requested_at,
        valid_until=wish.valid_until,
        slot=wish.slot,
        cancel_until=wish.cancel_until,
        is_voucher=wish.reward.handling is Handling.COUNTER,
        kind=wish.reward.kind,
        can_cancel=wish.state == State.ASKED
        or (wish.state == State.GRANTED and wish.reward.comes_back),
    )


def _code(wish: Redemption, secret_key: str, store: Store) -> str | None:
    """Return the code, where it is something that the member has to show."""
    handling = wish.reward.handling
    if wish.state not in _WITH_CODE or handling in (Handling.STAFF, Handling.AT_ONCE):
        return None
    if isinstance(wish.benefit(store.currency), StoreCreditGift):
        return None
    return code_of(secret_key, store.program_id, wish.id)
