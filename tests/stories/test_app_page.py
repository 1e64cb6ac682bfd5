"""An owner opens the app within the store; nobody else can show it on their page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.stories.conftest import DOMAIN, Running, violations


def test_the_app_opens_within_its_store_alone(demo: Running, page: Page):
    page.goto("/admin/app")
    within = page.frame_locator("iframe[title=Tallymark]")
    told = within.get_by_text(f"Tallymark is installed in {DOMAIN}.")
    expect(told).to_be_visible(timeout=20_000)
    assert [] == violations(page)

    elsewhere = demo.store_url.replace("127.0.0.1", "localhost")
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(f"{elsewhere}/admin/app")
    expect(told).to_have_count(0)
