"""Commands for the keys with which an owner's own tools report actions."""

from __future__ import annotations

import re

import click

from app.commands.context import in_store, opened
from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.storage import tool_keys
from app.storage.stores import Store
from app.storage.tool_keys import ToolKey


@click.group()
def key() -> None:
    """Make, list and revoke keys of tools that report what members did."""


@key.command()
@click.argument("domain")
@click.argument("label")
def make(domain: str, label: str) -> None:
    """Make a key for the tool that you call LABEL, and print it this one time.

    A tool may have several, so that a new one is in use before the old one is revoked.
    """
    if not re.fullmatch(NAME, label) or len(label) > NAME_MOST:
        raise click.ClickException(f"a label is {NAME_WRITTEN}, {NAME_MOST} at most")
    made = tool_keys.new_key()
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        if store.uninstalled_at:
            raise click.ClickException(f"{store.domain} has not installed the app")
        key_id = tool_keys.keep(connection, store, label, made)
    click.echo(f"key {key_id} of {label}, which is not shown again:", err=True)
    click.echo(made)


@key.command("list")
@click.argument("domain")
def list_(domain: str) -> None:
    """List the keys of a store's tools, oldest first; never the keys themselves."""
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        found = tool_keys.keys_of(connection, store)
    for each in found:
        used = each.last_used_at
        last = f"last used {used:%Y-%m-%d %H:%M}" if used else "never used"
        click.echo(
            f"{each.key_id}  {each.label:{NAME_MOST}}  "
            f"made {each.created_at:%Y-%m-%d %H:%M}  {last}  {_state(each, store)}"
        )
    if not found:
        click.echo("none")


def _state(each: ToolKey, store: Store) -> str:
    if each.revoked_at:
        return f"revoked {each.revoked_at:%Y-%m-%d %H:%M}"
    return "in force" if each.opens(store) else "ended with its installation"


@key.command()
@click.argument("domain")
@click.argument("key_id")
def revoke(domain: str, key_id: str) -> None:
    """Have a key open nothing any more, from now on."""
    with opened() as (_, db), in_store(db, domain) as (connection, store):
        if not tool_keys.revoke(connection, store, key_id):
            raise click.ClickException(
                f"{store.domain} has no key {key_id} that is in force"
            )
    click.echo(f"revoked {key_id}")
