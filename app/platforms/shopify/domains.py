"""The addresses that Shopify gives its stores, under which their API is asked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com", re.ASCII)


def is_shop(domain: str) -> bool:
    """Whether this is a store's own address, the only sort of host that is asked."""
    return bool(_SHOP.fullmatch(domain))


def host_of(url: object) -> str | None:
    """Return the host of an https address without port or login, None for others."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_plain = parts.scheme == "https" and parts.netloc == parts.hostname
    return parts.hostname if is_plain else None
