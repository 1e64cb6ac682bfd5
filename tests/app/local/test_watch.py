"""A server that dies under a running app is started again, whatever goes wrong."""

import re
import time

import psycopg

from app.local import watch
from app.local.redis import EmbeddedRedis
from app.local.watch import ServerWatch


def _wait_for(said, count=1):
    deadline = time.monotonic() + 10
    while len(said) < count and time.monotonic() < deadline:
        time.sleep(0.02)


class Stubborn:
    """A server that is away, and does not start the first few times."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.url = None

    def start(self):
        if self.errors:
            raise self.errors.pop()
        self.url = "up"
        return self.url


def test_a_killed_server_is_started_again(tmp_path):
    server = EmbeddedRedis(tmp_path / "redis")
    said = []
    url = server.start()
    with ServerWatch([server], said.append):
        server.kill()
        _wait_for(said)
        assert server.url == url
    [line] = said
    assert re.fullmatch(r"EmbeddedRedis had died and runs again after \d+\.\d s", line)
    server.stop()


def test_no_failure_ends_the_watch_and_the_same_one_is_said_once(monkeypatch):
    monkeypatch.setattr(watch, "PAUSE_SECONDS", 0.01)
    no_room = OSError("No space left on device")
    server = Stubborn(*[psycopg.OperationalError("the server went away")] * 3, no_room)
    said = []

    with ServerWatch([server], said.append):
        _wait_for(said, 2)
        server.url = None
        _wait_for(said, 3)

    complaint, *back = said
    assert complaint == f"Stubborn had died and does not start: {no_room}"
    assert [True, True] == ["runs again after" in each for each in back]


def test_nobody_to_tell_it_does_not_end_the_watch(monkeypatch):
    """The output goes to the disk that is full: neither the fault nor the end of it."""
    monkeypatch.setattr(watch, "PAUSE_SECONDS", 0.01)
    no_room = OSError("No space left on device")
    server = Stubborn(no_room, no_room)
    unsaid = []

    def say(line):
        unsaid.append(line)
        raise no_room

    with ServerWatch([server], say):
        _wait_for(unsaid, 2)
        server.url = None
        _wait_for(unsaid, 3)

    complaint, *back = unsaid
    assert complaint == f"Stubborn had died and does not start: {no_room}"
    assert [True, True] == ["runs again after" in each for each in back]


def test_what_lasts_is_said_again(monkeypatch):
    monkeypatch.setattr(watch, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(watch, "SAID_AGAIN_SECONDS", 0.0)
    said = []

    with ServerWatch([Stubborn(*[OSError("full")] * 3)], said.append):
        _wait_for(said, 4)

    assert ["Stubborn had died and does not start: full"] * 3 == said[:3]
    assert 4 == len(said)
