"""Data is text, whatever it says, and the strictest policy is obeyed."""

import re

import pytest
from playwright.sync_api import expect

from app.domain.program import Program
from app.domain.rewards import Goods
from tests.builders.attacks import ATTACKS as HEARD
from tests.builders.attacks import VIOLATIONS, messages
from tests.builders.line import proxy_query
from tests.storefront_widget.shop import BODY, STRICT_CSP, WIDGET, Answer
from tests.storefront_widget.sight import launcher, open_panel
from tests.storefront_widget.standings import a_guest, a_member, an_entry

ATTACKS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload=window.hacked=1>",
    "\"><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "${window.hacked=1} $& $1 {count} {reward}",
    "</style><style>*{display:none}</style>",
    "&lt;b&gt;&#x27;\u202e\u0000",
]


def test_data_is_only_ever_text(open_shop, visit):
    rewards = [
        {"name": name, "points_cost": 9, "points_needed": 4, "progress": 0.5}
        for name in ATTACKS
    ]
    standing = a_member(
        next_reward=rewards[0],
        rewards=rewards,
        history=[an_entry(attack, text=attack) for attack in ATTACKS],
        program={"ways_to_earn": ATTACKS},
    )
    page = visit(open_shop(Answer(standing)))
    names, ways, entries = open_panel(page).get_by_role("list").all()
    for told in (ways, names):
        assert told.locator("span").all_text_contents() == ATTACKS
    day = " \u00b7 Nov 22, 2026"
    assert entries.locator("small").all_text_contents() == [a + day for a in ATTACKS]
    for standing["next_reward"] in rewards:
        page.evaluate(
            "(news) => document.querySelector('tallymark-progress').render(news)",
            standing,
        )
        line = page.locator("main > tallymark-progress #line").text_content()
        assert line == f"4 points to {standing['next_reward']['name']}"
    shadows = page.locator("tallymark-launcher, tallymark-progress")
    assert shadows.locator("script, img, iframe, svg, style").count() == 0
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("standing", [a_member(), a_guest()], ids=["member", "guest"])
def test_the_strictest_policy_is_obeyed(open_shop, visit, standing):
    head = '<script src="/violations.js"></script>'
    shop = open_shop(Answer(standing), csp=STRICT_CSP, head=head)
    shop.files["/violations.js"] = VIOLATIONS
    page = visit(shop)
    card = open_panel(page)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    assert card.evaluate("(node) => getComputedStyle(node).borderRadius") == "20px"
    strange = [
        seen for seen in page.evaluate("window.violations") if "data" not in seen
    ]
    assert strange == []


def test_what_messages_of_a_store_and_its_programme_say_is_only_text(
    line, open_shop, visit
):
    """As the app tells it, under the strictest policy and with trusted types."""
    rewards = [
        Goods(points_cost=1, key=f"r{number}", title=attack, description=attack)
        for number, attack in enumerate(HEARD)
    ]
    line.set_program(Program(rewards=tuple(rewards)))
    for number, attack in enumerate(HEARD):
        line.settle(*messages(attack, number))
    line.redeem(7001, "r0")
    told, words = (
        line.client.get(f"/proxy/{path}?{proxy_query('7001')}").get_json()
        for path in ("standing", "words")
    )
    head = '<script src="/violations.js"></script>'
    shop = open_shop(Answer(told), csp=STRICT_CSP, head=head, words=[Answer(words)])
    shop.files["/violations.js"] = VIOLATIONS
    page = visit(shop)
    panel = open_panel(page)
    for attack in HEARD:
        expect(panel.get_by_text(attack, exact=True).first).to_be_visible()
    shadows = page.locator("tallymark-launcher, tallymark-progress")
    assert shadows.locator("script, img, iframe, svg, style").count() == 0
    tried, hacked = page.evaluate("[window.violations, window.hacked]")
    assert ([each for each in tried if "data" not in each], hacked) == ([], None)


def test_no_dangerous_word_is_in_the_source():
    banned = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\("
    ours = [*WIDGET.glob("*.js"), *WIDGET.glob("extensions/**/*.ts*")]
    assert len(ours) > 12
    for file in ours:
        assert not re.search(banned, file.read_text()), file.name


def test_a_browser_without_constructable_sheets_is_served(open_shop, visit):
    shop = open_shop(Answer(a_member()), head='<script src="/old.js"></script>')
    shop.files["/old.js"] = "delete CSSStyleSheet.prototype.replaceSync"
    page = visit(shop)
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    accent = bar.evaluate("(node) => getComputedStyle(node).accentColor")
    assert accent == "rgb(11, 107, 93)"


def test_the_script_may_be_loaded_twice(open_shop, visit):
    again = '<script type="module" src="/widget/tallymark.js?again"></script>'
    page = visit(open_shop(Answer(a_member()), head=again))
    expect(launcher(page)).to_be_visible()


@pytest.mark.parametrize(
    ("head", "attribute", "proxy"),
    [
        ("", "", "/apps/tallymark"),
        ('<meta name="tallymark-proxy" content="/apps/club">', "", "/apps/club"),
        ('<meta name="tallymark-proxy" content="/x">', 'src="/apps/own"', "/apps/own"),
    ],
    ids=["usual", "page", "element"],
)
def test_the_app_is_asked_where_the_shop_says(open_shop, visit, head, attribute, proxy):
    body = BODY.replace("<tallymark-balance", f"<tallymark-balance {attribute}")
    shop = open_shop(Answer(a_member()), head=head, body=body)
    page = visit(shop)
    expect(page.locator("tallymark-balance #line")).to_have_text("120 points")
    assert len(shop.asked(f"{proxy}/standing")) == 1


def test_the_sign_in_link_leads_where_the_shop_says(open_shop, visit):
    body = '<tallymark-launcher login-url="/fr/account"></tallymark-launcher>'
    page = visit(open_shop(Answer(a_guest()), body=body))
    link = open_panel(page).get_by_role("link")
    expect(link).to_have_attribute("href", "/fr/account")
