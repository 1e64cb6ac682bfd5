"""Shopify as a platform: what the receiver and the workers ask of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from app.domain.errors import UnreadableMessage
from app.domain.events import Ignored, Translated
from app.platforms.base import Delivery, Forged, Message, Platform, Verdict
from app.platforms.shopify.id_tokens import IdToken, read_id_token
from app.platforms.shopify.session_tokens import Session, read_session_token
from app.platforms.shopify.signature import verify_body, verify_oauth, verify_query
from app.platforms.shopify.topics import TOPICS


@dataclass(frozen=True)
class Shopify(Platform):
    """Shopify with the app's secrets: the current, and the one before a rotation."""

    name: ClassVar[str] = "shopify"

    secrets: tuple[str, ...] = ()
    client_id: str | None = None

    def verify(self, headers: Mapping[str, str], body: bytes) -> Verdict:
        """Say whether Shopify signed exactly these bytes."""
        signature = _header(headers, "hmac-sha256")
        if not signature:
            return Forged("there is no signature")
        return verify_body(body, signature, self.secrets)

    def verify_proxy(
        self, query: Mapping[str, Sequence[str]], now: datetime
    ) -> Verdict:
        """Say whether Shopify signed this app-proxy query just now."""
        return verify_query(query, self.secrets, now)

    def verify_oauth(
        self, query: Mapping[str, Sequence[str]], now: datetime
    ) -> Verdict:
        """Say whether Shopify signed this query of an installation just now."""
        return verify_oauth(query, self.secrets, now)

    def id_token(self, written: str, now: datetime) -> IdToken | Forged:
        """Return in which store an ID token was made, or why it is refused."""
        return read_id_token(written, self.client_id, self.secrets, now)

    def session(self, written: str, now: datetime) -> Session | Forged:
        """Return who a session token of an extension is for, or why it is refused."""
        return read_session_token(written, self.client_id, self.secrets, now)

    def delivery(self, headers: Mapping[str, str]) -> Delivery:
        """Read the headers, of either family: `X-Shopify-` and `Shopify-`."""
        return Delivery(
            domain=normal_domain(_header(headers, "shop-domain") or ""),
            topic=(_header(headers, "topic") or "").strip().lower(),
            delivery_id=_header(headers, "webhook-id"),
            event_id=_header(headers, "event-id"),
            triggered_at=_time(_header(headers, "triggered-at")),
            body_key=_half_of(_header(headers, "hmac-sha256") or ""),
        )

    def knows(self, topic: str) -> bool:
        """Whether the topic is in the table of topics."""
        return topic in TOPICS

    def translate(self, message: Message) -> Translated:
        """Say a body in our words, by its topic."""
        topic = TOPICS.get(message.topic)
        if topic is None:
            return Translated(Ignored(f"the topic {message.topic!r} is of no use here"))
        try:
            told = topic.translate(topic.decoder.decode(message.body), message)
            # The costly look is taken only where the body may hold one.
            if b"\\u0000" in message.body and "\\x00" in repr(told):
                raise ValueError("the body holds a NUL where text should be")
            return told
        except (
            msgspec.MsgspecError,
            ValueError,
            ArithmeticError,
            RecursionError,
        ) as error:
            raise UnreadableMessage(f"{message.topic}: {error}") from error


def normal_domain(domain: str) -> str:
    """Return a store's domain as it is kept: lower case, no trailing dot or slash.

    What is not ASCII stays as it is: a sign for kelvin would become a plain k.
    """
    plain = domain.strip()
    return plain.lower().rstrip("./") if plain.isascii() else plain


def _half_of(signature: str) -> bytes | None:
    """Return half of a genuine signature, which is enough to know a body again.

    Nobody who comes by it can send the body with it.
    """
    return base64.b64decode(signature)[:16] or None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}")


def _time(text: str | None) -> datetime | None:
    """Read a header's time; one that cannot be, and no store sends, is none."""
    try:
        time = datetime.fromisoformat(text or "")
        if time.tzinfo and 2000 <= time.astimezone(UTC).year <= 2200:
            return time
    except (ValueError, OverflowError):
        pass
    return None
