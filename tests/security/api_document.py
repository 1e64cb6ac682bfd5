"""Makes docs/openapi.json from the schemas that the API itself uses: `make openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.api.asking import BODY_BYTES_MAX
from app.api.reward_schemas import (
    REWARD_IN_SHORT,
    DonationsSchema,
    DrawSchema,
    GiveawaysSchema,
    PrizeSchema,
    RedemptionSchema,
    RewardRequestSchema,
    RewardSchema,
)
from app.api.schemas import (
    AcceptedSchema,
    ActionSchema,
    CartSchema,
    ClaimedSchema,
    ClaimSchema,
    CodeSchema,
    EstimateSchema,
    GuestSchema,
    OrderPointsSchema,
    StandingSchema,
    WordsSchema,
)
from app.tools.door import BODY_BYTES_MAX as REPORT_BYTES_MAX
from app.tools.reports import REPORTS_MAX
from app.tools.schemas import ReportedSchema, ReportSchema
from webhooks import receive

PATH = Path(__file__).parent.parent.parent / "docs" / "openapi.json"

_SECURITY = {
    "webhook": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Shopify-Hmac-Sha256",
        "description": "Base64 of HMAC-SHA256 over the raw body, by the app's secret.",
    },
    "appProxy": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": "Hex HMAC-SHA256 over the sorted query, as Shopify's app proxy "
        "signs it; good for 90 seconds.",
    },
    "sessionToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "What `shopify.sessionToken.get()` gives an extension.",
    },
    "toolKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that the owner made by `tallymark key make`.",
    },
}
_TEXT: dict[str, Any] = {"type": "string"}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": _TEXT},
}
_INVALID = {
    "type": "object",
    "required": ["error", "fields"],
    "properties": {"error": _TEXT, "fields": {"type": "object"}},
}


def _header(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": about, "schema": _TEXT}


def _query(name: str, about: str, pattern: str, *, required: bool = True) -> Any:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": about,
        "schema": {"type": "string", "pattern": pattern},
    }


_PROXY_QUERY = [
    _query("shop", "The store's domain.", r"^[a-z0-9-]+\.myshopify\.com$"),
    _query("logged_in_customer_id", "Empty for a guest.", "^[0-9]*$", required=False),
    _query("path_prefix", "The proxy's path.", "^/[a-z/]*$", required=False),
    _query("timestamp", "Seconds since 1970.", "^[0-9]{10}$"),
]


# Where anything is told in words.
_LANG = _query(
    "lang",
    "The language of the page, in which all is told; English where we lack it.",
    "^[A-Za-z0-9_-]*$",
    required=False,
)


def _answer(about: str, schema: Any = None, kind: str = "application/json") -> Any:
    if schema is None:
        return {"description": about}
    return {"description": about, "content": {kind: {"schema": schema}}}


_AWAY = _answer("The database is away; ask again in a moment.", _ERROR)
_OFTEN = _answer("Too many within the hour.", _ERROR)
_REFUSED_OFTEN = _answer("Too much was refused, or asked, within the minute.", _ERROR)
_PROXY_ERRORS = {
    "401": _answer("The store did not sign this query just now.", _ERROR),
    "404": _answer("The store has not installed the app.", _ERROR),
    "429": _REFUSED_OFTEN,
    "503": _AWAY,
}


def _message() -> dict[str, Any]:
    return {
        "summary": "Take one message of a Shopify store.",
        "security": [{"webhook": []}],
        "parameters": [
            _header("X-Shopify-Topic", "What the message is about."),
            _header("X-Shopify-Shop-Domain", "The store's domain."),
            _header("X-Shopify-Webhook-Id", "The same for every try."),
        ],
        "requestBody": {
            "required": True,
            "description": f"Up to {receive.BODY_BYTES_MAX} bytes, as the topic says.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "responses": {
            "200": _answer("It is kept, now or before."),
            "401": _answer("The signature does not fit."),
            "413": _answer("The body is too large."),
            "429": _REFUSED_OFTEN,
            "503": _answer("It could not be kept; send it again."),
        },
    }


def _standing() -> dict[str, Any]:
    return {
        "summary": "Where the signed-in shopper stands, or the program in short.",
        "security": [{"appProxy": []}],
        "parameters": [_LANG, *_PROXY_QUERY],
        "responses": {
            "200": _answer(
                "A member's standing, or what a guest may see.",
                {"anyOf": [{"$ref": _ref("Standing")}, {"$ref": _ref("Guest")}]},
            ),
            "304": _answer("Nothing has changed since the ETag that was sent."),
            **_PROXY_ERRORS,
        },
    }


def _estimate() -> dict[str, Any]:
    return {
        "summary": "How many points a cart would earn.",
        "security": [{"appProxy": []}],
        "parameters": _PROXY_QUERY,
        "requestBody": {
            "required": True,
            "description": f"Up to {BODY_BYTES_MAX} bytes.",
            "content": {"application/json": {"schema": CartSchema}},
        },
        "responses": {
            "200": _answer("The points, and why.", EstimateSchema),
            "400": _answer("The body is no JSON.", _ERROR),
            "413": _answer("The body is too large.", _ERROR),
            "415": _answer("The body is not called JSON.", _ERROR),
            "422": _answer("The cart makes no sense, and where.", _INVALID),
            **_PROXY_ERRORS,
        },
    }


_ID = {
    "name": "redemption_id",
    "in": "path",
    "required": True,
    "description": "As the answer to the wish said.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_MEMBER_ERRORS = {
    "403": _answer("Nobody is signed in.", _ERROR),
    **_PROXY_ERRORS,
}


def _wish() -> dict[str, Any]:
    kept = _answer("The wish is kept; a worker decides on it.", RedemptionSchema)
    return {
        "summary": "Ask for a reward, once for each request id.",
        "security": [{"appProxy": []}],
        "parameters": [_LANG, *_PROXY_QUERY],
        "requestBody": {
            "required": True,
            "description": f"Up to {BODY_BYTES_MAX} bytes.",
            "content": {"application/json": {"schema": RewardRequestSchema}},
        },
        "responses": {
            "202": kept,
            "400": _answer("The body is no JSON.", _ERROR),
            "409": _answer("The request id was used for another wish.", _ERROR),
            "413": _answer("The body is too large.", _ERROR),
            "415": _answer("The body is not called JSON.", _ERROR),
            "422": _answer("The wish makes no sense, and where.", _INVALID),
            "429": _answer("Too many wishes within the hour.", _ERROR),
            **_MEMBER_ERRORS,
        },
    }


def _link() -> dict[str, Any]:
    code = {
        "name": "code",
        "in": "path",
        "required": True,
        "description": "As a member's standing has it.",
        "schema": {"type": "string", "pattern": "^[A-Z2-9]{10}$"},
    }
    return {
        "summary": "A member's link: leads a friend to the store.",
        "security": [{"appProxy": []}],
        "parameters": [code, *_PROXY_QUERY],
        "responses": {
            "200": _answer("A page that leads on.", _TEXT, "text/html"),
            **_PROXY_ERRORS,
        },
    }


def _code() -> dict[str, Any]:
    link = _link()
    return link | {
        "summary": "What a friend's code brings whoever asks, before it is claimed.",
        "parameters": [link["parameters"][0], _LANG, *_PROXY_QUERY],
        "responses": {
            "200": _answer("The gift, or what speaks against the code.", CodeSchema),
            **_PROXY_ERRORS,
        },
    }


def _claim() -> dict[str, Any]:
    return {
        "summary": "Say whose link or code brought the customer who is signed in.",
        "security": [{"appProxy": []}],
        "parameters": [_LANG, *_PROXY_QUERY],
        "requestBody": {
            "required": True,
            "description": f"Up to {BODY_BYTES_MAX} bytes.",
            "content": {"application/json": {"schema": ClaimSchema}},
        },
        "responses": {
            "202": _answer(
                "It is kept where the code is somebody's; a worker decides.",
                ClaimedSchema,
            ),
            "400": _answer("The body is no JSON.", _ERROR),
            "413": _answer("The body is too large.", _ERROR),
            "415": _answer("The body is not called JSON.", _ERROR),
            "422": _answer("The claim makes no sense, and where.", _INVALID),
            "429": _OFTEN,
            **_MEMBER_ERRORS,
        },
    }


def _redemption(
    about: str, status: str, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "summary": about,
        "security": [{"appProxy": []}],
        "parameters": [_ID, _LANG, *_PROXY_QUERY],
        "responses": {
            status: _answer("How far the redemption is.", RedemptionSchema),
            **_MEMBER_ERRORS,
            "404": _answer("No such redemption, or no such store.", _ERROR),
            **(more or {}),
        },
    }


def _actions() -> dict[str, Any]:
    return {
        "summary": "Say what the signed-in shopper did, or when their birthday is.",
        "security": [{"appProxy": []}],
        "parameters": _PROXY_QUERY,
        "requestBody": {
            "required": True,
            "description": f"Up to {BODY_BYTES_MAX} bytes.",
            "content": {"application/json": {"schema": ActionSchema}},
        },
        "responses": {
            "202": _answer("It is kept, now or before.", AcceptedSchema),
            "400": _answer("The body is no JSON.", _ERROR),
            "403": _answer("Nobody is signed in.", _ERROR),
            "413": _answer("The body is too large.", _ERROR),
            "415": _answer("The body is not called JSON.", _ERROR),
            "422": _answer("The body makes no sense here, and where.", _INVALID),
            "429": _OFTEN,
            **_PROXY_ERRORS,
        },
    }


def _donations() -> dict[str, Any]:
    return {
        "summary": "What members have given to each cause so far.",
        "security": [{"appProxy": []}],
        "parameters": _PROXY_QUERY,
        "responses": {
            "200": _answer("The totals, as of a minute ago.", DonationsSchema),
            **_PROXY_ERRORS,
        },
    }


def _giveaways() -> dict[str, Any]:
    return {
        "summary": "What there is to be won, and the draws that anybody can run again.",
        "security": [{"appProxy": []}],
        "parameters": _PROXY_QUERY,
        "responses": {
            "200": _answer("What was promised, and drawn.", GiveawaysSchema),
            **_PROXY_ERRORS,
        },
    }


_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _draw() -> dict[str, Any]:
    commitment = _ID | {"name": "commitment", "schema": _HASH}
    return {
        "summary": "A draw that was held, with all entries and the seed.",
        "security": [{"appProxy": []}],
        "parameters": [
            commitment | {"description": "What was published before the draw."},
            *_PROXY_QUERY,
        ],
        "responses": {
            "200": _answer("What it takes to run it again.", DrawSchema),
            **_PROXY_ERRORS,
            "404": _answer("No such draw, or no such store.", _ERROR),
        },
    }


def _words() -> dict[str, Any]:
    return {
        "summary": "The whole programme in plain words, alike for all who ask.",
        "security": [{"appProxy": []}],
        "parameters": [_LANG, *_PROXY_QUERY],
        "responses": {
            "200": _answer("What the version in force promises.", WordsSchema),
            "304": _answer("Nothing has changed since the ETag that was sent."),
            **_PROXY_ERRORS,
        },
    }


def _of_order() -> dict[str, Any]:
    order_id = _ID | {"name": "order_id", "schema": _TEXT}
    return {
        "summary": "What an order brought the customer who is signed in.",
        "security": [{"appProxy": []}],
        "parameters": [order_id | {"description": "The number of the order's id."}],
        "responses": {
            "200": _answer("The points, less what went back.", OrderPointsSchema),
            **_MEMBER_ERRORS,
        },
    }


_KEY_PATTERN = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}
_ABOUT_KEY = "What makes it one report, such as a review's id; kept for ever."
_TOOL_ERRORS = {
    "401": _answer("The key opens nothing.", _ERROR),
    "429": _REFUSED_OFTEN,
    "503": _AWAY,
}


def _report() -> dict[str, Any]:
    header = _header("Idempotency-Key", _ABOUT_KEY)
    kept = _answer("It is kept, now or before; ask at `Location`.", ReportedSchema)
    where = {"description": "Where to ask what became of it.", "schema": _TEXT}
    return {
        "summary": "Say that a customer did something, once for each key.",
        "security": [{"toolKey": []}],
        "parameters": [header | {"required": True, "schema": _KEY_PATTERN}, _LANG],
        "requestBody": {
            "required": True,
            "description": f"Up to {REPORT_BYTES_MAX} bytes.",
            "content": {"application/json": {"schema": ReportSchema}},
        },
        "responses": {
            "202": kept | {"headers": {"Location": where}},
            "400": _answer("There is no such key, or the body is no JSON.", _ERROR),
            "409": _answer("The key was used for another report.", _ERROR),
            "413": _answer("The body is too large.", _ERROR),
            "415": _answer("The body is not called JSON.", _ERROR),
            "422": _answer("It cannot be reported, and what is wrong.", _INVALID),
            **_TOOL_ERRORS,
            "429": _answer(
                f"More than {REPORTS_MAX} reports in an hour, or too much was refused.",
                _ERROR,
            ),
        },
    }


def _reported() -> dict[str, Any]:
    key = {"name": "key", "in": "path", "required": True, "schema": _KEY_PATTERN}
    return {
        "summary": "What became of a report.",
        "security": [{"toolKey": []}],
        "parameters": [key | {"description": "As it was reported."}, _LANG],
        "responses": {
            "200": _answer("How far it is, and what it brought.", ReportedSchema),
            "404": _answer("Nothing was reported under this key.", _ERROR),
            **_TOOL_ERRORS,
        },
    }


def _by_token(operation: dict[str, Any]) -> dict[str, Any]:
    """Return what the app proxy is asked, as extensions ask it."""
    named = [each for each in operation["parameters"] if each not in _PROXY_QUERY]
    return operation | {"security": [{"sessionToken": []}], "parameters": named}


def _ready() -> dict[str, Any]:
    flags = ("database", "migrations", "redis")
    schema = {
        "type": "object",
        "required": list(flags),
        "properties": {flag: {"type": "boolean"} for flag in flags},
    }
    return {
        "summary": "Whether database, tables and Redis are there.",
        "responses": {
            "200": _answer("All are.", schema),
            "503": _answer("One is not.", schema),
        },
    }


def _open(about: str, kind: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    good = _answer(about, schema or _TEXT, kind)
    return {"summary": about, "responses": {"200": good} | more}


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def make_document() -> dict[str, Any]:
    """Return the document of everything that is served."""
    spec = APISpec(
        title="Tallymark",
        version="0.1.0",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": "What stores, their pages and their keepers may ask."},
    )
    for name, scheme in _SECURITY.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Reward", schema=RewardSchema)
    short = RewardSchema(only=REWARD_IN_SHORT)
    spec.components.schema("RewardInShort", schema=short)
    spec.components.schema("Redemption", schema=RedemptionSchema)
    spec.components.schema("Prize", schema=PrizeSchema)
    spec.components.schema("Standing", schema=StandingSchema)
    spec.components.schema("Guest", schema=GuestSchema)
    up = {"type": "object", "properties": {"status": {"const": "up"}}}
    sandbox = {"302": _answer("To the sandbox store, where there is one.")}
    front = _open("What this is.", "text/plain", **sandbox)
    spec.path("/", operations={"get": front})
    spec.path("/webhooks/shopify", operations={"post": _message()})
    spec.path("/proxy/standing", operations={"get": _standing()})
    spec.path("/proxy/estimate", operations={"post": _estimate()})
    spec.path("/proxy/redemptions", operations={"post": _wish()})
    one = "/proxy/redemptions/{redemption_id}"
    look = _redemption("What became of a wish for a reward.", "200")
    spec.path(one, operations={"get": look})
    too_late = {
        "409": _answer("Its date is too near, or nobody has decided yet.", _ERROR),
        "429": _OFTEN,
    }
    cancel = _redemption("End a reward that was not used.", "202", too_late)
    spec.path(f"{one}/cancel", operations={"post": cancel})
    spec.path("/proxy/donations", operations={"get": _donations()})
    spec.path("/proxy/words", operations={"get": _words()})
    spec.path("/proxy/giveaways", operations={"get": _giveaways()})
    one_draw = "giveaways/{commitment}"
    spec.path(f"/proxy/{one_draw}", operations={"get": _draw()})
    spec.path("/proxy/actions", operations={"post": _actions()})
    spec.path("/proxy/r/{code}", operations={"get": _link()})
    spec.path("/proxy/referrals/{code}", operations={"get": _code()})
    spec.path("/proxy/referrals", operations={"post": _claim()})
    tokens = {
        "/api/standing": {"get": _standing()},
        "/api/estimate": {"post": _estimate()},
        "/api/redemptions": {"post": _wish()},
        "/api/redemptions/{redemption_id}": {"get": look},
        "/api/redemptions/{redemption_id}/cancel": {"post": cancel},
        "/api/donations": {"get": _donations()},
        "/api/words": {"get": _words()},
        "/api/giveaways": {"get": _giveaways()},
        f"/api/{one_draw}": {"get": _draw()},
        "/api/orders/{order_id}": {"get": _of_order()},
    }
    for path, operations in tokens.items():
        asked = {method: _by_token(each) for method, each in operations.items()}
        spec.path(path, operations=asked)
    spec.path("/tools/actions", operations={"post": _report()})
    spec.path("/tools/actions/{key}", operations={"get": _reported()})
    healthz = _open("The process is up.", "application/json", up)
    spec.path("/healthz", operations={"get": healthz})
    spec.path("/readyz", operations={"get": _ready()})
    metrics = _open("How it is going, for Prometheus.", "text/plain")
    spec.path("/metrics", operations={"get": metrics})
    return spec.to_dict()


def written() -> str:
    """Return the document as it is checked in."""
    return json.dumps(make_document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(written())
