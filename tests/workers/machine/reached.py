"""Which of the rarer things have happened to somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.actions import State
from app.domain.ledger import Account, Kind
from app.domain.program import Program
from app.domain.tiers import Window
from app.domain.tiers.standing import TierStanding
from tests.workers.machine.contents import Contents
from tests.workers.machine.expecting import Expected
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.people import Person
from tests.workers.machine.plain_challenges import is_within
from tests.workers.machine.programs import BY_TAG
from tests.workers.machine.reached_rewards import by_prizes, by_wishes

# Thirty random lives that never came to one of these have shown little.
MUST_BE_LIVED = {
    "refund before its order",
    "refund into debt",
    "debt repaid by a later credit",
    "cancelled, then paid again",
    "duplicate after success",
    "duplicate while processing",
    "late refund of an expired lot",
    "redeemed, then refunded",
    "redemption voided",
}
# The stories come to all of these, some of which are rare in lives at random.
MUST_BE_REACHED = MUST_BE_LIVED | {
    "order of a reward refunded in part",
    "order of a reward refunded whole",
    "wish refused at once",
    "cancelled by who they became",
    "wish beside a merge",
    "staff agreed",
    "staff refused",
    "reward ended unused",
    "unused reward gave nothing back",
    "answer lost that was done",
    "code cancelled after its use",
    "store away",
    "store lost",
    "store refusing",
    "action repeated",
    "action refused",
    "review earned",
    "birthday earned",
    "anniversary earned",
    "joining earned",
    "stamps earned",
    "stamps rolled back",
    "challenge earned",
    "challenge rolled back",
    "gift earned",
    "gift rolled back",
    "referral earned",
    "referral rolled back",
    "referral judged",
    "guest claimed",
    "customers merged",
    "customer forgotten",
    "forgotten with who became them",
    "short way taken",
    "whole history folded",
    "worker died",
    "worker overtaken",
    "life lived to its end",
    "tier reached",
    "gift of a tier taken back",
    "tier-birthday earned",
    "tier-birthday rolled back",
    "budget ran out",
    "refund freed a budget",
    "freed budget used again",
    "allotted once, had again",
    "surprise found no budget",
    "label came",
    "label left",
    "label left after a merge",
    "campaign by tag",
    "campaign by segment",
    "tier by tag",
    "tier by hand",
    "tier by product",
    "tier taken by hand",
    "last place taken",
    "date was full",
    "place given back",
    "booked date came",
    "store credit stayed",
    "gift card was spent",
    "gift card ended unused",
    "draw entered",
    "draw entered too often",
    "date too near to cancel",
    "lapsed by inactivity",
    "late order undid a lapse",
    "earned under two versions",
    "friend of a newer version",
    "prize taken",
    "prize not there",
    "prize had again",
    "prize of an older version",
    "prize outlived what won it",
    "prize went back with its order",
    "prize stayed used",
    "percentage returned in part",
    "free product returned in part",
    "free shipping returned",
    "expired while reserved",
    "debt paid by what was released",
    "money yet to go back",
    "tier by score",
    "tier by score lost",
    "tier by subscription",
    "tier by subscription lost",
    "tier lost with its year",
    "tier for life",
    "points counted one by one",
    "invariants asked",
    "redeem during a refund",
    "voucher taken in at the counter",
    "voucher not taken in again",
    "donation done",
    "newsletter earned",
    "newsletter earned earlier",
    "survey earned",
    "event earned",
    "custom-repair-cafe earned",
    "tool answered 202",
    "tool answered 409",
    "tool answered 422",
    "tool told granted",
    "tool told refused",
    "tool told awaiting_approval",
    "tool's key was used",
    "unearned: actions_in_all",
    "unearned: actions_of_a_day",
    "unearned: so_often_in_all",
    "account earned",
    "account earned later",
    "visit card earned",
    "visit card rolled back",
    "windowed challenge earned",
    "ordered before a window",
    "ordered after a window",
    "limited by order",
    "limited by day",
    "limited by member",
    "points ended, exact",
    "points ended, month_end",
    "points ended, fixed_day",
}


def missed(seen: Counter[str], names: Iterable[str]) -> set[str]:
    """What of these a run never came to."""
    return {name for name in names if not seen[name]}


def reached(
    oracle: Oracle,
    expected: Mapping[Person, Expected],
    found: Contents,
    now: datetime,
) -> Counter[str]:
    """Which of the rarer things are there now."""
    seen: Counter[str] = Counter(oracle.budgets.seen)
    oracle.budgets.seen.clear()
    facts = oracle.facts.values()
    seen["refund before its order"] += any(
        each.refunds and not each.snapshot for each in facts
    )
    seen["money yet to go back"] += any(
        refund.payments and not any(p.status == "success" for p in payments)
        for each in facts
        for refund in each.refunds_in_time()
        for payments in [refund.payments.values()]
    )
    seen["guest claimed"] += any(
        each.buyer
        and each.buyer.customer_id is None
        and (oracle.owner(each.order_id) or ("", ""))[0] == "customer"
        for each in facts
    )
    seen["friend of a newer version"] += any(
        oracle.timeline.version(each.referral.version) is not oracle.program
        for each in oracle.friends.claims.values()
    )
    for person, each in expected.items():
        taken = oracle.wishlist.taken(person)
        seen["prize outlived what won it"] += len(taken) > len(each.engaged.prizes)
        terms = {id(order.program) for order in each.known.orders if order.is_paid}
        seen["earned under two versions"] += len(terms) > 1
        seen.update(_by_movements(each))
        seen.update(_by_deeds(each))
        seen.update(_by_labels(each))
        window = oracle.timeline.at(now).tiers.window
        before = oracle.tiers_before.get(person)
        seen.update(_by_tiers(each.climbed.standing, before, window, now))
        oracle.tiers_before[person] = each.climbed.standing
        seen.update(_by_windows(each, oracle.timeline.at(now)))
        seen[f"points ended, {oracle.program.expiry_rounding}"] += any(
            one.kind == Kind.EXPIRE and not one.cause.startswith("inactivity/")
            for one in each.fold.movements
        )
    states = [action.state for _, action in oracle.deeds.actions.values()]
    seen["action refused"] += State.REFUSED in states
    for kept in found.members.values():
        for name, effect in (
            ("late order undid a lapse", "expire:inactivity/"),
            ("newsletter earned earlier", "earn:action/newsletter/"),
            ("account earned later", "earn:action/joining/"),
        ):
            seen[name] += any(key.startswith(effect) for key in kept.undone)
        for told in kept.progress.unearned:
            seen[f"unearned: {told.reason.code}"] += 1
    seen.update(by_wishes(oracle))
    seen.update(by_prizes(oracle))
    return seen


def _by_movements(expected: Expected) -> Counter[str]:
    """What happened to points."""
    found: Counter[str] = Counter()
    spent, went_back, released = False, False, ""
    for each in expected.fold.movements:
        found["debt paid by what was released"] += (
            each.kind == Kind.REPAY and each.lot == released
        )
        released = each.lot if each.kind == Kind.RELEASE else ""
        if each.kind == Kind.REVERSE:
            found["refund into debt"] += each.source == Account.OWED
            found["late refund of an expired lot"] += each.source == Account.EXPIRED
            found["redeemed, then refunded"] += spent
            went_back = True
        found["redeem during a refund"] += (
            went_back and each.kind == Kind.RESERVE and each.source == Account.OWED
        )
        found["debt repaid by a later credit"] += each.kind == Kind.REPAY
        found["expired while reserved"] += (
            each.kind == Kind.REFUND
            and each.source == Account.RESERVED
            and each.expires_at is not None
            and each.expires_at <= each.at
        )
        found["lapsed by inactivity"] += each.cause.startswith("inactivity/")
        spent = spent or each.kind == Kind.REDEEM
    return found


def _by_labels(expected: Expected) -> Counter[str]:
    """What happened by tags, segments and tiers."""
    found: Counter[str] = Counter()
    standing, gifts = expected.climbed.standing, expected.climbed.gifts
    tier = standing.tier if standing else None
    found["tier reached"] += bool(tier)
    found["tier by tag"] += tier == BY_TAG
    why = standing.reason if standing else ""
    found["tier by hand"] += "was given by hand" in why
    found["tier by product"] += "membership" in why
    found["tier taken by hand"] += any(each.until for each in expected.known.held)
    found["gift of a tier taken back"] += any(each.reversals for each in gifts)
    spans = expected.known.labels.spans
    found["label came"] += bool(spans)
    found["label left"] += any(each.until for each in spans)
    given = [
        reason
        for lot, credit in expected.credits.items()
        if lot.startswith("order/")
        for reason in credit.reason.split("; ")
    ]
    found["campaign by tag"] += any(each.startswith("3 times") for each in given)
    found["campaign by segment"] += any(
        each.startswith("a bonus of 8") for each in given
    )
    return found


def _by_tiers(
    now_in: TierStanding | None,
    before: TierStanding | None,
    window: Window,
    now: datetime,
) -> Counter[str]:
    """What happened to a member's tier since somebody looked last."""
    found: Counter[str] = Counter()
    why = now_in.reason if now_in and now_in.tier else ""
    was = before.reason if before and before.tier else ""
    for name, words in (
        ("tier by score", " asks for a score of "),
        ("tier by subscription", " comes with a subscription"),
    ):
        found[name] += words in why
        found[f"{name} lost"] += words in was and words not in why
    found["tier for life"] += bool(why) and window is Window.LIFETIME
    found["tier lost with its year"] += (
        bool(was and not why)
        and window is Window.CALENDAR_YEAR
        and before is not None
        and before.until is not None
        and before.until <= now
    )
    return found


def _by_deeds(expected: Expected) -> Counter[str]:
    """What happened to actions, cards, challenges, surprises and friends."""
    found: Counter[str] = Counter()
    for lot, credit in expected.credits.items():
        sort, _, rest = lot.partition("/")
        if sort in ("order", "adjustment", "tier"):
            continue
        what = rest.partition("/")[0] if sort == "action" else sort
        found[f"{what} earned"] += 1
        found[f"{what} rolled back"] += bool(credit.reversals)
        if rest.startswith("visits-"):
            found["visit card earned"] += 1
            found["visit card rolled back"] += bool(credit.reversals)
        found["account earned"] += what == "joining" and "-" in rest
        found["windowed challenge earned"] += lot.startswith(
            ("challenge/spring/", "challenge/season/")
        )
    engaged = expected.engaged
    gifts = [each for each in engaged.prizes if each.source.startswith("gift/")]
    found["prize went back with its order"] += len(engaged.charged) > len(gifts)
    return found


def _by_windows(expected: Expected, program: Program) -> Counter[str]:
    """What was ordered too early for a challenge, or too late."""
    found: Counter[str] = Counter()
    placed = [
        order.facts.snapshot.processed_at
        for order in expected.known.orders
        if order.is_paid and order.facts.snapshot
    ]
    for challenge in program.challenges:
        for name, half_open in (
            ("ordered before a window", replace(challenge, ends_at=None)),
            ("ordered after a window", replace(challenge, starts_at=None)),
        ):
            found[name] += not all(is_within(half_open, at) for at in placed)
    return found
