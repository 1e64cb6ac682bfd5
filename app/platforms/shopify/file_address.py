"""Where a file may lie that a store has us fetch: an open host, by its name and TLS."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from app.platforms.base import StoreAway

# Nothing that two readers of addresses could take for different hosts; a last label
# that begins with a letter is no part of an IP address, however that is written.
_BY_NAME = re.compile(
    r"https://(?P<host>(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]*)(?::443)?(?:[/?][!-~]*)?",
    re.IGNORECASE,
)


def check_address(url: str) -> None:
    """Raise StoreAway unless an address is by TLS, and of a host of the open internet.

    Whoever answers under the name later proves by TLS that it is theirs, so a name that
    leads elsewhere by then leads to nobody who is believed.
    """
    if not url.lower().startswith("https://"):
        raise StoreAway("the store's file: it is at no address of TLS")
    found = _BY_NAME.fullmatch(url)
    if not found:
        raise StoreAway("the store's file: its address has no host by name on port 443")
    try:
        told = socket.getaddrinfo(found["host"], 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise StoreAway("the store's file: nobody knows its host") from None
    if not all(_is_open(ip_address(place[0])) for *_, place in told):
        raise StoreAway("the store's file: its host is not of the open internet")


def _is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody could reach it; an IPv4 address may lie within one of IPv6."""
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or _translated(address)
        if within:
            return _is_open(within)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _translated(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that one of RFC 6052 stands for, None of any other."""
    is_so = address.packed.startswith(_TRANSLATED)
    return IPv4Address(address.packed[-4:]) if is_so else None


_TRANSLATED = IPv6Address("64:ff9b::").packed[:12]
