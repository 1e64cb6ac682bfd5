"""What an installation has in it can be listed, and is pinned by hashes."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent.parent
UV = Path(sys.executable).parent / "uv"


def test_the_list_of_parts_has_every_package_that_is_needed(tmp_path: Path):
    path = tmp_path / "sbom.json"
    told = (ROOT / "Makefile").read_text().partition("sbom: setup\n\t@$(BIN)/uv ")[2]
    words = told.splitlines()[0].replace("sbom.json", str(path)).split()

    subprocess.run([UV, *words], cwd=ROOT, check=True)

    parts = json.loads(path.read_text())["components"]
    listed = {part["name"].lower(): part["version"] for part in parts}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {Requirement(each).name.lower() for each in project["dependencies"]}
    assert len(needed) > 10
    assert needed <= listed.keys()
    assert all(listed.values())
    # What only tests need is in no installation.
    assert "pytest" not in listed


def test_every_package_is_pinned_by_hashes():
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    ours = [each for each in locked if "registry" in each["source"]]

    assert [each["name"] for each in locked if each not in ours] == ["tallymark"]
    for each in ours:
        files = [*each.get("wheels", ()), *filter(None, [each.get("sdist")])]
        assert files
        assert all(file["hash"].startswith("sha256:") for file in files)
