"""The extensions of checkout and account: what Shopify takes, and what shoppers see."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.domain.money import EXPONENTS
from storefront_widget.assemble import (
    CONFIGURATION,
    EXTENSIONS,
    put_address_into,
    put_words_into,
)
from storefront_widget.node import ROOT
from tests.storefront_widget.extensions import LINE, a_cost, an_order, run
from tests.storefront_widget.shop import Answer
from tests.storefront_widget.standings import (
    DRAWN,
    FIVE_OFF,
    FREE_TEA,
    GIVEN,
    LIMITED,
    MUG,
    NEXT_DRAW,
    OWN_ENTRY,
    SILVER,
    SLIDER,
    SPA,
    TREES,
    a_guest,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations

SETTINGS = sorted(EXTENSIONS.glob("*/shopify.extension.toml"))
WORDS = sorted((EXTENSIONS / "words").glob("*.json"))
BUDGET_BYTES = 16_000
# As the app says it, with the kind of each reward.
REWARDS = [FIVE_OFF | {"kind": "amount_off"}, MUG | {"kind": "goods"}]
WISHES = "/api/redemptions"
# How long an extension waits, from look to look, for a store to make a reward.
PAUSES_MS = [300, 500, 700, 1000, 1500, 2000, 4000]


def test_all_types_fit():
    assert "" == run("check-types")


def test_what_shopify_does_not_have_does_not_fit(tmp_path):
    folder = Path(shutil.copytree(EXTENSIONS, tmp_path / "extensions"))
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    progress, codes = "<s-progress ", "{ canUpdateDiscountCodes }"
    seeds = {
        "Balance.tsx": ("Balance.tsx", progress, "<s-progres "),
        "checkout/src/order.ts": ("checkout/src/order.ts", codes, "{ canUpdateCodes }"),
        # What we take of a place is held against what each place has.
        "hosts.ts": ("api.ts", "editor?: object", "editor?: string"),
    }
    for name, right, wrong in seeds.values():
        source = (folder / name).read_text()
        assert right in source
        (folder / name).write_text(source.replace(right, wrong))

    with pytest.raises(subprocess.CalledProcessError) as failure:
        run("check-types", "-p", str(folder))
    told = failure.value.stdout.decode()
    found = re.findall(r"extensions/([^(\n]+)\(.+error TS", told)
    assert set(seeds) == set(found), told
    assert 6 == found.count("hosts.ts")


def test_each_bundle_is_light_and_each_target_has_one(bundles: Path):
    weights = {
        path.stem: len(gzip.compress(path.read_bytes(), 9))
        for path in bundles.glob("*.js")
    }
    targets = [
        (path.parent, each["target"], each["module"])
        for path in SETTINGS
        for extension in tomllib.loads(path.read_text())["extensions"]
        for each in extension["targeting"]
    ]

    assert max(weights.values()) <= BUDGET_BYTES, weights
    assert {re.sub(r"./src/(\w+).tsx", r"\1", each) for *_, each in targets} == set(
        weights
    )
    for folder, target, module in targets:
        text = (folder / module).read_text()
        assert "declare const shopify" not in text or target in text
    assert len({target for _, target, _ in targets}) == len(targets) == 6
    checked = re.findall('ui-extensions/(.+)"', (EXTENSIONS / "hosts.ts").read_text())
    assert sorted(target for _, target, _ in targets) == sorted(checked)


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.parent.name)
def test_an_extension_asks_for_the_network_and_for_the_address_of_the_app(
    path, tmp_path
):
    settings = tomllib.loads(path.read_text())
    [extension] = settings["extensions"]
    put_words_into(tmp_path)

    assert settings["api_version"] >= "2026-07"
    wishes = extension["capabilities"]
    # Checkout asks the Storefront API which lines are gift cards.
    assert wishes.pop("api_access", False) == (path.parent.name == "checkout")
    assert wishes == {"network_access": True}
    assert ["app_url"] == [each["key"] for each in extension["settings"]["fields"]]
    assert (tmp_path / "locales" / "en.default.json").exists()


def test_every_word_is_there_in_every_language_and_used():
    spoken = [json.loads(path.read_text()) for path in WORDS]
    gaps = [
        {key: set(re.findall("{{.+?}}", str(text))) for key, text in words.items()}
        for words in spoken
    ]
    source = "".join(path.read_text() for path in EXTENSIONS.rglob("*.ts*"))

    assert len(spoken) > 1
    assert all(each == gaps[0] for each in gaps)
    assert set(re.findall(r'say\("(\w+)"', source)) | {"points"} == set(gaps[0])


def _asked(shop, path: str) -> list:
    return [json.loads(body) for body in shop.asked(path) if body]


def _status(page) -> Locator:
    return page.get_by_role("status")


def test_a_guest_at_checkout_sees_what_the_order_earns(open_shop, visit, show):
    page = visit(open_shop(Answer(a_guest()), **show("Checkout")))
    expect(page.get_by_text("This order earns you 25 points")).to_be_visible()
    expect(page.get_by_text("Sign in to use your points")).to_be_visible()
    assert 0 == page.get_by_role("button").count()


def test_a_reward_is_chosen_and_used_in_the_order(open_shop, visit, show):
    after = a_member(available=20, rewards=[], redemptions=[a_redemption()])
    shop = open_shop(
        Answer(a_member(rewards=REWARDS, redemptions=[])),
        Answer(after),
        **show("Checkout"),
    )
    shop.redemptions = [Answer(a_redemption("waiting"), 202), Answer(a_redemption())]
    page = visit(shop)
    expect(page.get_by_text("You have 120 points")).to_be_visible()
    # What no order can take is not offered here.
    expect(page.get_by_text(MUG["name"])).to_have_count(0)
    page.get_by_role("button", name="Use points: 5.00 EUR off").click()

    expect(_status(page)).to_have_text("5.00 EUR off is taken off")
    expect(page.get_by_text("You have 20 points")).to_be_visible()
    [wish] = _asked(shop, WISHES)
    assert (FIVE_OFF["id"], None) == (wish["reward_id"], wish["points"])
    assert [{"type": "addDiscountCode", "code": "TMABCDEFGHJK"}] == _asked(
        shop, "/extensions/code"
    )
    [cart] = _asked(shop, "/api/estimate")
    assert cart == {
        "currency": "EUR",
        "taxes_included": None,
        "lines": [
            {
                "product_id": "21",
                "price_minor": 1299,
                "quantity": 2,
                "discount_minor": 0,
                "gift_card": False,
            }
        ],
    }


def test_gift_cards_are_estimated_as_such_and_never_discounted(open_shop, visit, show):
    card = {"id": "gid://shopify/Product/22", "isGiftCard": True}
    line = LINE | {"merchandise": {"product": {"id": card["id"]}}}
    taken = [{"discountedAmount": {"amount": 5, "currencyCode": "EUR"}}]
    told = show(
        "Checkout", lines=[line, LINE], products=[card], discountAllocations=taken
    )
    shop = open_shop(Answer(a_guest()), **told)
    page = visit(shop)
    expect(page.get_by_text("This order earns you 25 points")).to_be_visible()

    [cart] = _asked(shop, "/api/estimate")
    assert [(True, 0), (False, 500)] == [
        (each["gift_card"], each["discount_minor"]) for each in cart["lines"]
    ]


def test_what_was_won_is_used_for_nothing_where_the_order_takes_it(
    open_shop, visit, show
):
    won = FREE_TEA | {"kind": "free_product", "description": ""}
    before = a_member(prizes=[won], rewards=[], redemptions=[])
    after = a_member(rewards=[], redemptions=[a_redemption()])
    shop = open_shop(Answer(before), Answer(after), **show("Checkout"))
    shop.redemptions = [Answer(a_redemption(name="A free tea", points=0))]
    page = visit(shop)
    expect(page.get_by_text("Tea card")).to_be_visible()
    page.get_by_role("button", name="Take it for nothing: A free tea").click()

    expect(_status(page)).to_have_text("A free tea is taken off")
    [wish] = _asked(shop, WISHES)
    told = wish["reward_id"], wish["prize"], wish["points"]
    assert (won["id"], won["prize"], None) == told


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("HUF", (2598, 1000)), ("JPY", (26, 10)), ("KWD", (25980, 10000))],
)
def test_an_order_is_estimated_in_minor_units_after_its_discounts(
    open_shop, visit, show, currency: str, minor: tuple[int, int]
):
    def money(amount: float) -> dict[str, Any]:
        return {"amount": amount, "currencyCode": currency}

    lines = [LINE | {"cost": {"totalAmount": money(each)}} for each in (25.98, 0.02)]
    taken = [{"discountedAmount": money(each)} for each in (4, 6)]
    shop = open_shop(
        Answer(a_guest()), **show("Checkout", lines=lines, discountAllocations=taken)
    )
    expect(visit(shop).get_by_text("This order earns you")).to_be_visible()

    [cart] = _asked(shop, "/api/estimate")
    prices = [each["price_minor"] * each["quantity"] for each in cart["lines"]]
    off = [each["discount_minor"] for each in cart["lines"]]
    assert (prices[0], sum(off)) == minor
    assert all(0 <= part <= price for part, price in zip(off, prices, strict=True))


@pytest.mark.parametrize(
    ("off", "cost", "included"),
    [
        (0, a_cost(25.98, 30.93, 4.15, 4.95), True),
        (0, a_cost(25.98, 35.08, 4.15, 4.95), False),
        (0, a_cost(25.98, 30.13, 4.15), False),
        # What is off the order may be off the subtotal or not.
        (5, a_cost(20.98, 20.98, 3.35), True),
        (5, a_cost(25.98, 20.98, 3.35), True),
        (5, a_cost(20.98, 24.33, 3.35), False),
        (5, a_cost(25.98, 24.33, 3.35), False),
        # Nothing is known yet, nothing fits, or both do.
        (0, a_cost(25.98, 25.98), None),
        (0, a_cost(25.98, 25.98, 0), None),
        (0, a_cost(25.98, 99, 4.15, 4.95), None),
        (5, a_cost(25.98, 25.98, 5), None),
    ],
)
def test_whether_amounts_have_tax_in_them_is_told_as_far_as_the_sums_tell(
    open_shop, visit, show, off: float, cost: dict[str, Any], included: bool | None
):
    taken = [{"discountedAmount": {"amount": off, "currencyCode": "EUR"}}] * bool(off)
    told = show("Checkout", cost=cost, discountAllocations=taken)
    shop = open_shop(Answer(a_guest()), **told)
    expect(visit(shop).get_by_text("This order earns you")).to_be_visible()
    [cart] = _asked(shop, "/api/estimate")
    assert included is cart["taxes_included"]


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ("exact", "This order earns you 25 points"),
        ("at_most", "This order earns you up to 25 points"),
        ("at_least", "This order earns you at least 25 points"),
        ("about", "This order earns you about 25 points"),
    ],
)
def test_what_an_order_earns_is_said_as_far_as_it_is_known(
    open_shop, visit, show, bound: str, words: str
):
    shop = open_shop(Answer(a_guest()), **show("Checkout"))
    shop.estimates = [Answer({"points": 25, "bound": bound})]
    expect(visit(shop).get_by_text(words, exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en.default", "You earn points with this order"),
        ("de", "Mit dieser Bestellung sammelst du Punkte"),
    ],
)
def test_in_another_currency_points_are_told_without_a_number(
    open_shop, visit, show, language: str, text: str
):
    words = f"/widget/extensions/words/{language}.json"
    shop = open_shop(Answer(a_guest()), **show("Checkout", words=words))
    shop.estimates = [Answer({"points": None, "bound": "at_least"})]
    expect(visit(shop).get_by_text(text, exact=True)).to_be_visible()


def test_the_checkout_has_the_digits_of_the_ledger():
    source = (EXTENSIONS / "checkout" / "src" / "cart.ts").read_text()
    listed = re.findall('"((?:[A-Z]{3} ?){2,})"', source)
    assert [set(each.split()) for each in listed] == [
        {code for code, digits in EXPONENTS.items() if digits == exponent}
        for exponent in (0, 3)
    ]


def test_points_come_back_where_the_order_does_not_take_the_reward(
    open_shop, visit, show
):
    shop = open_shop(
        Answer(a_member(rewards=REWARDS, redemptions=[])), **show("Checkout")
    )
    shop.files["/extensions/code"] = '{"type": "error", "message": "No."}'
    shop.redemptions = [
        Answer(a_redemption(), 202),
        Answer(a_redemption(), 202),
        Answer(a_redemption("ended")),
    ]
    page = visit(shop)
    page.get_by_role("button", name="Use points: 5.00 EUR off").click()

    expect(_status(page)).to_contain_text("does not fit this order")
    assert [{}] == _asked(shop, f"{WISHES}/r1/cancel")


def test_what_is_in_use_is_given_back_and_leaves_the_order(open_shop, visit, show):
    code = a_redemption()["code"]
    member = a_member(rewards=[], redemptions=[a_redemption()])
    shop = open_shop(Answer(member), **show("Checkout", codes=[code]))
    shop.redemptions = [
        Answer(a_redemption("ending"), 202),
        Answer(a_redemption("ended")),
    ]
    page = visit(shop)
    expect(page.get_by_text("In use: 5.00 EUR off")).to_be_visible()
    page.get_by_role("button", name="Give back: 5.00 EUR off").click()

    expect(_status(page)).to_have_text("Your points for 5.00 EUR off are back")
    assert [{"type": "removeDiscountCode", "code": code}] == _asked(
        shop, "/extensions/code"
    )


def test_a_click_that_failed_is_the_same_wish_again(open_shop, visit, show):
    slider = SLIDER | {"kind": "points_as_money"}
    shop = open_shop(
        Answer(a_member(rewards=[slider], redemptions=[])), **show("Checkout")
    )
    shop.redemptions = [Answer("", 503), Answer(a_redemption(), 202)]
    page = visit(shop)
    field = page.get_by_role("spinbutton", name=f"Points for {SLIDER['name']}")
    field.fill("88")
    field.blur()
    use = page.get_by_role("button", name=f"Use points: {SLIDER['name']}")
    expect(page.get_by_text("Use 75 points")).to_be_visible()
    use.click()
    expect(_status(page)).to_have_text("That did not work. Please try again.")
    use.click()
    expect(_status(page)).to_have_text("5.00 EUR off is taken off")

    first, second = _asked(shop, WISHES)
    assert first == second
    assert 75 == first["points"]


def test_the_app_is_told_the_language_of_the_extension(open_shop, visit, show):
    shop = open_shop(Answer(a_guest()), **show("Checkout", language="de"))
    expect(visit(shop).get_by_text("This order earns you")).to_be_visible()
    assert 2 == shop.queries.count("lang=de")


@pytest.mark.parametrize("name", ["AccountPage", "Checkout"])
def test_what_a_store_does_not_make_is_told_until_it_is_refused(
    open_shop, visit, show, name
):
    reason = "the store could not make it"
    waiting, made = a_redemption("waiting", name=""), a_redemption("granting")
    refused = a_redemption("refused", reason=reason)
    before = a_member(rewards=REWARDS, redemptions=[])
    shop = open_shop(Answer(before), **show(name))
    shop.redemptions = [Answer(waiting, 202)]
    page = visit(shop, own={})  # a page of its own, for its own clock
    page.clock.install()
    page.reload()
    take = page.get_by_role("button", name="Use points: 5.00 EUR off")
    take.click()
    # The standing lists a wish once somebody has looked at it.
    coming = "5.00 EUR off is being made; it will appear here"
    for pause in PAUSES_MS:
        with page.expect_response(f"**{WISHES}/r1?*"):
            page.clock.run_for(pause)
    expect(_status(page)).to_have_text(coming)

    shop.standings = [Answer({**before, "available": 20, "redemptions": [made]})]
    take.click()
    for pause in PAUSES_MS:
        with page.expect_response(f"**{WISHES}/r1?*"):
            page.clock.run_for(pause)
    expect(page.get_by_text("You have 20 points")).to_be_visible()
    expect(_status(page)).to_have_text(coming)
    first, second = _asked(shop, WISHES)
    assert first == second

    shop.standings = [Answer({**before, "redemptions": [refused]})]
    shop.redemptions = [Answer(refused)]
    with page.expect_response("**/api/standing?*"):
        page.clock.run_for(60_000)
    back = "Any points set aside for it are back."
    refusal = f"5.00 EUR off could not be had: {reason}. {back}"
    expect(_status(page)).to_have_text(refusal)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        take.click()
    assert _asked(shop, WISHES)[-1]["request_id"] != first["request_id"]


def test_a_gift_card_shows_its_code_and_pays(open_shop, visit, show):
    card = FIVE_OFF | {"kind": "gift_card", "name": "A gift card"}
    mine = a_redemption(kind="gift_card", name="A gift card")
    shop = open_shop(
        Answer(a_member(rewards=[card], redemptions=[])),
        Answer(a_member(rewards=[], redemptions=[mine])),
        **show("Checkout", codes=[]),
    )
    shop.files["/extensions/gift-card"] = '{"type": "error", "message": "No."}'
    shop.redemptions = [Answer(mine, 202)]
    page = visit(shop)
    page.get_by_role("button", name="Use points: A gift card").click()
    # It is worth as much tomorrow, so the points are not given back.
    expect(_status(page)).to_have_text(f"A gift card: {mine['code']}")
    assert [] == _asked(shop, f"{WISHES}/r1/cancel")

    shop.files["/extensions/gift-card"] = '{"type": "success"}'
    used = {"amountUsed": {"amount": 5, "currencyCode": "EUR"}, "balance": {}}
    told = json.loads(shop.files["/state.json"])
    told["giftCards"] = [{"lastCharacters": mine["code"][-4:].lower(), **used}]
    shop.files["/state.json"] = json.dumps(told)
    page.get_by_role("button", name="Use now: A gift card").click()
    expect(page.get_by_text("In use: A gift card")).to_be_visible()
    change = {"type": "addGiftCard", "code": mine["code"]}
    assert [change] * 2 == _asked(shop, "/extensions/gift-card")
    assert [] == _asked(shop, "/extensions/code")


@pytest.mark.parametrize(
    "name", ["Checkout", "ThankYou", "OrderStatus", "AccountBlock"]
)
def test_nobody_notices_that_the_app_is_away(open_shop, visit, show, name):
    shop = open_shop(Answer(status=500), **show(name))
    page = visit(shop)
    page.wait_for_load_state("networkidle")
    assert [b""] == shop.asked("/api/standing")
    assert "" == page.inner_text("body")


@pytest.mark.parametrize(
    "name", ["Checkout", "ThankYou", "OrderStatus", "AccountBlock", "AccountPage"]
)
def test_the_owner_is_told_in_the_editor_that_the_app_is_away(
    open_shop, visit, show, name
):
    told = show(name, editor={"type": "checkout"}, settings={"app_url": "/typo/"})
    page = visit(open_shop(Answer(status=500), **told))
    expect(page.get_by_text("Tallymark does not answer at /typo.")).to_be_visible()


def test_extensions_know_where_the_app_is_without_a_setting(
    open_shop, visit, show, tmp_path
):
    put_address_into(tmp_path)
    written = json.loads((tmp_path / "address.json").read_text())
    assert json.loads((EXTENSIONS / "address.json").read_text()) == written
    configuration = tomllib.loads(CONFIGURATION.read_text())
    assert configuration["application_url"] == f"{written['app_url']}/shopify"

    told = show("AccountBlock", editor={"type": "checkout"}, settings={})
    page = visit(open_shop(Answer(status=500), **told))
    expect(page.get_by_text(f"at {written['app_url']}.")).to_be_visible()


@pytest.mark.parametrize("name", ["ThankYou", "OrderStatus"])
def test_the_points_of_an_order_come_when_they_are_there(open_shop, visit, show, name):
    shop = open_shop(Answer(a_member()), **show(name, order=an_order(minutes_ago=1)))
    shop.files["/api/orders/5001"] = '{"points": 0, "state": "unknown"}'
    page = visit(shop)
    expect(page.get_by_text("on their way")).to_be_visible()
    shop.files["/api/orders/5001"] = '{"points": 25, "state": "earned"}'
    expect(page.get_by_text("You earned 25 points with this order")).to_be_visible()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("none", "This order earns no points"),
        ("returned", "The points for this order went back"),
        ("unpaid", "What this order earns comes once it is paid"),
        ("unknown", ""),
    ],
)
def test_an_older_order_promises_no_points(open_shop, visit, show, state, told):
    old = an_order(minutes_ago=60)
    shop = open_shop(Answer(a_member()), **show("OrderStatus", order=old))
    shop.files["/api/orders/5001"] = json.dumps({"points": 0, "state": state})
    page = visit(shop)
    if told:
        expect(page.get_by_text(told)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert bool(told) == page.locator("s-banner").count()
    assert 1 == len(shop.asked("/api/orders/5001"))


def test_a_guest_learns_how_to_collect_the_points(open_shop, visit, show):
    page = visit(open_shop(Answer(a_guest()), **show("ThankYou")))
    expect(page.get_by_text("Open an account with this e-mail")).to_be_visible()


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (
            "en.default",
            [
                "on orders from €20.00 on · up to 50 % of an order · valid for 30 days"
                " · offered until Dec 24, 2026 · no points back if unused",
                "€12.50 given so far",
                "Valid until Dec 24, 2026, 2:30 PM",
                "Your tier: Silver, until Mar 31, 2027",
            ],
        ),
        (
            "de",
            [
                "für Bestellungen ab €20.00 · bis zu 50 % einer Bestellung"
                " · 30 Tage gültig · zu haben bis Dec 24, 2026"
                " · ungenutzt keine Punkte zurück",
                "€12.50 gespendet",
                "Gültig bis Dec 24, 2026, 2:30 PM",
                "Deine Stufe: Silver, bis Mar 31, 2027",
            ],
        ),
    ],
)
def test_the_account_tells_terms_totals_and_last_days(
    open_shop, visit, show, words, texts
):
    told = a_member(
        rewards=[LIMITED | {"kind": "amount_off"}, TREES],
        prizes=[FREE_TEA | {"kind": "free_product", "terms": LIMITED["terms"]}],
        redemptions=[a_redemption(valid_until="2026-12-24T14:30:30Z")],
        tier=SILVER | {"to_stay": None, "until": "2027-04-01T00:00:00Z"},
    )
    spoken = f"/widget/extensions/words/{words}.json"
    shop = open_shop(Answer(told), **show("AccountPage", words=spoken))
    shop.donations = [Answer({"donations": [GIVEN]})]
    page = visit(shop)
    for times, text in zip((2, 1, 1, 1), texts, strict=True):
        expect(page.get_by_text(text)).to_have_count(times)
    assert 1 == len(shop.asked("/api/donations"))
    assert [] == violations(page)


def test_the_account_asks_for_no_totals_without_a_cause(open_shop, visit, show):
    told = a_member(rewards=REWARDS, redemptions=[], tier=SILVER)
    shop = open_shop(Answer(told), **show("AccountPage"))
    page = visit(shop)
    # What keeps the tier says until when by itself.
    expect(page.get_by_text(SILVER["to_stay"])).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [] == shop.asked("/api/donations")


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (
            "en.default",
            ["Drawn on Nov 20, 2026", "You won!", "Drawn after Dec 24, 2026"],
        ),
        ("de", ["Gezogen am", "Du hast gewonnen!", "Ziehung nach dem"]),
    ],
)
def test_the_account_tells_of_draws(open_shop, visit, show, words, texts):
    spoken = f"/widget/extensions/words/{words}.json"
    told = a_member(rewards=[SPA], redemptions=[])
    shop = open_shop(Answer(told), **show("AccountPage", words=spoken))
    shop.giveaways = [Answer({"giveaways": [NEXT_DRAW | {"draws": [DRAWN]}]})]
    page = visit(shop)
    for text in (*texts, DRAWN["seed"], NEXT_DRAW["commitment"]):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_text(OWN_ENTRY)).to_have_count(3)
    assert 1 == len(shop.asked("/api/giveaways"))
    assert [] == violations(page)


def test_the_account_shows_everything_and_axe_finds_nothing(open_shop, visit, show):
    told = a_member(
        rewards=REWARDS,
        redemptions=[a_redemption()],
        tier=SILVER,
        referral={"code": "ABCDEFGHJK", "gift": None},
    )
    page = visit(open_shop(Answer(told), **show("AccountPage")))
    for text in (
        "You have 120 points",
        "180 points to Free shipping",
        "Your tier: Silver",
        "5.00 EUR off: TMABCDEFGHJK",
        "Your code: ABCDEFGHJK",
        "Order #1001 · +120 · Nov 22, 2026",
    ):
        expect(page.get_by_text(text)).to_be_visible()
    assert [] == violations(page)

    page = visit(open_shop(Answer(told), **show("AccountBlock")))
    expect(page.get_by_text("You have 120 points")).to_be_visible()


def test_the_block_in_the_account_leads_to_the_page_of_its_own(open_shop, visit, show):
    settings = EXTENSIONS / "account_page" / "shopify.extension.toml"
    [own] = tomllib.loads(settings.read_text())["extensions"]
    member = a_member(rewards=REWARDS, redemptions=[])
    page = visit(open_shop(Answer(member), **show("AccountBlock")))
    link = page.get_by_role("link", name="Your rewards")
    expect(link).to_have_attribute("href", "/account/rewards")
    written = page.locator("s-link").get_attribute("href")

    assert f"extension:{own['handle']}/" == written
