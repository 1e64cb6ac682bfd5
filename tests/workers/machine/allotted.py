"""What orders and surprises were allotted of budgets, held against the rules of that.

What is left for whom depends on who was settled first, so what was allotted is taken as
a fact; what may have been allotted, and what is held of it now, is reckoned here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal

from app.domain.allotments import Allotment
from app.domain.credits import MemberOrder
from app.domain.earning import Bonus, Campaign, Multiplier, PurchasePoints
from app.domain.eligible import count
from app.domain.program import Program

# An allotment is of a lot and a budget.
Key = tuple[str, str]


class Budgets:
    """The budgets of one programme, as they were when they were looked at last."""

    def __init__(self, program: Program) -> None:
        """Begin with nothing allotted."""
        self._program = program
        self.known: dict[Key, Allotment] = {}
        self.seen: Counter[str] = Counter()

    def learn(self, found: Iterable[Allotment]) -> None:
        """Take over what was allotted; raise where it may not have been."""
        now = {(each.lot, each.budget): each for each in found}
        assert self.known.keys() <= now.keys()
        for key, before in self.known.items():
            after = now[key]
            assert after.allotted >= before.allotted
            if before.ran_out:
                assert (after.allotted, after.ran_out) == (before.allotted, True)
            self.seen["refund freed a budget"] += after.used < before.used
        for name, limit in self._program.budgets.items():
            self._must_be_within(name, limit, now)
        self.known = now

    def _must_be_within(
        self, name: str, limit: int, now: Mapping[Key, Allotment]
    ) -> None:
        """Only what was allotted once, and is had again, is more than there is."""
        used_before = again = used = 0
        for key, each in now.items():
            before = self.known.get(key)
            if each.budget == name:
                assert 0 <= each.used <= each.allotted
                used += each.used
                if before:
                    used_before += before.used
                    again += max(0, min(each.used, before.allotted) - before.used)
        assert used <= max(limit, used_before) + again, name
        self.seen["allotted once, had again"] += again > 0
        allotted = sum(each.allotted for each in now.values() if each.budget == name)
        self.seen["freed budget used again"] += allotted > limit
        ran_out = [each for each in now.values() if each.ran_out]
        self.seen["budget ran out"] += any(each.allotted for each in ran_out)
        self.seen["surprise found no budget"] += any(
            each.lot.startswith("gift/") for each in ran_out
        )

    def told(self, lot: str) -> dict[str, int | None]:
        """How much of which budget an order may have."""
        return {
            budget: each.allotted
            for (whose, budget), each in self.known.items()
            if whose == lot
        }

    def is_allotted(self, lot: str) -> bool | None:
        """Whether a surprise found enough of its budget, None if nobody looked."""
        _, name, _ = lot.split("/", 2)
        known = self.known.get((lot, name))
        return known and known.allotted > 0

    def must_hold(
        self,
        orders: Iterable[MemberOrder],
        effects: Mapping[str, int],
        charged: Mapping[str, int],
    ) -> set[Key]:
        """Raise where a member's lots hold what they should not; return what they hold.

        `orders` are the member's, in the order in which they were placed; `charged` is
        what surprises count that brought rewards, whatever went back.
        """
        left = _points_left(effects)
        left.update(charged)
        wanted = _wanted(orders)
        for (lot, budget), (whole, now) in wanted.items():
            known = self.known.get((lot, budget))
            assert known, f"{lot} was allotted nothing of {budget}"
            assert known.ran_out or known.allotted >= whole
            assert known.used == min(known.allotted, now, left[lot]), (known, whole)
        for (lot, budget), known in self.known.items():
            if lot in left and lot.startswith("gift/"):
                assert known.used == left[lot]
                wanted[lot, budget] = known.allotted, known.used
        return set(wanted)

    def must_be_free(self, held: Iterable[Key]) -> None:
        """Raise where what nobody should have holds anything of a budget."""
        for key in self.known.keys() - set(held):
            assert self.known[key].used == 0, key


def _points_left(effects: Mapping[str, int]) -> Counter[str]:
    """What was earned by each lot, and has not gone back, by the ledger.

    What goes back is taken from whatever lot still has points; its cause says of what
    it is.
    """
    left: Counter[str] = Counter()
    for key, points in effects.items():
        kind, cause, lot, _ = key.split(":")
        if kind == "earn":
            left[lot] += points
        elif kind == "reverse":
            left[cause.partition("@")[2]] -= points
    return left


def _wanted(
    orders: Iterable[MemberOrder],
) -> dict[Key, tuple[int, int]]:
    """What campaigns would give to orders if there was enough: at first, and now."""
    found = {}
    for number, order in enumerate(each for each in orders if each.is_paid):
        program = order.program
        counted = count(order.facts, program.counting)
        base = counted.base_minor
        left = counted.returns[-1].remaining_minor if counted.returns else base
        for rule in program.earning:
            if not isinstance(rule, Campaign) or not rule.budget:
                continue
            is_early = number < (rule.conditions.order_to or 10**9)
            plain = plain_rate(program)
            whole, now = (_extra(rule, minor, base, plain) for minor in (base, left))
            if whole and is_early:
                found[order.lot, rule.name] = whole, now
    return found


def plain_rate(program: Program) -> Decimal:
    """How many points its plain rules give for each 1.00."""
    rules = (rule for rule in program.earning if isinstance(rule, PurchasePoints))
    return sum((rule.rate for rule in rules), Decimal(0))


def _extra(rule: Campaign, left_minor: int, base_minor: int, rate: Decimal) -> int:
    """What a campaign gives beside what plain rules do; parts of a point are one."""
    extra = Decimal(0)
    if isinstance(rule, Multiplier):
        extra = Decimal(left_minor) / 100 * rate * (rule.times - 1)
    elif isinstance(rule, Bonus) and base_minor:
        extra = Decimal(rule.points) * left_minor / base_minor
    return int(extra.to_integral_value(ROUND_CEILING))
