"""Threads that take steps, each when it is due."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count

Step = Callable[[], None]


class Hands:
    """So many threads, and the things that they have begun, step by step."""

    def __init__(self, number: int) -> None:
        self._lock = threading.Lock()
        self._numbers = count()
        self._due: list[tuple[float, int, Step]] = []
        self._left = 0
        self._failed: BaseException | None = None
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(number)]

    def start(self) -> None:
        """Begin to take steps."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """End, whatever is left."""
        self._is_over.set()
        for each in self._threads:
            each.join()

    def begin(self, wait_s: float, step: Step) -> None:
        """Begin one thing more, after so many seconds; it lasts until it is over."""
        with self._lock:
            self._left += 1
        self.go_on(wait_s, step)

    def go_on(self, wait_s: float, step: Step) -> None:
        """Take this step after so many seconds."""
        with self._lock:
            due_at = time.monotonic() + wait_s
            heapq.heappush(self._due, (due_at, next(self._numbers), step))

    def end(self) -> None:
        """One thing is over."""
        with self._lock:
            self._left -= 1

    def wait(self, left: int = 0) -> None:
        """Wait until no more than so many things are left.

        Raises what a step raised: whatever that was a step of is never over.
        """
        while self._left > left:
            if self._failed:
                raise self._failed
            time.sleep(0.02)

    def _work(self) -> None:
        while not self._is_over.is_set():
            step = self._take()
            if step is None:
                time.sleep(0.01)
                continue
            try:
                step()
            except BaseException as error:  # Told by `wait`, in the test's thread.
                self._failed = error

    def _take(self) -> Step | None:
        with self._lock:
            is_due = self._due and self._due[0][0] <= time.monotonic()
            return heapq.heappop(self._due)[2] if is_due else None
