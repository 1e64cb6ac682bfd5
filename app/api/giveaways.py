"""Draws: what was promised before them, a member's own entries, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound

from app.api.asking import NoSuchStore, asker
from app.api.reward_schemas import DrawSchema, GiveawaysSchema
from app.domain.dates import local
from app.domain.giveaway import RECIPE, Published
from app.domain.rewards import GiveawayEntry
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage import giveaways
from app.storage.database import Database
from app.storage.views import Question, View

draws = Blueprint("draws", __name__, url_prefix="/proxy/giveaways")
answer_errors(draws)

# So many are kept: of a programme what is told for a minute, and draws for good.
_KEPT, _DRAWS_KEPT = 1024, 32
# The last draws of each giveaway are told, for a year.
_DRAWS_TOLD, _TOLD_FOR = 3, timedelta(days=366)
_COMMITMENT = re.compile("[0-9a-f]{64}")
_TOLD = "tallymark.giveaways"


@dataclass(frozen=True)
class Held:
    """A draw that was held, and what of it is the member's who asks."""

    published: Published
    own_entries: tuple[str, ...] = ()

    @property
    def entries(self) -> int:
        """How many entries there were."""
        return len(self.published.draw.entries)

    @property
    def is_won(self) -> bool:
        """Whether an entry of the member's won."""
        return not {*self.published.draw.winners}.isdisjoint(self.own_entries)


@dataclass(frozen=True)
class Kept:
    """What everybody is told of a giveaway; `has_older` where there were more draws."""

    promise: tuple[str, datetime] | None
    entries: int
    draws: tuple[Held, ...]
    has_older: bool


@dataclass(frozen=True)
class Giveaway:
    """A giveaway as somebody sees it; without a promise its `commitment` is None."""

    reward_id: str
    prize: str
    is_open: bool
    ends_at: datetime | None
    commitment: str | None
    committed_at: datetime | None
    entries: int
    own_entries: tuple[str, ...]
    draws: tuple[Held, ...]


class Giveaways:
    """What is told of giveaways; that of a programme is read once a minute at most."""

    def __init__(self, database: Database) -> None:
        """Read from this database."""
        self._database = database
        self._kept = lru_cache(_KEPT)(self._read)
        self._held = lru_cache(_DRAWS_KEPT)(self._read_draw)

    def told(
        self, doors: Doors, domain: str, customer_id: str | None
    ) -> list[Giveaway]:
        """Return each giveaway that is offered or was drawn; raises NoSuchStore."""
        view = _view(doors, domain, customer_id)
        every = view.programs.rewards.values()
        known = {each.id: each for each in every if isinstance(each, GiveawayEntry)}
        if not known:
            return []
        now, program_id = doors.now(), view.store.program_id
        minute = now.replace(second=0, microsecond=0)
        kept = self._kept(program_id, minute, tuple(sorted(known)))
        own: Mapping[str, Mapping[str, datetime]] = {}
        if view.member_id is not None:
            with self._database.program(program_id) as connection:
                own = giveaways.entries_of(connection, program_id, view.member_id)
        offered = {each.id for each in view.programs.at(now).rewards}
        shown = (
            _shown(each, kept[id_], own.get(id_, {}), now, view.store.timezone)
            for id_, each in known.items()
        )
        return [
            replace(each, is_open=each.is_open and each.reward_id in offered)
            for each in shown
            if each.reward_id in offered or each.entries or each.draws
        ]

    def draw(self, doors: Doors, domain: str, commitment: str) -> Published:
        """Return the draw by a seed that was promised; raises NotFound for none."""
        view = _view(doors, domain, None)
        if not _COMMITMENT.fullmatch(commitment):
            raise NotFound
        return self._held(view.store.program_id, commitment)

    def _read(
        self, program_id: int, _: datetime, reward_ids: tuple[str, ...]
    ) -> Mapping[str, Kept]:
        with self._database.program(program_id) as connection:
            promised = giveaways.promises(connection, program_id)
            entered = giveaways.entered(connection, program_id, reward_ids)
            held = giveaways.draws_held(connection, program_id)
        return {
            id_: Kept(
                promised.get(id_),
                entered.get(id_, 0),
                tuple(
                    Held(self._held(program_id, each))
                    for each in held.get(id_, [])[:_DRAWS_TOLD]
                ),
                len(held.get(id_, [])) > _DRAWS_TOLD,
            )
            for id_ in reward_ids
        }

    def _read_draw(self, program_id: int, commitment: str) -> Published:
        with self._database.program(program_id) as connection:
            found = giveaways.held_by(connection, program_id, commitment)
        if found is None:
            raise NotFound
        return found


def _view(doors: Doors, domain: str, customer_id: str | None) -> View:
    view = doors.viewing.ask(Question("shopify", domain, customer_id))
    if view is None:
        raise NoSuchStore
    return view


def _shown(
    reward: GiveawayEntry,
    kept: Kept,
    own: Mapping[str, datetime],
    now: datetime,
    timezone: str,
) -> Giveaway:
    """Return a giveaway as whoever has these entries, of any draw, sees it."""
    draws = tuple(
        replace(each, own_entries=tuple(filter(each.published.has, own)))
        for each in kept.draws
    )
    drawn = {entry for each in draws for entry in each.own_entries}
    # What is older than the draws that are told was in one before them.
    since = draws[-1].published.drawn_at if kept.has_older else None
    waiting = tuple(
        entry
        for entry, asked_at in own.items()
        if entry not in drawn and (since is None or asked_at > since)
    )
    on_the_wall = local(now, timezone)
    begun = reward.starts_at is None or reward.starts_at <= on_the_wall
    commitment, committed_at = kept.promise or (None, None)
    return Giveaway(
        reward_id=reward.id,
        prize=reward.prize,
        is_open=begun and (reward.ends_at is None or on_the_wall < reward.ends_at),
        ends_at=reward.ends_at,
        commitment=commitment,
        committed_at=committed_at,
        # Their own may be younger than what is kept.
        entries=max(kept.entries, len(waiting)),
        own_entries=waiting,
        draws=tuple(
            each for each in draws if each.published.drawn_at > now - _TOLD_FOR
        ),
    )


@draws.record_once
def _set_up(state: BlueprintSetupState) -> None:
    doors: Doors = state.app.extensions["tallymark"]
    state.app.extensions[_TOLD] = Giveaways(doors.database)


@draws.get("")
def all_giveaways() -> Response:
    """Answer what there is to be won, what was promised, and what was drawn."""
    doors = the_doors()
    who = asker(doors)
    known: Giveaways = current_app.extensions[_TOLD]
    told = known.told(doors, who.domain, who.customer_id)
    return jsonify(GiveawaysSchema().dump({"giveaways": told}))


@draws.get("/<commitment>")
def one_draw(commitment: str) -> Response:
    """Answer all that is needed to run a draw again, and how that is done."""
    doors = the_doors()
    known: Giveaways = current_app.extensions[_TOLD]
    published = known.draw(doors, asker(doors).domain, commitment)
    return jsonify(DrawSchema().dump(published.document() | {"recipe": RECIPE}))
