"""Where a server's socket lies: private, and short enough for the kernel."""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from app.local.errors import ForeignSocketFolder

# The kernel's limit is 104 bytes on macOS and 108 on Linux, terminator included.
LONGEST_PATH = 100


def socket_folder(folder: Path, name: str) -> Path:
    """The folder's own socket folder, or a temporary one if that path is too long."""
    mark = hashlib.sha256(f"{os.geteuid()} ".encode() + os.fsencode(folder))
    brief = f"tallymark-{mark.hexdigest()[:16]}"
    last = Path("/tmp") / brief  # noqa: S108 - its owner is checked below
    for candidate in (folder / "socket", Path(tempfile.gettempdir()) / brief):
        if len(os.fsencode(candidate / name)) <= LONGEST_PATH:
            return candidate
    return last


def release(folder: Path) -> None:
    """Take the folder away, if the server has left nothing in it."""
    with suppress(OSError):
        folder.rmdir()


def prepare(folder: Path, owner: int) -> None:
    """Make the folder private to its owner, and empty."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        raise ForeignSocketFolder(folder)
    folder.chmod(0o700)
    for leftover in folder.iterdir():
        leftover.unlink()
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
