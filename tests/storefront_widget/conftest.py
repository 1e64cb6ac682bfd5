"""A stub shop on a free port, visits to it, and the extensions that it shows."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.storefront_widget.extensions import run, shown
from tests.storefront_widget.shop import Answer, Shop, Street

PLAIN_MEDIA = {"reduced_motion": "no-preference", "forced_colors": "none"}


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    """The one address at which all stub shops stand."""
    opened = Street()
    yield opened
    opened.shutdown()
    opened.server_close()


@pytest.fixture
def open_shop(street: Street) -> Callable[..., Shop]:
    """Open a shop whose app gives these answers; the last one is repeated."""

    def open_one(*standings: Answer, **fields: object) -> Shop:
        street.shop = Shop(list(standings), url=street.url, **fields)
        return street.shop

    return open_one


@pytest.fixture(scope="session")
def shared_page(browser: Browser) -> Iterator[Page]:
    """One page for all visits without wishes: a new one each is slow."""
    with browser.new_page() as page:
        yield page


@pytest.fixture
def visit(
    browser: Browser, shared_page: Page, street: Street
) -> Iterator[Callable[..., Page]]:
    """Open a page of the shop; it fails the test if any script error escapes."""
    pages: list[Page] = []
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    def visit_one(
        shop: Shop, width: int = 1200, own: dict | None = None, **media: str
    ) -> Page:
        page = shared_page if own is None else browser.new_page(**own)
        pages.append(page)
        page.emulate_media(**{**PLAIN_MEDIA, **media})
        page.set_viewport_size({"width": width, "height": 800})
        page.set_default_timeout(30_000)
        page.on("pageerror", note)
        page.goto(shop.url)
        return page

    yield visit_one
    for page in pages:
        if page is shared_page:
            page.remove_listener("pageerror", note)
            page.unroute_all()
            page.mouse.move(0, 0)
            page.goto(f"{street.url}closed")  # so that nothing of it lingers
        else:
            page.close()
    assert errors == []


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundles of the extensions' sources as they are now."""
    folder = tmp_path_factory.mktemp("bundles")
    run("bundle", f"--outdir={folder}")
    return folder


@pytest.fixture
def show(bundles: Path) -> Callable[..., dict[str, Any]]:
    """What a stub shop needs to show an extension."""
    return partial(shown, bundles)
