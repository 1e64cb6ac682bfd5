"""A stub shop: serves the widget, one page, and scripted answers of the app."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WIDGET = Path(__file__).parents[2] / "storefront_widget"
KINDS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " base-uri 'none'; require-trusted-types-for 'script'"
)
THEME = """
html { font: 100%/1.5 system-ui, sans-serif }
body { margin: 0; padding: 1em; color: #222; background: #fff }
h1 { margin: 0; font-size: 1.5em }
"""
BODY = """
<p>You have <tallymark-balance>a balance in your account</tallymark-balance></p>
<tallymark-progress>Rewards wait for you</tallymark-progress>
<tallymark-estimate currency="EUR"
  lines='[{"sku": "MUG", "quantity": 1, "price": "25.00"}]'></tallymark-estimate>
<p id="below">Mugs, plates and bowls, thrown by hand.</p>
<button id="buy">Add to cart</button>
"""
ASKED = (
    "/standing",
    "/estimate",
    "/referrals",
    "/actions",
    "/donations",
    "/giveaways",
    "/words",
)
# What is asked about one thing, by its name.
NAMED = ("/redemptions", "/referrals/")
LAUNCHER = "<tallymark-launcher></tallymark-launcher>"


@dataclass(frozen=True)
class Answer:
    """What the app says, and how long it takes to say it."""

    body: Any = None
    status: int = 200
    delay_seconds: float = 0.0

    @property
    def content(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body).encode()


@dataclass
class Shop:
    """A page of the shop; change its fields before it is visited."""

    standings: list[Answer]
    estimates: list[Answer] = field(
        default_factory=lambda: [Answer({"points": 25, "explanation": []})]
    )
    redemptions: list[Answer] = field(default_factory=list)
    reports: list[Answer] = field(default_factory=lambda: [Answer({"id": "a"}, 202)])
    donations: list[Answer] = field(default_factory=lambda: [Answer({"donations": []})])
    claims: list[Answer] = field(default_factory=lambda: [Answer({}, 202)])
    giveaways: list[Answer] = field(default_factory=lambda: [Answer({"giveaways": []})])
    words: list[Answer] = field(default_factory=lambda: [Answer({"parts": []})])
    body: str = BODY + LAUNCHER
    lang: str = "en"
    direction: str = "ltr"
    theme: str = THEME
    head: str = ""
    document: str = ""
    csp: str = ""
    queries: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def asked(self, path: str) -> list[bytes]:
        """The bodies of all requests to a path."""
        return [body for _, asked, body in self.requests if asked == path]

    @property
    def page(self) -> str:
        if self.document:
            return self.document
        return f"""<!doctype html>
<html lang="{self.lang}" dir="{self.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stub shop</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/theme.css">
<link rel="stylesheet" href="/widget/tallymark.css">{self.head}
<script type="module" src="/widget/tallymark.js"></script></head>
<body><main><h1>Mugs</h1>{self.body}</main></body></html>"""

    def answer(self, path: str) -> Answer:
        """The next scripted answer; the last one is repeated."""
        script = self.standings if path.endswith("/standing") else self.estimates
        if "/redemptions" in path:
            script = self.redemptions
        if "/referrals" in path:
            script = self.claims
        if path.endswith("/giveaways"):
            script = self.giveaways
        if path.endswith("/words"):
            script = self.words
        if path.endswith("/actions"):
            script = self.reports
        if path.endswith("/donations"):
            script = self.donations
        return script.pop(0) if len(script) > 1 else script[0]


def _file(name: str) -> Path | None:
    """A file of the widget, or one that only themes have."""
    places = (WIDGET / name, WIDGET / "theme" / "assets" / name)
    return next((path for path in places if path.is_file()), None)


class Door(BaseHTTPRequestHandler):
    """Answers for whichever shop is open."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece

    def do_GET(self) -> None:
        shop = self.shop = self.server.shop
        path, _, query = self.path.partition("?")
        shop.queries.append(query)
        size = int(self.headers.get("Content-Length") or 0)
        shop.requests.append((self.command, path, self.rfile.read(size)))
        if path == "/":
            self.reply(shop.page, "text/html; charset=utf-8")
        elif path == "/theme.css":
            self.reply(shop.theme, "text/css")
        elif path in shop.files:
            self.reply(shop.files[path], "text/javascript")
        elif path.startswith("/widget/") and (file := _file(path[8:])):
            self.reply(file.read_text(), KINDS[file.suffix])
        elif path.endswith(ASKED) or any(each in path for each in NAMED):
            answer = shop.answer(path)
            time.sleep(answer.delay_seconds)
            self.reply(answer.content, "application/json", answer.status)
        else:
            self.reply("Closed", "text/html", 404)

    do_POST = do_GET  # noqa: N815

    def reply(self, content: str | bytes, kind: str, status: int = 200) -> None:
        content = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if self.shop.csp:
            self.send_header("Content-Security-Policy", self.shop.csp)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Street(ThreadingHTTPServer):
    """One address for all shops: a browser is quicker where it has been before."""

    daemon_threads = True
    shop: Shop

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A browser that lost patience and hung up is as it should be."""
