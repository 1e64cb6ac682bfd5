"""Who asks, as a store says, and what they are told when that fails."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs

from flask import g, request
from sqlalchemy import Connection
from werkzeug.exceptions import TooManyRequests

from app.domain.languages import ENGLISH, language_of
from app.doors import Doors, the_doors
from app.platforms.base import Forged
from app.platforms.shopify.platform import normal_domain
from app.problems import Problem
from app.rate_limits import WINDOW_S
from app.storage import own_messages, stores
from app.storage.identities import Identities
from app.storage.stores import Store

BODY_BYTES_MAX = 64 * 1024
# More of one sort than any shopper asks for in an hour.
ASKED_MAX = 60
_TOO_MUCH = "so much at once: ask again in an hour"
# Longer than any query that a store signs; strangers' are not even read.
QUERY_MAX = 4096


# Where extensions ask, with a token; all others ask through the app proxy.
EXTENSIONS = "/api"
# What went wrong with a request before Flask had it, for Flask to tell.
FAILED = "tallymark.failed"


@dataclass(frozen=True)
class Asker:
    """The store that vouches for a request, and its customer; None is a guest.

    `language` is that of the page that asks, English where we lack it.
    """

    domain: str
    customer_id: str | None
    language: str = ENGLISH


class Refused(Problem):
    """This is not what the store signed just now."""

    code = 401


class TooOften(Problem):
    """That was much at once: ask again in a minute."""

    code = 429
    retry_after_s = WINDOW_S


class NotSignedIn(Problem):
    """Sign in to the store first."""

    code = 403


class NoSuchStore(Problem):
    """The store has not installed the app."""

    code = 404


def asker(doors: Doors) -> Asker:
    """Return who asks, as what the store signed says; a body is not signed."""
    if "asker" not in g:
        is_by_token = request.path.startswith(f"{EXTENSIONS}/")
        query = request.environ["QUERY_STRING"]
        g.asker = _by_token(doors) if is_by_token else asker_by_query(doors, query)
    found: Asker = g.asker
    return found


def asking_store(doors: Doors) -> str:
    """Return the domain of the store that vouches for the request."""
    return asker(doors).domain


def asking_customer() -> str:
    """Return the customer who is signed in."""
    customer_id = asker(the_doors()).customer_id
    if not customer_id:
        raise NotSignedIn
    return customer_id


def asking_language() -> str:
    """Return the language of the page that asks."""
    return asker(the_doors()).language


def asker_by_query(doors: Doors, written: str) -> Asker:
    """Return who asks by an app-proxy query.

    Raises Refused for a forged one, TooOften for one of too many.
    """
    if len(written) > QUERY_MAX:
        raise Refused
    query = parse_qs(written, keep_blank_values=True, errors="werkzeug.url_quote")
    if not doors.shopify.verify_proxy(query, doors.now()):
        raise Refused
    domain = normal_domain(query["shop"][0])
    [customer_id] = query.get("logged_in_customer_id", [""])
    language = language_of(query.get("lang", [""])[0])
    return _within_limits(doors, Asker(domain, customer_id or None, language))


def _by_token(doors: Doors) -> Asker:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    session = doors.shopify.session(token, doors.now())
    if scheme != "Bearer" or isinstance(session, Forged):
        raise Refused
    language = language_of(request.args.get("lang"))
    return _within_limits(doors, Asker(session.domain, session.customer_id, language))


def _within_limits(doors: Doors, who: Asker) -> Asker:
    """Return who asks; raises TooOften for a shopper who does more than pages do.

    What guests of one store ask is counted where it costs: they have no name, and their
    address is known to nobody but the store.
    """
    whose = who.domain, who.customer_id
    if who.customer_id and not doors.limits.questions.takes(whose):
        raise TooOften
    return who


def asking_member(connection: Connection, store: Store) -> int | None:
    """Return the member who is signed in, None where there is none."""
    people = Identities(connection, store.program_id, store.store_id)
    known = people.customers([asker(the_doors()).customer_id or ""])
    found = (people.following(customer).member_id for customer in known.values())
    return next(found, None)


@contextmanager
def in_store(doors: Doors, domain: str) -> Iterator[tuple[Connection, Store]]:
    """Open a transaction on the programme of the store at that domain."""
    with doors.database.receiver() as connection:
        found = stores.addresses(connection, "shopify", [domain])
    if domain not in found:
        raise NoSuchStore
    program_id, _ = found[domain]
    with doors.database.program(program_id) as connection:
        yield connection, stores.the_store(connection, "shopify", domain)


def keep_asked(
    doors: Doors,
    connection: Connection,
    store: Store,
    customer_id: str,
    topic: str,
    message_id: str,
    body: Mapping[str, object],
    *,
    event_id: str | None = None,
) -> bool:
    """Keep what a shopper asks for, once; False where it was kept before.

    `event_id` tells it from what else might be asked under its id. Raises
    TooManyRequests within an hour. What was kept before does not count again, so that
    it can be sent again safely.
    """
    raw = json.dumps(body)
    whose = connection, store, topic, customer_id
    # Looked at before as well: who asked far too often need not wait for their turn.
    is_too_much = own_messages.asked_recently(*whose) >= ASKED_MAX
    if is_too_much and own_messages.state_of(connection, store, message_id) is None:
        raise TooManyRequests(_TOO_MUCH)
    own_messages.lock_asker(connection, store, customer_id)
    is_new = own_messages.keep(
        connection,
        doors.keys,
        store,
        topic,
        message_id,
        raw,
        customer_id,
        event_id=event_id,
    )
    if is_new and own_messages.asked_recently(*whose) > ASKED_MAX:
        raise TooManyRequests(_TOO_MUCH)
    return is_new
