"""No axe finding of any rule, in every state that can be looked at."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import LAUNCHER, Answer
from tests.storefront_widget.sight import (
    at_every_width,
    has_no_sideways_scroll,
    launcher,
    open_panel,
    panel,
)
from tests.storefront_widget.standings import (
    GOLD,
    SILVER,
    a_guest,
    a_member,
    an_engaged_member,
)

BIG_TEXT = "html { font: 200%/1.5 sans-serif } body { margin: 0; padding: .5em }"
DARK = ":root { color-scheme: dark }"
TAG = "tallymark-launcher"
STATES = {
    "member": a_member(pending=50, owed=3),
    "member in a tier": a_member(tier=SILVER, next_tier=GOLD),
    "engaged": an_engaged_member(),
    "guest": a_guest(),
}
# All rules that axe runs by default, best practice included, and one more.
EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=EVERY_RULE).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found]


def still(open_shop, visit, standing, **options) -> Page:
    """A page on which nothing moves any more: axe measures colours."""
    shop = open_shop(Answer(standing))
    page = visit(shop, 320, reduced_motion="reduce", **options)
    expect(launcher(page)).to_be_visible()
    return page


@pytest.mark.parametrize("state", STATES)
def test_closed_and_open(open_shop, visit, state):
    page = still(open_shop, visit, STATES[state])
    for _ in at_every_width(page):
        assert violations(page) == []
    open_panel(page)
    for _ in at_every_width(page):
        assert violations(page) == []


@pytest.mark.parametrize(
    "answer",
    [Answer(status=500), Answer(None, delay_seconds=1)],
    ids=["down", "loading"],
)
def test_down_or_loading(open_shop, visit, answer):
    page = visit(open_shop(answer, estimates=[answer]), 320)
    assert violations(page) == []


def test_forced_colours(open_shop, visit):
    page = still(open_shop, visit, a_member(), forced_colors="active")
    open_panel(page)
    assert violations(page) == []


def test_a_dark_theme(open_shop, visit):
    shop = open_shop(Answer(a_member(pending=5)), theme=DARK)
    page = visit(shop, reduced_motion="reduce")
    open_panel(page)
    assert violations(page) == []


def test_text_at_200_percent_on_the_smallest_phone(open_shop, visit):
    shop = open_shop(Answer(a_member(pending=50, owed=30)), theme=BIG_TEXT)
    page = visit(shop, 320, reduced_motion="reduce")
    open_panel(page)
    assert has_no_sideways_scroll(page)
    assert violations(page) == []


def test_right_to_left_mirrors_the_corner(open_shop, visit):
    shop = open_shop(Answer(a_member()), direction="rtl")
    page = visit(shop, 1200, reduced_motion="reduce")
    assert launcher(page).bounding_box()["x"] == 16
    box = open_panel(page).bounding_box()
    assert box["x"] == 16
    assert violations(page) == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_side_that_was_asked_for_is_kept(open_shop, visit, direction):
    shop = open_shop(Answer(a_member()), body=LAUNCHER, direction=direction)
    page = visit(shop, reduced_motion="reduce")
    card, button = open_panel(page), launcher(page)
    for side in ("left", "right"):
        page.locator(TAG).evaluate(
            "(node, side) => node.setAttribute('position', side)", side
        )
        for box in (button.bounding_box(), card.bounding_box()):
            edge = box["x"] if side == "left" else 1200 - box["x"] - box["width"]
            assert edge == 16


def test_targets_are_at_least_44_pixels(open_shop, visit):
    page = still(open_shop, visit, a_guest())
    small = "html { font-size: 62.5% } body { font-size: 1rem }"
    page.add_style_tag(content=small)
    targets = [launcher(page)]
    card = open_panel(page)
    targets += [card.get_by_role("button"), card.get_by_role("link")]
    for target in targets:
        box = target.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44


@pytest.mark.parametrize(
    ("motion", "moves"), [("reduce", False), ("no-preference", True)]
)
def test_reduced_motion_is_obeyed(open_shop, visit, motion, moves):
    page = visit(open_shop(Answer(a_member())), reduced_motion=motion)
    open_panel(page)
    name = panel(page).evaluate("(node) => getComputedStyle(node).animationName")
    assert (name != "none") is moves


def test_a_theme_sets_accent_offset_and_layer(open_shop, visit):
    theme = """tallymark-launcher {
      --tallymark-accent: #7a1fa2; --tallymark-on-accent: #fefefe;
      --tallymark-offset-block: 80px; --tallymark-z-index: 7 }"""
    page = visit(open_shop(Answer(a_member()), theme=theme))
    style = launcher(page).evaluate("(node) => ({...getComputedStyle(node)})")
    assert style["backgroundColor"] == "rgb(122, 31, 162)"
    assert style["color"] == "rgb(254, 254, 254)"
    box = launcher(page).bounding_box()
    assert box["y"] + box["height"] == 720
    host = page.locator("tallymark-launcher")
    assert host.evaluate("(node) => getComputedStyle(node).zIndex") == "7"
