"""Which of the rarer things have happened to rewards, and beside orders."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from app.domain.actions import State
from app.domain.rewards import Handling
from tests.workers.machine.oracle import Oracle


def reached_by_wishes(oracle: Oracle) -> Counter[str]:
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
        found["unused reward gave nothing back"] += (
            wish.state == "ended" and not wish.gives_back
        )
    return found


def reached_by_deeds(oracle: Oracle, now: datetime) -> Counter[str]:
    """What happened to actions, cards, challenges, surprises and friends."""
    found: Counter[str] = Counter()
    states = [action.state for _, action in oracle.deeds.actions.values()]
    found["action refused"] += State.REFUSED in states
    for expected in oracle.expected(now).values():
        for credit in expected.engaged.credits:
            sort = credit.lot.partition("/")[0]
            what = credit.lot.split("/")[1] if sort == "action" else sort
            found[f"{what} earned"] += 1
            found[f"{what} rolled back"] += bool(credit.reversals)
        for lot, credit in expected.credits.items():
            if lot.startswith("referral/"):
                found["friend brought"] += 1
                found["referral reversed"] += bool(credit.reversals)
    return found
