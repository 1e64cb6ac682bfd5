"""What goes wrong with messages and workers: repeats, deaths, two at a time."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.workers.machine.living import Living
from tests.workers.machine.wishing import WHICH


class Meddling(Living):
    """Messages that come again, and workers that die, freeze and meet."""

    @rule(which=st.lists(WHICH, min_size=1, max_size=4), is_worked=st.booleans())
    def deliver_again(self, which, is_worked):
        for each in which:
            if self.said:
                self.send(self.said[-1 - each % len(self.said)])
        if is_worked:
            self.work()

    @rule()
    def worker_works(self):
        self.work()

    @rule(which=WHICH, is_settled=st.booleans())
    def worker_dies(self, which, is_settled):
        """A worker claims what waits, maybe settles it, and ends before it commits."""
        self._have_something_wait(which)
        if self.deaths < 5:
            claimed = self.line.claim(lease_s=0)
            if is_settled and claimed:
                self.line.die_with(claimed, self.line.another_worker())
            self.deaths += 1
            self.seen["worker died"] += 1

    @rule(which=WHICH)
    def worker_is_overtaken(self, which):
        """A worker freezes with a claim; another does the work; the first wakes."""
        self._have_something_wait(which)
        claimed = self.line.claim(lease_s=0)
        self.work()
        self.line.worker._work(claimed)
        self.seen["worker overtaken"] += 1

    @rule(which=WHICH, is_amid=st.booleans())
    def duplicate_comes_while_another_works(self, which, is_amid):
        """A message's repeat is worked on when one has claimed it, or is amid it."""
        self._have_something_wait(which)
        claimed, self.is_split = self.line.claim(lease_s=30), True
        self.send(self.unworked[which % len(self.unworked)])
        if claimed and is_amid:
            self.line.work_side_by_side(claimed)
        else:
            self.line.another_worker().drain()
            self.line.worker._work(claimed)
        self.work()
        self.seen["duplicate while processing"] += 1

    def _have_something_wait(self, which: int) -> None:
        if not self.unworked:
            self.send(self.said[-1 - which % len(self.said)])
