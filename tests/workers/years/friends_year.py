"""A year in which members bring friends, where the programme has anything for it."""

from __future__ import annotations

from typing import Any

from app.domain.referral_code import code_of_member
from tests.builders.line import SECRET_KEY
from tests.workers.years.shop_year import MEMBERS, ShopYear

ADVOCATE = MEMBERS[0]
# In which week each friend comes: one keeps what they buy then, one sends it back.
COME = {5: 8001, 20: 8002}
SENDS_BACK = 8002


class FriendsYear(ShopYear):
    """Two friends follow a member's link, and use their gift a week later."""

    def happens(self, week: int) -> None:
        """Have a friend come, buy, or send back what they bought."""
        if self.program.referral is None:
            return
        if week in COME:
            self._come(COME[week])
        elif week - 1 in COME:
            self._buy(COME[week - 1])
        elif COME.get(week - 2) == SENDS_BACK:
            [line] = self.last["line_items"]
            self.send_back(self.last, line, line["quantity"])

    def _come(self, friend: int) -> None:
        """Have somebody open an account, and say whose link brought them."""
        self.join(friend, self.moment, **_mail(friend))
        advocate_id = self.line.member_id(ADVOCATE)
        code = code_of_member(SECRET_KEY, self.line.store.program_id, advocate_id)
        told = {"customer_id": str(friend), "code": code, "referral_id": f"r{friend}"}
        self.ask("referrals/claim", **told)
        self.line.fulfilling.work()

    def _buy(self, friend: int) -> None:
        """Have a friend use the gift for a first order that is large enough."""
        [gift] = self.line.ask("standing", str(friend)).get_json()["redemptions"]
        assert ("granted", 0) == (gift["state"], gift["points"])
        customer = {"id": friend, **_mail(friend)}
        self.last = self.order(customer, (22, "35.00", 2), code=gift["code"])


def _mail(friend: int) -> dict[str, Any]:
    return {"email": f"friend{friend}@example.com", "verified_email": True}
