"""The link that opens a store's counter page: whoever has it may take vouchers in."""

from __future__ import annotations

import base64
import hmac

_BYTES = 20


def counter_path(secret_key: str, program_id: int, store_id: int) -> str:
    """Return where a store's counter page is; it follows from a secret."""
    return f"/counter/{_words(secret_key, program_id, store_id)}"


def opened_by(secret_key: str, words: str) -> tuple[int, int] | None:
    """Return programme and store of the last part of a link, None for a false one.

    Each has one spelling: wrong codes are counted by it.
    """
    program, _, rest = words.partition("-")
    store, _, _ = rest.partition("-")
    if not (program.isascii() and program.isdecimal() and len(program) < 19):
        return None
    if not (store.isascii() and store.isdecimal() and len(store) < 19):
        return None
    found = int(program), int(store)
    true = _words(secret_key, *found)
    return found if hmac.compare_digest(true.encode(), words.encode()) else None


def _words(secret_key: str, program_id: int, store_id: int) -> str:
    told = f"counter/{program_id}/{store_id}".encode()
    digest = hmac.digest(secret_key.encode(), told, "sha256")[:_BYTES]
    key = base64.b32encode(digest).decode().lower()
    return f"{program_id}-{store_id}-{key}"
