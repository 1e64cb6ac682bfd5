"""What goes wrong with the app's calls, as the owner of the sandbox wishes."""

from __future__ import annotations

from app.sandbox.store_data import Rows

NONE = ""
HANG_BEFORE = "hang before"
HANG_AFTER = "hang after"
TOO_MANY = "429"
BROKEN = "500"
THROTTLED = "throttled"
EXPIRED = "expired"

KINDS = {
    HANG_BEFORE: "No answer in time, and nothing is done",
    HANG_AFTER: "No answer in time, though it is done",
    TOO_MANY: "429 Too Many Requests",
    BROKEN: "500, and nothing is done",
    THROTTLED: "THROTTLED inside an answer of 200",
    EXPIRED: "401, since all tokens end now",
}

# Of these, what the token endpoint may meet: it has no limit, and no token to refuse.
TOKEN_KINDS = {kind: KINDS[kind] for kind in (HANG_BEFORE, HANG_AFTER, BROKEN)}

ADMIN, TOKENS = "admin trouble", "token trouble"
_MOST = 99


def waiting(rows: Rows, where: str = ADMIN) -> list[str]:
    """Return what the next calls will meet, in their order."""
    saved = rows.setting(where, [])
    assert isinstance(saved, list)
    return saved


def order(rows: Rows, kinds: list[str], where: str = ADMIN) -> None:
    """Let the next calls meet these, one each; an empty word lets a call pass."""
    rows.save_setting(where, kinds)


def arrange(rows: Rows, kind: str, count: int, where: str = ADMIN) -> None:
    """Let so many calls meet the same; none, where there is no such trouble."""
    known = TOKEN_KINDS if where == TOKENS else KINDS
    order(rows, [kind] * min(_MOST, count) if kind in known else [], where)


def take(rows: Rows, where: str = ADMIN) -> str:
    """Return what this call meets, which the next will not meet again."""
    kinds = waiting(rows, where)
    if not kinds:
        return NONE
    rows.save_setting(where, kinds[1:])
    return str(kinds[0])
