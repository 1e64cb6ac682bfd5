"""An owner who never saw the pages changes the programme, and decides what waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.domain.actions import Review
from app.domain.program import Program
from app.domain.rewards import Goods
from app.domain.tiers import Tier, Tiers
from app.owner.sign_in import link_path
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order

WIDTHS = (360, 1200)
EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}


@pytest.fixture
def page(line: TestLine, browser: Browser) -> Iterator[Page]:
    """The owner's page, just opened by its link, on a server of its own."""
    server = make_server("127.0.0.1", 0, line.client.application, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    path = link_path("secret", "shopify", DOMAIN, datetime.now(UTC))
    opened.goto(f"http://127.0.0.1:{server.server_port}{path}")
    yield opened
    context.close()
    server.shutdown()
    serving.join()
    server.server_close()
    assert [] == said


def has_no_fault(page: Page) -> bool:
    """Whether axe finds nothing, and nothing sticks out, on a phone and on a desk."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        found = Axe().run(page, options=EVERY_RULE).response["violations"]
        rules = [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found]
        assert (width, []) == (wide, rules)
    return True


def test_points_are_changed_and_a_campaign_added_with_a_mistake_that_is_mended(
    line: TestLine, page: Page
):
    assert has_no_fault(page)
    page.get_by_role("link", name="Change the programme").click()
    page.get_by_text("1 point for each €1.00 you spend").click()
    page.get_by_label("Points for each 1.00 spent").fill("2")
    page.get_by_label("What to add to: Ways to earn").select_option("Multiplier")
    page.get_by_role("button", name="Add to: Ways to earn").click()

    times = page.get_by_label("Times the points").first
    expect(times).to_be_visible()
    expect(page.locator("summary:focus")).to_contain_text("Multiplier")
    page.locator("[id='earning.1.conditions'] > summary").click()
    page.get_by_label("Friday").check()
    assert has_no_fault(page)
    # The enter key looks, and nothing that is folded away is in the way of that.
    times.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("One thing has to be put right")
    assert has_no_fault(page)
    page.get_by_role("link", name="Times the points").click()
    expect(times).to_be_focused()
    expect(times).to_have_accessible_description("Mistake: must not be empty")
    expect(page.get_by_label("Friday")).to_be_checked()
    times.fill("3")
    page.get_by_role("button", name="Look first").last.click()

    expect(page.locator("ins").first).to_have_text(
        "You earn 2 points for each €1.00 you spend."
    )
    assert has_no_fault(page)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_have_text("Saved. Version 2 is in force.")
    said = line.ask("standing").get_json()["program"]["ways_to_earn"]
    assert said == [
        "2 points for each €1.00 you spend",
        "3 times the points on Fridays",
    ]


def test_a_campaign_for_some_tiers_and_tags_is_made_by_keys_alone(
    line: TestLine, page: Page
):
    line.set_program(Program(tiers=Tiers(ladder=(Tier(name="Gold"),))))
    tagged = {
        "id": 501,
        "tags": "Tea",
        "variants": [],
        "updated_at": "2026-11-01T10:00:00Z",
    }
    line.settle(("products/update", tagged))
    page.get_by_role("link", name="Change the programme").click()
    page.get_by_label("What to add to: Ways to earn").select_option("Bonus")
    page.get_by_role("button", name="Add to: Ways to earn").press("Enter")
    page.get_by_label("Points", exact=True).first.fill("5")
    page.locator("[id='earning.1.conditions'] > summary").press("Enter")
    page.locator("[id='earning.1.conditions.tiers']").get_by_label("Gold").press(" ")
    page.locator("[name='earning.1.conditions.tags'][list]").fill("Tea")
    assert has_no_fault(page)
    page.get_by_role("button", name="Look first").last.press("Enter")

    expect(page.locator("ins").first).to_have_text(
        "You earn 5 points more with an order of products tagged “tea” as Gold."
    )
    assert has_no_fault(page)


def test_a_review_is_approved_and_a_reward_refused_by_keys_too(
    line: TestLine, page: Page
):
    review = Review(points=30, title="Write a review", needs_approval=True)
    mug = Goods(points_cost=10, title="A mug")
    line.set_program(Program(actions=(review,), rewards=(mug,)))
    line.settle(("orders/paid", an_order()))
    body = {"customer_id": "7001", "action": "review", "key": "7", "by": "owner"}
    line.ask_own("actions/report", "7", body)
    line.redeem(7001, mug.id)

    page.reload()
    page.get_by_role("link", name="Approvals 2 waiting").click()
    page.get_by_role("button", name="Approve Write a review").click()
    expect(page.get_by_role("status")).to_have_text(
        "Approved. It is carried out in a moment."
    )
    page.get_by_text("Refuse A mug").click()
    assert has_no_fault(page)
    # The enter key after a reason refuses, and does not approve.
    reason = page.get_by_label("Reason, which the member reads")
    reason.fill("sold out")
    reason.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Refused.")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    assert has_no_fault(page)
