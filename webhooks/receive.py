"""Receives messages: verify the raw bytes, keep them, wake the workers, answer 200."""

from __future__ import annotations

import hmac

import structlog
from flask import Blueprint, Response, current_app, request

from app.doors import AWAY, Doors, later
from app.platforms.base import Delivery, Platform
from app.refusals import REASON
from app.storage import inbox
from app.waiting import aside

# Larger than any order that Shopify sends (its own limit for a body is lower).
BODY_BYTES_MAX = 8 * 1024 * 1024

PATH = "/webhooks/shopify"

webhooks = Blueprint("webhooks", __name__)

_log = structlog.get_logger()


@webhooks.post(PATH)
def receive_shopify() -> Response:
    """Take one message of a Shopify store."""
    # One byte more, so that a body without a stated length shows that it is too long.
    request.max_content_length = BODY_BYTES_MAX + 1
    body = request.get_data(cache=False)
    if len(body) > BODY_BYTES_MAX:
        return Response(status=413)
    doors: Doors = current_app.extensions["tallymark"]
    return receive(doors, doors.shopify, body)


def receive(doors: Doors, platform: Platform, body: bytes) -> Response:
    """Keep a genuine message once, and answer when it is safe."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    verdict = platform.verify(headers, body)
    if not verdict:
        request.environ[REASON] = getattr(verdict, "reason", "")
        return Response(status=401)
    delivery = platform.delivery(headers)
    arrival = _arrival(doors, platform, delivery, body)
    try:
        must_ring = doors.keeping.ask(arrival)
    except AWAY as error:
        # The store delivers again when it is told that we could not keep it.
        _log.error("webhook not kept", error=type(error).__name__)
        return later(Response())
    # A repeat rings as well: the bell of the first may have been lost.
    if must_ring:
        aside(doors.bell.ring)
    return Response(status=200)


def _arrival(
    doors: Doors, platform: Platform, delivery: Delivery, body: bytes
) -> inbox.Arrival:
    """Return what to keep; without a delivery id, the same body counts as the same."""
    delivery_id = delivery.delivery_id
    if not delivery_id:
        # Keyed: who knows a person could else find them by a body that was erased.
        digest = hmac.digest(doors.secret_key.encode(), body, "sha256").hex()
        delivery_id = f"{delivery.topic}:{digest}"
    return inbox.Arrival(
        platform=platform.name,
        domain=delivery.domain[:255],
        topic=delivery.topic[:255],
        delivery_id=delivery_id[:500],
        event_id=delivery.event_id and delivery.event_id[:255],
        triggered_at=delivery.triggered_at,
        body=body,
        body_key=delivery.body_key,
        is_known_topic=platform.knows(delivery.topic),
    )
