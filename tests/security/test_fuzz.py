"""Real bodies, spoilt, are unreadable or can be worked with; `make fuzz` does more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.fuzzing import BODIES, NAMES, SEEDS, check, spoilt

ROOT = Path(__file__).parent.parent.parent


@settings(max_examples=300)
@given(st.sampled_from(NAMES), st.sampled_from(range(len(SEEDS))), st.data())
def test_a_real_body_that_is_spoilt_is_unreadable_or_can_be_worked_with(
    topic: str, seed: int, data: st.DataObject
):
    raw = spoilt(SEEDS[seed], lambda count: data.draw(st.integers(0, count - 1)))

    check(topic, raw)


@settings(max_examples=300)
@given(st.sampled_from(NAMES), st.data())
def test_a_true_body_that_is_spoilt_is_unreadable_or_can_be_worked_with(
    topic: str, data: st.DataObject
):
    raw = spoilt(BODIES[topic], lambda count: data.draw(st.integers(0, count - 1)))

    check(topic, raw)


def test_what_is_fuzzed_is_mostly_read():
    """Else the checks above would look at nothing."""
    read = [check(topic, spoilt(BODIES[topic], lambda _: 0)) for topic in NAMES]
    assert sum(told is not None for told in read) < len(read)
    whole = [check(topic, _untouched(topic)) for topic in NAMES]
    assert all(whole)


def _untouched(topic: str) -> bytes:
    """A body in which only a field that nobody reads was changed."""
    turns = iter([0, 0, 0, 5, 0])
    return spoilt({"unread": 1} | BODIES[topic], lambda _: next(turns, 0))


@pytest.mark.skipif(sys.platform != "linux", reason="atheris has no wheels elsewhere")
def test_a_short_run_led_by_coverage_finds_nothing(tmp_path: Path):
    pytest.importorskip("atheris")
    command = [sys.executable, "-m", "tests.security.fuzz_bodies"]
    limits = ["-runs=3000", "-seed=20261122", f"-artifact_prefix={tmp_path}/"]

    ran = subprocess.run(
        [*command, *limits], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    assert "Done 3000 runs" in ran.stderr
