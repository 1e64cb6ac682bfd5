"""The whole programme in plain words, for every shopper to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec
from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from app.api.asking import Asker, NoSuchStore, asker
from app.api.schemas import WordsSchema
from app.domain.dates import local
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.words import parts_in_words
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage.views import Question

plain_words = Blueprint("plain_words", __name__, url_prefix="/proxy/words")
answer_errors(plain_words)

# So many texts are kept: those of a programme for a minute each.
_KEPT = 1024
_TEXTS = "tallymark.texts"


@dataclass(frozen=True)
class _Wanted:
    """A text: a version of a programme, in a language, of a minute by its clock."""

    program_id: int
    version: int
    say: Translator
    minute: datetime
    program: Program = field(compare=False)


@dataclass(frozen=True)
class _Told:
    """A text as JSON, and what tells it from any other."""

    body: bytes
    etag: str


class Texts:
    """Programmes in plain words; one is told again only when its words may differ."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept = lru_cache(_KEPT)(_made)

    def told(self, doors: Doors, who: Asker) -> _Told:
        """Return the programme in force at who asks; raises NoSuchStore."""
        view = doors.viewing.ask(Question("shopify", who.domain, None))
        if view is None:
            raise NoSuchStore
        now, store = doors.now(), view.store
        program = view.programs.at(now)
        say = Translator(store.currency, who.language)
        minute = local(now.replace(second=0, microsecond=0), store.timezone)
        named = store.program_id, program.version, say, minute
        return self._kept(_Wanted(*named, program))


def _made(wanted: _Wanted) -> _Told:
    parts = parts_in_words(wanted.program, wanted.say, wanted.minute)
    body = msgspec.json.encode(WordsSchema().dump({"parts": parts}))
    # What has ended is told no more, so the version and the language are not enough.
    named = f"{wanted.version} {wanted.say.language} ".encode() + body
    return _Told(body, sha256(named).hexdigest()[:32])


@plain_words.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions[_TEXTS] = Texts()


@plain_words.get("")
def words() -> Response:
    """Answer what the programme in force promises, in the language of the page."""
    doors = the_doors()
    texts: Texts = current_app.extensions[_TEXTS]
    told = texts.told(doors, asker(doors))
    # A proxy that packs an answer calls its tag a weak one.
    if request.if_none_match.contains_weak(told.etag):
        response = Response(status=304)
    else:
        response = Response(told.body, content_type="application/json")
    response.set_etag(told.etag)
    return response
