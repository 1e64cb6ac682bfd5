"""Work that does not end ends its process, and work that ends does not."""

from __future__ import annotations

import signal
import subprocess
import sys

_ENDS = "for _ in range(3):\n    with dog.watching():\n        sum(range(1000))\n"
_NEVER = "with dog.watching():\n    while True: pass\n"
_NEVER_ENDS = f"{_ENDS}{_NEVER}"
_RESTS = f"{_ENDS}import time; time.sleep(1.5)\n"
_IS_ALONE = "import threading; assert threading.active_count() == 1\n"


def _run(work: str) -> int:
    program = f"from workers.watchdog import Watchdog\ndog = Watchdog(0.4)\n{work}"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, check=False
    ).returncode


def test_work_without_end_ends_its_process():
    assert -signal.SIGKILL == _run(_NEVER_ENDS)


def test_nobody_is_watched_after_the_work():
    assert 0 == _run(_RESTS)


def test_who_rests_is_not_woken_and_is_watched_again_at_the_next_work():
    assert -signal.SIGKILL == _run(f"{_RESTS}{_IS_ALONE}{_NEVER}")
