"""The extensions in the states that shoppers seldom see, and what is said in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.standings import (
    FIVE_OFF,
    FREE_SHIPPING,
    FREE_TEA,
    GOLD,
    MUG,
    VISIT,
    a_guest,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations
from tests.storefront_widget.test_extensions import PAUSES_MS, REWARDS, WISHES

WON = FREE_TEA | {"kind": "free_product", "description": ""}
CARD = FIVE_OFF | {"id": "card", "kind": "gift_card", "name": "A gift card"}
REASON = "the store could not make it"


def _status(page: Page) -> Locator:
    return page.get_by_role("status")


def _buttons(page: Page) -> list[str]:
    """What all buttons are called, from top to bottom."""
    buttons = page.get_by_role("button")
    return buttons.evaluate_all("(all) => all.map((each) => each.ariaLabel)")


@pytest.mark.parametrize(
    ("told", "buttons"),
    [
        (
            {},
            [
                "Use now: 5.00 EUR off",
                "Give back: 5.00 EUR off",
                "Take it for nothing: A free tea",
                "Use points: 5.00 EUR off",
                "Use points: A gift card",
            ],
        ),
        # Gift cards need no leave.
        (
            {"canUpdateDiscountCodes": False},
            ["Give back: 5.00 EUR off", "Use points: A gift card"],
        ),
    ],
)
def test_an_order_that_takes_no_codes_is_offered_none(
    open_shop, visit, show, told: dict[str, Any], buttons: list[str]
):
    rewards = [*REWARDS, CARD]
    member = a_member(rewards=rewards, prizes=[WON], redemptions=[a_redemption()])
    page = visit(open_shop(Answer(member), **show("Checkout", **told)))
    expect(page.get_by_text("5.00 EUR off: TMABCDEFGHJK")).to_be_visible()
    assert buttons == _buttons(page)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("AccountPage", "Sign in to use your points"),
        ("AccountBlock", ""),
        ("OrderStatus", "Open an account with this e-mail address to collect points"),
    ],
)
def test_a_guest_sees_what_there_is_for_guests(open_shop, visit, show, name, text):
    shop = open_shop(Answer(a_guest()), **show(name))
    page = visit(shop)
    if text:
        expect(page.get_by_text(text)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [b""] == shop.asked("/api/standing")
    assert [] == shop.asked("/api/orders/5001")
    assert (1 if text else 0) == page.locator("body > *").count()
    assert [] == _buttons(page)


def test_the_account_page_says_that_the_app_is_away(open_shop, visit, show):
    page = visit(open_shop(Answer(status=500), **show("AccountPage")))
    sorry = page.get_by_text("That did not work. Please try again.")
    expect(sorry).to_be_visible()
    assert 0 == page.locator("s-banner").count()
    assert [] == violations(page)


def test_what_was_there_stays_when_the_app_goes_away(open_shop, visit, show):
    member = a_member(rewards=REWARDS, redemptions=[])
    shop = open_shop(Answer(member), Answer(status=503), **show("Checkout"))
    shop.redemptions = [Answer("", 503)]
    page = visit(shop)
    take = page.get_by_role("button", name="Use points: 5.00 EUR off")
    with page.expect_response(lambda each: each.status == 503 and "/st" in each.url):
        take.click()
    expect(take).to_be_enabled()
    expect(_status(page)).to_have_text("That did not work. Please try again.")
    expect(page.get_by_text("You have 120 points")).to_be_visible()


@pytest.mark.parametrize("name", ["Checkout", "AccountBlock", "AccountPage"])
def test_a_skeleton_stands_where_the_balance_will(open_shop, visit, show, name):
    shop = open_shop(Answer(a_member(rewards=[], redemptions=[])), **show(name))
    page, asked = visit(shop), list[Route]()
    page.route("**/api/standing?*", lambda route: asked.append(route))
    with page.expect_request("**/api/standing?*"):
        page.reload()
    skeleton = page.locator("s-skeleton-paragraph")
    expect(skeleton).to_have_count(1)
    expect(page.get_by_text("You have")).to_have_count(0)

    asked.pop().continue_()
    expect(page.get_by_text("You have 120 points")).to_be_visible()
    expect(skeleton).to_have_count(0)


def test_the_account_tells_what_is_near_and_what_is_not_there_yet(
    open_shop, visit, show
):
    closed = FREE_SHIPPING | {"kind": "free_shipping"}
    late = WON | {"available": False, "reason": "sold out"}
    told = a_member(
        pending=40,
        next_reward=None,
        rewards=[*REWARDS, closed],
        prizes=[late],
        redemptions=[],
        next_tier=GOLD,
        history=[],
    )
    page = visit(open_shop(Answer(told), **show("AccountPage")))
    for text in (
        "40 points pending",
        "Your best reward is in reach",
        closed["reason"],
        MUG["reason"],
        late["reason"],
        GOLD["missing"],
        "Nothing yet: points come with your first order",
    ):
        expect(page.get_by_text(text, exact=True)).to_be_visible()
    assert ["Use points: 5.00 EUR off"] == _buttons(page)
    assert 0 == page.get_by_role("progressbar").count()
    assert 0 == page.get_by_role("list").count()
    assert [] == violations(page)


def test_without_rewards_none_is_said_to_be_in_reach(open_shop, visit, show):
    told = a_member(next_reward=None, rewards=[], redemptions=[])
    page = visit(open_shop(Answer(told), **show("AccountBlock")))
    expect(page.get_by_text("You have 120 points")).to_be_visible()
    expect(page.get_by_text("pending")).to_have_count(0)
    expect(page.get_by_text("in reach")).to_have_count(0)


def test_wishes_are_told_with_what_became_of_them(open_shop, visit, show):
    def ago(**age: int) -> str:
        return (datetime.now(UTC) - timedelta(**age)).isoformat()

    refused = {"state": "refused", "reason": REASON}
    told = [
        a_redemption("asked", id="r1", name="A visit"),
        a_redemption("ending", id="r2"),
        a_redemption(id="r3", name="A free tea", points=0, **refused)
        | {"requested_at": ago(days=6)},
        # What was refused long ago is told no more.
        a_redemption(id="r4", name="Long ago", **refused)
        | {"requested_at": ago(days=8)},
        a_redemption("used", id="r5", name="Long used"),
    ]
    member = a_member(rewards=[], redemptions=told)
    page = visit(open_shop(Answer(member), **show("AccountPage")))
    expect(_status(page).locator("s-text")).to_have_text(
        [
            "A visit waits for the store's answer; it will appear here",
            "5.00 EUR off is being given back",
            f"A free tea could not be had: {REASON}.",
        ]
    )
    assert [] == _buttons(page)


@pytest.mark.parametrize(
    ("became", "text"),
    [
        (a_redemption(), "5.00 EUR off: TMABCDEFGHJK"),
        (a_redemption(kind="goods", code=None), "5.00 EUR off: done"),
        (a_redemption("ended"), "5.00 EUR off has ended"),
    ],
    ids=["is_granted", "is_yours", "is_over"],
)
def test_the_account_says_what_came_of_a_click(open_shop, visit, show, became, text):
    member = a_member(rewards=REWARDS, redemptions=[])
    shop = open_shop(Answer(member), **show("AccountPage"))
    shop.redemptions = [Answer(became, 202)]
    page = visit(shop)
    page.get_by_role("button", name="Use points: 5.00 EUR off").click()
    expect(_status(page)).to_have_text(text)


@pytest.mark.parametrize(
    ("words", "label", "take", "take_won"),
    [
        ("en.default", "Date", "Use points", "Take it for nothing"),
        ("de", "Termin", "Punkte einsetzen", "Umsonst nehmen"),
    ],
)
def test_a_reward_with_dates_is_taken_for_the_one_that_is_chosen(
    open_shop, visit, show, words, label, take, take_won
):
    first, second = (slot["starts_at"] for slot in VISIT["slots"])
    won = WON | {"id": "seat", "name": "A seat", "slots": VISIT["slots"]}
    member = a_member(rewards=[VISIT | {"kind": "goods"}], prizes=[won], redemptions=[])
    told = {"words": f"/widget/extensions/words/{words}.json"}
    shop = open_shop(Answer(member), **show("AccountPage", **told))
    shop.redemptions = [Answer(a_redemption("asked", name="A visit"), 202)]
    page = visit(shop)
    date = page.get_by_label(f"{label}: A visit")
    expect(date.locator("option")).to_have_text(
        ["Dec 24, 2026, 6:00 PM", "Jan 14, 2027, 9:30 AM"]
    )
    expect(date).to_have_value(first)
    assert [] == violations(page)
    date.select_option(index=1)
    wished = page.get_by_role("button", name=f"{take}: A visit")
    wished.click()
    expect(_status(page)).to_contain_text("A visit")
    expect(wished).to_be_enabled()
    expect(date).to_have_value(second)
    with page.expect_response(lambda each: each.request.method == "POST"):
        page.get_by_role("button", name=f"{take_won}: A seat").click()

    sent = [json.loads(body) for body in shop.asked(WISHES) if body]
    assert [("visit", second), ("seat", first)] == [
        (wish["reward_id"], wish["slot"]) for wish in sent
    ]


@pytest.mark.parametrize(
    ("taken", "text"),
    [
        (
            a_redemption("asked", can_cancel=True),
            "Your points for 5.00 EUR off are back",
        ),
        (a_redemption(points=0), "5.00 EUR off is yours to take again"),
    ],
    ids=["is_back", "won_is_back"],
)
def test_what_is_given_back_is_said_to_be_back(open_shop, visit, show, taken, text):
    before = a_member(rewards=[], redemptions=[taken])
    after = a_member(rewards=[], redemptions=[])
    shop = open_shop(Answer(before), Answer(after), **show("AccountPage"))
    shop.redemptions = [Answer(a_redemption("ended", points=taken["points"]), 202)]
    page = visit(shop)
    page.get_by_role("button", name="Give back: 5.00 EUR off").click()
    expect(_status(page)).to_have_text(text)
    assert 1 == len(shop.asked(f"{WISHES}/r1/cancel"))


def test_what_is_slow_to_come_back_is_told_until_it_is_back(open_shop, visit, show):
    ending = a_redemption("ending")
    before = a_member(rewards=[], redemptions=[a_redemption()])
    shop = open_shop(Answer(before), **show("AccountPage"))
    shop.redemptions = [Answer(ending, 202)]
    page = visit(shop, own={})  # a page of its own, for its own clock
    page.clock.install()
    page.reload()
    give_back = page.get_by_role("button", name="Give back: 5.00 EUR off")
    expect(give_back).to_be_visible()
    shop.standings = [Answer({**before, "redemptions": [ending]})]
    give_back.click()
    for pause in PAUSES_MS:
        with page.expect_response(f"**{WISHES}/r1?*"):
            page.clock.run_for(pause)
    expect(_status(page)).to_have_text("5.00 EUR off is being given back")

    shop.standings = [Answer({**before, "redemptions": []})]
    with page.expect_response("**/api/standing?*"):
        page.clock.run_for(60_000)
    expect(_status(page)).to_have_text("")


def test_what_was_won_is_kept_where_the_order_does_not_take_it(open_shop, visit, show):
    member = a_member(prizes=[WON], rewards=[], redemptions=[])
    shop = open_shop(Answer(member), **show("Checkout"))
    shop.files["/extensions/code"] = '{"type": "error", "message": "No."}'
    made = a_redemption(name="A free tea", points=0)
    shop.redemptions = [Answer(made, 202), Answer({**made, "state": "ended"}, 202)]
    page = visit(shop)
    page.get_by_role("button", name="Take it for nothing: A free tea").click()
    kept = "A free tea does not fit this order, so you keep it for another"
    expect(_status(page)).to_have_text(kept)
    assert 1 == len(shop.asked(f"{WISHES}/r1/cancel"))


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (None, "120 points will expire from Mar 1, 2027 on"),
        (
            120,
            "120 points will expire from Mar 1, 2027 on. Order or take a reward by "
            "Mar 2, 2027 to keep them.",
        ),
        (
            80,
            "120 points will expire from Mar 1, 2027 on. Order or take a reward by "
            "Mar 2, 2027 to keep 80 of them.",
        ),
    ],
)
@pytest.mark.parametrize("name", ["Checkout", "AccountPage", "AccountBlock"])
def test_what_ends_soon_is_told_with_the_points(
    open_shop, visit, show, name: str, kept: int | None, words: str
):
    first = {"points": 120, "at": "2027-03-01T09:00:00Z"}
    soon = {**first, "lots": [first]}
    lapsing = kept and {"points": kept, "at": "2027-03-03T12:00:00Z"}
    member = a_member(rewards=REWARDS, redemptions=[], expiring=soon, lapsing=lapsing)
    page = visit(open_shop(Answer(member), **show(name)))
    expect(page.get_by_text(words, exact=True)).to_be_visible()


def test_the_page_tells_when_each_lot_ends(open_shop, visit, show):
    lots = [
        {"points": 80, "at": "2027-03-01T09:00:00Z"},
        {"points": 40, "at": "2027-03-09T09:00:00Z"},
    ]
    soon = {"points": 120, "at": lots[0]["at"], "lots": lots}
    member = a_member(rewards=REWARDS, redemptions=[], history=[], expiring=soon)
    page = visit(open_shop(Answer(member), **show("AccountPage")))
    expect(page.locator("s-list-item")).to_have_text(
        ["80 points · Mar 1, 2027", "40 points · Mar 9, 2027"]
    )


def test_where_nothing_ends_soon_nothing_is_said_of_it(open_shop, visit, show):
    member = a_member(rewards=REWARDS, redemptions=[], expiring=None, lapsing=None)
    page = visit(open_shop(Answer(member), **show("Checkout")))
    expect(page.get_by_text("You have 120 points")).to_be_visible()
    expect(page.get_by_text("expire")).to_have_count(0)
