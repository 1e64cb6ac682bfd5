"""Engines that share compiled statements: each test opens some, a process one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.util import LRUCache

from app.storage.driver import open_connection

# More than all that the app has.
_STATEMENTS_MAX = 3000


@contextmanager
def sharing_statements(connected: Engine) -> Iterator[None]:
    """Have databases that are opened know how to send what others have sent before.

    Compiled statements are kept by dialect, so all have that of an engine that knows
    its server. They connect by their own.
    """
    compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS_MAX)

    def created(url: URL, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        # Whoever listens later does so on the dialect of the other.
        event.listen(engine, "do_connect", open_connection)
        engine.dialect = connected.dialect
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.storage.database.create_engine", created)
        yield
