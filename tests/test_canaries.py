"""A run of tests fails where anything that was written names somebody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.sandbox.customer_bodies import street
from tests.builders.member_life import MORE
from tests.builders.shopify import ADA
from tests.canaries import told_in
from tests.security.test_canaries import PEOPLE
from tests.workers.test_referrals import HOME

ROOT = Path(__file__).parent.parent
_SAYS = "import {how}\n\ndef test_it(tmp_path):\n    {said}\n"


@pytest.mark.parametrize(
    ("how", "said", "code"),
    [
        ("sys", "print('order 5001 of member 3')", 0),
        ("sys", "print('order of Ada@example.com')", 1),
        ("sys", "sys.stderr.write('signed with hush')", 1),
        ("logging", "logging.warning('token %s', 'shpat_1234')", 1),
        ("os", "os.system('echo ada@example.com')", 1),
        ("os", "(tmp_path / 'web.log').write_text('ada@example.com')", 1),
        ("os", "(tmp_path / 'web.log').write_text('customer 7001')", 0),
        ("logging", "logging.warning('%s', {'last_name': 'Quillfeather'})", 1),
    ],
)
def test_what_tells_somebody_fails_the_run(
    tmp_path: Path, how: str, said: str, code: int
):
    (tmp_path / "test_it.py").write_text(_SAYS.format(how=how, said=said))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.canaries"]
    # A run of its own, which has no settings of ours.
    command += ["-c", "/dev/null", "--rootdir", tmp_path, "-p", "no:cacheprovider"]
    command += ["--basetemp", tmp_path / "run", tmp_path / "test_it.py"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    # Of this run, that file is no log.
    for path in tmp_path.rglob("web.log"):
        path.unlink()

    assert code == ran.returncode, ran.stdout + ran.stderr
    assert ("ada@example.com" in ran.stdout.lower()) == ("ada" in said.lower())


@pytest.mark.parametrize(
    "told",
    [
        *PEOPLE.values(),
        *MORE.values(),
        *(HOME[each] for each in ("address1", "zip")),
        *(ADA[each] for each in ("email", "first_name", "last_name")),
        *("+49 151 2345678", "0151/2345678", street("ada@example.com")),
    ],
)
def test_whoever_is_named_is_found(told: str):
    assert told_in(f"could not read {told}, of member 7001")


def test_words_that_only_look_alike_tell_nobody():
    alike = "hushed; example.com; member 7001 of shop@example; Ada; 2345678; Mill Lane"
    assert [] == told_in(alike)
