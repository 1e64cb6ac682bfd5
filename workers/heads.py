"""Tells messages whose heads their bodies belie: only bodies are signed."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.events import Translated
from app.storage import stores
from app.storage.database import Database
from app.storage.inbox import Claimed

_OF_ANOTHER = "the body is about another store than the headers"
_COPY = "the same body came before, under another store or the opposite topic"


def belied(
    database: Database, messages: Sequence[tuple[Claimed, object]]
) -> dict[int, str]:
    """Return why messages cannot be what their heads say, by their ids.

    Their bodies name another of our stores, or are copies of what came before. One that
    names the store of its head is no copy: what came before was one of it.
    """
    named = {
        message: told.domain.lower()
        for message, told in messages
        if isinstance(told, Translated) and told.domain
    }
    strange = {named[each] for each in named if named[each] != each.domain}
    ours = _ours(database, strange)
    found = {each.message_id: _COPY for each, _ in messages if each.is_copy}
    for message, domain in named.items():
        own = (message.program_id, message.store_id)
        if domain == message.domain:
            found.pop(message.message_id, None)
        elif ours.get(domain, own) != own:
            found[message.message_id] = _OF_ANOTHER
    return found


def _ours(database: Database, domains: set[str]) -> dict[str, tuple[int, int]]:
    """Return which of these domains are of stores of ours."""
    if not domains:
        return {}
    with database.sweeper() as connection:
        return stores.addresses(connection, "shopify", domains)
