"""English, in which reasons are kept as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from app.domain import phrases
from app.domain.languages.language import Language


class English(Language):
    """Says reasons in English."""

    sentences: ClassVar[Mapping[str, str]] = {
        "not_yet_offered": "it is offered from {at:day} on",
        "offered_no_more": "it was offered until {at:end}",
        "for_other_tiers": "it is for {tiers:listed} members",
        "for_other_customers": "it is for customers tagged {tags:quoted}",
        "too_few_orders": "it is for members with {orders:orders} or more",
        "had_so_often": "each member can have it {times:times}",
        "none_left": "there are none left",
        "no_dates": "it has no dates to choose from",
        "no_date_chosen": "choose one of its dates",
        "no_date_left": "none of its dates is left",
        "not_its_date": "{at:day} is none of its dates",
        "date_is_over": "{at:day} is over",
        "date_is_full": "{at:day} is full",
        "too_few_points": "{points:points} too few",
        "worth_too_little": "so few points are worth less than the smallest coin",
        "other_price": "it costs {points:points}",
        "below_least": "at least {points:points} at once",
        "above_most": "at most {points:points} at once",
        "not_in_steps": "points go in steps of {step:number}",
        "no_such_reward": "the reward is offered no more",
        "taken_already": "you took it already",
        "card_not_full": "this card is not full yet",
        "challenge_not_done": "this challenge is not done yet",
        "not_won": "you have not won it",
        "not_agreed": "the store did not agree",
        "no_answer_in_time": "the store did not answer before its date",
        "gift_refused": "refused by the store",
        "cancelled": "cancelled",
        "not_used_in_time": "it was not used in time",
        "was_used": "it was used before it ended",
        "card_was_used": "the card was used already: what is left on it is kept",
        "store_not_open": "the store has not let us make rewards yet",
        "not_allowed": "the store has not let us make rewards of this sort",
        "store_away": "the store could not be reached",
        "store_has_left": "the store has left the programme",
        "said_not_made": "the store says that it did not make it",
        "discount_ended": "the store has ended this discount",
        "product_not_sold": "the store does not sell this product",
        "code_not_fit": "a gift card's code has 8 to 20 letters and digits",
        "customer_forgotten": "the customer is forgotten",
        "no_friends_codes": "this store takes no friends' codes",
        "code_of_nobody": "nobody has this code: compare it with your friend's",
        "own_code": "this is your own code: give it to a friend",
        "ordered_before": "you have ordered before: it is for a first order",
        "brought_before": "another friend has brought you already",
        "code_refused": "the store has refused it: ask there",
    }

    def number(self, value: int) -> str:
        """Return a whole number as people write it."""
        return f"{value:,}"

    def points(self, value: int) -> str:
        """Return so many points."""
        return phrases.counted(value, "point")

    def orders(self, value: int) -> str:
        """Return so many paid orders, as they stand in their sentence."""
        return phrases.counted(value, "paid order")

    def times(self, value: int) -> str:
        """Return how often."""
        return phrases.counted(value, "time")

    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""
        return phrases.day(at)

    def end(self, at: datetime) -> str:
        """Return the moment before which something holds."""
        return phrases.end(at)

    def listed(self, names: Iterable[str]) -> str:
        """Return all of some names."""
        return phrases.listed(names)

    def quoted(self, names: Iterable[str]) -> str:
        """Return names of which any will do."""
        return phrases.quoted(names)
