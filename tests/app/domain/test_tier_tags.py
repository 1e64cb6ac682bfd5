"""A tier's tag fits into a store and into a query, and no two tiers share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tiers.policy import Tiers
from app.domain.tiers.tags import LONGEST, PREFIX, is_ours, plain_name, tag_of
from app.domain.tiers.tier import Tier

NAMES = st.text("aB é,'\"\\-:ß0", min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Gold", "tallymark:gold"),
        ("  Friends of   the House ", "tallymark:friends of the house"),
        ("O'Neil, Gold", "tallymark:oneil gold-ac6b4e4b"),
        ("Inner Circle of the Kiln and Bean Society", None),
    ],
)
def test_a_tag_is_the_name_where_that_fits(name: str, tag: str | None):
    made = tag_of(name)
    if tag:
        assert made == tag
    else:
        assert (len(made), made[:31]) == (LONGEST, "tallymark:inner circle of the k")


@given(NAMES, NAMES)
def test_tags_fit_and_tell_tiers_apart(name: str, other: str):
    tag = tag_of(name)
    assert tag.startswith(PREFIX) and len(tag) <= LONGEST
    assert not set(tag) & set(",'\"\\")
    assert is_ours(f" {tag.upper()} ")
    assert (tag == tag_of(other)) == (plain_name(name) == plain_name(other))


def test_tiers_that_a_tag_cannot_tell_apart_are_refused():
    ladder = tuple(Tier(name=name) for name in ("Gold", "GOLD "))
    assert Tiers(ladder=ladder).mistakes == {
        "ladder.1": "another tier has the same name"
    }


def test_tags_of_others_are_not_ours():
    assert not any(map(is_ours, ("gold", "tallymark", "x tallymark:gold")))
