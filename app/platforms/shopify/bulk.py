"""Long lists that a Shopify store writes into a file when it is asked for them.

Shopify: bulk operations, https://shopify.dev/docs/api/usage/bulk-operations/queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import requests

from app.platforms.base import FileOver, FileState, StoreAway
from app.platforms.shopify.admin_api import (
    ANSWER_S,
    CONNECT_S,
    AdminApi,
    Answer,
    Known,
    UserError,
)
from app.platforms.shopify.direct_session import DirectSession
from app.platforms.shopify.file_address import check_address

_OVER = ("CANCELED", "CANCELING", "EXPIRED", "FAILED")
# How a storage says that an address is over, or that there is nothing.
_GONE = (400, 403, 404, 410)
_PIECE_BYTES = 1 << 16
# Room for ten million orders of a kilobyte; what is larger is a mistake or an attack.
FILE_BYTES_MAX = 10 << 30


class _Begun(Answer):
    user_errors: tuple[UserError, ...]
    bulk_operation: Known | None = None


class _Beginning(Answer):
    bulk_operation_run_query: _Begun


class _Operation(Answer):
    status: str
    created_at: datetime
    root_object_count: msgspec.Raw
    error_code: str | None = None
    url: str | None = None


class _Found(Answer):
    bulk_operation: _Operation | None = None


class Head(msgspec.Struct):
    """What tells the lines of a file apart."""

    id: str | None = None
    parent: str | None = msgspec.field(default=None, name="__parentId")


class BulkFiles:
    """The files of one store, none larger than so many bytes."""

    def __init__(self, api: AdminApi, bytes_max: int = FILE_BYTES_MAX) -> None:
        self._api = api
        self._bytes_max = bytes_max
        self._session = DirectSession()

    def begin(self, query: str) -> str:
        """Have the store answer a query into a file; return by what it is known."""
        answer = self._api.ask("begin_bulk", _Beginning, query=query)
        begun = answer.bulk_operation_run_query
        if begun.bulk_operation is None:
            raise StoreAway("; ".join(error.message for error in begun.user_errors))
        return begun.bulk_operation.id

    def state(self, name: str) -> FileState:
        """Return how far the store is."""
        found = self._api.ask("find_bulk", _Found, id=name).bulk_operation
        if found is None:
            return FileState(0, failed="the store knows nothing of it any more")
        written = int(bytes(found.root_object_count).strip(b'"'))
        if found.status in _OVER:
            reason = (found.error_code or found.status).lower().replace("_", " ")
            return FileState(written, found.created_at, failed=reason)
        is_done = found.status == "COMPLETED"
        url = found.url if is_done else None
        return FileState(written, found.created_at, is_done=is_done, url=url)

    def fetch(self, url: str, file: Path) -> None:
        """Get a file, whole or not at all; raises FileOver where it is kept no more.

        Its address is the store's word, so it has to lead to the store, or by TLS to a
        host of the open internet. Raises StoreAway where it does not, or where the file
        is larger than any may be.
        """
        if not self._api.is_own(url):
            check_address(url)
        part = file.with_suffix(".part")
        try:
            with self._session.get(
                url, stream=True, timeout=(CONNECT_S, ANSWER_S)
            ) as answer:
                # Shopify keeps a file for seven days, and signs its address for those.
                if answer.status_code in _GONE:
                    raise FileOver(f"the store's file: {answer.status_code}")
                if answer.status_code != 200:
                    raise StoreAway(f"the store's file: {answer.status_code}")
                self._write(answer, part)
        except requests.RequestException as error:
            raise StoreAway(f"the store's file: {type(error).__name__}") from None
        part.replace(file)

    def _write(self, answer: requests.Response, part: Path) -> None:
        """Write what comes, and nothing at all where it is too much."""
        left = self._bytes_max
        with part.open("wb") as pieces:
            for piece in answer.iter_content(_PIECE_BYTES):
                left -= len(piece)
                if left < 0:
                    break
                pieces.write(piece)
        if left < 0:
            part.unlink()
            raise StoreAway(
                f"the store's file: it has more than {self._bytes_max:,} bytes, which "
                "is refused"
            )


def groups(file: Path) -> Iterator[list[bytes]]:
    """Yield the lines of each thing in a file, its own first."""
    group: list[bytes] = []
    with file.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            if group and msgspec.json.decode(line, type=Head).parent is None:
                yield group
                group = []
            group.append(line)
    if group:
        yield group
