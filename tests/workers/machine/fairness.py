"""What must hold of rewards whatever happened, told from the ledger and the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from app.domain.rewards import Donation
from app.storage.program_document import dump_reward
from tests.workers.machine.answering_store import AnsweringStore
from tests.workers.machine.contents import Contents, Kept
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.wishes import OUT, Wish


def must_be_fair(found: Contents, oracle: Oracle, store: AnsweringStore) -> None:
    """Raise where a reward costs what it should not, or is there for nothing."""
    wishes = {
        wish_id: (kept, row)
        for kept in found.members.values()
        for wish_id, row in kept.wishes
    }
    assert wishes.keys() == oracle.wishes.keys()
    for wish_id, (kept, row) in wishes.items():
        wish = oracle.wishes[wish_id]
        _must_be_as_told(wish, row)
        taken, back = _moved(kept, wish_id)
        assert sum(taken.values()) - sum(back.values()) == wish.costs(oracle.facts)
        assert not (wish.prize and taken)
        # What comes back does so to the lots that it was taken from.
        assert all(points <= taken[lot] for lot, points in back.items())
    codes = {oracle.wishlist.code(each.id): each for each in oracle.wishes.values()}
    assert all(codes[code].state in OUT for code in store.made)
    assert found.donated == _donated(oracle)


def _donated(oracle: Oracle) -> dict[str, Decimal]:
    """The money that members gave to each cause."""
    given: dict[str, Decimal] = defaultdict(Decimal)
    for wish in oracle.wishes.values():
        if isinstance(wish.reward, Donation) and wish.state == "used":
            given[wish.reward.cause] += wish.reward.amount
    return given


def _must_be_as_told(wish: Wish, row: dict[str, object]) -> None:
    used_by = wish.used_by and wish.used_by[1]
    told = wish.state, wish.customer, used_by, wish.ended_at, wish.gives_back
    names = "state", "customer_id", "used_order_id", "ended_at", "gives_back"
    assert tuple(row[name] for name in names) == told, wish
    assert row["prize"] == wish.prize
    assert not (wish.prize and row["points"])
    # It is the reward as it was when it was taken, or won.
    assert wish.decided is None or row["reward"] == dump_reward(wish.reward)
    assert wish.decided is None or row["valid_until"] == wish.valid_until


def _moved(kept: Kept, wish_id: str) -> tuple[Counter[str], dict[str, int]]:
    """How many points a wish took of each lot, and gave back to it, by the ledger.

    What was owed for it, and is owed no more, counts as a lot of its own.
    """
    taken: Counter[str] = Counter()
    back: dict[str, int] = defaultdict(int)
    for key, points in kept.effects.items():
        kind, cause, lot, path = key.split(":")
        if cause.rpartition("redemption/")[2] != wish_id:
            continue
        if kind == "reserve":
            taken[lot] += points
        elif kind == "refund" and path != "owed>available":
            back[lot] += points
    return taken, back


def must_be_at_rest(oracle: Oracle, store: AnsweringStore) -> None:
    """Raise where somebody waits for a reward, or has one that the store knows not."""
    for wish in oracle.wishes.values():
        assert wish.state not in ("granting", "ending")
        is_made = oracle.wishlist.code(wish.id) in store.made
        if wish.is_made_by_store and wish.state != "used":
            assert is_made == (wish.state == "granted")
