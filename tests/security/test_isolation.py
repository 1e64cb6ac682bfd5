"""What a route is asked about by an id is, for strangers, as if there were none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from app.counter.link import counter_path
from app.domain.actions import Review
from app.domain.program import Program
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff, GiveawayEntry, Service
from app.main import create_app
from app.storage import giveaways
from tests.builders.line import DOMAIN, TestLine, proxy_query
from tests.builders.shopify import a_line, an_order
from tests.builders.tokens import a_session_token
from tests.builders.tool_keys import a_tool_key
from tests.security.callers import Told, told
from tests.security.matrix import REPORT_KEY, WISH_ID

OTHER = "other.myshopify.com"
ADA, EVE = "7001", "7002"
REPAIR = Service(points_cost=30, key="repair", service="Repair")
OFF = AmountOff(points_cost=10, key="off", amount=Decimal(1))
SPA = GiveawayEntry(points_cost=10, key="spa", prize="a spa")
DEAR = AmountOff(points_cost=9000, key="dear", amount=Decimal(9))
NO_WISH, NO_CODE, NO_ORDER = "0" * 32, "ABCDEFGHJK", "404404"
NO_COMMITMENT = "0" * 64
NO_MESSAGE = "/11111111-1111-4111-8111-111111111111/"


@dataclass(frozen=True)
class Scenery:
    """A store with things of Ada's, and another store in which her number is known."""

    line: TestLine
    wishes: tuple[str, ...]
    friends_code: str
    counter: str
    other_counter: str
    taken_in: str
    commitment: str


@pytest.fixture(scope="module")
def scenery(module_line: TestLine) -> Scenery:
    """Wishes of Ada's in every state that a stranger might find them in."""
    line = module_line
    other = line.add_store(OTHER)
    program = Program(
        rewards=(REPAIR, OFF, DEAR, SPA),
        referral=ReferralTerms(),
        actions=(Review(),),
    )
    for first, store in ((6001, other), (5001, line.store)):
        line.store = store
        line.set_program(program)
        header = {"X-Shopify-Shop-Domain": store.domain}
        for number, customer in enumerate((ADA, EVE)):
            order = an_order(
                a_line("1000.00"), id=first + number, customer={"id": int(customer)}
            )
            line.deliver("orders/paid", order, **header)
    line.worker.drain()
    # What was asked for under a programme that is gone was refused without a trace.
    rewards = "repair", "off", "dear", "off"
    wishes = [WISH_ID, *(line.redeem(int(ADA), each)["id"] for each in rewards)]
    gone = wishes[-1]
    line.post(f"redemptions/{gone}/cancel", ADA)
    line.worker.drain()
    line.fulfilling.work()
    _report(line, REPORT_KEY)
    line.worker.drain()
    _report(line, "one-that-waits")
    counter, other_counter = (
        counter_path("secret", store.program_id, store.store_id)
        for store in (line.store, other)
    )
    code = line.redemption(int(ADA), wishes[1])["code"]
    taken_in = line.client.post(counter, data={"code": code}).headers["Location"]
    line.worker.drain()
    body = {"request_id": "one-that-waits", "reward_id": "off"}
    waiting = line.post("redemptions", ADA, body).get_json()["id"]
    line.redeem(int(ADA), "spa")
    program_id = line.store.program_id
    with line.in_program() as connection:
        commitment = giveaways.promise(connection, "secret", program_id, "spa")
    with line.in_program() as connection:
        giveaways.hold(connection, "secret", program_id, "spa", 1)
    return Scenery(
        line=line,
        wishes=(*wishes, waiting),
        friends_code=code_of_member(
            "secret", line.store.program_id, line.member_id(ADA)
        ),
        counter=counter,
        other_counter=other_counter,
        taken_in=taken_in.removeprefix(counter),
        commitment=commitment,
    )


def _report(line: TestLine, key: str) -> None:
    proof = {"Authorization": f"Bearer {a_tool_key(line.client)}"}
    answer = line.client.post(
        "/tools/actions",
        json={"customer_id": ADA, "action": "review"},
        headers=proof | {"Idempotency-Key": key},
    )
    assert 202 == answer.status_code, answer.get_json()


@dataclass(frozen=True)
class Entry:
    """A route that names a thing: what there is, what there is not, and who may see.

    Where `is_of_store`, all of the store may see it. `links` are asked as they are, by
    whoever has the link; the last of each pair is about nothing.
    """

    things: Callable[[Scenery], tuple[str, ...]] = lambda _: ()
    nothing: str = ""
    is_of_store: bool = False
    links: Callable[[Scenery], tuple[tuple[str, str], ...]] = lambda _: ()


def _wishes(scenery: Scenery) -> tuple[str, ...]:
    return scenery.wishes


def _counters(scenery: Scenery) -> tuple[tuple[str, str], ...]:
    own, other = scenery.counter, scenery.other_counter
    nowhere = f"{own[:-1]}{'a' if own[-1] != 'a' else 'b'}"
    # The key of another store with the number of this one.
    crossed = f"{own.rpartition('-')[0]}-{other.rpartition('-')[2]}"
    return ((crossed, nowhere), (own[:-1], nowhere))


def _results(scenery: Scenery) -> tuple[tuple[str, str], ...]:
    other = scenery.other_counter
    nothing = f"{other}{NO_MESSAGE}{NO_WISH}"
    # A database takes no NUL, and would complain.
    return ((f"{other}{scenery.taken_in}", nothing), (nothing[:-1] + "%00", nothing))


def _sign_ins(_: Scenery) -> tuple[tuple[str, str], ...]:
    return (("/owner/open/e30.AAAA", "/owner/open/none"),)


WISHES = Entry(_wishes, NO_WISH)
CODES = Entry(lambda scenery: (scenery.friends_code,), NO_CODE, is_of_store=True)
DRAWS = Entry(lambda scenery: (scenery.commitment,), NO_COMMITMENT, is_of_store=True)
ENTRIES = {
    "GET /proxy/redemptions/<redemption_id>": WISHES,
    "GET /proxy/redemptions/<redemption_id>/qr.svg": WISHES,
    "POST /proxy/redemptions/<redemption_id>/cancel": WISHES,
    "GET /api/redemptions/<redemption_id>": WISHES,
    "POST /api/redemptions/<redemption_id>/cancel": WISHES,
    "GET /api/orders/<order_id>": Entry(lambda _: ("5001",), NO_ORDER),
    "GET /proxy/r/<code>": CODES,
    "GET /proxy/referrals/<code>": CODES,
    "GET /proxy/giveaways/<commitment>": DRAWS,
    "GET /api/giveaways/<commitment>": DRAWS,
    "GET /tools/actions/<key>": Entry(
        lambda _: (REPORT_KEY, "one-that-waits"), "no-report", is_of_store=True
    ),
    "GET /counter/<key>": Entry(links=_counters),
    "POST /counter/<key>": Entry(links=_counters),
    "GET /counter/<key>/<uuid:message>/<redemption_id>": Entry(links=_results),
    # What opens nothing is tried at length in test_owner_page.py.
    "GET /owner/open/<words>": Entry(links=_sign_ins),
}
BY_PROOF = [name for name, entry in ENTRIES.items() if entry.nothing]
BY_LINK = [name for name in ENTRIES if name not in BY_PROOF]


def _asked(
    line: TestLine, url: str, method: str, customer_id: str, domain: str
) -> Told:
    """Ask with a true proof of being that customer of that store, or a guest."""
    if url.startswith("/api/"):
        token = a_session_token(customer_id, dest=domain)
        headers = {"Authorization": f"Bearer {token}"}
        return told(line.client.open(url, method=method, headers=headers))
    if url.startswith("/tools/"):
        headers = {"Authorization": f"Bearer {a_tool_key(line.client, domain)}"}
        return told(line.client.open(url, method=method, headers=headers))
    query = proxy_query(customer_id, shop=domain)
    return told(line.client.open(f"{url}?{query}", method=method))


def _ask(
    scenery: Scenery, name: str, thing: str, customer_id: str, domain: str = DOMAIN
) -> Told:
    method, _, rule = name.partition(" ")
    url = f"{rule[: rule.index('<')]}{thing}{rule[rule.index('>') + 1 :]}"
    return _asked(scenery.line, url, method, customer_id, domain)


def test_every_route_that_names_a_thing_has_an_entry(module_line: TestLine):
    served = {
        f"{method} {rule.rule}"
        for rule in create_app(module_line.settings).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.arguments
    }

    assert served == set(ENTRIES)


STRANGERS = [(EVE, DOMAIN), ("", DOMAIN), (ADA, OTHER), (EVE, OTHER), ("", OTHER)]


@pytest.mark.parametrize(
    ("name", "customer_id", "domain"),
    [
        (name, *stranger)
        for name in BY_PROOF
        for stranger in STRANGERS
        if not (ENTRIES[name].is_of_store and stranger[1] == DOMAIN)
    ],
)
def test_a_strangers_thing_is_as_if_there_were_none(
    scenery: Scenery, name: str, customer_id: str, domain: str
):
    entry, before = ENTRIES[name], len(scenery.line.inbox())
    none = _ask(scenery, name, entry.nothing, customer_id, domain)

    for thing in entry.things(scenery):
        assert none == _ask(scenery, name, thing, customer_id, domain), thing
    assert before == len(scenery.line.inbox())


@pytest.mark.parametrize("name", [each for each in BY_PROOF if "cancel" not in each])
def test_whose_it_is_sees_it(scenery: Scenery, name: str):
    """So that the above means something."""
    entry = ENTRIES[name]
    none = _ask(scenery, name, entry.nothing, ADA)
    seen = [
        each for each in entry.things(scenery) if _ask(scenery, name, each, ADA) != none
    ]

    # What was refused, or waits, has no picture.
    assert seen
    assert "qr.svg" in name or len(seen) == len(entry.things(scenery))


STRANGE = ("a%00b", "%F0%9F%98%80", "x" * 3000, "%D9%A3", "-1", "1e9", "%EF%BF%BE")


@pytest.mark.parametrize("name", BY_PROOF)
@pytest.mark.parametrize("thing", STRANGE, ids=lambda thing: thing[:9])
def test_a_strange_id_is_that_of_nothing(scenery: Scenery, name: str, thing: str):
    none = _ask(scenery, name, ENTRIES[name].nothing, ADA)

    assert none == _ask(scenery, name, thing, ADA)


@pytest.mark.parametrize("name", BY_LINK)
def test_a_link_that_is_not_quite_right_opens_nothing(scenery: Scenery, name: str):
    method = name.partition(" ")[0]
    for url, nothing in ENTRIES[name].links(scenery):
        answers = [
            scenery.line.client.open(each, method=method, data={"code": "x"})
            for each in (url, nothing)
        ]

        assert told(answers[0]) == told(answers[1]), url
        assert answers[0].status_code in (401, 404)


def test_the_true_links_open(scenery: Scenery):
    """So that the above means something."""
    for url in (scenery.counter, f"{scenery.counter}{scenery.taken_in}"):
        assert 200 == scenery.line.client.get(url).status_code
    assert UUID(scenery.taken_in.split("/")[1])
