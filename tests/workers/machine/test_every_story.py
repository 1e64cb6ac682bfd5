"""Every rarer thing that can happen to a member does, whatever random lives come to."""

from __future__ import annotations

from collections import Counter

import pytest

from app.domain.program import ExpiryRounding
from tests.workers.machine.answering_store import Mood
from tests.workers.machine.installation import DOMAINS, Installation
from tests.workers.machine.lives import ANYWHERE, Lives
from tests.workers.machine.programs import PROGRAMS
from tests.workers.machine.reached import MUST_BE_REACHED, missed
from tests.workers.machine.shop import CUSTOMERS
from tests.workers.machine.wishing import ADA

# What happens in a store whatever else does, since its programme is about that.
ITS_OWN = {
    "campaigns": ("budget_runs_out", "prizes_of_an_old_version"),
    "tiered": (
        "tier_is_given_and_taken",
        "tags_come_and_go",
        "tagged_customer_is_merged",
        "membership_is_bought",
    ),
    "engaged": (
        "newsletter_is_subscribed",
        "tool_reports",
        "member_does_much",
        "prizes_are_taken",
        "prize_outlives_its_card",
        "program_changes",
    ),
    "befriended": ("member_does_much", "program_changes", "friend_is_brought"),
    "active": (
        "account_is_opened",
        "score_rises_and_falls",
        "subscription_ends",
        "silence_is_broken_late",
    ),
    "limited": ("year_ends", "program_changes"),
    "plain": ("last_place_is_given_back",),
}
# To what the days are rounded up on which points end; elsewhere they are not.
ENDING = {"engaged": ExpiryRounding.MONTH_END, "limited": ExpiryRounding.FIXED_DAY}
# Where all orders go back at last, whatever that undoes.
GIVEN_BACK = ("engaged", "tiered")


@pytest.mark.timeout(900)
def test_every_story_ends_as_the_facts_say(
    installation: Installation, seen: Counter[str]
):
    for number, program in enumerate(PROGRAMS):
        lives = Lives(installation, seen)
        rounding = ENDING.get(program, ExpiryRounding.EXACT)
        lives.begin(program, rounding, number, ANYWHERE[number % 5])
        _tell(lives, program, number)
        lives.teardown()

    assert set() == missed(seen, MUST_BE_REACHED)


def _owe_and_hold(lives: Lives) -> None:
    """In the store that holds points: a debt, and money that has yet to go back."""
    domain = DOMAINS[0]
    lives.adjust(domain, ADA, -200, 9, 1)
    lives.place(domain, ADA, [(2, 4)], True, 1, "settled")
    last = len(lives.shops[domain].orders) - 1
    lives.refund(domain, last, "pending", 1, "first only")
    lives.check()
    lives.time_passes(12, True)
    lives.check()


def _tell(lives: Lives, program: str, number: int) -> None:
    """Have a store's own stories happen, and some of those that all can have."""
    if number % 3 == 0:
        _owe_and_hold(lives)
    shop = lives.shops[DOMAINS[1]]
    stories = *ITS_OWN.get(program, ()), *ANYWHERE[number % 5 :: 5]
    for told, story in enumerate(stories, start=number):
        how = ("settled", "repeated", "reversed")[told % 3]
        lives.tell(shop.domain, story, told % 2, how)
    for which in range(len(shop.orders) if program in GIVEN_BACK else 0):
        lives.refund(shop.domain, which, "all", 0, "settled")
    lives.judge_referral(shop.domain, 0, bool(number % 2), 1)
    lives.duplicate_comes_while_another_works(0, bool(number % 2))
    lives.worker_dies(0, bool(number % 2))
    lives.worker_is_overtaken(0)
    lives.wish(shop.domain, ADA, "money", 1, 1, "settled")
    for mood in Mood:
        lives.stores_are_asked(mood, 1)
    if number % 3 == 0:
        lives.redact(shop.domain, ADA, False)
    elif not shop.merged:
        # Who became part of somebody is forgotten with them.
        lives.merge(shop.domain, 1, 0, "settled")
        lives.redact(shop.domain, CUSTOMERS[1], False)
