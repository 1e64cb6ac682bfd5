"""Builders of what the app answers about a shopper."""

from typing import Any

FREE_SHIPPING = {
    "id": "free_shipping-300",
    "available": False,
    "reason": "180 points too few",
    "name": "Free shipping",
    "points_cost": 300,
    "points_needed": 180,
    "progress": 0.4,
}
FIVE_OFF = {
    "id": "amount_off-100",
    "available": True,
    "reason": "",
    "name": "5.00 EUR off",
    "points_cost": 100,
    "points_needed": 0,
    "progress": 1,
}
MUG = {
    "id": "goods-1500",
    "available": False,
    "reason": "1,380 points too few",
    "name": "A mug",
    "points_cost": 1500,
    "points_needed": 1380,
    "progress": 0.08,
}
SLIDER = {
    "id": "money",
    "available": True,
    "reason": "",
    "name": "1.00 EUR off for each 50 points",
    "points_cost": 50,
    "points_needed": 0,
    "progress": 1,
    "step": 25,
    "points_max": None,
}
VISIT = {
    "id": "visit",
    "available": True,
    "reason": "",
    "name": "A visit",
    "points_cost": 80,
    "points_needed": 0,
    "progress": 1,
    "slots": [
        {"starts_at": "2026-12-24T18:00:00", "places_left": 2},
        {"starts_at": "2027-01-14T09:30:00", "places_left": 1},
    ],
}
LIMITED = {
    "id": "amount_off-90",
    "available": True,
    "reason": "",
    "name": "4.00 EUR off",
    "points_cost": 90,
    "points_needed": 0,
    "progress": 1,
    "terms": {
        "order_amount_min": {"amount": "20.00", "currency": "EUR"},
        "order_share_max": 50,
        "valid_days": 30,
        # What ends at midnight has its last day before.
        "ends_at": "2026-12-25T00:00:00",
        "unused_returns": False,
    },
}
TREES = {
    "id": "trees",
    "kind": "donation",
    "available": True,
    "reason": "",
    "name": "1.00 EUR for trees",
    "points_cost": 40,
    "points_needed": 0,
    "progress": 1,
    "terms": None,
}
GIVEN = {
    "reward_id": "trees",
    "cause": "trees",
    "given": {"amount": "12.50", "currency": "EUR"},
}
SPA = {
    "id": "spa",
    "kind": "giveaway_entry",
    "available": True,
    "reason": "",
    "name": "An entry to win a spa",
    "points_cost": 40,
    "points_needed": 0,
    "progress": 1,
}
OWN_ENTRY, OTHERS_ENTRY = "ab" * 16, "cd" * 16
NEXT_DRAW = {
    "reward_id": "spa",
    "prize": "a spa",
    "is_open": True,
    "ends_at": "2026-12-25T00:00:00",
    "commitment": "0a" * 32,
    "committed_at": "2026-11-01T09:00:00Z",
    "entries": 12,
    "own_entries": [OWN_ENTRY],
    "draws": [],
}
DRAWN = {
    "drawn_at": "2026-11-20T09:00:00Z",
    "committed_at": "2026-11-01T09:00:00Z",
    "commitment": "1b" * 32,
    "seed": "2c" * 32,
    "entries": 2,
    "winners": [OWN_ENTRY],
    "own_entries": [OWN_ENTRY],
    "is_won": True,
}
LINK = {
    "code": "ABCDEFGHJK",
    "points": 200,
    "gift": "5.00 EUR off",
    "friends": 2,
    "pending": 50,
}
SILVER = {
    "name": "Silver",
    "perks": ["2 times the points", "free shipping"],
    "to_stay": "Spend 40.00 EUR more by 31 March 2027 to stay Silver",
}
GOLD = {
    "name": "Gold",
    "progress": 0.25,
    "missing": "Place 3 orders more to reach Gold",
}
PROGRAM = {"ways_to_earn": ["1 point for each 1.00 EUR you spend", "50 for joining"]}


ACTIONS = [
    {"action": "joining", "name": "Open an account", "points": 50, "times": 1}
    | {"waiting": 0, "can_earn": False, "can_report": False},
    {"action": "review", "name": "Write a review", "points": 30, "times": 0}
    | {"waiting": 1, "can_earn": True, "can_report": False},
    {"action": "newsletter", "name": "Newsletter", "points": 10, "times": 0}
    | {"waiting": 0, "can_earn": True, "can_report": True},
    {"action": "birthday", "name": "Your birthday", "points": 90, "times": 0}
    | {"waiting": 0, "can_earn": True, "can_report": True},
]
CARD = {"name": "Coffee", "stamps": 3, "size": 8, "full": 1, "points": 400}
FREE_TEA = {
    "prize": "stamps/tea-9",
    "won_with": "Tea card",
    "times": 2,
    "id": "tea",
    "name": "A free tea",
    "available": True,
    "reason": "",
}
CHALLENGE = {
    "name": "Winter",
    "points": 500,
    "steps": [
        {"text": "Place 3 orders", "so_far": "1 of 3", "done": 1, "target": 3},
        {"text": "Write a review", "so_far": "1 of 1", "done": 1, "target": 1},
    ],
    "ends_at": "2026-12-24T23:00:00+01:00",
    "is_rewarded": False,
}


def an_entry(kind: str = "earn", points: int = 120, **changes: Any) -> dict[str, Any]:
    entry = {"kind": kind, "points": points, "at": "2026-11-22T10:00:00Z"}
    return {**entry, "text": "Order #1001", **changes}


def a_redemption(state: str = "granted", **changes: Any) -> dict[str, Any]:
    taken = {
        "id": "r1",
        "kind": "amount_off",
        "name": "5.00 EUR off",
        "points": 100,
        "state": state,
    }
    code = "TMABCDEFGHJK" if state in ("granted", "used") else None
    told = {"reason": "", "code": code, "can_cancel": state == "granted"}
    return {**taken, **told, **changes}


def a_member(**changes: Any) -> dict[str, Any]:
    standing = {
        "signed_in": True,
        "available": 120,
        "pending": 0,
        "owed": 0,
        "lifetime_earned": 420,
        "next_reward": FREE_SHIPPING,
        "rewards": [FIVE_OFF, FREE_SHIPPING, MUG],
        "prizes": [],
        "history": [
            an_entry(),
            an_entry("redeem", -300, text="Free shipping"),
            an_entry("release", 300, text=""),
        ],
        "program": PROGRAM,
        "actions": [],
        "stamp_cards": [],
        "challenges": [],
    }
    return {**standing, **changes}


def an_engaged_member() -> dict[str, Any]:
    return a_member(actions=ACTIONS, stamp_cards=[CARD], challenges=[CHALLENGE])


def a_guest(**changes: Any) -> dict[str, Any]:
    standing = {
        "signed_in": False,
        "program": PROGRAM,
        "rewards": [
            {"name": reward["name"], "points_cost": reward["points_cost"]}
            for reward in (FIVE_OFF, FREE_SHIPPING, MUG)
        ],
        "actions": [],
    }
    return {**standing, **changes}
