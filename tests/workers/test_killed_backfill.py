"""A back-fill that is killed goes on where it was, and brings each order in once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.access import Access, given
from app.sandbox import cart, order_steps
from app.sandbox.app_home import id_token
from app.sandbox.order_steps import CARD, Buyer, Stamp
from app.sandbox.refunds import RefundRequest, refund
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from app.storage import access
from tests.app.commands.conftest import Run, environment_of, run
from tests.builders.line import TestLine
from tests.builders.open_store import SECRET, OpenStore, served
from tests.workers.backfill_moments import AT_ONCE, MOMENTS, Moment, is_killed
from workers import archive, backfill
from workers.archive import forget_past, past_folder

__all__ = ["run"]

NOW = datetime.now(UTC)
BACKFILL = ("backfill", SANDBOX_DOMAIN, "--since", f"{NOW - timedelta(days=30):%F}")
ORDERS, RETURNED = range(6), (1, 4)
# Two bowls each for 34.00, one of which some gave back.
POINTS = 2 * 34 * len(ORDERS) - 34 * len(RETURNED)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStore]:
    """A store where Ada bought before the app was there; all moments share it."""
    with served(tmp_path_factory.mktemp("shop")) as opened:
        for day in ORDERS:
            _bought(opened, day)
        yield opened


def _bought(shop: OpenStore, day: int) -> None:
    ada, at = shop.ada, (NOW - timedelta(days=20 - day)).isoformat()
    with shop.store.data.transaction() as rows:
        stamp = Stamp(rows.next_number(), f"token{day}", at, "EUR")
        buyer = Buyer(ada.email, ada.name, ada.id)
        chosen = cart.price({"low-bowl": 2}, None)
        order = order_steps.place(chosen, buyer, CARD, rows.next_id, stamp)
        if day in RETURNED:
            request = RefundRequest(units={order.lines[0].id: 1})
            order = refund(order, request, rows.next_id, at)
        rows.save_order(order)


@pytest.fixture
def environment(line: TestLine, shop: OpenStore) -> dict[str, str]:
    """What a command finds in its environment, once the store let the app in."""
    settings = line.settings_with(
        sandbox_url=shop.url, shopify_api_key=SANDBOX_CLIENT_ID
    )
    way = Access.of(settings, line.database)
    line.store = line.add_store(SANDBOX_DOMAIN)
    tokens = way.endpoint.by_id_token(shop.url, id_token(shop.store.settings))
    with line.in_program() as connection:
        access.keep(connection, way.keys, line.store, given(tokens))
    with shop.store.data.transaction() as rows:
        rows.save_setting("bulk operations", [])
    return environment_of(line) | {
        "SANDBOX_URL": shop.url,
        "SHOPIFY_API_KEY": SANDBOX_CLIENT_ID,
        "SHOPIFY_API_SECRET": SECRET,
    }


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_backfill_that_is_killed_goes_on_where_it_was(
    line: TestLine,
    shop: OpenStore,
    environment: dict[str, str],
    run: Run,
    moment: Moment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    is_killed(moment, environment, *BACKFILL)
    # What is in the inbox is settled meanwhile.
    line.worker.drain()
    assert len(line.inbox()) == moment.kept
    folder = past_folder(line.home, line.store)
    assert _can_be_forgotten(shop, folder, tmp_path / "copy")
    monkeypatch.setattr(archive, "_ASKED_EVERY_S", 0.01)
    monkeypatch.setattr(backfill, "_AT_ONCE", AT_ONCE)
    run(line, *BACKFILL, **environment)
    said = capsys.readouterr()

    assert said.out.startswith(f"{len(ORDERS)} orders of {SANDBOX_DOMAIN} are in the")
    assert _steps(said.err)[:1] == ([moment.goes_on] if moment.goes_on else [])
    line.worker.drain()
    kept = line.inbox()
    assert len(kept) == len({each.delivery_id for each in kept}) == len(ORDERS)
    assert {each.state for each in kept} == {"settled"}
    assert line.totals() == {"available": POINTS, "issued": -POINTS}
    assert line.audit() is None
    with shop.store.data.reading() as rows:
        assert len(rows.setting("bulk operations", [])) == moment.begun  # type: ignore[arg-type]
    assert not folder.exists()


def _steps(said: str) -> list[str]:
    """What was told of how far it is, between lines of the store's server."""
    return re.findall("^(?:The store|Refunds|Orders) .*", said, re.MULTILINE)


def _can_be_forgotten(shop: OpenStore, left: Path, folder: Path) -> bool:
    """Whether nothing names Ada any more in what a killed process left."""
    if left.exists():
        shutil.copytree(left, folder)
    forget_past(folder, {str(shop.ada.id)})
    written = [each.read_text() for each in folder.glob("*")]
    return not [each for each in written if shop.ada.email in each]
