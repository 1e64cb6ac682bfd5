"""Moments of a back-fill at which its process is killed, and how it goes on then."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from itertools import count
from pathlib import Path
from typing import Any

import requests

from app.cli import tallymark
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk import BulkFiles
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.storage import inbox
from tests.builders.dying import dies
from workers import archive, backfill
from workers.archive import PastFile

# So many orders are put into the inbox at a time.
AT_ONCE = 2
_PIECE_BYTES = 512
# More than what a process holds back of a file that it writes.
_PIECES = 17


@dataclass(frozen=True)
class Moment:
    """When a process dies by kill -9, of `arm`; then `goes_on` is told first of all.

    By then `kept` orders are in the inbox. The file is `begun` so often in all.
    """

    name: str
    arm: Callable[[], None]
    goes_on: str
    kept: int = 0
    begun: int = 1


def be_hasty() -> None:
    """Have a back-fill lose no time, and count an order less than the file has.

    That one was placed right after the orders were counted.
    """
    archive._ASKED_EVERY_S = 0.01
    backfill._AT_ONCE = AT_ONCE
    counted = ShopifyArchive.count

    def too_few(self: ShopifyArchive, *since: Any) -> int:
        found = counted(self, *since)
        assert found
        return found - 1

    ShopifyArchive.count = too_few  # type: ignore[method-assign]


def is_killed(moment: Moment, environment: Mapping[str, str], *arguments: str) -> None:
    """Have a process run a command, in which it must die at this moment."""
    dies(_run, moment.name, dict(environment), arguments)


def _run(name: str, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    os.environ.update(environment)
    be_hasty()
    next(each for each in MOMENTS if each.name == name).arm()
    tallymark.main(list(arguments), standalone_mode=False)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dies(
    owner: Any,
    name: str,
    turn: int = 1,
    *,
    is_after: bool = True,
    chosen: Callable[..., bool] = lambda *_: True,
) -> None:
    """Have a call of a name be the last, the one that is chosen for that time."""
    real, turns = getattr(owner, name), count(1)

    @wraps(real)
    def fatal(*called: Any, **more: Any) -> Any:
        is_here = chosen(*called) and next(turns) == turn
        if is_here and not is_after:
            _die()
        result = real(*called, **more)
        if is_here:
            _die()
        return result

    setattr(owner, name, fatal)


def _dies_asking(document: str, **when: Any) -> None:
    def is_it(_: AdminApi, asked: str, *_others: Any) -> bool:
        return asked == document

    _dies(AdminApi, "ask", chosen=is_it, **when)


def _dies_amid_the_file() -> None:
    pieces = requests.Response.iter_content

    def some(self: requests.Response, _size: int) -> Iterator[bytes]:
        for number, piece in enumerate(pieces(self, _PIECE_BYTES)):
            if number == _PIECES:
                _die()
            yield piece

    requests.Response.iter_content = some  # type: ignore[assignment,method-assign]


def _dies_removing() -> None:
    def is_it(path: Path, *_: Any) -> bool:
        return path.name == "orders.jsonl" and path.exists()

    _dies(Path, "unlink", chosen=is_it)


_WRITTEN = "The store writes its file: 3 of "
_READ = "Refunds are read: {} of 6"
_TOLD = "Orders go into the inbox: {} of 6"

MOMENTS = (
    Moment(
        "the store has begun a file that nobody noted",
        partial(_dies_asking, "begin_bulk"),
        f"{_WRITTEN}6",
        begun=2,
    ),
    Moment(
        "the store writes its file",
        partial(_dies_asking, "find_bulk", is_after=False),
        f"{_WRITTEN}5",
    ),
    Moment("half of the file has come", _dies_amid_the_file, _READ.format(1)),
    Moment(
        "the file has just come", partial(_dies, BulkFiles, "fetch"), _READ.format(1)
    ),
    Moment(
        "a refund is read",
        partial(_dies_asking, "read_refund", turn=2),
        _READ.format(5),
    ),
    Moment(
        "orders go into the inbox",
        partial(_dies, inbox, "keep", turn=2),
        _TOLD.format(4),
        kept=2,
    ),
    Moment(
        "orders are in the inbox and not counted",
        partial(_dies, PastFile, "note", turn=2, is_after=False),
        _TOLD.format(4),
        kept=4,
    ),
    Moment(
        "more than half are counted",
        partial(_dies, PastFile, "note", turn=2),
        _TOLD.format(6),
        kept=4,
    ),
    Moment("all are counted", partial(_dies, PastFile, "note", turn=3), "", kept=6),
    Moment("the file is removed", _dies_removing, _READ.format(1), kept=6),
)
