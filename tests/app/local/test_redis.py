"""The embedded Redis starts whatever happened before, and keeps what it took."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
import redis

from app.local.errors import ServerDidNotStart
from app.local.processes import working_in
from app.local.redis import PROGRAMS, EmbeddedRedis

START_IN_ANOTHER_PROCESS = """
import sys, time
from pathlib import Path
from app.local.redis import EmbeddedRedis
print(EmbeddedRedis(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def a_redis(tmp_path):
    """Makes servers, and stops them after the test."""
    made = []

    def make(folder=tmp_path / "redis", **choices):
        made.append(EmbeddedRedis(folder, **choices))
        return made[-1]

    yield make
    for server in made:
        server.stop()
        server.kill()


def remember(url, value):
    with redis.Redis.from_url(url) as client:
        # While the disk is busy, "everysec" keeps a word in memory for a second or two.
        client.config_set("appendfsync", "always")
        client.set("kept", value)
        client.config_set("appendfsync", "everysec")


def recall(url):
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.get("kept")


def pid_of(url):
    with redis.Redis.from_url(url) as client:
        return client.info("server")["process_id"]


def start_elsewhere(folder):
    return subprocess.Popen(
        [sys.executable, "-c", START_IN_ANOTHER_PROCESS, folder],
        stdout=subprocess.PIPE,
        text=True,
    )


def end(*processes):
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_was_kept_is_found_after_a_stop_and_after_a_kill(a_redis):
    server = a_redis()
    assert server.url is None
    remember(server.start(), "seven")
    server.stop()
    assert server.url is None
    assert recall(server.start()) == "seven"
    server.kill()
    assert server.url is None
    assert recall(server.start()) == "seven"


def test_it_keeps_a_log_evicts_nothing_and_listens_on_no_port(a_redis):
    with redis.Redis.from_url(a_redis().start(), decode_responses=True) as client:
        for name, value in {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "save": "",
            "port": "0",
        }.items():
            assert client.config_get(name) == {name: value}


def test_a_second_start_answers_with_the_running_server(a_redis):
    url = a_redis().start()
    before = pid_of(url)
    assert a_redis().start() == url
    assert pid_of(url) == before


def test_a_server_left_by_a_killed_process_is_adopted(a_redis, tmp_path):
    starter = start_elsewhere(tmp_path / "redis")
    url = starter.stdout.readline().strip()
    end(starter)
    before = pid_of(url)
    server = a_redis()
    assert server.start() == url
    assert pid_of(url) == before
    server.stop()
    assert working_in(tmp_path / "redis", PROGRAMS) == []


def test_two_processes_that_start_at_once_share_one_server(tmp_path, a_redis):
    starters = [start_elsewhere(tmp_path / "redis") for _ in range(3)]
    urls = {starter.stdout.readline().strip() for starter in starters}
    end(*starters)
    assert urls == {a_redis().url}
    assert len(working_in(tmp_path / "redis", PROGRAMS)) == 1


def test_a_stale_pid_file_does_not_block_whatever_it_says(a_redis, tmp_path):
    server = a_redis()
    remember(server.start(), "seven")
    for note in (f"{os.getpid()}\n", "", "999999999\n", "nonsense"):
        server.kill()
        (tmp_path / "redis" / "redis.pid").write_text(note)
        assert server.url is None
        assert recall(server.start()) == "seven"


@pytest.mark.parametrize("lost", ["redis.pid", "redis.url"])
def test_a_running_server_whose_note_was_lost_is_replaced(a_redis, tmp_path, lost):
    server = a_redis()
    url = server.start()
    remember(url, "seven")
    before = pid_of(url)
    (tmp_path / "redis" / lost).unlink()
    assert recall(server.start()) == "seven"
    assert pid_of(server.url) != before


def test_a_log_cut_short_in_its_last_word_is_read_up_to_there(a_redis, tmp_path):
    server = a_redis()
    url = server.start()
    remember(url, "seven")
    remember(url, "eight")
    server.kill()
    (log,) = (tmp_path / "redis" / "appendonlydir").glob("*.incr.aof")
    os.truncate(log, log.stat().st_size - 3)
    assert recall(server.start()) == "seven"


def test_a_deep_folder_with_odd_letters_works_and_tidies_up(a_redis, tmp_path):
    server = a_redis(tmp_path / ("deep" * 25) / "a b, 'c' \"d\" é%20" / "redis")
    url = server.start()
    remember(url, "seven")
    sockets = Path(unquote(url.removeprefix("unix://"))).parent
    assert sockets.stat().st_mode & 0o777 == 0o700
    server.kill()
    assert recall(server.start()) == "seven"
    server.stop()
    assert not sockets.exists()


def test_two_copies_live_side_by_side(a_redis, tmp_path):
    first, second = a_redis(tmp_path / "first"), a_redis(tmp_path / "second")
    remember(first.start(), "one")
    remember(second.start(), "two")
    first.stop()
    assert recall(second.url) == "two"
    first.kill()
    assert recall(second.start()) == "two"


def test_stopping_what_does_not_run_is_no_error(a_redis, tmp_path):
    server = a_redis()
    server.stop()
    server.kill()
    assert not (tmp_path / "redis").exists()


def test_a_program_that_is_no_server_shows_the_end_of_its_log(a_redis, tmp_path):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho this is no server\n")
    program.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(ServerDidNotStart, match="this is no server"):
        a_redis(program=program).start()
    assert time.monotonic() - began < 5
