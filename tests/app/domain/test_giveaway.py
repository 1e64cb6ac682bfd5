"""A draw comes out the same for everybody who runs it again, and for nobody else."""

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.giveaway import Published, commitment, draw, mistake_in, read

ENTRIES = st.lists(st.text("abcdef0123456789", min_size=1, max_size=4), max_size=30)
DOCUMENTED = Path(__file__).parents[3] / "docs" / "rewards.md"
PROMISED = datetime(2026, 11, 1, 9, tzinfo=UTC)
DRAWN = PROMISED + timedelta(days=30)


@given(st.text(max_size=9), ENTRIES, st.integers(1, 5), st.randoms())
def test_a_draw_holds_whoever_runs_it_again(seed, entries, winners, chance):
    held = draw("spa", seed, entries, winners)
    chance.shuffle(entries)

    assert held == draw("spa", seed, entries, winners)
    published = Published(held, PROMISED, DRAWN)
    assert mistake_in(published) is None
    assert read(json.loads(json.dumps(published.document()))) == published
    assert min(winners, len(set(entries))) == len(set(held.winners))
    assert set(held.winners) <= set(entries)


@given(st.text(max_size=9), ENTRIES, st.integers(1, 5))
def test_the_script_of_the_documentation_comes_to_the_same(seed, entries, winners):
    published = Published(draw("spa", seed, entries, winners), PROMISED, DRAWN)
    _, _, script = DOCUMENTED.read_text().rpartition("```python\n")
    said: list[bool] = []
    told = io.StringIO(json.dumps(published.document()))
    around = {"open": lambda _: told, "print": lambda *words: said.extend(words)}
    exec(script.partition("```")[0], around)

    assert [True, True] == said


def test_every_entry_has_the_same_chance():
    won = Counter(
        winner
        for number in range(3000)
        for winner in draw("spa", f"seed {number}", "abc", 1).winners
    )

    # Three standard deviations of a fair draw are 77.
    assert all(abs(won[entry] - 1000) < 77 for entry in "abc")


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"seed": "another"}, "the seed is not the one that was promised"),
        ({"entries": ("a", "b", "c", "d")}, "come to other winners"),
        ({"entries": ("c", "b", "a")}, "not in their order"),
        ({"winners": ("a",)}, "come to other winners"),
    ],
)
def test_what_was_changed_afterwards_is_found(change, mistake):
    held = draw("spa", "seed", ["a", "b", "c"], 1)

    changed = Published(replace(held, **change), PROMISED, DRAWN)
    assert mistake in (mistake_in(changed) or "")


def test_a_promise_comes_before_its_draw():
    late = Published(draw("spa", "seed", ["a"], 1), DRAWN, DRAWN)

    assert mistake_in(late) == "the seed was promised after the draw"


@pytest.mark.parametrize("name", ["committed_at", "drawn_at", "seed"])
def test_what_lacks_a_part_or_a_time_of_somewhere_is_no_published_draw(name):
    told = Published(draw("spa", "seed", ["a"], 1), PROMISED, DRAWN).document()

    with pytest.raises(KeyError):
        read({key: value for key, value in told.items() if key != name})
    if name != "seed":
        with pytest.raises(ValueError, match="distance from UTC"):
            read(told | {name: "2026-11-01T09:00:00"})


def test_a_promise_gives_nothing_away():
    assert commitment("seed") != commitment("seed ")
    assert "seed" not in commitment("seed")
