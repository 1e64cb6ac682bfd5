"""English, in which reasons are kept as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from app.domain import phrases
from app.domain.languages.language import Language
from app.domain.languages.symbols import SYMBOLS
from app.domain.money import Money

_MONTHS = (
    "January February March April May June July August September October November "
    "December"
).split()
_DAYS = "Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays".split()


class English(Language):
    """Says all but what kinds bring with them, in their own files, in English."""

    name: ClassVar[str] = "English"
    point_forms: ClassVar[str] = "# point|# points"
    time_forms: ClassVar[str] = "once|# times"
    last_day: ClassVar[str] = "the end of #"
    days_of_week: ClassVar[Sequence[str]] = _DAYS
    percents: ClassVar[str] = "#%"
    thousands: ClassVar[str] = ","
    decimal_point: ClassVar[str] = "."
    conjunction: ClassVar[str] = "and"
    disjunction: ClassVar[str] = "or"
    quotes: ClassVar[tuple[str, str]] = ("“", "”")

    sentences: ClassVar[Mapping[str, str]] = {
        "not_yet_offered": "it is offered from {at:day} on",
        "offered_no_more": "it was offered until {at:end}",
        "for_other_tiers": "it is for {tiers:listed} members",
        "for_other_customers": "it is for customers that the store chose",
        "too_few_orders": (
            "it is for members with {orders:plural # paid order|# paid orders} or more"
        ),
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
        "action_not_offered": "the programme of that day gives nothing for it",
        "action_refused": "the store refused it",
        "action_waits": "it waits for the store's approval",
        "so_often_a_day": "it earns at most {times:times} a day",
        "so_often_a_year": "it earns at most {times:times} a year",
        "so_often_in_all": "it earns at most {times:times} in all",
        "actions_of_a_day": "all actions of a day earn at most {points:points}",
        "actions_in_all": "all actions together earn at most {points:points}",
        "key_was_used": "something else was reported under this key before",
        "birthday_too_new": (
            "a birthday earns once it has been known for {days:plural # day|# days}"
        ),
        "joined_by_record": (
            "joining counts from when the store made a record of the customer"
        ),
        "joined_by_account": "joining counts once the customer has an account",
        "nothing_counts": "nothing of the order counts for it",
        "too_little_counts": "{amount} counts for it, less than the least of {least}",
        "follows_other_action": "it follows the action {action} alone",
        "outside_window": "it was not placed within its window",
        "not_drawn": "it was not drawn",
        "budget_too_low": "too little was left of its budget",
        "part.earning": "How you earn points",
        "part.more": "More ways to earn",
        "part.waiting": "When you can spend them",
        "part.expiry": "How long points last",
        "part.returns": "When you return something",
        "part.rewards": "What points buy",
        "part.friends": "Bringing friends",
        "part.tiers": "Tiers",
        "earn": "You earn {what}.",
        "while_they_last": "while they last",
        "stacking.offers": "offers",
        "stacking.offers_and_tiers": "offers and tiers",
        "stacking.add": "{what} that hold at the same time add up.",
        "stacking.multiply": "{what} that hold at the same time multiply each other.",
        "stacking.best": "of {what} that hold at the same time, the best one counts.",
        "stacking.no_bonus": "Points more with an order are never multiplied.",
        "counting.tax": "taxes",
        "counting.shipping": "shipping",
        "counting.gift_cards": "buying gift cards",
        "counting.nothing": "There are no points for {what:listed}.",
        "counting.products": "There are no points for products {which}.",
        "limits.order": "An order earns from {least:money} on.",
        "limits.an_order": "{points:points} an order",
        "limits.a_day": "{points:points} a day",
        "limits.in_all": "{points:points} in all",
        "limits.most": "Orders bring you at most {limits:listed}.",
        "limits.actions": "Actions like these bring you at most {limits:listed}.",
        "waiting.paid": "You can spend your points as soon as the order is paid.",
        "waiting.fulfilled": (
            "You can spend your points as soon as the order is fulfilled."
        ),
        "waiting.paid_for": (
            "You can spend your points {days:plural # day|# days} after the order is "
            "paid."
        ),
        "waiting.fulfilled_for": (
            "You can spend your points {days:plural # day|# days} after the order is "
            "fulfilled."
        ),
        "expiry.never": "Points never expire.",
        "expiry.after": (
            "Points expire {months:plural # month|# months} after they were "
            "earned{rounded}."
        ),
        "expiry.inactive": (
            "Points expire when you have done nothing for "
            "{months:plural # month|# months}{rounded}."
        ),
        "expiry.kept": (
            "A paid order, a reward that you take or an action of yours keeps them."
        ),
        "expiry.exact": "",
        "expiry.month_end": ", at the end of that month",
        "expiry.fixed_day": ", at the end of the next {on:yearly}",
        "returns.unlimited": (
            "If you return something, the points that it earned go back; if you have "
            "spent them, your next points make up for them."
        ),
        "returns.within_balance": (
            "If you return something, the points that it earned go back, as far as you "
            "still have them."
        ),
        "returns.only_pending": (
            "If you return something before its points can be spent, they go back; "
            "later you keep them."
        ),
        "returns.undone": (
            "If a return undoes {what:either}, the points for it always go back; if "
            "you have spent them, your next points make up for them."
        ),
        "undone.card": "a full stamp card",
        "undone.challenge": "a challenge that you have done",
        "undone.tier": "a tier",
        "all": "{words:listed}",
        "or": "{one} or {other}",
        "either": "{words:either}",
        "products.tagged": "tagged {tags:quoted}",
        "products.of_collections": (
            "of {collections:plural a chosen collection|# chosen collections}"
        ),
        "products.chosen": "that we chose",
        "conditions.products": "on products {which}",
        "conditions.order_of": "of products {which}",
        "conditions.amount": "from {least:money} on",
        "conditions.order": "with your {order:ordinal} order",
        "conditions.orders_from": "from your {order:ordinal} order on",
        "conditions.orders_to": "up to your {order:ordinal} order",
        "conditions.orders": "from your {first:ordinal} to your {last:ordinal} order",
        "conditions.channels": "when you order {channels:either}",
        "conditions.weekdays": "on {days:weekdays}",
        "conditions.tiers": "as {tiers:either}",
        "conditions.customers": "as one of the customers we chose",
        "conditions.starts": "from {at:day}",
        "conditions.ends": "until {at:end}",
        "channel.web": "online",
        "channel.pos": "in our shop",
        "channel.other": "by {name}",
        "reward.buys": "{points:plural # point buys|# points buy}: {what}.",
        "reward.only_tiers": "for {only_tiers:listed} members",
        "reward.only_customer_tags": "for customers we chose",
        "reward.only_after_orders": (
            "after {only_after_orders:plural # paid order|# paid orders}"
        ),
        "reward.order_amount_min": "on orders from {order_amount_min:money} on",
        "reward.per_member_max": "{per_member_max:times} for each member",
        "reward.stock": "while they last: {stock:number} in all",
        "reward.starts_at": "from {starts_at:day}",
        "reward.ends_at": "until {ends_at:end}",
        "reward.valid_days": "to be used within {valid_days:plural # day|# days}",
        "reward.unused_returns": "no points back if you do not use it",
        "reward.back_whole": "points back only if you return the whole order",
        "reward.back_never": "no points back if you return the order",
        "action.titled": "“{title}”",
        "action.gift": "{points:points} for {what}",
        "action.per_day": ", at most {times:times} a day",
        "action.per_member": "{times:plural , once|, at most # times in all}",
        "action.approved": ", once the store has approved it",
        "birthday.known": "once we have known it for {days:plural # day|# days}",
        "birthday.tier": (
            "You get points on your birthday once we have known it for "
            "{days:plural # day|# days}."
        ),
        "brought.points": "{points:points}",
        "brought.reward": "the reward “{reward}”, free,",
        "card.item": "{brings} for every {stamps:plural item|# items}",
        "card.visit": "{brings} for every {stamps:plural order|# orders}",
        "card.of": "{card} {which}",
        "card.with": "{card} with items {which}",
        "card.amount": "{card} from {least:money} an order on",
        "card.told": "{card} (“{title}”).",
        "challenge.told": "{brings} for “{title}”{window}: {steps}.",
        "challenge.starts": " from {at:day}",
        "challenge.ends": " until {at:end}",
        "challenge.steps": "{done:number} of {target:number}",
        "surprise.always": "Always {brings} after {occasion} (“{title}”){most}.",
        "surprise.sometimes": (
            "Now and then {brings} after {occasion} (“{title}”){most}."
        ),
        "surprise.order": "an order",
        "surprise.order_with": "an order with items {which}",
        "surprise.amount": "{occasion} from {least:money} on",
        "surprise.any_action": "an action",
        "surprise.action": "the action “{action}”",
        "surprise.times": ", at most {times:times} a member",
        "referral.order": "first order",
        "referral.order_from": "first order of {least:money} or more",
        "referral.paid": (
            "You get {points:points} for a friend whose {order} is paid{gift}."
        ),
        "referral.stands": (
            "You get {points:points} for a friend whose {order} stands "
            "{days:plural # day|# days}{gift}."
        ),
        "referral.gift": "; your friend gets {gift}",
        "referral.valid": ", to be used within {days:plural # day|# days}",
        "referral.most": (
            "You get points for at most {friends:plural # friend|# friends} a month."
        ),
        "tier.told": "Tier {tier}.",
        "tier.for": "{tier}, for {way}",
        "tier.brings": "{tier}: {perks:listed}",
        "tier.rolling": "{needs} within {months:plural # month|# months}",
        "tier.calendar_year": "{needs} within a calendar year",
        "tier.membership": (
            "a membership of {months:plural # month|# months} that you buy"
        ),
        "tier.subscription": (
            "a subscription ({months:plural # month|# months} with each payment)"
        ),
        "tier.invited": "an invitation from us",
        "tier.earn_times": "{times:number} times the points",
        "tier.percent_off": "{percent:percent} off every order",
        "tier.ships_free": "free shipping",
        "tier.entry_points": "{points:points} once, as a welcome",
        "tier.birthday_points": "{points:points} on your birthday",
        "tier.returns": "What you return no longer counts for your tier.",
        "tier.falls": (
            "Once you no longer meet a tier, you are in the one that you do meet."
        ),
        "tier.one_down": (
            "Once you no longer meet a tier, you go down one step every "
            "{days:plural day|# days}."
        ),
        "tier.kept": (
            "Once you no longer meet a tier, you keep it for "
            "{days:plural # day|# days} more."
        ),
        "tier.granted": (
            "When {what:either} ends, you keep its tier for "
            "{days:plural # day|# days} more."
        ),
        "granted.membership": "your membership",
        "granted.subscription": "your subscription",
        "granted.invitation": "your invitation",
        "tier.next": "{missing} to reach {tier}",
        "tier.stay": "{missing} by {at:day} to stay {tier}",
        "history.order": "Order {number}",
        "history.adjust": "Adjustment by the store",
        "history.redeem": "Reward",
        "history.refund": "Reward returned",
        "history.stamps": "Stamp card",
        "history.challenge": "Challenge",
        "history.gift": "Surprise",
        "history.referral": "A friend's first order",
        "history.tier-birthday": "Birthday",
        "history.tier": "Gift of a tier",
    }

    def money(self, value: Money) -> str:
        """Return, for example, `€1,200.00`, or `CHF 5.00` without a sign."""
        digits, sign = self.digits(value.amount), SYMBOLS.get(value.currency)
        return f"{sign}{digits}" if sign else f"{value.currency} {digits}"

    def ordinal(self, value: int) -> str:
        """Return, for example, `2nd`."""
        ending = {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
        return f"{value:,}{'th' if value % 100 in (11, 12, 13) else ending}"

    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""
        return phrases.day(at)

    def day_of_year(self, on: date) -> str:
        """Return, for example, `31 December`."""
        return f"{on.day} {_MONTHS[on.month - 1]}"
