"""What opens stores for us: sealed in one piece, renewed by one process at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from app.storage.driver import patient
from app.storage.sealing import Keyring
from app.storage.stores import Store

# A token that ends sooner than this is renewed before it is used.
SPARE_S = 120
# So long a store is left alone that would not renew its tokens.
REST_S = 3600
# Refusals that are no farther apart are one, as long as all of them.
UNBROKEN_S = 6 * REST_S
# Longer than a renewal by another process takes.
WAIT_S = 16


class Sealed(msgspec.Struct):
    """A token and what renews it; a token that nothing renews is a custom app's."""

    token: str
    refresh: str | None = None


@dataclass(frozen=True)
class Access:
    """What opens a store; `version` changes with everything else of it.

    It is fresh while the token is good for some time more. One that the store would
    not renew was refused, and is left alone for a while.
    """

    version: int
    token: str = field(repr=False)
    refresh: str | None = field(repr=False)
    scopes: tuple[str, ...]
    is_fresh: bool
    was_refused: bool
    may_ask_again: bool


def lock(connection: Connection, domain: str, wait_s: int = WAIT_S) -> None:
    """Keep all other processes from asking for tokens of a store, to the end of this.

    Only a name is locked: nobody who reads or writes rows has to wait meanwhile.
    """
    connection.execute(_PATIENCE, {"wait_ms": str(wait_s * 1000)})
    with patient(wait_s):
        connection.execute(_LOCK, {"store": f"access/{domain}"})


_PATIENCE = text("""
    select set_config('lock_timeout', :wait_ms, true),
           set_config('statement_timeout', :wait_ms, true)
""")
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:store, 3))")


def find(connection: Connection, keys: Keyring, store: Store) -> Access | None:
    """Return what opens a store, None where nothing does."""
    values = _of(store) | {"spare_s": SPARE_S, "rest_s": REST_S}
    row = connection.execute(_FIND, values).one_or_none()
    if row is None:
        return None
    sealed = msgspec.json.decode(
        keys.unseal(bytes(row.tokens), _whose(store)), type=Sealed
    )
    return Access(
        row.version,
        sealed.token,
        sealed.refresh,
        tuple(row.scopes),
        row.is_fresh,
        row.was_refused,
        row.may_ask_again,
    )


_FIND = text("""
    select version, tokens, scopes, refused_at is not null as was_refused,
           coalesce(
               expires_at > clock_timestamp() + make_interval(secs => :spare_s), true
           ) as is_fresh,
           coalesce(
               refused_at < clock_timestamp() - make_interval(secs => :rest_s), true
           ) as may_ask_again
    from store_access
    where program_id = :program_id and store_id = :store_id and tokens is not null
""")


@dataclass(frozen=True)
class Given:
    """What a store gave us, and for how many seconds; without an end for ever."""

    sealed: Sealed
    scopes: tuple[str, ...]
    lives_s: float | None


def keep(connection: Connection, keys: Keyring, store: Store, given: Given) -> None:
    """Keep what opens a store from now on, and have the store set up."""
    connection.execute(_KEEP, _values(keys, store, given))


_KEEP = text("""
    insert into store_access as kept
        (program_id, store_id, tokens, scopes, expires_at, due_at)
    values (:program_id, :store_id, :tokens, :scopes,
            clock_timestamp() + make_interval(secs => :lives_s), clock_timestamp())
    on conflict (program_id, store_id) do update
    set version = kept.version + 1, tokens = excluded.tokens, scopes = excluded.scopes,
        expires_at = excluded.expires_at, due_at = excluded.due_at,
        obtained_at = clock_timestamp(), refused_at = null, refused_since = null,
        attempts = 0, note = null
""")


def renew(
    connection: Connection, keys: Keyring, store: Store, version: int, given: Given
) -> bool:
    """Keep what follows on a version; False where that was dropped meanwhile."""
    values = _values(keys, store, given) | {"version": version}
    return connection.execute(_RENEW, values).rowcount == 1


_RENEW = text("""
    update store_access
    set version = version + 1, tokens = :tokens, scopes = :scopes,
        expires_at = clock_timestamp() + make_interval(secs => :lives_s),
        obtained_at = clock_timestamp(), refused_at = null, refused_since = null
    where program_id = :program_id and store_id = :store_id and version = :version
""")


def note_refused(
    connection: Connection, store: Store, version: int, *, is_told: bool = True
) -> None:
    """Keep that the store refused our tokens; they stay, should it change.

    Where it is not told that the store itself said no, nothing follows from that. Nor
    is it known of hours in which nobody asked, so it begins anew after them.
    """
    values = _of(store) | {"version": version, "is_told": is_told}
    values["unbroken_s"] = UNBROKEN_S
    connection.execute(_REFUSED, values)


_REFUSED = text("""
    update store_access
    set refused_at = clock_timestamp(),
        refused_since = case
            when not :is_told then null
            when refused_at > clock_timestamp() - make_interval(secs => :unbroken_s)
                then coalesce(refused_since, clock_timestamp())
            else clock_timestamp() end
    where program_id = :program_id and store_id = :store_id and version = :version
""")


def note_open(connection: Connection, store: Store) -> None:
    """Keep that the store takes our tokens, whatever it said before."""
    connection.execute(_OPEN, _of(store))


_OPEN = text("""
    update store_access set refused_at = null, refused_since = null
    where program_id = :program_id and store_id = :store_id
      and refused_at is not null
""")


@dataclass(frozen=True)
class Refusal:
    """When a store last refused our tokens, and since when it says that it has left.

    Nothing is said of that where the app itself may be at fault.
    """

    at: datetime
    since: datetime | None


def refusals(connection: Connection) -> dict[int, Refusal]:
    """Return what stores say that do not take our tokens, by store."""
    found = connection.execute(_REFUSALS)
    return {row.store_id: Refusal(row.refused_at, row.refused_since) for row in found}


_REFUSALS = text("""
    select store_id, refused_at, refused_since from store_access
    where refused_at is not null
""")


def drop(connection: Connection, store: Store, until: datetime | None = None) -> None:
    """Forget what opens a store, or only what was given before a moment."""
    connection.execute(_DROP, _of(store) | {"until": until})


_DROP = text("""
    update store_access
    set version = version + 1, tokens = null, scopes = '{}', due_at = null
    where program_id = :program_id and store_id = :store_id
      and obtained_at <= coalesce(cast(:until as timestamptz), 'infinity')
""")


def note_scopes(
    connection: Connection, store: Store, scopes: Iterable[str], at: datetime
) -> None:
    """Keep what the owner lets us do, unless later word of it is known."""
    values = _of(store) | {"scopes": sorted(scopes), "at": at}
    connection.execute(_SCOPES, values)


_SCOPES = text("""
    update store_access
    set scopes = :scopes, scopes_at = :at, due_at = clock_timestamp()
    where program_id = :program_id and store_id = :store_id and tokens is not null
      and coalesce(scopes_at <= :at, true)
""")


def reseal(connection: Connection, keys: Keyring, program_id: int) -> int:
    """Seal again what an older key sealed; return of how many stores."""
    values = {"program_id": program_id, "head": keys.head}
    found = connection.execute(_OF_OLD_KEYS, values).all()
    for row in found:
        whose = f"access/{program_id}/{row.store_id}"
        sealed = keys.seal(keys.unseal(bytes(row.tokens), whose), whose)
        connection.execute(
            _RESEAL, values | {"store_id": row.store_id, "tokens": sealed}
        )
    return len(found)


_OF_OLD_KEYS = text("""
    select store_id, tokens from store_access
    where program_id = :program_id
      and substring(tokens from 1 for length(:head)) <> :head
    for update
""")
_RESEAL = text("""
    update store_access set tokens = :tokens
    where program_id = :program_id and store_id = :store_id
""")


def _of(store: Store) -> dict[str, object]:
    return {"program_id": store.program_id, "store_id": store.store_id}


def _whose(store: Store) -> str:
    return f"access/{store.program_id}/{store.store_id}"


def _values(keys: Keyring, store: Store, given: Given) -> dict[str, object]:
    tokens = keys.seal(msgspec.json.encode(given.sealed), _whose(store))
    return _of(store) | {
        "tokens": tokens,
        "scopes": list(given.scopes),
        "lives_s": given.lives_s,
    }
