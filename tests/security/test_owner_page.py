"""The owner's page opens for its own link only, and takes only its own forms."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from app.domain.actions import Review
from app.domain.program import Program
from app.domain.rewards import Goods
from app.main import create_app
from app.owner.sign_in import LINK_LASTS, SIGN_IN_LASTS, link_path
from app.storage import stores
from app.storage.program_document import dump_program
from tests.builders.attacks import ATTACKS, VIOLATIONS, messages
from tests.builders.line import DOMAIN, TestLine
from tests.builders.listening import listening
from tests.builders.shopify import an_order
from tests.security.test_headers import HARD

OTHER = "other.myshopify.com"
COOKIE = "tallymark_owner"
PROGRAM, FORM = "/owner/program", "/owner/program/form"
APPROVALS = "/owner/approvals"
POSTS = (FORM, "/owner/program/look", "/owner/program/save", APPROVALS, "/owner/leave")


def a_link(domain: str = DOMAIN, secret: str = "secret", ago: timedelta | None = None):
    """The link that opens a store's page, made some time ago."""
    return link_path(
        secret, "shopify", domain, datetime.now(UTC) - (ago or timedelta())
    )


def a_browser(line: TestLine, *links: str) -> FlaskClient:
    """A browser that has followed these links."""
    client = line.client.application.test_client()
    for link in links:
        client.get(link)
    return client


def page_of(client: FlaskClient) -> str:
    """The page that a browser is shown, empty where it is not let in."""
    answer = client.get(PROGRAM)
    return answer.get_data(as_text=True) if answer.status_code == 200 else ""


def token_of(client: FlaskClient) -> str:
    """What tells a form of this browser's from others."""
    found = re.search('name="_token" value="([0-9a-f]+)"', page_of(client))
    assert found
    return found.group(1)


def versions(line: TestLine) -> int:
    """How many versions the programmes of all stores have."""
    with line.database.auditor() as connection:
        return sum(
            len(stores.program_history(connection, program).versions)
            for program in stores.all_programs(connection)
        )


def refused(answer: TestResponse, status: int) -> bool:
    """Whether an answer is a refusal that tells nothing of any programme."""
    page = answer.get_data(as_text=True)
    return answer.status_code == status and "for each 1.00" not in page


def test_a_link_opens_the_page_of_its_store_and_no_other(line: TestLine):
    line.add_store(OTHER)
    mine, theirs = (a_browser(line, a_link(domain)) for domain in (DOMAIN, OTHER))

    assert DOMAIN in page_of(mine)
    assert OTHER not in page_of(mine)
    assert OTHER in page_of(theirs)
    # Who follows the link of another store is its owner from then on, and no more
    # that of the first: a form that is still open there does nothing.
    token = token_of(mine)
    mine.get(a_link(OTHER))
    assert DOMAIN not in page_of(mine)
    answer = mine.post("/owner/program/save", data={"_token": token, "_seen": "1"})
    assert refused(answer, 403)
    assert 2 == versions(line)


def test_a_link_and_a_sign_in_end(line: TestLine):
    old = a_link(ago=LINK_LASTS + timedelta(seconds=2))
    assert refused(line.client.get(old), 401)
    assert "" == page_of(a_browser(line, old))
    assert "" != page_of(a_browser(line, a_link(ago=LINK_LASTS / 2)))

    in_time = create_app(line.settings)
    client = in_time.test_client()
    client.get(a_link())
    doors = in_time.extensions["tallymark"]
    late = datetime.now(UTC) + SIGN_IN_LASTS + timedelta(seconds=2)
    assert "" != page_of(client)
    object.__setattr__(doors, "now", lambda: late)
    assert refused(client.get(PROGRAM), 401)
    doors.database.close()


def test_a_link_that_nobody_made_opens_nothing(module_line: TestLine):
    client = module_line.client
    unknown = client.get(PROGRAM).get_data()
    for link in (
        a_link(secret="another secret"),
        a_link()[:-1],
        a_link() + "A",
        a_link().replace("open/", "open/A"),
        a_link("nobody.myshopify.com"),
        "/owner/open/e30.AAAA",
        "/owner/open/٣",
        "/owner/open/" + "A" * 3000,
    ):
        answer = client.get(link)
        assert refused(answer, 401)
        assert "Set-Cookie" not in answer.headers
        assert unknown == answer.get_data()


def test_what_is_signed_for_one_purpose_is_nothing_for_another(module_line: TestLine):
    link = a_link().rpartition("/")[2]
    client = module_line.client
    client.set_cookie(COOKIE, link, domain="localhost")
    assert refused(client.get(PROGRAM), 401)

    client.get(a_link())
    cookie = client.get_cookie(COOKIE)
    assert cookie
    stranger = module_line.client.application.test_client()
    assert refused(stranger.get(f"/owner/open/{cookie.value}"), 401)


@pytest.mark.parametrize("path", POSTS)
def test_a_form_of_another_page_does_nothing(line: TestLine, path: str):
    line.add_store(OTHER)
    mine, another = a_browser(line, a_link()), a_browser(line, a_link(OTHER))
    data = {"_seen": "1", "_draft": '{"credit_after_days": 9}'}
    forged = ({}, {"_token": ""}, {"_token": "0" * 64}, {"_token": token_of(another)})

    assert all(refused(mine.post(path, data=data | each), 403) for each in forged)
    assert 2 == versions(line)
    true = mine.post(path, data=data | {"_token": token_of(mine)})
    # Of what says not even about what it decides, no more is wrong.
    assert true.status_code == 400 if path == APPROVALS else true.status_code < 400


def test_nobody_is_shown_a_page_who_is_not_let_in(module_line: TestLine):
    stranger = module_line.client.application.test_client()

    assert all(refused(stranger.get(each), 401) for each in (PROGRAM, FORM, APPROVALS))
    for path in POSTS:
        assert refused(stranger.post(path, data={"_token": "", "_seen": "1"}), 401)


def test_a_name_that_no_database_takes_is_nothing(module_line: TestLine):
    client = a_browser(module_line, a_link())

    assert 200 == client.get(f"{APPROVALS}?told=a%00b").status_code


def test_one_who_leaves_has_to_be_let_in_again(module_line: TestLine):
    client = a_browser(module_line, a_link())
    client.post("/owner/leave", data={"_token": token_of(client)})

    assert refused(client.get(PROGRAM), 401)


def test_a_sign_in_ends_with_the_installation_that_it_was_made_in(line: TestLine):
    """Whoever had the store before, or worked there, has to be given a new link."""
    link = a_link()
    client = a_browser(line, link)
    token = token_of(client)
    line.settle(("app/uninstalled", {"id": 1, "myshopify_domain": DOMAIN}))
    assert refused(client.get(PROGRAM), 403)
    line.add_store(DOMAIN)

    assert refused(client.get(PROGRAM), 401)
    for path in POSTS:
        assert refused(client.post(path, data={"_token": token, "_seen": "1"}), 401)
    assert "" != page_of(a_browser(line, a_link()))


def test_what_a_link_is_made_of_cannot_be_made_up_from_what_it_shows(
    module_line: TestLine,
):
    """It holds its words in the open: nobody but its maker may have written them."""
    words = a_link().rpartition("/")[2]
    told, _, signature = words.rpartition(".")
    client = module_line.client
    for forged in (
        f"{told}.",
        told,
        f".{signature}",
        f".{told}.{signature}",
        f"{words}.{words}",
        words.swapcase(),
        a_link(OTHER).rpartition("/")[2].partition(".")[0] + f".{signature}",
    ):
        answer = client.get(f"/owner/open/{forged}")
        assert refused(answer, 401)
        assert "Set-Cookie" not in answer.headers


def test_the_cookie_is_for_this_host_and_no_script(module_line: TestLine):
    here = module_line.client.get(a_link()).headers["Set-Cookie"]
    there = module_line.client.get(a_link(), base_url="https://points.example").headers

    assert re.fullmatch(
        "tallymark_owner=[^;]+; Expires=[^;]+; Max-Age=28800; HttpOnly; Path=/; "
        "SameSite=Lax",
        here,
    )
    assert there["Set-Cookie"].startswith("__Host-tallymark_owner=")
    for each in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert f" {each}" in there["Set-Cookie"]
    assert "Domain" not in there["Set-Cookie"]


def test_behind_a_proxy_that_asks_by_this_machines_name_the_cookie_needs_tls(
    module_line: TestLine,
):
    settings = module_line.settings_with(public_url="https://points.example")
    client = create_app(settings).test_client()
    begun = client.get(a_link()).headers
    shown = page_of(client)
    left = client.post("/owner/leave", data={"_token": token_of(client)}).headers

    assert DOMAIN in shown
    for each in begun, left:
        assert each["Set-Cookie"].startswith("__Host-tallymark_owner=")
        assert " Secure;" in each["Set-Cookie"]


def test_the_pages_run_nothing_and_say_nothing_of_anybody(line: TestLine):
    person = {"id": 7001, "email": "canary@example.com", "first_name": "Canary"}
    line.settle(("orders/paid", an_order(customer=person | {"verified_email": True})))
    client = a_browser(line, a_link())
    looked_at = {"_draft": "{}", "_seen": "1", "_token": token_of(client)}
    answers = [client.get(path) for path in (PROGRAM, FORM, APPROVALS)]
    answers += [client.post(path, data=looked_at) for path in POSTS]
    answers += [client.get(PROGRAM)]

    policy = (
        "default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    for answer in answers:
        headers = dict(answer.headers)
        if answer.status_code != 303:
            assert re.fullmatch(policy, headers["Content-Security-Policy"])
        assert (
            headers.items()
            >= {
                name: text for name, text in HARD.items() if "Content" not in name
            }.items()
        )
        page = answer.get_data(as_text=True)
        assert "<script" not in page
        assert "anary" not in page


def test_a_form_that_is_too_long_is_not_read(module_line: TestLine):
    client = a_browser(module_line, a_link())
    data = {"_token": token_of(client), "_seen": "1", "_draft": "x" * 500_000}

    assert refused(client.post(FORM, data=data), 413)


class _Tags(HTMLParser):
    """What a browser would make of a page: its elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.made: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and what it would run."""
        self.made |= {tag, *(name for name, _ in attrs if name.startswith("on"))}
        self.text += "".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        """Note what people read."""
        self.text += data


STRANGE = Program(
    rewards=tuple(
        Goods(points_cost=1, key=f"r{number}", title=attack, description=attack)
        for number, attack in enumerate(ATTACKS)
    ),
    actions=(Review(needs_approval=True, title=ATTACKS[0]),),
)


def test_whatever_is_told_on_the_pages_is_only_text(line: TestLine):
    plain = Program(rewards=(Goods(points_cost=1, key="tea", title="Tea"),))
    line.settle(("orders/paid", an_order()))
    pages: list[set[str]] = []
    for program in plain, STRANGE:
        line.set_program(program)
        for reward in program.rewards:
            line.redeem(7001, reward.key)
        client = a_browser(line, a_link())
        sent = {"_token": token_of(client), "_seen": "1"}
        draft = json.dumps(dump_program(program))
        answers = [client.get(path) for path in (PROGRAM, FORM, APPROVALS)]
        answers += [
            client.post(path, data=sent | {"_draft": draft, "about": draft})
            for path in POSTS[:3]
        ]
        found = [_Tags(answer.get_data(as_text=True)) for answer in answers]
        pages.append(set().union(*(each.made for each in found)))

    text = "".join(each.text for each in found)
    assert [] == [attack for attack in ATTACKS if attack not in text]
    assert not pages[1] & {"script", "img", "iframe", "onerror", "onfocus"}
    # Nothing is an element that is not one of the page's own.
    assert pages[1] - {"dl", "dt", "dd"} <= pages[0] | {"em", "mark"}


def test_in_a_browser_nothing_of_it_runs_and_nothing_is_even_tried(
    line: TestLine, browser: Browser
):
    """Told by the store's own messages too, where the form offers what it heard."""
    line.set_program(STRANGE)
    for number, attack in enumerate(ATTACKS):
        line.settle(*messages(attack, number))
        line.redeem(7001, f"r{number}")
    with (
        listening(line.client.application) as url,
        browser.new_context() as context,
        context.new_page() as page,
    ):
        page.add_init_script(VIOLATIONS)
        page.goto(url + a_link())
        seen = ""
        for path in (PROGRAM, APPROVALS, FORM):
            page.goto(url + path)
            # Whatever a page keeps folded up, and what it offers to be chosen.
            seen += page.evaluate("document.documentElement.textContent")
            options = page.locator("input, option").evaluate_all(
                "all => all.map(one => one.value)"
            )
            seen += "\n".join(options)
            assert page.locator("script, img, iframe, svg").count() == 0
            assert page.evaluate("[window.hacked, window.violations]") == [None, []]
        page.get_by_role("button", name="Look first").click()
        assert page.get_by_role("heading", name="Look first").count() == 1
        assert page.evaluate("[window.hacked, window.violations]") == [None, []]

    assert [attack for attack in ATTACKS if attack not in seen] == []
    # What products and customers were tagged with, by which owners choose.
    assert [attack for attack in ATTACKS if attack.lower() not in seen] == []
