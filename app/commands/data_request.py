"""Commands for what shoppers asked for: which files lie here, which was handed on."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from app.commands.context import in_store, opened
from app.storage import data_requests


@click.group("data-request")
def data_request() -> None:
    """List what shoppers asked for, and note what was handed on."""


@data_request.command("list")
@click.argument("domain", required=False)
def list_(domain: str | None) -> None:
    """List what is not handed on yet, of one store or of all, oldest first."""
    with opened() as (settings, database):
        name = None
        if domain:
            with in_store(database, domain) as (_, store):
                name = store.domain
        found = data_requests.unanswered(settings.home, name)
    now = datetime.now(UTC)
    for each in found:
        late = "  LATE" if each.answer_by < now else ""
        click.echo(
            f"{each.id}  came {each.requested_at:%Y-%m-%d %H:%M}  "
            f"answer by {each.answer_by:%Y-%m-%d}{late}  {each.path}"
        )
    if not found:
        click.echo("none")


@data_request.command()
@click.argument("request_id")
def done(request_id: str) -> None:
    """Delete the file of a request that was handed on, and note that it was."""
    with opened() as (settings, _):
        now = datetime.now(UTC)
        if not data_requests.note_answered(settings.home, request_id, now):
            raise click.ClickException(
                f"no request {request_id} lies here: "
                "`tallymark data-request list` says which do"
            )
    click.echo(f"deleted what was kept for {request_id}")
