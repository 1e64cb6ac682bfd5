"""The account PostgreSQL runs under, which must not be root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.local.errors import OutOfReach


@dataclass(frozen=True)
class Account:
    """Who a server runs as: the caller, a stand-in of root, or another user."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def owner(self) -> int:
        """The user to whom the server's files belong."""
        return os.geteuid() if self.uid is None else self.uid

    def spawn(
        self, command: Sequence[str | Path], log: Path
    ) -> subprocess.Popen[bytes]:
        """Start a program out of reach of the terminal's signals."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                # Foreign locales make macOS start threads, which PostgreSQL forbids.
                env=os.environ | {"LC_ALL": "C"},
                start_new_session=True,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            )

    def adopt(self, folder: Path) -> None:
        """Give a folder and all it holds to this account."""
        if folder.stat().st_uid == self.owner:
            return
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(parent, name), self.owner, -1, follow_symlinks=False)
        # Last, so that an adoption cut short is done again.
        os.chown(folder, self.owner, -1)

    def check_reach(self, *paths: Path) -> None:
        """Complain of a path that this account may not enter or execute."""
        if self.uid is None:
            return
        for path in paths:
            asked = subprocess.run(
                ["test", "-x", path],
                cwd="/",
                user=self.uid,
                group=self.gid,
                extra_groups=[],
            )
            if asked.returncode != 0:
                raise OutOfReach(path, f"user {self.uid}")


def account_for(data: Path) -> Account:
    """The account to run on this data folder, which may not exist yet.

    Root in a user namespace of its own keeps its access to its files and is root
    no longer; where such namespaces are forbidden, the files are given to nobody.
    """
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(uid=data.stat().st_uid, gid=data.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    prefix = ("unshare", "--user", f"--map-user={nobody.pw_uid}")
    if _works((*prefix, "true")):
        return Account(prefix=prefix)
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False
