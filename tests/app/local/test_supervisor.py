"""The supervisor keeps its parts running, and leaves nothing running behind it."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from app.local.errors import CommandNotFound, UnreadableProcfile
from app.local.processes import is_zombie
from app.local.supervisor import STOP_SIGNALS, Part, Supervisor, read_procfile

RUN = """
import json, os, sys
from pathlib import Path
from app.local.errors import LocalError
from app.local.supervisor import Part, Supervisor
parts = [Part(**each) for each in json.loads(sys.argv[2])]
supervisor = Supervisor(parts, environment=dict(os.environ), folder=Path(sys.argv[1]))
try:
    sys.exit(supervisor.run())
except LocalError as error:
    sys.exit(str(error))
"""
# A master that leaves a worker in its group, and one in a group of its own.
MASTER = """
import os, sys, time
for leads_a_group in (False, True):
    if os.fork() == 0:
        if leads_a_group:
            os.setpgrp()
        time.sleep(600)
    time.sleep(0.05)
print("ready", flush=True)
time.sleep(600)
"""


def shell(name, script, count=1):
    return Part(name, ["sh", "-c", script], count)


def sleeper(name="web", count=1):
    return shell(name, "echo ready; exec sleep 600", count)


def leaders_in(note):
    """The pids in the note, which is written a moment after the parts' starts."""
    for _ in range(250):
        if note.exists():
            pids = [row["pid"] for row in json.loads(note.read_text())]
            if all(map(is_living, pids)):
                return pids
        time.sleep(0.02)
    raise AssertionError(f"{note} names no living processes")


def is_living(pid):
    return psutil.pid_exists(pid) and not is_zombie(psutil.Process(pid))


class Run:
    """A supervisor in a process of its own, and what it wrote."""

    def __init__(self, folder, parts):
        self.log = folder.parent / f"{folder.name}.{time.monotonic_ns()}.log"
        self.note = folder / "processes.json"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", RUN, folder),
                    json.dumps([dataclasses.asdict(part) for part in parts]),
                ],
                stdout=log,
                stderr=log,
            )

    @property
    def output(self):
        return self.log.read_text()

    def wait_for(self, pattern, times=1):
        """Wait until the output has as many lines with the pattern."""
        for _ in range(500):
            if len(re.findall(pattern, self.output)) >= times:
                return self
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} is not {times} times in:\n{self.output}")

    @property
    def leaders(self):
        return leaders_in(self.note)

    @property
    def family(self):
        """Every process that the supervisor's parts have begun."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        return self.process.wait(timeout=15)


@pytest.fixture
def a_run(tmp_path):
    """Makes running supervisors, and ends them and their parts after the test."""
    made = []

    def make(*parts, folder=tmp_path / "home"):
        made.append(Run(folder, parts))
        return made[-1]

    yield make
    for run in made:
        family = run.family if run.process.poll() is None else []
        run.kill()
        for process in family:
            process.kill()


def have_ended(processes):
    for _ in range(250):
        if all(map(is_zombie, processes)):
            return True
        time.sleep(0.02)
    return False


def test_lines_carry_the_name_of_their_part(a_run):
    run = a_run(
        shell("web", "echo from the web; echo a complaint >&2; exec sleep 600"),
        sleeper("worker", count=2),
    )
    run.wait_for(r"web      \| from the web\n").wait_for(r"web      \| a complaint\n")
    run.wait_for(r"worker.1 \| ready\n").wait_for(r"worker.2 \| ready\n")


def test_without_room_for_its_note_it_goes_on_and_makes_it_later(a_run, tmp_path):
    in_the_way = tmp_path / "home" / "processes.new"
    in_the_way.mkdir(parents=True)
    run = a_run(shell("web", "echo ready; sleep 0.1")).wait_for("ready", times=2)
    assert not run.note.exists()

    in_the_way.rmdir()

    assert 1 == len(leaders_in(run.note))


def test_a_part_that_was_killed_is_started_again(a_run):
    run = a_run(sleeper("web"), sleeper("worker")).wait_for("ready", times=2)
    web, worker = run.leaders
    os.kill(web, signal.SIGKILL)
    run.wait_for(r"web    \| ready", times=2)
    run.wait_for(r"web    \| was killed by SIGKILL; starting it again in 0.2 s")
    assert run.leaders[0] != web
    assert run.leaders[1] == worker


def test_a_part_that_keeps_dying_is_started_ever_more_slowly(a_run):
    run = a_run(shell("web", "exit 3"), sleeper("worker"))
    for pause in ("0.2", "0.4", "0.8"):
        run.wait_for(rf"ended with exit code 3; starting it again in {pause} s")
    assert run.stop() == 0


def test_workers_of_a_killed_master_are_ended_before_it_starts_again(a_run):
    run = a_run(Part("web", [sys.executable, "-c", MASTER])).wait_for("ready")
    before = run.family
    assert len(before) == 3
    os.kill(run.leaders[0], signal.SIGKILL)
    run.wait_for("ready", times=2)
    assert all(map(is_zombie, before))


@pytest.mark.parametrize("by", STOP_SIGNALS)
def test_a_signal_stops_everything_in_order(a_run, by):
    tidy = shell("web", "trap 'echo tidied; exit' TERM; echo ready; sleep 600 & wait")
    run = a_run(tidy, Part("worker", [sys.executable, "-c", MASTER]))
    run.wait_for("ready", times=2)
    family = run.family
    assert run.stop(by) == 0
    assert "tidied" in run.output
    assert all(map(is_zombie, family))
    assert not run.note.exists()


def test_it_reports_that_everything_ended_when_asked(a_run):
    assert a_run(sleeper()).wait_for("ready").stop() == 0


def test_a_closed_terminal_does_not_stop_the_parts(tmp_path):
    home = tmp_path / "home"
    chatty = shell("web", "while :; do echo word; sleep 0.01; done")
    arguments = [home, json.dumps([dataclasses.asdict(chatty)])]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    (web,) = leaders_in(home / "processes.json")
    time.sleep(0.3)
    assert is_living(web)
    process.terminate()
    assert process.wait(timeout=15) == 0


def test_a_part_deaf_to_the_signal_is_killed(a_run):
    run = a_run(shell("web", "trap '' TERM; echo ready; while :; do sleep 1; done"))
    run.wait_for("ready")
    family = run.family
    run.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert run.process.poll() is None
    assert run.stop() == 1
    assert all(map(is_zombie, family))


def test_what_a_killed_supervisor_left_is_ended_first(a_run):
    first = a_run(Part("web", [sys.executable, "-c", MASTER])).wait_for("ready")
    left = first.family
    first.kill()
    assert not any(map(is_zombie, left))
    # One leader is gone as well: its session still gives its workers away.
    psutil.Process(first.leaders[0]).kill()
    second = a_run(sleeper()).wait_for("ready")
    assert have_ended(left)
    assert second.stop() == 0


def test_a_second_supervisor_of_the_same_folder_is_refused(a_run, tmp_path):
    first = a_run(sleeper()).wait_for("ready")
    second = a_run(sleeper())
    assert second.process.wait(timeout=10) == 1
    assert "already running in" in second.output
    assert first.stop() == 0
    a_run(sleeper(), folder=tmp_path / "home").wait_for("ready")


def test_two_folders_do_not_disturb_each_other(a_run, tmp_path):
    first = a_run(sleeper(), folder=tmp_path / "first").wait_for("ready")
    second = a_run(sleeper(), folder=tmp_path / "second").wait_for("ready")
    assert first.stop() == 0
    assert not any(map(is_zombie, second.family))


def test_a_program_that_is_not_there_is_named(tmp_path):
    supervisor = Supervisor(
        [Part("web", ["no-such-program"])],
        environment={"PATH": str(tmp_path)},
        folder=tmp_path / "home",
    )
    with pytest.raises(CommandNotFound, match="web needs the program no-such-program"):
        supervisor.run()


def test_a_program_that_vanishes_is_waited_for(a_run, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho ready; exec sleep 600\n")
    program.chmod(0o755)
    run = a_run(Part("web", [str(program)])).wait_for("ready")
    moved = program.rename(tmp_path / "moved")
    os.kill(run.leaders[0], signal.SIGKILL)
    run.wait_for("could not be started")
    moved.rename(program)
    run.wait_for("ready", times=2)


def test_a_procfile_is_read_without_its_comments(tmp_path):
    procfile = tmp_path / "Procfile"
    procfile.write_text("# the doors\nweb: serve --port 80: all\n\nworker:work  \n")
    assert read_procfile(procfile) == {
        "web": "serve --port 80: all",
        "worker": "work",
    }


@pytest.mark.parametrize("line", ["web", "web:", "a b: c", "ok: again"])
def test_a_line_that_is_no_entry_is_named(tmp_path, line):
    procfile = tmp_path / "Procfile"
    procfile.write_text(f"ok: fine\n{line}\n")
    with pytest.raises(UnreadableProcfile, match="Line 2 of"):
        read_procfile(procfile)
