"""Work that does not end ends its process, and work that ends does not."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEGIN = "import re, time\nfrom workers.watchdog import watched\n"
_ENDS = "for _ in range(3):\n    with watched(0.4):\n        sum(range(1000))\n"
_FAILS = "try:\n    with watched(0.4): 1 / 0\nexcept ZeroDivisionError: pass\n"
_NEVER = "def work(name):\n    while True: pass\n"
# Held in C, where nothing else of Python can run.
_HELD = "def work(name):\n    re.match('(a+)+b', 'a' * 40)\n"
_WORKS = "with watched(0.4):\n    work('ada@example.com')\n"
_RESTS = f"{_ENDS}{_FAILS}time.sleep(1)\n"
_IS_ALONE = "import psutil; assert psutil.Process().num_threads() == 1\n"


def _run(work: str) -> tuple[int, str]:
    """What a process ends with that does some work, and what it says by then."""
    ended = subprocess.run(
        [sys.executable, "-c", _BEGIN + work],
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("work", [_NEVER, _HELD])
def test_work_without_end_ends_its_process_and_says_where_but_not_what(work: str):
    code, said = _run(f"{_ENDS}{work}{_WORKS}")

    assert 1 == code
    assert "Timeout" in said
    assert "in work" in said
    assert "ada" not in said


def test_nobody_is_watched_after_the_work():
    assert (0, "") == _run(_RESTS)


def test_who_rests_is_not_woken_and_is_watched_again_at_the_next_work():
    code, said = _run(f"{_RESTS}{_IS_ALONE}{_NEVER}{_WORKS}")

    assert 1 == code
    assert "Timeout" in said
