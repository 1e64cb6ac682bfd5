"""What the Admin API answers about metafields, of customers and of the app itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from app.sandbox import metafields
from app.sandbox.admin.set_up import definitions
from app.sandbox.admin.words import Answer, Call, error, number_of
from app.sandbox.line_bodies import gid
from app.sandbox.metafields import INSTALLATION_ID, Metafield

SET_MAX = 25
APP = "$app"
_MISSING = object()


def reader(call: Call, owner_id: int) -> Callable[..., Answer | None]:
    """Return what reads one metafield of a customer, or of the app."""

    def read(_info: Any, key: str, namespace: str = APP) -> Answer | None:
        found = metafields.find(call.rows, owner_id, namespace, key)
        return _told(found) if found else None

    return read


def installation(call: Call) -> Answer:
    """Return the installation of the app that asks."""
    id_ = gid("AppInstallation", INSTALLATION_ID)
    return {"id": id_, "metafield": reader(call, INSTALLATION_ID)}


def set_all(call: Call, metafields: list[Answer]) -> Answer:
    """Set all of them, or none where one cannot be set."""
    if len(metafields) > SET_MAX:
        raise GraphQLError(f"The input array size is greater than {SET_MAX}")
    wrong = [
        {**mistake, "elementIndex": index}
        for index, asked in enumerate(metafields)
        if (mistake := _mistake(call, asked, f"{index}"))
    ]
    if wrong:
        return {"metafields": None, "userErrors": wrong}
    return {
        "metafields": [_told(_saved(call, each)) for each in metafields],
        "userErrors": [],
    }


def _found(call: Call, asked: Answer) -> Metafield | None:
    owner = _owner(call, asked["ownerId"])
    return metafields.find(
        call.rows, owner or 0, asked.get("namespace") or APP, asked["key"]
    )


def _owner(call: Call, id_: str) -> int | None:
    """Return the number of the customer, or of the app, that an id is of."""
    if id_ == gid("AppInstallation", INSTALLATION_ID):
        return INSTALLATION_ID
    customer = call.rows.customer(number_of("Customer", id_))
    return customer.id if customer else None


def _saved(call: Call, asked: Answer) -> Metafield:
    namespace = asked.get("namespace") or APP
    made = Metafield(
        _owner(call, asked["ownerId"]) or 0,
        namespace,
        asked["key"],
        _kind(call, asked) or "",
        asked["value"],
    )
    metafields.save(call.rows, made)
    return made


def _kind(call: Call, asked: Answer) -> str | None:
    """Return the type that was defined, or else the one that is asked for."""
    whose = (asked.get("namespace") or APP, asked["key"])
    for each in definitions(call.rows):
        if (each["namespace"], each["key"]) == whose:
            return str(each["type"])
    return asked.get("type")


def _mistake(call: Call, asked: Answer, index: str) -> Answer | None:
    """Return why a metafield cannot be set, None where it can."""
    kind = _kind(call, asked)
    if _owner(call, asked["ownerId"]) is None:
        words = "Owner does not exist."
        return error("INVALID", words, "metafields", index, "ownerId")
    if kind is None or asked.get("type", kind) != kind:
        words = f"Type must be consistent with the definition's type: '{kind}'."
        return error("INVALID_TYPE", words, "metafields", index, "type")
    if not _fits(kind, asked["value"]):
        words = f"Value is not a {kind}."
        return error("INVALID_VALUE", words, "metafields", index, "value")
    digest, found = asked.get("compareDigest", _MISSING), _found(call, asked)
    if digest is not _MISSING and digest != (found.digest if found else None):
        words = "The resource has been updated since it was loaded."
        return error("STALE_OBJECT", words, "metafields", index, "compareDigest")
    return None


def _fits(kind: str, value: str) -> bool:
    if kind == "number_integer":
        return value.removeprefix("-").isdecimal()
    if kind == "json":
        try:
            json.loads(value)
        except ValueError:
            return False
        return True
    return bool(value.strip()) and "\n" not in value


def _told(found: Metafield) -> Answer:
    is_app = found.owner_id == INSTALLATION_ID
    kind = "AppInstallation" if is_app else "Customer"
    owner = {"__typename": kind, "id": gid(kind, found.owner_id)}
    return {
        "compareDigest": found.digest,
        "id": f"gid://shopify/Metafield/{found.digest[:12]}",
        "key": found.key,
        "namespace": found.namespace,
        "owner": owner,
        "type": found.type,
        "value": found.value,
    }
