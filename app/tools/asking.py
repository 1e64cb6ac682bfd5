"""Which tool asks: whoever has a key that the owner made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.doors import Doors, the_doors
from app.storage import tool_keys
from app.storage.stores import Store
from app.storage.tool_keys import ToolKey

# Longer than any key: what strangers send is not even hashed.
_KEY_MAX = 100
_NO_KEY = "this opens nothing: send a key of `tallymark key make` as a bearer token"


@dataclass(frozen=True)
class Tool:
    """A tool that asks, within a transaction on the programme of its store."""

    doors: Doors
    connection: Connection
    store: Store
    key: ToolKey

    @property
    def name(self) -> str:
        """Return what the owner calls the tool."""
        return self.key.label


@contextmanager
def asking_tool() -> Iterator[Tool]:
    """Open a transaction for whose key came with the request.

    Raises Unauthorized, in the same words for a key that never was, that was revoked,
    and whose store has left.
    """
    doors = the_doors()
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or len(key) > _KEY_MAX:
        raise _unauthorized()
    with doors.database.receiver() as connection:
        program_id = tool_keys.program_of(connection, key)
    if program_id is None:
        raise _unauthorized()
    with doors.database.program(program_id) as connection:
        opened = tool_keys.opened_by(connection, program_id, key)
        if opened is None:
            raise _unauthorized()
        key_in_use, store = opened
        yield Tool(doors, connection, store, key_in_use)
        # Last of all: whoever waits for another's report holds no key that it needs.
        tool_keys.note_use(connection, key_in_use)


def _unauthorized() -> Unauthorized:
    wanted = WWWAuthenticate("bearer", {"realm": "tallymark"})
    return Unauthorized(_NO_KEY, www_authenticate=wanted)
