"""Money in whole cents: written out, split without losing a cent, and shares of it."""

from __future__ import annotations

from collections.abc import Sequence


def text(minor: int) -> str:
    """Write cents as the store's messages do: 1250 is "12.50"."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def in_words(minor: int, currency: str) -> str:
    """Write cents as the store's pages do, and as the app does beside them.

    >>> in_words(1250, "EUR")
    '12.50 EUR'
    """
    sign = "−" if minor < 0 else ""  # noqa: RUF001
    return f"{sign}{text(abs(minor))} {currency}"


def cents(written: str) -> int | None:
    """Read an amount that a person typed, or None where it is not one."""
    whole, _, part = written.strip().replace(",", ".").partition(".")
    digits = f"{whole or '0'}{part:0<2}"
    if not (whole or part) or len(part) > 2 or len(whole) > 9:
        return None
    return int(digits) if digits.isascii() and digits.isdigit() else None


def percent_of(minor: int, percent: int) -> int:
    """Return so many per cent of an amount, half a cent rounded up."""
    return (minor * percent + 50) // 100


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts sum to it: largest remainder first."""
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i)
    )
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
