"""Whatever is changed in a ledger changes its hashes."""

import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.chain import Entry, Transaction, chained, head_leaf, merkle_root

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
GENESIS = bytes(32)
ENTRIES = (Entry("issued", -5, -5, 1), Entry("available", 5, 5, 1))
TRANSACTION = Transaction(
    program_id=1,
    member_id=2,
    sequence=3,
    effect_key="earn:order/1/5001:order/1/5001:issued>available",
    kind="earn",
    cause="order/1/5001",
    lot="order/1/5001",
    points=5,
    corrects=None,
    effective_at=AT,
    recorded_at=AT,
    expires_at=None,
    reason="5.00 EUR at 1 point per 1 EUR",
    breakdown={"rules": ["purchase"], "lines": [{"net": "5.00 EUR"}]},
    entries=ENTRIES,
)
CHANGES = {
    "program_id": 9,
    "member_id": 9,
    "sequence": 9,
    "effect_key": "other",
    "kind": "adjust",
    "cause": "other",
    "lot": "other",
    "points": -5,
    "corrects": 1,
    "effective_at": AT + timedelta(microseconds=1),
    "recorded_at": AT + timedelta(microseconds=1),
    "expires_at": AT,
    "reason": "",
    "breakdown": {"rules": ["purchase"], "lines": [{"net": "5.01 EUR"}]},
    "entries": ENTRIES[::-1],
}
# RFC 6962 as certificate-transparency tests it: these leaves, and the root of the
# first so many of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_every_field_of_a_transaction_is_tried():
    assert {*CHANGES} == {field.name for field in fields(Transaction)}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_field_changes_the_hash(name):
    changed = replace(TRANSACTION, **{name: CHANGES[name]})

    assert chained(GENESIS, TRANSACTION) != chained(GENESIS, changed)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    ("name", "value"),
    [("account", "owed"), ("amount", 6), ("balance_after", 7), ("account_version", 2)],
)
def test_a_change_of_any_entry_changes_the_hash(number, name, value):
    entries = list(ENTRIES)
    entries[number] = replace(entries[number], **{name: value})
    changed = replace(TRANSACTION, entries=tuple(entries))

    assert chained(GENESIS, TRANSACTION) != chained(GENESIS, changed)


@pytest.mark.parametrize("entries", [(), ENTRIES[:1], (*ENTRIES, ENTRIES[1])])
def test_a_missing_or_added_entry_changes_the_hash(entries):
    changed = replace(TRANSACTION, entries=entries)

    assert chained(GENESIS, TRANSACTION) != chained(GENESIS, changed)


def test_what_came_before_is_part_of_the_hash():
    assert chained(GENESIS, TRANSACTION) != chained(b"\x01" + GENESIS[1:], TRANSACTION)


def test_words_do_not_move_from_one_field_to_the_next():
    one = replace(TRANSACTION, cause="ab", lot="c")
    other = replace(TRANSACTION, cause="a", lot="bc")

    assert chained(GENESIS, one) != chained(GENESIS, other)


def test_nothing_and_an_empty_text_or_table_are_not_the_same():
    empty = replace(TRANSACTION, breakdown={})

    assert chained(GENESIS, empty) != chained(GENESIS, replace(empty, breakdown=None))


def test_a_moment_hashes_the_same_in_every_zone():
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))
    same = replace(TRANSACTION, effective_at=elsewhere, recorded_at=elsewhere)

    assert chained(GENESIS, TRANSACTION) == chained(GENESIS, same)


def test_the_order_of_a_breakdowns_keys_does_not_matter():
    breakdown = dict(reversed(TRANSACTION.breakdown.items()))

    assert chained(GENESIS, TRANSACTION) == chained(
        GENESIS, replace(TRANSACTION, breakdown=breakdown)
    )


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_root_is_that_of_the_rfc(size):
    assert ROOTS[size] == merkle_root(LEAVES[:size]).hex()


def _by_levels(leaves):
    """The same tree from below: neighbours are paired, one left over moves up."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
def test_the_root_built_from_below_is_the_same(leaves):
    assert _by_levels(leaves) == merkle_root(leaves)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=4), min_size=1, max_size=20), st.data())
def test_a_root_seals_every_leaf_and_their_number(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves]
    changed[index] += b"!"

    assert merkle_root(leaves) != merkle_root(changed)
    assert merkle_root(leaves) != merkle_root(leaves[:-1])
    assert merkle_root(leaves) != merkle_root([*leaves, leaves[-1]])


def test_a_leaf_names_member_length_and_hash():
    leaf = head_leaf(1, 23, b"\x01")

    assert 4 == len(
        {
            leaf,
            head_leaf(12, 3, b"\x01"),
            head_leaf(1, 24, b"\x01"),
            head_leaf(1, 23, b""),
        }
    )
