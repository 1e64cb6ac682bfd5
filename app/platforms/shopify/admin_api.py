"""How Shopify's Admin API is asked: one document, and an answer of a known shape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests

from app.domain.grants import GrantRefused
from app.domain.reasons import in_own_words
from app.platforms.base import AccessDenied, StoreAway
from app.platforms.shopify.direct_session import DirectSession
from app.platforms.shopify.pace import Cost, Pace
from app.platforms.shopify.tokens import Opener

API_VERSION = "2026-10"
CONNECT_S = 3.0
ANSWER_S = 10.0

_DOCUMENTS = Path(__file__).parent / "documents"
_FRAGMENTS = Path(__file__).parent / "fragments"
_SPREAD = re.compile(r"\.\.\.(\w+)")


class StoreBusy(StoreAway):
    """The store asks for patience: it did nothing, and may be asked after `wait_s`."""

    is_busy = True

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"the store is busy and may be asked again in {wait_s:g} s")
        self.wait_s = wait_s


class Answer(msgspec.Struct, rename="camel"):
    """A part of an answer; fields that are not named here are not read."""


class UserError(Answer):
    """Why the store will not do what it was asked."""

    message: str
    code: str | None = None


class Known(Answer):
    """A thing of which only its id is read."""

    id: str


class _Extensions(Answer):
    code: str | None = None
    cost: Cost | None = None


class _Error(Answer):
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)
    path: tuple[str | int, ...] | None = None


class _Envelope(Answer):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: tuple[_Error, ...] = ()
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)

    def may_have_changed_something(self) -> bool:
        """Whether a change was made, of whose answer a part is refused.

        What is refused for itself is null, and it is what the error is at. Who may not
        be shown some of what was made has made it by then.
        """
        roots = msgspec.json.decode(self.data, type=dict[str, msgspec.Raw] | None)
        is_told = any(bytes(root) != b"null" for root in (roots or {}).values())
        return is_told or any(len(error.path or ()) > 1 for error in self.errors)


Shape = TypeVar("Shape", bound=Answer)


class AdminApi:
    """One store's Admin API; nothing that is sent or heard is ever logged or quoted.

    With a pace it waits itself where the store is busy; without, its caller is told so.
    """

    def __init__(
        self,
        store_url: str,
        opener: Opener,
        *,
        answer_s: float = ANSWER_S,
        pace: Pace | None = None,
    ) -> None:
        self._url = f"{store_url}/admin/api/{API_VERSION}/graphql.json"
        self._opener = opener
        self._timeouts_s = (CONNECT_S, answer_s)
        self._pace = pace
        self._session = DirectSession()

    def is_own(self, url: str) -> bool:
        """Whether an address is of the host that is asked here, port and all."""
        try:
            return urlsplit(url)[:2] == urlsplit(self._url)[:2]
        except ValueError:
            return False

    def ask(self, document: str, shape: type[Shape], **variables: object) -> Shape:
        """Send a document of the folder `documents` and return its answer.

        Raises StoreAway where there is none, or none that can be read, and AccessDenied
        where the owner does not allow it, so that nothing was done. A call that was
        refused for its token did nothing, so it is made once more with another one.
        """
        return self._asked(document, variables, shape, lambda: None)

    def ask_after(
        self,
        check: Callable[[], None],
        document: str,
        shape: type[Shape],
        **variables: object,
    ) -> Shape:
        """Do the same; right before it is sent, each time, `check` may keep it back."""
        return self._asked(document, variables, shape, check)

    def _asked(
        self,
        document: str,
        variables: Mapping[str, object],
        shape: type[Shape],
        check: Callable[[], None],
    ) -> Shape:
        body = {"query": document_text(document), "variables": variables}
        if self._pace is None:
            return self._answered(document, body, shape, check)
        waited_s = 0.0
        while True:
            self._pace.before(document)
            try:
                return self._answered(document, body, shape, check)
            except StoreBusy as busy:
                if not self._pace.waits(busy.wait_s, waited_s):
                    raise
                waited_s += busy.wait_s

    def _answered(
        self,
        document: str,
        body: Mapping[str, object],
        shape: type[Shape],
        check: Callable[[], None],
    ) -> Shape:
        token = self._opener.token()
        check()
        answer = self._sent(document, body, token)
        if answer.status_code == 401:
            token = self._opener.token_after(token)
            check()
            answer = self._sent(document, body, token)
        if answer.status_code == 429:
            raise StoreBusy(_seconds(answer.headers.get("Retry-After")))
        if answer.status_code != 200:
            raise StoreAway(f"{document}: the store answered {answer.status_code}")
        try:
            return self._told(document, answer.content, shape)
        except msgspec.MsgspecError:
            raise StoreAway(f"{document}: the answer cannot be read") from None

    def _told(self, document: str, content: bytes, shape: type[Shape]) -> Shape:
        envelope = msgspec.json.decode(content, type=_Envelope)
        cost = envelope.extensions.cost or Cost()
        if self._pace and envelope.extensions.cost:
            self._pace.note(document, cost)
        codes = [error.extensions.code or "no code" for error in envelope.errors]
        if "THROTTLED" in codes:
            raise StoreBusy(cost.wait_s())
        is_change = document_text(document).startswith("mutation")
        is_open = is_change and envelope.may_have_changed_something()
        if set(codes) == {"ACCESS_DENIED"} and not is_open:
            raise AccessDenied(f"{document}: the store answered ACCESS_DENIED")
        if codes:
            raise StoreAway(f"{document}: the store answered {', '.join(codes)}")
        return msgspec.json.decode(envelope.data, type=shape)

    def _sent(
        self, document: str, body: Mapping[str, object], token: str
    ) -> requests.Response:
        try:
            return self._session.post(
                self._url,
                json=body,
                headers={"X-Shopify-Access-Token": token},
                timeout=self._timeouts_s,
            )
        except requests.RequestException as error:
            raise StoreAway(f"{document}: {type(error).__name__}") from None


def refused(errors: tuple[UserError, ...]) -> GrantRefused:
    """Say in the store's words why it will not."""
    return GrantRefused(in_own_words("; ".join(each.message for each in errors)))


def gid(kind: str, id_: str) -> str:
    """Write an id as the Admin API does."""
    return f"gid://shopify/{kind}/{id_}"


@cache
def document_text(document: str) -> str:
    """Return the text of a document of the folder `documents`.

    What documents share stands in `fragments`, and is written into them in its place:
    a query that is answered into a file may not know fragments.
    """
    return _SPREAD.sub(_fields, (_DOCUMENTS / f"{document}.graphql").read_text())


def _fields(spread: re.Match[str]) -> str:
    """Return what stands within a fragment, with the fragments within it."""
    fragment = (_FRAGMENTS / f"{spread[1]}.graphql").read_text()
    within = fragment.partition("{")[2].rpartition("}")[0]
    return _SPREAD.sub(_fields, within.strip())


def _seconds(written: str | None) -> float:
    """Read a Retry-After, which Shopify writes as a float: "2.0"."""
    try:
        seconds = float(written or 1)
    except ValueError:
        return 1.0
    return max(1.0, seconds) if math.isfinite(seconds) else 1.0
