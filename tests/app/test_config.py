"""The settings: what the environment may say, and what is said when it may not."""

from pathlib import Path

import pytest

from app.config import read_settings
from app.domain.errors import SettingsMissing


def test_what_is_not_set_has_its_default(tmp_path: Path):
    settings = read_settings({"TALLYMARK_HOME": str(tmp_path)})

    assert (32, 10) == (settings.web_threads, settings.request_s)
    assert 60 == settings.totals_s
    assert (1, 0) == (settings.workers, settings.trusted_proxies)


def test_the_owners_url_is_that_of_the_login_unless_another_is_given(tmp_path: Path):
    given = {"TALLYMARK_HOME": str(tmp_path), "DATABASE_URL": "postgresql:///one"}
    owners = given | {"MIGRATION_DATABASE_URL": "postgresql://owner@/one"}

    assert "postgresql:///one" == read_settings(given).migrating_url
    assert "postgresql://owner@/one" == read_settings(owners).migrating_url
    assert "postgresql:///one" == read_settings(owners).database_url


def test_an_owners_url_alone_is_refused_rather_than_an_embedded_server_used(
    tmp_path: Path,
):
    with pytest.raises(SettingsMissing, match="set DATABASE_URL too"):
        read_settings(
            {
                "TALLYMARK_HOME": str(tmp_path),
                "MIGRATION_DATABASE_URL": "postgresql:///one",
            }
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_THREADS", "0"),
        ("WEB_THREADS", "many"),
        ("WEB_REQUEST_SECONDS", "-1"),
        ("WEB_REQUEST_SECONDS", "2.5"),
        ("WEB_REQUEST_SECONDS", "61"),
        ("WEB_TOTALS_SECONDS", "0"),
        ("WEB_TOTALS_SECONDS", "61"),
        ("WEB_TRUSTED_PROXIES", "-1"),
        ("WEB_TRUSTED_PROXIES", "10"),
        ("WORKER_CONCURRENCY", "0"),
        ("WORKER_CONCURRENCY", "65"),
        ("PORT", "65536"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(
    tmp_path: Path, name: str, value: str
):
    with pytest.raises(SettingsMissing, match=f"{name} must be a .*number"):
        read_settings({"TALLYMARK_HOME": str(tmp_path), name: value})
