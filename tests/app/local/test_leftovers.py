"""The note of the last run ends what it left, and nothing else."""

import json
import os
import subprocess
import time

import psutil
import pytest

from app.local.leftovers import end_leftovers, write_note


@pytest.fixture
def a_leader():
    """A process that leads a session and has a member in it."""
    with subprocess.Popen(
        ["sh", "-c", "sleep 600 & echo $!; wait"],
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.member = psutil.Process(int(process.stdout.readline()))
        yield process
        for each in (process, process.member):
            if psutil.pid_exists(each.pid):
                each.kill()


def is_running(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_noted_leader_and_its_member_are_ended(a_leader, tmp_path):
    write_note(tmp_path / "note", [a_leader.pid])
    end_leftovers(tmp_path / "note", 5)
    assert a_leader.wait(timeout=5) != 0
    assert not is_running(a_leader.member)
    assert not (tmp_path / "note").exists()


def test_the_member_of_a_dead_leader_is_ended(a_leader, tmp_path):
    write_note(tmp_path / "note", [a_leader.pid])
    a_leader.kill()
    a_leader.wait()
    end_leftovers(tmp_path / "note", 5)
    assert not is_running(a_leader.member)


def test_a_stranger_with_a_noted_pid_is_left_alone(a_leader, tmp_path):
    row = {"pid": a_leader.pid, "create_time": time.time() - 1000}
    (tmp_path / "note").write_text(json.dumps([row]))
    end_leftovers(tmp_path / "note", 5)
    assert a_leader.poll() is None


def test_a_note_from_before_the_machine_s_start_is_not_believed(a_leader, tmp_path):
    write_note(tmp_path / "note", [a_leader.pid])
    before = psutil.boot_time() - 100
    os.utime(tmp_path / "note", (before, before))
    end_leftovers(tmp_path / "note", 5)
    assert a_leader.poll() is None


def test_processes_gone_for_good_are_no_matter(tmp_path):
    write_note(tmp_path / "note", [999999999])
    end_leftovers(tmp_path / "note", 5)
    end_leftovers(tmp_path / "note", 5)


@pytest.mark.parametrize(
    "text", ["", "[{", "[1]", '{"pid": 1}', "[{}]", "null", '[{"pid": "a"}]', "\0"]
)
def test_an_unreadable_note_does_not_block(tmp_path, text):
    (tmp_path / "note").write_text(text)
    end_leftovers(tmp_path / "note", 5)
