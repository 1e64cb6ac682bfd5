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
    LIMITED,
    SILVER,
    TREES,
    a_guest,
    a_member,
    a_redemption,
    an_engaged_member,
)

BIG_TEXT = "html { font: 200%/1.5 sans-serif } body { margin: 0; padding: .5em }"
DARK = ":root { color-scheme: dark }"
TAG = "tallymark-launcher"
STATES = {
    "member": a_member(pending=50, owed=3),
    "member in a tier": a_member(tier=SILVER, next_tier=GOLD),
    "engaged": an_engaged_member(),
    "rewards with terms": a_member(
        rewards=[LIMITED, TREES],
        redemptions=[a_redemption(valid_until="2026-12-24T14:30:00Z")],
    ),
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
    assert style["zIndex"] == "7"


END = """
<div style="block-size: 780px">Mugs and bowls</div>
<button id="end" style="display: block; inline-size: 100%">Add to cart</button>
"""


@pytest.mark.parametrize("body", [END, END * 3], ids=["one screen", "many"])
def test_on_a_phone_the_end_of_the_page_is_clear_of_the_button(open_shop, visit, body):
    theme = "tallymark-launcher { --tallymark-offset-block: 40px }"
    shop = open_shop(Answer(a_member()), body=body + LAUNCHER, theme=theme)
    page = visit(shop, 360)
    expect(launcher(page)).to_be_in_viewport(ratio=1)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    end = page.locator("#end").last
    expect(end).to_be_in_viewport(ratio=1)
    assert not overlap(end.bounding_box(), launcher(page).bounding_box())
    # Where there is no button, there is no room for it.
    room = page.evaluate("document.body.scrollHeight")
    page.add_style_tag(content=f"{TAG} {{ display: none }}")
    assert page.evaluate("document.body.scrollHeight") == room - 128


def test_on_a_phone_what_gets_the_focus_is_clear_of_the_button(open_shop, visit):
    wide = '<button style="display: block; inline-size: 100%">One more</button>'
    shop = open_shop(Answer(a_member()), body=wide * 60 + LAUNCHER)
    page = visit(shop, 360)
    expect(launcher(page)).to_be_in_viewport(ratio=1)
    for _ in range(60):
        page.keyboard.press("Tab")
        box = page.locator(":focus").bounding_box()
        assert not overlap(box, launcher(page).bounding_box())


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether one box lies over another."""
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )
