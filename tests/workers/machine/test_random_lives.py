"""Random lives of two stores on the real line, held against a fold in memory."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.workers.machine.installation import Installation
from tests.workers.machine.lives import Lives
from tests.workers.machine.reached import MUST_BE_LIVED, MUST_BE_REACHED, missed

# A long run: make machine EXAMPLES=1000, each time with other lives.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "0"))
LIVES, STEPS = 3, 20
RICH = 30


@pytest.mark.timeout(0 if EXAMPLES else 900)
def test_whatever_happens_the_ledger_is_what_the_facts_come_to(
    installation: Installation, seen: Counter[str]
):
    many = settings(
        max_examples=EXAMPLES or LIVES,
        stateful_step_count=STEPS * (2 if EXAMPLES else 1),
        derandomize=not EXAMPLES,
        database=None,
        print_blob=True,
    )
    run_state_machine_as_test(partial(Lives, installation, seen), settings=many)

    print(dict(sorted(seen.items())))
    print("Never came about:", sorted(missed(seen, MUST_BE_REACHED)))
    assert seen["life lived to its end"]
    # So many lives must have been rich; a few may be poor.
    assert EXAMPLES < RICH or set() == missed(seen, MUST_BE_LIVED)
