"""Before any script the launcher is a link: the same words in the same place."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.storefront_widget.shop import THEME, Answer
from tests.storefront_widget.sight import at_every_width, launcher
from tests.storefront_widget.standings import a_guest, a_member
from tests.storefront_widget.test_accessibility import violations
from tests.storefront_widget.test_weight import SHIFT_OBSERVER
from tests.storefront_widget.theme import a_customer, render

KNOWN = a_customer(balance=120)
SCRIPT = "**/tallymark.js"
LINK = "tallymark-launcher section > a"
BUY = '<button id="buy">Add to cart</button>'
# What a page's own letters look like is no affair of buttons.
WIDE = THEME + "body { letter-spacing: .1em; text-transform: uppercase }"


@pytest.mark.parametrize(
    ("customer", "language", "link"),
    [
        (
            KNOWN,
            "en.default",
            '<a href="/account" aria-label="Rewards: 120 points">',
        ),
        (a_customer(balance=0), "de", 'aria-label="Prämien: 0 Punkte">0 Punkte<'),
        (a_customer(), "en.default", '<a href="/account">Rewards<'),
        (None, "de", '<a href="/account/login">Prämien<'),
    ],
    ids=["member", "nothing", "not told yet", "guest"],
)
def test_liquid_says_what_the_button_will_say(
    customer: dict[str, Any] | None, language: str, link: str
):
    html = render("launcher", customer=customer, language=language)
    assert link in html
    assert 1 == html.count("<a ")


def a_shop(open_shop, standing: Answer, customer=None, **fields: Any):
    """A page with the launcher where Shopify puts it: after all that a theme has."""
    settings = {"position": fields.pop("position", "end")}
    block = render("launcher", customer=customer, settings=settings)
    shop = open_shop(standing, body=BUY, **fields)
    page = shop.page.replace("</head>", '<script src="/shift.js"></script></head>')
    shop.document = page.replace("</main>", f"</main>{block}")
    shop.files["/shift.js"] = SHIFT_OBSERVER
    return shop


@pytest.mark.parametrize(
    ("position", "direction", "customer", "standing"),
    [
        ("end", "ltr", KNOWN, a_member()),
        ("left", "ltr", None, a_guest()),
        ("right", "rtl", KNOWN, a_member()),
    ],
)
def test_the_button_takes_the_place_of_the_link(
    open_shop, visit, shared_page: Page, position, direction, customer, standing
):
    fields = {"position": position, "direction": direction, "theme": WIDE}
    shop = a_shop(open_shop, Answer(standing), customer, **fields)
    shared_page.route(SCRIPT, lambda route: route.abort())
    page = visit(shop, reduced_motion="reduce")
    link = page.locator(LINK)
    places = []
    for _ in at_every_width(page):
        expect(link).to_be_visible()
        assert violations(page) == []
        places.append(link.bounding_box())

    page.unroute(SCRIPT)
    page.reload()
    expect(launcher(page)).to_be_visible()
    expect(link).to_have_count(0)
    for place, _ in zip(places, at_every_width(page), strict=True):
        assert place == launcher(page).bounding_box()
        assert violations(page) == []


def test_there_is_one_control_which_keeps_the_focus_and_moves_nothing(
    open_shop, visit, shared_page: Page
):
    asked: list[Route] = []
    shared_page.route("**/standing?*", lambda route: asked.append(route))
    with shared_page.expect_request("**/standing?*"):
        page = visit(a_shop(open_shop, Answer(a_member()), KNOWN))
    controls = page.locator("tallymark-launcher section").locator("> a, > button")
    expect(page.locator(LINK)).to_be_visible()
    page.locator("#buy").focus()
    page.keyboard.press("Tab")
    expect(page.locator(LINK)).to_be_focused()
    expect(controls).to_have_count(1)
    asked[0].continue_()
    expect(launcher(page)).to_be_focused()
    expect(controls).to_have_count(1)
    assert page.evaluate("window.shift") <= 0.001


def test_the_link_stays_where_the_app_does_not_answer(open_shop, visit):
    page = visit(a_shop(open_shop, Answer(status=500)))
    with page.expect_console_message(lambda each: each.type == "debug"):
        page.reload()
    link = page.get_by_role("region", name="Rewards").get_by_role("link")
    expect(link).to_have_text("Rewards")
    expect(link).to_have_attribute("href", "/account/login")
    expect(launcher(page)).to_have_count(0)
