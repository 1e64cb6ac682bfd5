"""What members have given to causes so far, for every shopper to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState

from app.api.asking import NoSuchStore, asking_store
from app.api.reward_schemas import DonationsSchema
from app.domain.money import Money, in_digits
from app.domain.rewards import Donation
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage.database import Database
from app.storage.redemptions import donated
from app.storage.views import Question

causes = Blueprint("causes", __name__, url_prefix="/proxy/donations")
answer_errors(causes)

# So many sums are kept: those of a programme for a minute each.
_KEPT = 1024
_TOTALS = "tallymark.donations"


@dataclass(frozen=True)
class Given:
    """What members gave to the cause of a reward so far."""

    reward_id: str
    cause: str
    given: Money


class Totals:
    """Sums by cause; those of a programme are read once a minute at most."""

    def __init__(self, database: Database) -> None:
        """Read from this database."""
        self._database = database
        self._kept = lru_cache(_KEPT)(self._read)

    def told(self, doors: Doors, domain: str) -> list[Given]:
        """Return a sum for each donation that is offered; raises NoSuchStore."""
        view = doors.viewing.ask(Question("shopify", domain, None))
        if view is None:
            raise NoSuchStore
        now, store = doors.now(), view.store
        rewards = view.programs.at(now).rewards
        offered = [each for each in rewards if isinstance(each, Donation)]
        if not offered:
            return []
        minute = now.replace(second=0, microsecond=0)
        sums = self._kept(store.program_id, minute)
        return [
            Given(
                each.id,
                each.cause,
                in_digits(sums.get(each.cause, Decimal(0)), store.currency),
            )
            for each in offered
        ]

    def _read(self, program_id: int, _: datetime) -> Mapping[str, Decimal]:
        with self._database.program(program_id) as connection:
            return donated(connection, program_id)


@causes.record_once
def _set_up(state: BlueprintSetupState) -> None:
    doors: Doors = state.app.extensions["tallymark"]
    state.app.extensions[_TOTALS] = Totals(doors.database)


@causes.get("")
def donations() -> Response:
    """Answer what was given to each cause so far."""
    doors = the_doors()
    totals: Totals = current_app.extensions[_TOTALS]
    told = totals.told(doors, asking_store(doors))
    return jsonify(DonationsSchema().dump({"donations": told}))
