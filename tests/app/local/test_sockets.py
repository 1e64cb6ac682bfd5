"""Sockets lie where the kernel can name them and nobody else can reach them."""

import os
from pathlib import Path

import pytest

from app.local.errors import ForeignSocketFolder
from app.local.sockets import LONGEST_PATH, prepare, release, socket_folder

SHORT = Path("/srv/tallymark")
DEEP = Path("/srv") / ("deep" * 40)


def test_a_short_folder_holds_its_own_socket():
    assert socket_folder(SHORT, "a.sock") == SHORT / "socket"


def test_a_deep_folder_gets_a_short_one_of_its_own():
    found = socket_folder(DEEP, "a.sock")
    assert len(str(found / "a.sock")) <= LONGEST_PATH
    assert found == socket_folder(DEEP, "a.sock")
    assert found != socket_folder(DEEP / "other", "a.sock")


def test_a_deep_temporary_folder_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(DEEP))
    assert len(str(socket_folder(DEEP, "a.sock") / "a.sock")) <= LONGEST_PATH


def test_a_prepared_folder_is_private_and_empty(tmp_path):
    folder = tmp_path / "socket"
    folder.mkdir(mode=0o755)
    (folder / "stale.sock").touch()
    prepare(folder, os.geteuid())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_a_link_laid_by_somebody_else_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "socket").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ForeignSocketFolder, match="another user"):
        prepare(tmp_path / "socket", os.geteuid())


def test_a_folder_in_use_is_not_released(tmp_path):
    prepare(tmp_path / "socket", os.geteuid())
    (tmp_path / "socket" / "a.sock").touch()
    release(tmp_path / "socket")
    assert (tmp_path / "socket").exists()
    (tmp_path / "socket" / "a.sock").unlink()
    release(tmp_path / "socket")
    assert not (tmp_path / "socket").exists()
