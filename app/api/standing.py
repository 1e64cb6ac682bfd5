"""The answer to where somebody stands, made once for each state of their ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from hashlib import sha256

import msgspec
from werkzeug.datastructures import ETags

from app.api.asking import Asker, NoSuchStore
from app.api.history import Words, recent, with_prizes
from app.api.referrals_shown import gift, link
from app.api.rewards import in_language, told
from app.api.schemas import GuestSchema, StandingSchema
from app.domain.customer import Customer
from app.domain.dates import local
from app.domain.engagement.progress import Ways, ways_of
from app.domain.languages import ENGLISH
from app.domain.languages.translator import Translator
from app.domain.offers import offered
from app.domain.prizes import Won
from app.domain.program import Program
from app.domain.rewards import Asked
from app.domain.standing import Standing
from app.domain.tiers.standing import TierStanding
from app.domain.tiers.words import tiers_in_words, tiers_told
from app.domain.ways import last_end, ways_to_earn
from app.doors import Doors
from app.storage.database import Database
from app.storage.newcomers import is_newcomer
from app.storage.prizes_seen import prizes_left, prizes_seen
from app.storage.rewards_seen import Look, Purse
from app.storage.views import Question, View
from app.waiting import aside

_KEPT = 4096
# So long a page waits for what only one of a few threads can read.
_PATIENCE_S = 5.0
# Where the application has its answers.
ANSWERS = "tallymark.answers"


@dataclass(frozen=True, eq=False)
class Shown:
    """All that an answer depends on: whose it is, and in which state.

    `as_of` is told to the minute where time or others change what can be had, and else
    is always the same. `last_end` is when a campaign last ended.
    """

    program_id: int
    version: int
    currency: str
    member_id: int | None
    last_sequence: int
    changes: int
    standing: Standing
    is_signed_in: bool
    as_of: datetime
    ways: Ways
    tier: TierStanding | None = None
    timezone: str = "UTC"
    won: tuple[Won, ...] = ()
    last_end: datetime | None = None
    language: str = ENGLISH

    @property
    def say(self) -> Translator:
        """Return who tells it in its language."""
        return Translator(self.currency, self.language)

    @cached_property
    def etag(self) -> str:
        """Return what tells this answer from any other."""
        return sha256(repr(self).encode()).hexdigest()[:32]


def shown(view: View, now: datetime, language: str, *, is_signed_in: bool) -> Shown:
    """Return what to show of a view; all but the version is told to the minute."""
    minute = now.replace(second=0, microsecond=0)
    version = view.programs.at(now).version
    return _shown(view, version, minute, language, is_signed_in)


@lru_cache(_KEPT)
def _shown(
    view: View, version: int, minute: datetime, language: str, is_signed_in: bool
) -> Shown:
    program, store = view.programs.version(version), view.store
    say = Translator(store.currency, language)
    tier, won = view.tier.tier if view.tier else None, view.progress.won
    has_any = bool(view.last_sequence or view.changes or won)
    changes_by_itself = (
        program.offers_change or view.programs.points_end or _may_be_kept_from(view)
    )
    return Shown(
        store.program_id,
        program.version,
        store.currency,
        # Without a ledger nobody is told from one who is not there, nor by the ETag.
        view.member_id if has_any else None,
        view.last_sequence,
        view.changes,
        view.standing,
        is_signed_in,
        minute if changes_by_itself else _ALWAYS,
        ways_of(program, view.progress, minute, store.timezone, say, tier),
        view.tier,
        store.timezone,
        won,
        last_end(program, local(minute, store.timezone)),
        language,
    )


def _may_be_kept_from(view: View) -> bool:
    """Whether time or others may keep from a member what they have won."""
    history = view.programs
    rewards = (
        history.version(w.version).reward(w.reward_id) for w in view.progress.won
    )
    return any(reward and reward.depends_on_others for reward in rewards)


_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """An answer, and by what it is known; without a body where it was seen before."""

    status: str
    etag: str
    body: bytes = b""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What is said of the answer."""
        kind = [("Content-Type", "application/json")] if self.body else []
        return [*kind, ("ETag", f'"{self.etag}"')]


class Answers:
    """Answers in JSON; one is made again only when what it shows has changed."""

    def __init__(self, database: Database, secret_key: str) -> None:
        """Read from this database; codes follow from the secret key."""
        self._database = database
        self._secret_key = secret_key
        self._kept = lru_cache(_KEPT)(self._made)

    def told(self, doors: Doors, who: Asker, seen: ETags) -> Told:
        """Return where somebody stands, unless they have seen just that.

        Raises NoSuchStore, and what keeps the database from being asked.
        """
        question = Question("shopify", who.domain, who.customer_id)
        view = doors.viewing.ask(question)
        if view is None:
            raise NoSuchStore
        is_signed_in = who.customer_id is not None
        what = shown(view, doors.now(), who.language, is_signed_in=is_signed_in)
        # A proxy that packs an answer calls its tag a weak one.
        if seen.contains_weak(what.etag):
            return Told("304 NOT MODIFIED", what.etag)
        return Told("200 OK", what.etag, self._kept(_Wanted(what.etag, what, view)))

    def _made(self, wanted: _Wanted) -> bytes:
        what, view = wanted.what, wanted.view
        program = view.programs.version(what.version)
        if what.is_signed_in:
            look = partial(self._member, what, program, view)
            member = aside(look, _PATIENCE_S)
            return msgspec.json.encode(member)
        return msgspec.json.encode(_guest(what, program))

    def _member(self, what: Shown, program: Program, view: View) -> object:
        tier = what.tier.tier if what.tier else None
        look = Look(program, view.store, what.as_of)
        purse = Purse(what.standing.available, tier)
        how = view.store, self._secret_key, what.language
        document: dict[str, object] = {**asdict(what.standing), "signed_in": True}
        document |= {"history": [], "prizes": [], "referral": None}
        document["program"] = _program(program, what)
        document |= vars(what.ways)
        document["actions"] = in_language(what.ways.actions, what.say)
        document |= tiers_told(program.tiers, what.tier, what.timezone, what.say)
        document["can_claim"] = program.referral is not None
        if what.member_id is None:
            document |= told(look.nobody(purse), *how)
            return StandingSchema().dump(document)
        with self._database.program(what.program_id) as connection:
            seen = look.members(connection, {what.member_id: purse})[what.member_id]
            document |= told(seen, *how)
            wishes = seen.redemptions
            left = prizes_left(view.programs, what.won, wishes)
            whose = what.member_id, purse
            prizes = prizes_seen(connection, look, whose, left, wishes)
            document["prizes"] = in_language(prizes, what.say)
            document["referral"] = link(
                connection,
                view.store,
                program,
                what.member_id,
                self._secret_key,
                what.language,
            )
            if program.referral:
                document["can_claim"] = is_newcomer(
                    connection, what.program_id, what.member_id
                )
            named = {each.action: each.name(what.language) for each in program.actions}
            document["history"] = with_prizes(
                recent(
                    connection,
                    what.program_id,
                    what.member_id,
                    what.last_sequence,
                    Words(what.language, named),
                ),
                wishes,
                what.say,
            )
        return StandingSchema().dump(document)


@dataclass(frozen=True)
class _Wanted:
    """What is to be told, known by its ETag."""

    etag: str
    what: Shown = field(compare=False)
    view: View = field(compare=False)


def _guest(what: Shown, program: Program) -> object:
    asked = Asked(local(what.as_of, what.timezone), what.currency)
    offers = offered(program.rewards, Customer(), asked, {}, {})
    return GuestSchema().dump(
        {
            "signed_in": False,
            "rewards": in_language(offers, what.say),
            **vars(what.ways),
            "program": _program(program, what),
            "gift": gift(program, what.say),
            "can_claim": program.referral is not None,
        }
    )


def _program(program: Program, what: Shown) -> object:
    return {
        "ways_to_earn": ways_to_earn(program, what.say, what.last_end),
        "tiers": list(tiers_in_words(program.tiers, what.say)),
    }
