"""Which of the rarer things have happened to rewards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from app.domain.ledger import Reversal
from app.domain.rewards import Handling
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.wishes import OUT, Wish


def by_wishes(oracle: Oracle) -> Counter[str]:
    """What happened to rewards."""
    found: Counter[str] = Counter()
    for wish in oracle.wishes.values():
        refunds = wish.returns(oracle.facts) if wish.used_by else ()
        in_part = sum(each.points for each in refunds) < wish.points
        is_over = wish.decided is not None and wish.state == "refused"
        found["order of a reward refunded in part"] += bool(refunds) and in_part
        found["order of a reward refunded whole"] += bool(refunds) and not in_part
        found["redemption voided"] += is_over
        found["wish refused at once"] += wish.decided is None
        staff = wish.reward.handling is Handling.STAFF
        found["staff agreed"] += staff and wish.state == "used"
        found["staff refused"] += staff and is_over
        found["reward ended unused"] += wish.state == "ended"
        found.update(_by_date(wish))
        found.update(_by_money(wish))
        found.update(_by_goods(wish.reward.kind, is_in_part=in_part, refunds=refunds))
        found["unused reward gave nothing back"] += (
            wish.state == "ended" and not wish.gives_back
        )
    return found


def _by_goods(
    kind: str, *, is_in_part: bool, refunds: Collection[Reversal]
) -> Counter[str]:
    """What came back of rewards that lie on goods."""
    came = bool(refunds)
    return Counter(
        {
            "percentage returned in part": kind == "percent_off"
            and came
            and is_in_part,
            "free product returned in part": (
                kind == "free_product" and came and is_in_part
            ),
            "free shipping returned": kind == "free_shipping" and came,
        }
    )


def _by_money(wish: Wish) -> Counter[str]:
    """What happened to credit, gift cards, donations and entries to a draw."""
    kind, state = wish.reward.kind, wish.state
    return Counter(
        {
            "store credit stayed": kind == "store_credit" and state == "used",
            "gift card was spent": kind == "gift_card" and state == "used",
            "gift card ended unused": kind == "gift_card" and state == "ended",
            "draw entered": kind == "giveaway_entry" and state == "used",
            "draw entered too often": kind == "giveaway_entry" and state == "refused",
            "donation done": kind == "donation" and state == "used",
        }
    )


def by_prizes(oracle: Oracle) -> Counter[str]:
    """What happened to rewards that were won."""
    found: Counter[str] = Counter()
    wishes = [each for each in oracle.wishes.values() if each.prize]
    for wish in wishes:
        now = oracle.timeline.at(wish.asked_at).reward(wish.reward.id)
        back = wish.used_by and oracle.facts[wish.used_by[1]].refunds
        given = wish.decided is not None
        found["prize taken"] += given
        found["prize not there"] += not given
        found["prize of an older version"] += given and now != wish.reward
        found["prize stayed used"] += bool(back)
        found["prize had again"] += given and any(
            each.prize == wish.prize and each.gives_back for each in wishes
        )
    return found


def _by_date(wish: Wish) -> Counter[str]:
    """What happened to a reward that is for a date."""
    if wish.slot is None:
        return Counter()
    is_over = wish.decided is not None and wish.state in ("refused", "ended")
    return Counter(
        {
            "last place taken": wish.state in OUT,
            "date was full": wish.decided is None,
            "place given back": is_over,
            "booked date came": wish.state == "used",
            "date too near to cancel": wish.is_too_late,
        }
    )
