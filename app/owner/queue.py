"""What waits for the owner's word: actions, rewards and friends, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain.actions import Action, State
from app.domain.engagement.action_points import Judged
from app.domain.engagement.engaged import judged
from app.domain.engagement.versions import Versions
from app.domain.languages.translator import Translator
from app.domain.phrases import counted, day, quoted
from app.domain.referral import Bar, Outcome, Referral
from app.domain.referral_terms import Doubt
from app.domain.rewards import name_of
from app.owner import decisions
from app.owner.decisions import About
from app.owner.doubts import in_words
from app.storage import actions, ledger, redemptions, referrals
from app.storage.identities import customers_of
from app.storage.redemptions import KeptRedemption
from app.storage.sealing import Keyring
from app.storage.stores import Store
from app.storage.tier_standings import find_tier
from workers.engage import acts_of
from workers.refer import hindrance, outcomes
from workers.terms import Terms

# So many are on one page.
PAGE = 50


@dataclass(frozen=True)
class Item:
    """Something that waits, as the page shows it.

    `brings` is what approving it would bring, `who` the customers that it is about, and
    `doubts` what speaks against it; `barred` is why it cannot be approved.
    """

    about: About
    id: str
    name: str
    at: datetime
    brings: str
    who: str
    doubts: tuple[str, ...] = ()
    barred: str | None = None


class Queue:
    """What waits in one programme, without what has been decided on a moment ago."""

    def __init__(self, connection: Connection, keys: Keyring, store: Store) -> None:
        """Look at the programme of a store, within a transaction on it."""
        self._connection, self._store = connection, store
        self._terms = Terms(connection, store.program_id, keys)
        self._decided = decisions.worked_on(connection, store)

    @property
    def counts(self) -> dict[About, int]:
        """How many of each wait."""
        where = self._connection, self._store.program_id
        return {
            About.ACTION: actions.count_waiting(*where, self._decided[About.ACTION]),
            About.REWARD: redemptions.count_asked(*where, self._decided[About.REWARD]),
            About.FRIEND: referrals.count_doubtful(*where, self._decided[About.FRIEND]),
        }

    def items(self, about: About, offset: int) -> list[Item]:
        """Return a page of what waits of one sort."""
        found: list[Item] = _ITEMS[about](self, offset)
        return found

    def actions(self, offset: int) -> list[Item]:
        """Return a page of the actions that were reported."""
        where = self._connection, self._store.program_id
        rows = actions.waiting(*where, PAGE, offset, self._decided[About.ACTION])
        who = self._customers(row.member_id for row in rows)
        would = self._would_earn({row.member_id for row in rows})
        return [self._action(row, who, would) for row in rows]

    def _action(
        self, row: Any, who: Mapping[int, str], would: Mapping[str, Judged]
    ) -> Item:
        rule = self._terms.history.at(row.at).action(row.action)
        earned = would.get(Action(row.action, row.key, row.at).lot)
        return Item(
            About.ACTION,
            f"{row.action}/{row.key}",
            rule.name() if rule else row.action,
            row.at,
            _brings(earned),
            f"by customer {who[row.member_id]}, {_reported(row)}",
        )

    def _would_earn(self, member_ids: Iterable[int]) -> dict[str, Judged]:
        """Return what members would have earned if all that waits were approved.

        What waits has its place in the limits already, so one takes nothing of another.
        """
        terms, now = self._terms, ledger.now(self._connection)
        found = {}
        for id_, acts in acts_of(self._connection, terms, member_ids).items():
            pins = actions.pins_of(self._connection, terms.program_id, id_)
            did = tuple(
                replace(each, state=State.ACCEPTED)
                if each.state == State.WAITING
                else each
                for each in acts.actions
            )
            versions = Versions(terms.history.at, terms.history.version, pins)
            for each in judged(replace(acts, actions=did), versions, now):
                found[each.action.lot] = each
        return found

    def rewards(self, offset: int) -> list[Item]:
        """Return a page of the rewards that members have asked for."""
        where = self._connection, self._store.program_id
        kept = redemptions.asked(*where, PAGE, offset, self._decided[About.REWARD])
        who = self._customers(each.member_id for each in kept)
        return [self._reward(each, who[each.member_id]) for each in kept]

    def _tier_lost(self, kept: KeptRedemption) -> tuple[str, ...]:
        """Say where a member is in none of the tiers any more that a reward is for."""
        only = kept.redemption.reward.only_tiers
        program_id = self._store.program_id
        now = only and find_tier(self._connection, program_id, kept.member_id)
        if not only or (now and now.tier in only):
            return ()
        return (f"no longer in {quoted(only)}",)

    def _reward(self, kept: KeptRedemption, who: str) -> Item:
        wish = kept.redemption
        name = name_of(wish.reward, Translator(self._store.currency))
        return Item(
            About.REWARD,
            wish.id,
            f"{name}, {day(wish.slot)}" if wish.slot else name,
            wish.requested_at,
            "won" if wish.prize else f"for {counted(wish.points, 'point')}",
            f"asked for by customer {who}",
            self._tier_lost(kept),
        )

    def friends(self, offset: int) -> list[Item]:
        """Return a page of the friends in doubt."""
        where = self._connection, self._store.program_id
        found = referrals.doubtful(*where, PAGE, offset, self._decided[About.FRIEND])
        pairs = [(each.advocate_id, each.friend_id) for each in found]
        who = self._customers(id_ for pair in pairs for id_ in pair)
        come_to = told(self._connection, self._terms, found)
        return [self._friend(each, who) for each in come_to]

    def _friend(self, outcome: Outcome, who: Mapping[int, str]) -> Item:
        claim = outcome.referral
        program_id = self._store.program_id
        points = self._terms.referral_terms(claim.version).advocate_points
        bars = [in_words(each) for each in outcome.reasons if each in set(Bar)]
        advocate, friend = who[claim.advocate_id], who[claim.friend_id]
        brings = [f"{counted(points, 'point')} for who brought them", *bars]
        return Item(
            About.FRIEND,
            claim.id,
            "A friend in doubt",
            claim.claimed_at,
            ", ".join(brings),
            f"customer {advocate} brought customer {friend}",
            tuple(in_words(each) for each in outcome.reasons if each in set(Doubt)),
            hindrance(self._connection, program_id, claim),
        )

    def _customers(self, member_ids: Iterable[int]) -> dict[int, str]:
        """Return members by what the store knows them as: nothing else is shown."""
        wanted = set(member_ids)
        program_id = self._store.program_id
        known = customers_of(self._connection, program_id, wanted)
        nobody = ["somebody forgotten"]
        return {id_: ", ".join(known.get(id_, nobody)) for id_ in wanted}


_ITEMS = {
    About.ACTION: Queue.actions,
    About.REWARD: Queue.rewards,
    About.FRIEND: Queue.friends,
}


def told(
    connection: Connection, terms: Terms, found: Sequence[Referral]
) -> list[Outcome]:
    """Return what referrals come to, in the same order."""
    if not found:
        return []
    theirs = outcomes(connection, terms, {each.advocate_id for each in found})
    by_id = {each.referral.id: each for some in theirs.values() for each in some}
    return [by_id[each.id] for each in found]


def _reported(row: Any) -> str:
    """Say who reported an action; a shopper's key is a hash, which tells nobody."""
    if row.reported_by == actions.BY_SHOPPER:
        return "who says so"
    return f"as {row.reported_by} says of “{row.key}”"


def _brings(earned: Judged | None) -> str:
    if earned is None:
        return "no points"
    if earned.points:
        return counted(earned.points, "point")
    return f"no points: {earned.unearned_because}"
