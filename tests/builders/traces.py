"""What is left of a person, wherever it is kept: in clear, or hashed without a secret.

Every column of every table is read, whatever it is called, so that a table which
somebody adds is searched too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import Connection

from tests.builders.line import TestLine

_DIGESTS = ("md5", "sha1", "sha256", "sha512")
# As much of a digest as is enough to tell it: many are kept cut short.
_BYTES = 12


def forms(word: str) -> Iterator[bytes]:
    """Yield how a word may be written: as it is, or as a digest that anybody makes."""
    for written in {word, word.lower(), word.upper(), json.dumps(word)[1:-1]}:
        plain = written.encode()
        yield plain
        for name in _DIGESTS:
            digest = hashlib.new(name, plain).digest()
            yield digest[:_BYTES]
            yield digest[:_BYTES].hex().encode()
            yield base64.b64encode(digest[:_BYTES])


def traces(line: TestLine, log: str, words: Iterable[str]) -> list[str]:
    """Return where any of the words is, as `word in table.column`."""
    told = [("the log", log.encode())]
    return mentions(chain(told, _database(line), _redis(line), _files(line)), words)


def mentions(told: Iterable[tuple[str, bytes]], words: Iterable[str]) -> list[str]:
    """Return where any of the words is of what is told, with its place."""
    places: dict[str, list[bytes]] = defaultdict(list)
    for place, written in told:
        places[place].append(written)
    wanted = {word: [*forms(word)] for word in words}
    return [
        f"{word} in {place}"
        for place, text in sorted((each, b"\n".join(places[each])) for each in places)
        for word, written in wanted.items()
        if any(form in text for form in written)
    ]


def _database(line: TestLine) -> Iterator[tuple[str, bytes]]:
    with line.as_superuser() as connection:
        yield from columns(connection)
    for message in line.inbox():
        if message.body:
            yield f"a body of {message.topic}", line.opened(message)


def columns(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Yield what is in every column of every row that this login sees, and where."""
    tables = connection.exec_driver_sql(
        "select tablename from pg_tables where schemaname = 'public'"
    ).scalars()
    for table in list(tables):
        rows = connection.exec_driver_sql(f'select * from "{table}"')
        for row in rows.mappings():
            for column, value in row.items():
                yield f"{table}.{column}", _written(value)


def _redis(line: TestLine) -> Iterator[tuple[str, bytes]]:
    """Yield keys and what is under them, as Redis itself would hand them on."""
    redis = Redis.from_url(str(line.settings.redis_url))
    for key in redis.scan_iter():
        yield "Redis", key
        yield from (("Redis", each) for each in _under(redis, key))
    redis.close()


def _under(redis: Redis, key: bytes) -> Iterator[bytes]:
    read: dict[str, Any] = {
        "string": lambda: [redis.get(key)],
        "hash": lambda: [part for pair in redis.hgetall(key).items() for part in pair],
        "set": lambda: redis.smembers(key),
        "list": lambda: redis.lrange(key, 0, -1),
        "zset": lambda: redis.zrange(key, 0, -1),
        "stream": lambda: [repr(redis.xrange(key)).encode()],
    }
    for value in read[redis.type(key).decode()]():
        yield value
        # Jobs of RQ are packed.
        with suppress(zlib.error):
            yield zlib.decompress(value)


def _files(line: TestLine) -> Iterator[tuple[str, bytes]]:
    for path in _all_files(line.home):
        name = str(path.relative_to(line.home))
        yield name, name.encode() + b"\n" + path.read_bytes()


def _all_files(home: Path) -> Iterator[Path]:
    # The sandbox store knows its own customers.
    return (
        path
        for path in home.rglob("*")
        if path.is_file() and "shop" not in path.relative_to(home).parts
    )


def _written(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return written.encode()
