"""Web processes that die: whatever was answered 200 is kept and settled once."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tests.faults import process_faults as process
from tests.faults.bounds import ANSWERED_S_MAX
from tests.faults.conftest import Shop
from tests.faults.deck import Fault

# The one web process is away while it starts: three seconds, fourteen seen on a machine
# that had much else to do. The thirty deliveries that wait come again every second.
REFUSED_MAX = 30 * ANSWERED_S_MAX


@pytest.mark.parametrize(
    "fault",
    [
        process.kill_web_before_commit,
        process.kill_web_after_commit,
        process.kill_web_before_bell,
        process.kill_web_before_answer,
        process.kill_web_and_its_parent,
    ],
)
def test_a_web_process_that_dies_loses_and_doubles_nothing(
    shop: Shop, chance: Random, fault: Fault
):
    shop.sell_during(lambda: fault(shop.site, chance))

    assert {} == shop.wrong()
    assert shop.answers() - {200}, "nobody noticed that web was gone"


def test_every_part_asked_to_end_under_load_loses_nothing(shop: Shop, chance: Random):
    shop.sell_during(lambda: process.restart_every_part(shop.site, chance))

    assert {} == shop.wrong()
    answers = list(shop.journal.read())
    kept_at = sorted(each.at for each in answers if each.answer == 200)
    gap_s = max(after - before for before, after in pairwise(kept_at))
    refused = sum(each.answer != 200 for each in answers)
    assert gap_s < ANSWERED_S_MAX, f"nothing was taken for {gap_s:.1f} s"
    assert refused <= REFUSED_MAX, f"{refused} of {len(answers)} were not answered 200"


def test_workers_asked_to_end_at_any_moment_lose_nothing(shop: Shop, chance: Random):
    def end_some() -> None:
        for _ in range(20):
            process.terminate_worker(shop.site, chance)

    shop.sell_during(end_some)

    assert {} == shop.wrong()
