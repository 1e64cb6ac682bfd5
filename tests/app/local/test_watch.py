"""A server that dies under a running app is started again."""

import time

from app.local.redis import EmbeddedRedis
from app.local.watch import ServerWatch


def test_a_killed_server_is_started_again(tmp_path):
    server = EmbeddedRedis(tmp_path / "redis")
    said = []
    url = server.start()
    with ServerWatch([server], said.append):
        server.kill()
        deadline = time.monotonic() + 10
        while not said and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.url == url
    assert said == ["EmbeddedRedis had died and has been started again"]
    server.stop()
