"""Money as whole minor units of a currency; never a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 (list one): currencies whose minor unit is not a hundredth.
EXPONENTS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)

_UNITS = {currency: int(10**exponent) for currency, exponent in EXPONENTS.items()}

# No order is worth more than this; larger amounts are mistakes or attacks.
MINOR_MAX = 10**15
_DIGITS_MAX = 15


def minor_units(currency: str) -> int:
    """Return how many minor units make one major unit, 100 for EUR and 1 for JPY."""
    return _UNITS.get(currency, 100)


def to_minor(amount: Decimal | str | int, currency: str) -> int:
    """Return `amount` of major units in minor units, half a unit rounded away from 0.

    Raises ValueError where `amount` is no finite number or past `MINOR_MAX`.
    """
    try:
        exact = Decimal(amount)
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"{amount!r} is not an amount of money") from error
    # Looked at before it is worked out: a vast exponent would take minutes.
    if not exact.is_finite() or exact.adjusted() > _DIGITS_MAX:
        raise ValueError(f"{amount!r} is larger than any order can be")
    minor = int((exact * minor_units(currency)).to_integral_value(ROUND_HALF_UP))
    if abs(minor) > MINOR_MAX:
        raise ValueError(f"{amount!r} is larger than any order can be")
    return minor


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact number of major units."""
    return Decimal(minor) / minor_units(currency)


@dataclass(frozen=True)
class Money:
    """An amount of major units in the digits of its currency, as `12.50` of EUR."""

    amount: str
    currency: str


def in_digits(amount: Decimal, currency: str) -> Money:
    """Return major units in the digits that their currency has."""
    return Money(f"{amount:.{EXPONENTS.get(currency, 2)}f}", currency)


def in_words(minor: int, currency: str) -> str:
    """Return an amount for people, as in `12.50 EUR`."""
    digits = EXPONENTS.get(currency, 2)
    if not digits:
        return f"{minor} {currency}"
    major, rest = divmod(abs(minor), minor_units(currency))
    return f"{'-' if minor < 0 else ''}{major}.{rest:0{digits}} {currency}"


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Return `amount` in parts as weights stand to each other, to the last unit.

    No part is larger than its weight where `amount` is at most their sum.

    >>> spread(10, [1, 1, 1])
    [3, 4, 3]
    """
    parts, whole, so_far, given = [], sum(weights), 0, 0
    for weight in weights:
        so_far += weight
        parts.append(share(amount, so_far, whole) - given)
        given += parts[-1]
    return parts


def share(amount: int, part: int, whole: int) -> int:
    """Return `amount * part / whole`, rounded half up; 0 where there is no whole.

    All three must not be negative.
    """
    if whole == 0:
        return 0
    return (2 * amount * part + whole) // (2 * whole)
