"""What an order would earn is asked once things are quiet."""

import json

from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.standings import a_guest

ESTIMATE = "/apps/tallymark/estimate"


def put_in_cart(page: Page, lines: str) -> None:
    element = page.locator("tallymark-estimate")
    element.evaluate("(node, lines) => node.setAttribute('lines', lines)", lines)


def test_the_lines_are_sent_as_given(open_shop, visit):
    shop = open_shop(Answer(a_guest()))
    page = visit(shop)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    assert [json.loads(body) for body in shop.asked(ESTIMATE)] == [
        {
            "currency": "EUR",
            "taxes_included": False,
            "lines": [{"sku": "MUG", "quantity": 1, "price": "25.00"}],
        }
    ]


def test_how_far_it_holds_is_told_with_the_number(open_shop, visit):
    lines = 'currency="EUR" lines="[]" taxes-included'
    body = f"<tallymark-estimate {lines}></tallymark-estimate>"
    told = Answer({"points": 1234, "bound": "at_most"})
    shop = open_shop(Answer(a_guest()), body=body, estimates=[told])
    page = visit(shop)
    expect(page.get_by_text("This order earns up to 1,234 points")).to_be_visible()
    assert json.loads(shop.asked(ESTIMATE)[0])["taxes_included"] is True


def test_a_burst_of_changes_is_one_question(open_shop, visit):
    shop = open_shop(
        Answer(a_guest()), estimates=[Answer({"points": 25}), Answer({"points": 1})]
    )
    page = visit(shop)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    page.locator("tallymark-estimate").evaluate("""(node) => {
        for (let quantity = 1; quantity < 6; quantity++)
            node.setAttribute("lines", JSON.stringify([{ quantity }]));
    }""")
    expect(page.get_by_text("This order earns 1 point", exact=True)).to_be_visible()
    assert len(shop.asked(ESTIMATE)) == 2
    assert json.loads(shop.asked(ESTIMATE)[1])["lines"] == [{"quantity": 5}]


def test_an_overtaken_answer_is_dropped(open_shop, visit):
    shop = open_shop(
        Answer(a_guest()),
        estimates=[Answer({"points": 99}, delay_seconds=0.8), Answer({"points": 7})],
    )
    page = visit(shop)
    for _ in range(500):
        if not shop.asked(ESTIMATE):
            page.wait_for_timeout(20)
    put_in_cart(page, "[]")
    expect(page.get_by_text("This order earns 7 points")).to_be_visible()
    page.wait_for_timeout(700)
    expect(page.get_by_text("This order earns 7 points")).to_be_visible()


def test_an_error_takes_the_old_estimate_away(open_shop, visit):
    shop = open_shop(
        Answer(a_guest()), estimates=[Answer({"points": 25}), Answer(status=500)]
    )
    page = visit(shop)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    put_in_cart(page, '[{"quantity": 2}]')
    expect(page.get_by_text("This order earns")).to_have_count(0)


def test_what_the_page_says_itself_is_about_its_own_lines(open_shop, visit):
    """It stays while the app is down, until other lines are in the cart."""
    lines = 'currency="EUR" lines="[]"'
    body = f"<tallymark-estimate {lines}>12 points</tallymark-estimate>"
    failed, none = Answer(status=500), Answer({"points": 0})
    shop = open_shop(Answer(a_guest()), body=body, estimates=[failed, failed, none])
    page = visit(shop)
    own_words = page.locator("tallymark-estimate slot")
    page.wait_for_timeout(400)
    expect(own_words).to_have_count(1)
    put_in_cart(page, '[{"quantity": 2}]')
    expect(own_words).to_have_count(0)
    with page.expect_response("**/estimate?*"):
        put_in_cart(page, "[]")
    page.wait_for_timeout(100)
    expect(own_words).to_have_count(0)
    assert len(shop.asked(ESTIMATE)) == 3


def test_no_points_and_unreadable_lines_show_nothing(open_shop, visit):
    shop = open_shop(Answer(a_guest()), estimates=[Answer({"points": 0})])
    page = visit(shop)
    page.wait_for_timeout(400)
    put_in_cart(page, "{not json")
    page.wait_for_timeout(400)
    expect(page.get_by_text("This order earns")).to_have_count(0)
    assert len(shop.asked(ESTIMATE)) == 1
