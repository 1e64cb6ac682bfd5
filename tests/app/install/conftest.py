"""A sandbox store that has the app installed, which nobody opened yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.open_store import served


@pytest.fixture
def site(line: TestLine, tmp_path: Path) -> Iterator[Installation]:
    """The store and the app."""
    with served(tmp_path / "shop") as shop:
        made = Installation(line, shop)
        yield made
        made.close()
