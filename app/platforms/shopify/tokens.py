"""Shopify's token endpoint: what opens a store for the app, and its renewal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import msgspec
import requests

from app.platforms.base import StoreAway
from app.platforms.shopify.direct_session import DirectSession

CONNECT_S = 3.0
ANSWER_S = 10.0

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
# Answers that say no; all else may mean anything.
_REFUSALS = (400, 401, 403)
# What says no to whoever asks, so to the app in all of its stores.
_OUR_FAULTS = ("invalid_client", "unauthorized_client", "application_cannot_be_found")


class TokensRefused(Exception):
    """The store gives no tokens for this, and would not if it were asked again.

    Its owner may have taken the app out, unless it `is_our_fault`.
    """

    def __init__(self, reason: str = "", *, is_our_fault: bool = False) -> None:
        super().__init__(reason)
        self.is_our_fault = is_our_fault


@dataclass(frozen=True)
class Tokens:
    """What opens a store, what renews it, and for how many seconds each does.

    Without an end they are those of a custom app, which nothing renews.
    """

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    lives_s: float | None = None
    refresh_lives_s: float | None = None


class Opener(ABC):
    """Knows the token that opens one store, now and after it was renewed."""

    @abstractmethod
    def token(self) -> str:
        """Return a token that should be good; raises StoreAway where there is none."""

    @abstractmethod
    def token_after(self, refused: str) -> str:
        """Return another token than the one that was refused; raises StoreAway."""


class FixedToken(Opener):
    """One token that nothing renews."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """Return it."""
        return self._token

    def token_after(self, refused: str) -> str:  # noqa: ARG002
        """Raise StoreAway, since there is no other."""
        raise StoreAway("the store answered 401: its token is not good any more")


class _Answer(msgspec.Struct):
    access_token: str
    scope: str = ""
    expires_in: float | None = None
    refresh_token: str | None = None
    refresh_token_expires_in: float | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


class TokenEndpoint:
    """Asks stores for tokens in the name of the app; nothing of it is ever logged.

    Raises TokensRefused where the answer is no, and StoreAway where there is none: then
    the store may have given tokens that were lost on the way.
    """

    def __init__(
        self, client_id: str, secret: str, *, answer_s: float = ANSWER_S
    ) -> None:
        self._app = {"client_id": client_id, "client_secret": secret}
        self._timeouts_s = (CONNECT_S, answer_s)
        self._session = DirectSession()

    def by_id_token(self, store_url: str, id_token: str) -> Tokens:
        """Return expiring tokens for a store whose ID token this is."""
        return self._asked(
            store_url,
            grant_type=_EXCHANGE,
            subject_token=id_token,
            subject_token_type=_ID_TOKEN,
            requested_token_type=_OFFLINE,
            expiring="1",
        )

    def by_code(self, store_url: str, code: str) -> Tokens:
        """Return expiring tokens for the code of an authorization."""
        return self._asked(store_url, code=code, expiring="1")

    def renewed(self, store_url: str, refresh: str) -> Tokens:
        """Return the tokens that follow; may be asked again after a lost answer.

        The store takes the old one until the new one is used for the first time.
        """
        return self._asked(store_url, grant_type="refresh_token", refresh_token=refresh)

    def _asked(self, store_url: str, **words: str) -> Tokens:
        try:
            answer = self._session.post(
                f"{store_url}/admin/oauth/access_token",
                json=self._app | words,
                timeout=self._timeouts_s,
            )
        except requests.RequestException as error:
            raise StoreAway(f"tokens: {type(error).__name__}") from None
        if answer.status_code in _REFUSALS:
            reason = _reason(answer)
            is_our_fault = answer.status_code == 403 or reason.endswith(_OUR_FAULTS)
            raise TokensRefused(reason, is_our_fault=is_our_fault)
        if answer.status_code != 200:
            raise StoreAway(f"tokens: the store answered {answer.status_code}")
        try:
            return _tokens(msgspec.json.decode(answer.content, type=_Answer))
        except msgspec.MsgspecError:
            raise StoreAway("tokens: the answer cannot be read") from None


def _tokens(answer: _Answer) -> Tokens:
    return Tokens(
        access=answer.access_token,
        refresh=answer.refresh_token,
        scopes=tuple(sorted(filter(None, answer.scope.split(",")))),
        lives_s=answer.expires_in,
        refresh_lives_s=answer.refresh_token_expires_in,
    )


def _reason(answer: requests.Response) -> str:
    """Say the status and, where it is one plain word, the error."""
    try:
        word = msgspec.json.decode(answer.content, type=_Refusal).error
    except msgspec.MsgspecError:
        word = ""
    is_plain = word.replace("_", "").isalpha() and word.isascii() and len(word) < 40
    return f"{answer.status_code} {word}" if is_plain else str(answer.status_code)
