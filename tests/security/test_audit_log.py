"""Whatever somebody does by hand is told: by every form, and by every command."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from structlog.testing import capture_logs

from app.audit_log import EVENT
from app.cli import tallymark
from app.commands.context import COMMANDS_LOG, READING
from app.domain.errors import TallymarkError
from app.main import create_app
from tests.app.commands.conftest import environment_of
from tests.app.owner.conftest import APPROVALS, FORM, LOOK, SAVE, Owning, send
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, an_order
from tests.security.furnished import LEAVE, Furnished, furnish

# What is told of each form that somebody of a store sends; nothing is changed by two.
FORMS: dict[str, str | None] = {
    FORM: None,
    LOOK: None,
    SAVE: "programme saved",
    APPROVALS: "approved",
    LEAVE: "signed out",
    "/counter/<key>": "voucher taken in",
}


@pytest.fixture(scope="module")
def furnished(module_line: TestLine) -> Furnished:
    """The store, with what each form is about."""
    return furnish(module_line)


def _told(logs: Any) -> list[dict[str, Any]]:
    return [each for each in logs if each["event"] == EVENT]


def test_every_form_has_an_entry(module_line: TestLine):
    rules = create_app(module_line.settings).url_map.iter_rules()

    assert set(FORMS) == {
        rule.rule
        for rule in rules
        if "POST" in (rule.methods or ()) and rule.rule.startswith(("/owner", "/coun"))
    }


@pytest.mark.parametrize("path", FORMS)
def test_what_a_form_did_is_told_with_who_sent_it(furnished: Furnished, path: str):
    line = furnished.line
    owning = Owning(line.client.application.test_client(), DOMAIN, "42")
    pairs = furnished.filled_in(path, owning.client)
    where = path.replace("/counter/<key>", furnished.counter)
    with capture_logs() as logs:
        answer = send(owning.client, where, pairs)

    assert answer.status_code in (200, 303)
    whose = {"program_id": line.store.program_id, "store_id": line.store.store_id}
    by = "counter" if path.startswith("/counter") else "staff 42"
    told = [{"what": FORMS[path], "by": by} | whose] if FORMS[path] else []
    assert [{name: each[name] for name in told[0]} for each in _told(logs)] == told
    assert "7001" not in json.dumps(logs)


def test_what_a_form_did_not_do_is_not_told(furnished: Furnished):
    owning = Owning(furnished.line.client.application.test_client())
    pairs = furnished.filled_in(APPROVALS, owning.client)
    answers = [send(owning.client, APPROVALS, pairs)]
    with capture_logs() as logs:
        answers.append(send(owning.client, APPROVALS, pairs))
        form = furnished.filled_in(SAVE, owning.client)
        overtaken = [(name, "1" if name == "_seen" else text) for name, text in form]
        answers.append(send(owning.client, SAVE, overtaken))

    assert [each.status_code for each in answers][1:] == [303, 409]
    assert _told(logs) == []


def test_who_comes_in_is_told(line: TestLine):
    client = line.client
    with capture_logs() as logs:
        Owning(client)

    [told] = _told(logs)
    assert (told["what"], told["by"]) == ("signed in", "owner")
    assert (told["program_id"], told["store_id"]) == (
        line.store.program_id,
        line.store.store_id,
    )


# They run the app, or tell what it needs; what is done in it is told by the others.
RUNNING = {"up", "demo", "sandbox", "env"}


def _commands(group: click.Group, *words: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *words, name)
        elif command:
            yield " ".join((*words, name)), command


COMMANDS = dict(_commands(tallymark))


def test_every_command_that_only_reads_is_there():
    assert COMMANDS.keys() >= READING | RUNNING


def _arguments(command: click.Command, folder: Path) -> list[str]:
    """What is to be given to a command, made up by its names."""
    products = folder.parent / "products"
    products.touch()
    program = Path(__file__).parents[2] / "docs/programmes/beauty.json"
    values = {
        "file": str(products if command.name == "collections" else program),
        "folder": str(folder),
        "gone_id": "1",
        "kept_id": "2",
        "label": "till",
        "platform": "shopify",
        "points": "5",
        "request_id": "1",
        "since": "2026-01-01",
    }
    given = []
    for each in command.params:
        if not each.required or each.name is None:
            continue
        value = values.get(each.name, "nobody.myshopify.com")
        if isinstance(each, click.Argument):
            given.append(value)
        elif isinstance(each, click.Option):
            given += [each.opts[0]] if each.is_flag else [each.opts[0], value]
    return given


def _enter(line: TestLine, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment_of(line).items():
        monkeypatch.setenv(variable, value)


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - READING - RUNNING))
def test_every_command_that_changes_something_is_told(
    module_line: TestLine, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whatever comes of it: most find here that there is no such store."""
    _enter(module_line, monkeypatch)
    kept = module_line.home / COMMANDS_LOG
    kept.unlink(missing_ok=True)
    folder = tmp_path if name == "restore" else tmp_path / "new"
    given = _arguments(COMMANDS[name], folder)
    with suppress(click.ClickException, TallymarkError):
        tallymark.main([*name.split(), *given], standalone_mode=False)

    [line] = kept.read_text().splitlines()
    told = json.loads(line)
    assert (told["event"], told["what"]) == (EVENT, name)
    assert told["by"].startswith("command of user ")
    assert told["outcome"]


def test_of_a_command_is_told_what_it_did_and_to_no_member(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    _enter(line, monkeypatch)
    line.settle(("orders/paid", an_order(a_line("40.00"))))
    changes = ["--reason=Ada broke a cup", "--key=cup-of-7001", "--", DOMAIN, "7001"]
    tallymark.main(["adjust", *changes, "-5"], standalone_mode=False)
    tallymark.main(["member", DOMAIN, "7001"], standalone_mode=False)
    kept = line.home / COMMANDS_LOG

    [written] = kept.read_text().splitlines()
    told = json.loads(written)
    when_and_who = {name: told.pop(name) for name in ("timestamp", "by")}
    assert all(when_and_who.values())
    done = {"event": EVENT, "level": "info", "what": "adjust", "outcome": "done"}
    assert told == done | {"domain": DOMAIN, "points": "-5"}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
