"""Two hundred wishes of one member at one moment, to two web processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from app.api.asking import ASKED_MAX
from app.domain.program import Program
from app.domain.rewards import Donation
from app.storage import stores
from app.storage.database import Database
from tests.benchmarks.home import Home, temporary_home, wait_until_idle
from tests.benchmarks.load import Deliveries, fire_here
from tests.benchmarks.orders import customer_id
from tests.benchmarks.rounds import Row, Size, spread
from tests.builders.at_once import ask_at_once, wish
from tests.builders.line import DOMAIN

# So many wishes of a member come together, and so soon they are to be answered.
_MANY = 200
_P99_MS = 2_000
# An order of the load pays for a few of these, and leaves points over. They are had at
# once: no store has to make them.
_REWARD = Donation(points_cost=100, amount=Decimal(1), cause="Trees", key="trees")

_ACCEPTED = """
    select count(*) from redemption join customer using (program_id, member_id)
    where customer.customer_id = %s and state <> 'refused'
"""


@dataclass(frozen=True)
class _Round:
    """What became of the wishes of one member."""

    p99_ms: float
    statuses: Counter[int]
    affordable: int
    accepted: int


def measure(size: Size) -> list[Row]:
    """Have one member after another wish for too much, the first to warm up."""
    with temporary_home() as home:
        _offer(home)
        web = home.web(WEB_CONCURRENCY="2")
        home.worker()
        _, *rounds = [_asked(home, web.port, each) for each in range(size.rounds + 1)]
    statuses = sum((each.statuses for each in rounds), Counter[int]())
    told = ", ".join(f"{count:,} of {status}" for status, count in statuses.items())
    paid_for = " or ".join(map(str, sorted({each.affordable for each in rounds})))
    wrong = [abs(each.accepted - each.affordable) for each in rounds]
    return [
        Row(
            f"{_MANY} wishes of a member at one moment, two web processes, p99",
            "ms",
            spread([each.p99_ms for each in rounds]),
            at_most=_P99_MS,
            note=f"{_MANY} connections made before, the last byte of each sent together"
            f"; a worker; each round is another member's, who may ask {ASKED_MAX} times"
            f" an hour: {told}",
        ),
        Row(
            f"Answers of 5xx to {statuses.total():,} wishes",
            "",
            spread([sum(count for each, count in statuses.items() if each >= 500)]),
            at_most=0,
        ),
        Row(
            "Rewards too many or too few, all rounds together",
            "",
            spread([sum(wrong)]),
            at_most=0,
            note=f"of each member's {_MANY} wishes {paid_for} could be paid for",
        ),
    ]


def _offer(home: Home) -> None:
    """Have the store offer the reward that all wish for."""
    database = Database(home.database_url())
    with database.auditor() as connection:
        store = stores.the_store(connection, "shopify", DOMAIN)
    with database.program(store.program_id) as connection:
        program = Program(rewards=(_REWARD,))
        stores.save_program(connection, store.program_id, program, None)
    database.close()


def _asked(home: Home, port: int, number: int) -> _Round:
    """Have a member buy once and wish too often, and wait until that is decided."""
    customer = customer_id(number)
    fire_here(port, Deliveries(range(number, number + 1), [number])).expect(200)
    wait_until_idle(home.inbox)
    affordable = home.inbox.available([customer])[customer] // _REWARD.points_cost
    assert 0 < affordable < ASKED_MAX, affordable
    wishes = [wish(customer, f"request-{each}", _REWARD.key) for each in range(_MANY)]
    answered = ask_at_once(port, wishes)
    wait_until_idle(home.inbox)
    [(accepted,)] = home.database.execute(_ACCEPTED, [customer]).fetchall()
    return _Round(
        answered.p99_s * 1000, Counter(answered.statuses), affordable, accepted
    )
