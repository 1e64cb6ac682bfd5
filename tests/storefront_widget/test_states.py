"""What a shopper sees in each state of the standing, on a phone and a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import at_every_width, launcher, open_panel, panel
from tests.storefront_widget.standings import (
    ACTIONS,
    FIVE_OFF,
    GOLD,
    SILVER,
    a_guest,
    a_member,
    an_engaged_member,
    an_entry,
)
from tests.storefront_widget.test_accessibility import violations


def balance(page: Page):
    return page.locator("tallymark-balance #line")


def test_a_member_sees_balance_progress_and_estimate(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    for _ in at_every_width(page):
        expect(balance(page)).to_have_text("120 points")
        progress = page.get_by_role("progressbar", name="180 points to Free shipping")
        expect(progress).to_be_visible()
        expect(progress).to_have_js_property("value", 0.4)
        expect(page.get_by_text("This order earns 25 points")).to_be_visible()
        expect(launcher(page)).to_be_in_viewport(ratio=1)
        expect(launcher(page)).to_have_text("120 points")
        expect(launcher(page)).to_have_accessible_name("Rewards: 120 points")


def test_a_member_reads_everything_in_the_panel(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    card = open_panel(page)
    for _ in at_every_width(page):
        expect(card).to_be_in_viewport(ratio=1)
        expect(card.locator("strong")).to_have_text("120 points")
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(card.get_by_role("heading")).to_have_text(
            ["Your points", "Rewards", "Ways to earn", "Recent activity"]
        )
        expect(card.get_by_role("listitem")).to_have_text(
            [
                "5.00 EUR offIn reach100 pointsTake",
                "Free shipping180 points too few300 points",
                "A mug1,380 points too few1,500 points",
                "1 point for each 1.00 EUR you spend",
                "50 for joining",
                "EarnedOrder #1001 · Nov 22, 2026+120",
                "RedeemedFree shipping · Nov 22, 2026-300",
                "Ready to useNov 22, 2026+300",
            ]
        )
        expect(card).not_to_contain_text("pending")
        expect(card).not_to_contain_text("owed")
        expect(card.get_by_role("link")).to_have_count(0)


def test_on_a_phone_rewards_come_first_and_nothing_is_below_the_cross(open_shop, visit):
    standing = an_engaged_member() | {"tier": SILVER, "next_tier": GOLD}
    page = visit(open_shop(Answer(standing)), 360, reduced_motion="reduce")
    card = open_panel(page)
    take = card.get_by_role("button", name="Take: 5.00 EUR off")
    expect(take).to_be_in_viewport(ratio=1)
    # What is scrolled goes below a bar of the dialog itself, wherever one stops.
    beneath = card.evaluate("""(dialog) => {
      const cross = dialog.querySelector("button");
      const { left, top, width, height } = cross.getBoundingClientRect();
      const found = new Set();
      for (let y = 0; y + dialog.clientHeight < dialog.scrollHeight; y += 12) {
        dialog.scrollTop = y;
        for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) {
          const at = [left + width * part, top + height / 2];
          const [, below] = dialog.getRootNode().elementsFromPoint(...at);
          found.add(`${y > 0} ${below.localName}`);
        }
      }
      return [...found].sort();
    }""")
    assert beneath == ["false dialog", "true dialog"]


def test_a_member_sees_the_tier_what_keeps_it_and_the_way_to_the_next(open_shop, visit):
    page = visit(open_shop(Answer(a_member(tier=SILVER, next_tier=GOLD))))
    card = open_panel(page)
    for _ in at_every_width(page):
        expect(card.get_by_role("heading", name="Your tier")).to_be_visible()
        rows = card.get_by_role("list").nth(1).get_by_role("listitem")
        expect(rows).to_have_text(
            [
                "Silver2 times the points · free shipping",
                SILVER["to_stay"],
                GOLD["missing"],
            ]
        )
        bar = card.get_by_role("progressbar", name=GOLD["missing"])
        expect(bar).to_have_js_property("value", 0.25)


def test_who_has_no_tier_yet_sees_the_way_to_the_first(open_shop, visit):
    page = visit(open_shop(Answer(a_member(tier=None, next_tier=GOLD))))
    card = open_panel(page)
    rows = card.get_by_role("list").nth(1).get_by_role("listitem")
    expect(rows).to_have_text([GOLD["missing"]])


@pytest.mark.parametrize(
    ("lang", "until"), [("en", "until Mar 31, 2027"), ("de", "bis 31.03.2027")]
)
def test_a_member_reads_until_when_a_membership_lasts(open_shop, visit, lang, until):
    bought = SILVER | {"to_stay": None, "until": "2027-04-01T00:00:00Z"}
    page = visit(open_shop(Answer(a_member(tier=bought)), lang=lang))
    launcher(page).click()
    rows = page.get_by_role("dialog").get_by_role("list").nth(1).get_by_role("listitem")
    expect(rows).to_have_text([f"Silver2 times the points · free shipping · {until}"])


def test_a_guest_sees_the_tiers_of_the_program(open_shop, visit):
    gold = "Gold, for 500.00 EUR spent: free shipping"
    page = visit(open_shop(Answer(a_guest(program={"tiers": [gold]}))))
    card = open_panel(page)
    expect(card.get_by_role("heading", name="Tiers")).to_be_visible()
    expect(card).to_contain_text(gold)


def test_a_member_reads_how_far_every_way_to_earn_is(open_shop, visit):
    no_birthday = an_engaged_member() | {"actions": ACTIONS[:3]}
    page = visit(open_shop(Answer(no_birthday)))
    ways = open_panel(page).get_by_role("list").nth(1)
    for _ in at_every_width(page):
        expect(ways.get_by_role("listitem")).to_have_text(
            [
                "1 point for each 1.00 EUR you spend",
                "50 for joining",
                "Open an accountDone50 points",
                "Write a reviewBeing looked at30 points",
                "Newsletter10 pointsI did this",
                "Coffee3 / 8400 points",
                "WinterPlace 3 orders: 1 of 3 · Write a review: 1 of 1"
                " · until Dec 24, 2026500 points",
            ]
        )


def test_a_guest_sees_the_program_and_the_way_in(open_shop, visit):
    page = visit(open_shop(Answer(a_guest())))
    expect(launcher(page)).to_have_text("Rewards")
    card = open_panel(page)
    for _ in at_every_width(page):
        expect_page_words(page)
        expect(card.get_by_role("link", name="Sign in")).to_have_attribute(
            "href", "/account/login"
        )
        expect(card.get_by_role("heading")).to_have_text(
            ["Rewards", "Ways to earn", "Rewards"]
        )
        expect(card).to_contain_text("5.00 EUR off100 points")
        expect(card).not_to_contain_text("In reach")


def test_pending_and_owed_points_are_told(open_shop, visit):
    standing = a_member(available=0, pending=1, owed=30)
    page = visit(open_shop(Answer(standing)))
    card = open_panel(page)
    for _ in at_every_width(page):
        expect(card.get_by_text("1 point pending")).to_be_visible()
        expect(card.get_by_text("30 points owed, taken from what")).to_be_visible()


@pytest.mark.parametrize(
    ("points", "words", "lots"),
    [
        (120, "Order or take a reward by Mar 2, 2027 to keep them.", [80, 40]),
        (80, "Order or take a reward by Mar 2, 2027 to keep 80 of them.", [120]),
    ],
)
def test_what_can_be_kept_is_told_with_the_last_day_that_is_in_time(
    open_shop, visit, points, words, lots
):
    days = "2027-03-01T09:00:00Z", "2027-03-09T09:00:00Z"
    told = [{"points": each, "at": at} for each, at in zip(lots, days, strict=False)]
    soon = {"points": 120, "at": days[0], "lots": told}
    lapsing = {"points": points, "at": "2027-03-03T12:00:00Z"}
    page = visit(open_shop(Answer(a_member(expiring=soon, lapsing=lapsing))))
    card = open_panel(page)
    expect(
        card.get_by_text("120 points will expire from Mar 1, 2027 on")
    ).to_be_visible()
    expect(card.get_by_text(words, exact=True)).to_be_visible()
    # One lot alone says no more than the sentence does.
    lines = ["80 points · Mar 1, 2027", "40 points · Mar 9, 2027"]
    expect(card.get_by_text(re.compile(r"^\d+ points · Mar"))).to_have_text(
        lines if len(lots) > 1 else []
    )


def test_without_a_next_reward_the_best_one_is_in_reach(open_shop, visit):
    standing = a_member(available=1, next_reward=None, rewards=[FIVE_OFF])
    page = visit(open_shop(Answer(standing)))
    for _ in at_every_width(page):
        bar = page.get_by_role("progressbar", name="Your best reward is in reach")
        expect(bar).to_have_js_property("value", 1)
        expect(balance(page)).to_have_text("1 point")


def test_a_program_without_rewards_promises_none(open_shop, visit):
    standing = a_member(next_reward=None, rewards=[], history=[], program={})
    page = visit(open_shop(Answer(standing)))
    card = open_panel(page)
    for _ in at_every_width(page):
        expect(page.get_by_text("Rewards wait for you")).to_be_visible()
        expect(page.get_by_text("in reach")).to_have_count(0)
        expect(card.get_by_role("heading")).to_have_text(["Your points"])


def test_every_kind_of_entry_has_words_and_a_new_kind_still_shows(open_shop, visit):
    words = {
        "earn": "Earned",
        "release": "Ready to use",
        "reverse": "Taken back",
        "redeem": "Redeemed",
        "refund": "Given back",
        "expire": "Expired",
        "adjust": "Adjusted",
        "repay": "Repaid",
        "owe": "Owed",
        "invented_tomorrow": "Changed",
    }
    history = [an_entry(kind, 0, text="x") for kind in words]
    page = visit(open_shop(Answer(a_member(history=history))))
    rows = open_panel(page).get_by_role("list").last.get_by_role("listitem")
    expect(rows).to_have_text([f"{word}x · Nov 22, 20260" for word in words.values()])


def test_while_loading_the_page_keeps_its_own_words(open_shop, visit):
    page = visit(open_shop(Answer(a_member(), delay_seconds=2)))
    for _ in at_every_width(page):
        expect_page_words(page)
        assert launcher(page).count() == 0
    expect(launcher(page)).to_be_visible()


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"error": "down"}, status=500),
        Answer("<html>Enter store password</html>"),
        Answer({"message": "not a standing"}),
        Answer(None),
        Answer("", status=304),
    ],
    ids=["error 500", "a web page", "other JSON", "null", "not modified"],
)
def test_an_app_that_is_down_leaves_the_page_alone(open_shop, visit, answer):
    shop = open_shop(answer, estimates=[answer])
    page = visit(shop)
    page.wait_for_timeout(400)
    assert len(shop.asked("/apps/tallymark/standing")) == 1
    assert len(shop.asked("/apps/tallymark/estimate")) == 1
    expect_nothing_of_ours(page)


def test_a_lost_network_leaves_the_page_alone(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    page.route("**/apps/**", lambda route: route.abort())
    page.reload()
    page.wait_for_timeout(400)
    expect_nothing_of_ours(page)


def test_the_app_is_not_waited_for_longer_than_five_seconds(open_shop, visit):
    slow = Answer(a_member(), delay_seconds=8)
    page = visit(open_shop(slow, estimates=[slow]))
    with page.expect_event(
        "requestfailed", lambda request: "standing" in request.url, timeout=6500
    ):
        page.locator("#buy").click()  # the shop works meanwhile
    page.wait_for_timeout(500)
    expect_nothing_of_ours(page)


def test_without_scripts_the_page_reads_well(open_shop, visit):
    page = visit(open_shop(Answer(a_member())), own={"java_script_enabled": False})
    expect(page.get_by_text("a balance in your account")).to_be_visible()
    expect(page.get_by_text("Rewards wait for you")).to_be_visible()


def expect_page_words(page: Page) -> None:
    expect(page.get_by_text("a balance in your account")).to_be_visible()
    expect(page.get_by_text("Rewards wait for you")).to_be_visible()
    expect(page.locator("progress")).not_to_be_visible()


def expect_nothing_of_ours(page: Page) -> None:
    for _ in at_every_width(page):
        expect_page_words(page)
        expect(page.locator("tallymark-estimate #line")).to_have_text("")
        assert launcher(page).count() == 0
        assert panel(page).count() == 0


def test_a_guest_reads_what_joining_lets_them_collect(open_shop, visit):
    card = {"name": "Coffee", "size": 9, "points": 0, "reward": "A free coffee"}
    steps = [{"text": "Place 3 orders", "target": 3}, {"text": "Review", "target": 1}]
    winter = {"name": "Winter", "points": 500, "steps": steps, "ends_at": None}
    standing = a_guest(stamp_cards=[card], challenges=[winter])
    rows = open_panel(visit(open_shop(Answer(standing)))).get_by_role("listitem")

    collect = rows.filter(has_text="Coffee")
    expect(collect).to_have_text("CoffeeJoin to collect 9 stampsA free coffee")
    part = "WinterJoin to take part · Place 3 orders · Review500 points"
    expect(rows.filter(has_text="Winter")).to_have_text(part)


def test_how_it_works_is_asked_once_it_is_opened_and_is_text(open_shop, visit):
    shop = open_shop(Answer(a_member()))
    told = {"title": "<b>Points</b>", "lines": ["1 for each 1.00 EUR", "<i>2</i>"]}
    shop.words = [Answer({}, 503), Answer({"parts": [told]})]
    page = visit(shop, 390, reduced_motion="reduce")
    card = open_panel(page)
    fold = card.locator("details", has_text="How it works")
    fold.locator("summary").focus()
    assert shop.asked("/apps/tallymark/words") == []
    page.keyboard.press("Enter")
    expect(fold).to_contain_text("did not work")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(fold.get_by_role("heading")).to_have_text("<b>Points</b>")
    expect(fold.get_by_role("listitem")).to_have_text(told["lines"])
    assert violations(page) == []
