"""The record of redactions outlives crashes and copies, and no stranger adds to it."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.redactions import Forgotten, add, file_of, lacking, merge, on_file

SECRET = "secret"
PLACE = ("shopify", "test.myshopify.com")
BEGAN = datetime(2026, 11, 1, 10, 30, 15, 123456, tzinfo=UTC)
KNOWN: Forgotten = {
    PLACE: {"ab" * 32: BEGAN, "cd" * 32: BEGAN - timedelta(days=9)},
    ("shopify", "other.myshopify.com"): {None: BEGAN},
}


def test_what_is_added_is_read_again(tmp_path: Path):
    add(tmp_path, SECRET, KNOWN)
    add(tmp_path, SECRET, {PLACE: {}})

    assert (KNOWN, []) == on_file(tmp_path, SECRET)
    assert 3 == file_of(tmp_path).read_bytes().count(b"\n")
    assert 0o600 == file_of(tmp_path).stat().st_mode & 0o777


def test_of_one_redaction_told_twice_the_later_installation_counts(tmp_path: Path):
    later, earlier = BEGAN + timedelta(days=1), BEGAN - timedelta(days=1)
    for at in (BEGAN, later, earlier):
        add(tmp_path, SECRET, {PLACE: {"ab" * 32: at}})

    assert ({PLACE: {"ab" * 32: later}}, []) == on_file(tmp_path, SECRET)


def test_wherever_writing_broke_off_the_rest_is_read_and_added_again(tmp_path: Path):
    add(tmp_path, SECRET, KNOWN)
    whole = file_of(tmp_path).read_bytes()
    begun = dict.fromkeys(KNOWN, BEGAN)
    for end in range(len(whole) + 1):
        file_of(tmp_path).write_bytes(whole[:end])
        left, unread = on_file(tmp_path, SECRET)
        assert [] == unread
        assert sum(map(len, left.values())) >= whole[:end].count(b"\n")
        add(tmp_path, SECRET, lacking(left, KNOWN, begun))

        assert (KNOWN, []) == on_file(tmp_path, SECRET)


def test_of_two_copies_no_line_is_lost_and_none_is_told_twice(tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    later = BEGAN + timedelta(days=1)
    add(here, SECRET, KNOWN)
    add(here, SECRET, {PLACE: {"12" * 32: later}})
    shared, *_ = file_of(here).read_bytes().split(b"\n")
    add(there, SECRET, {PLACE: {"ab" * 32: later, None: BEGAN}})
    add(there, "another", KNOWN)
    with file_of(there).open("ab") as file:
        file.write(shared + b"\n" + shared[:20])
    # Here, writing broke off too.
    with file_of(here).open("ab") as file:
        file.write(shared[:30])
    for _ in range(2):
        merge(here, SECRET, file_of(there))

        found, unread = on_file(here, SECRET)
        assert {"12" * 32: later, "ab" * 32: later, None: BEGAN} == {
            key: at for key, at in found[PLACE].items() if key != "cd" * 32
        }
        assert KNOWN.keys() == found.keys()
        assert [7, 8, 9] == unread
        lines = file_of(here).read_bytes().splitlines()
        assert 9 == len(lines) == len(set(lines))


def test_a_copy_is_taken_over_where_there_is_no_file(tmp_path: Path):
    add(tmp_path / "there", SECRET, KNOWN)
    merge(tmp_path / "here", SECRET, file_of(tmp_path / "there"))

    assert (KNOWN, []) == on_file(tmp_path / "here", SECRET)
    assert 0o600 == file_of(tmp_path / "here").stat().st_mode & 0o777


def test_a_new_file_is_on_the_disk_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced: list[bool] = []

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))

    monkeypatch.setattr(os, "fsync", fsync)
    add(tmp_path, SECRET, KNOWN)
    assert [False, True] == synced
    add(tmp_path, SECRET, {PLACE: {"12" * 32: BEGAN}})
    assert [False, True, False] == synced


@pytest.mark.parametrize(
    "spoiled",
    [
        b"{",
        b"",
        b'{"platform":"shopify"}',
        b"\xff\xfe",
        b'{"platform":"shopify","domain":"a","installed_at":"soon","proof":"00"}',
    ],
)
def test_a_broken_line_is_told_by_its_number_and_the_others_count(
    tmp_path: Path, spoiled: bytes
):
    add(tmp_path, SECRET, KNOWN)
    first, *rest = file_of(tmp_path).read_bytes().split(b"\n")
    file_of(tmp_path).write_bytes(b"\n".join([first, spoiled, *rest]))

    assert (KNOWN, [2]) == on_file(tmp_path, SECRET)


def test_nothing_counts_that_was_written_with_another_secret(tmp_path: Path):
    add(tmp_path, "another", KNOWN)

    assert ({}, [1, 2, 3]) == on_file(tmp_path, SECRET)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"test.myshopify.com", b"best.myshopify.com"),
        (b"abab", b"abac"),
        (b"2026-11-01", b"2027-11-01"),
        (b'"key":', b'"kez":'),
    ],
)
def test_a_line_that_was_changed_does_not_count(
    tmp_path: Path, before: bytes, after: bytes
):
    """Not even one that says everybody where it said somebody."""
    add(tmp_path, SECRET, {PLACE: {"ab" * 32: BEGAN}})
    told = file_of(tmp_path).read_bytes()
    assert before in told
    file_of(tmp_path).write_bytes(told.replace(before, after, 1))

    assert ({}, [1]) == on_file(tmp_path, SECRET)


def test_without_a_file_that_is_said(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        on_file(tmp_path, SECRET)


_MOMENTS = st.integers(-2, 2).map(lambda days: BEGAN + timedelta(days=days))
_KEYS = st.dictionaries(st.sampled_from([None, "a", "b"]), _MOMENTS)
_FORGOTTEN = st.dictionaries(st.sampled_from([PLACE, ("shopify", "b")]), _KEYS)


@given(known=_FORGOTTEN, told=_FORGOTTEN)
def test_what_is_lacking_is_told_once_and_makes_nobody_less_forgotten(
    known: Forgotten, told: Forgotten
):
    begun = {PLACE: BEGAN}
    missing = lacking(known, told, begun)
    assert missing.keys() <= begun.keys()
    after = {place: dict(keys) for place, keys in known.items()}
    for place, keys in missing.items():
        after.setdefault(place, {}).update(keys)

    assert {} == lacking(after, told, begun)
    assert {} == lacking(after, known, begun)
