"""Who runs the demo clicks from the store's back office to the owner's page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.stories.conftest import DOMAIN


def test_the_back_office_leads_to_the_program(page: Page):
    page.goto("/admin")
    page.get_by_role("link", name="Program").click()

    expect(page.get_by_role("heading", name="Your programme")).to_be_visible()
    expect(page.get_by_text(DOMAIN)).to_be_visible()
    page.get_by_role("link", name="Change the programme").click()
    page.get_by_role("button", name="Look first").last.click()
    expect(page.get_by_text("Nothing would change")).to_be_visible()
