"""People and secrets of the tests, of which nothing may come out: a plugin of pytest.

A test fails where anything that was written while it ran says one of them, be it the
app, a server, or a process of its own; the whole run does where a file of the log says.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

import pytest

# Mail addresses, the secrets with which stores sign, and tokens that open stores; then
# the names, phones, streets and notes of people in what the tests deliver.
_CANARY = re.compile(
    r"[\w.+-]+@example\.(?:com|org|net)|\b(?:old )?hush\b|\bshp(?:at|ca|rt|ua)_\w+"
    r"|Adalinda|Quillfeather|Canaryfirst|Canarylast|Canarina"
    r"|151[ /-]?2345678|15770001234|301234567890|203\.0\.113\.77"
    r"|\b1 Mill Lane|\d Sandbox Street|Canary Wharf Lane|canary bell|AB1 2CD|CNY 7QX",
    re.IGNORECASE,
)


def told_in(text: str) -> list[str]:
    """Return which people and secrets a text tells."""
    return sorted(set(_CANARY.findall(text)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Fail a test whose output tells somebody."""
    report = yield
    told = told_in("\n".join(text for _, text in report.sections))
    if report.passed and told:
        report.outcome = "failed"
        report.longrepr = f"what was written while this ran tells {told}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _silent_logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look through all that servers and processes of the run have logged."""
    yield
    told = {
        str(path): found
        for path in tmp_path_factory.getbasetemp().rglob("*.log")
        if (found := told_in(path.read_text(errors="replace")))
    }
    assert {} == told
