"""Does at one go what many requests ask for at the same time.

A transaction costs a web process about the same for one message as for ten, most of it
waiting for the disk. So one thread takes all that was asked while it was busy, and does
it together: under load more is done, and nobody waits longer than for two rounds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from app.waiting import NotInTime as NotInTime
from app.waiting import Waiter

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class _Asked(Generic[Ask, Answer]):
    """One thing that was asked, and whoever waits for the answer to it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.answer: Answer | Exception = NotInTime()
        self.is_given_up = False
        self.waiter = Waiter()


class Together(Generic[Ask, Answer]):
    """Gathers what is asked, and answers all of it with one call of `work`.

    `work` gets what was asked and returns as many answers, in the same order; one that
    is an exception is raised to whoever asked, and one that it raises, to all.
    """

    def __init__(
        self,
        work: Callable[[list[Ask]], Sequence[Answer | Exception]],
        *,
        wait_s: float,
        most: int = 64,
    ) -> None:
        """Answer up to `most` at a time, or nobody after `wait_s` seconds."""
        self._work = work
        self._most = most
        self._wait_s = wait_s
        self._asked: SimpleQueue[_Asked[Ask, Answer]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, what: Ask) -> Answer:
        """Return the answer to one thing; raises NotInTime, or what went wrong."""
        if self._thread is None or not self._thread.is_alive():
            self._start()
        asked: _Asked[Ask, Answer] = _Asked(what)
        self._asked.put(asked)
        try:
            is_in_time = asked.waiter.wait(self._wait_s)
        except BaseException:
            # Whoever asked waits no more, as one whose request was broken off.
            asked.is_given_up = True
            raise
        if not is_in_time:
            asked.is_given_up = True
            raise NotInTime
        if isinstance(asked.answer, Exception):
            raise asked.answer
        return asked.answer

    def _start(self) -> None:
        # Not before it is needed: a thread does not survive the fork of its process.
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                thread = threading.Thread(target=self._run, daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            gathered = [each for each in self._gather() if not each.is_given_up]
            if not gathered:
                continue
            answers: Sequence[Answer | Exception]
            try:
                answers = self._work([each.ask for each in gathered])
                if len(answers) != len(gathered):
                    raise RuntimeError("there are not as many answers as questions")
            except Exception as error:
                answers = [error] * len(gathered)
            for each, answer in zip(gathered, answers, strict=True):
                each.answer = answer
            Waiter.wake(each.waiter for each in gathered)

    def _gather(self) -> list[_Asked[Ask, Answer]]:
        gathered = [self._asked.get()]
        while len(gathered) < self._most:
            try:
                gathered.append(self._asked.get_nowait())
            except Empty:
                break
        return gathered
