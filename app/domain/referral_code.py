"""The code in a member's link: short, kept nowhere, and good for one programme only."""

from __future__ import annotations

import base64
import hmac

# Fifty bits are ten letters: 34 say which member, 16 that the code is one of ours.
_MEMBER_BITS, _SEAL_BITS = 34, 16
_LETTERS = 10
# Nobody mixes up what is left: 0 and 1 are not used either.
_AS_WRITTEN = str.maketrans("OI", "89")
_AS_ENCODED = str.maketrans("89OI", "OI__")


def as_code(written: str) -> str:
    """Return a code as it is kept, however a friend has typed it.

    >>> as_code(" abcde-fghjk "), as_code("ABC DEF GHJK")
    ('ABCDEFGHJK', 'ABCDEFGHJK')
    """
    return "".join(written.split()).replace("-", "").upper()


def code_of_member(secret_key: str, program_id: int, member_id: int) -> str:
    """Return the code of a member, by which alone `member_of_code` finds them again.

    >>> code = code_of_member("secret", 1, 20)
    >>> len(code), member_of_code("secret", 1, code.lower()), code[::-1] == code
    (10, 20, False)
    >>> member_of_code("secret", 2, code), member_of_code("other", 1, code)
    (None, None)
    """
    assert 0 <= member_id < 1 << _MEMBER_BITS
    seal = _digits(secret_key, f"seal/{program_id}/{member_id}", _SEAL_BITS)
    mask = _digits(secret_key, f"mask/{program_id}/{seal}", _MEMBER_BITS)
    number = seal << _MEMBER_BITS | member_id ^ mask
    # Seven whole bytes are six bits more than the letters have.
    letters = base64.b32encode((number << 6).to_bytes(7)).decode()[:_LETTERS]
    return letters.translate(_AS_WRITTEN)


def member_of_code(secret_key: str, program_id: int, code: str) -> int | None:
    """Return whose code it is, None where it is no code of this program."""
    letters = as_code(code).translate(_AS_ENCODED)
    if len(letters) != _LETTERS:
        return None
    try:
        number = int.from_bytes(base64.b32decode(f"{letters}AA====")) >> 6
    except ValueError:
        return None
    seal, hidden = number >> _MEMBER_BITS, number & (1 << _MEMBER_BITS) - 1
    mask = _digits(secret_key, f"mask/{program_id}/{seal}", _MEMBER_BITS)
    member_id = hidden ^ mask
    wanted = _digits(secret_key, f"seal/{program_id}/{member_id}", _SEAL_BITS)
    return member_id if seal == wanted else None


def _digits(secret_key: str, told: str, bits: int) -> int:
    digest = hmac.digest(secret_key.encode(), told.encode(), "sha256")
    return int.from_bytes(digest) & (1 << bits) - 1
