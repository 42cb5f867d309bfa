"""`qa user`: who may sign in at the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from qa_pipeline.cli.console import output
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import Account, AuditEntry, DeskRole

_COMMAND_LINE = "qa user"


def list_users() -> None:
    """Print every account."""
    from rich.table import Table

    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.review import words

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    with open_configured_store(load_settings()) as store:
        for one in store.accounts.all():
            table.add_row(
                one.name,
                words.role(one.role.value),
                one.agent_id or "",
                one.team or "",
                _("disabled") if one.disabled else "",
            )
    output().print(table)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("What is typed at sign-in."))],
    role: Annotated[DeskRole, typer.Option("--role", help=_("What this person is."))],
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="A", help=_("Staff number in the call records."))
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", metavar="T", help=_("Team in the call records."))
    ] = None,
) -> None:
    """Add an account and print its one-time password."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.web.accounts import checked
    from qa_pipeline.web.passwords import hash_password, one_time_password

    password = one_time_password()
    account = checked(
        Account(
            name=name,
            role=role,
            agent_id=agent,
            team=team,
            must_change_password=True,
            created_at=datetime.now(UTC),
        )
    )
    with open_configured_store(load_settings()) as store:
        store.accounts.add(account, password_hash=hash_password(password))
        store.accounts.log(_entry("account.add", name, role.value))
    _print_password(name, password)


def passwd(name: Annotated[str, typer.Argument(metavar="NAME", help=_("What is typed at sign-in."))]) -> None:
    """Replace a password by a one-time password; every session of the account ends."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.web.passwords import hash_password, one_time_password

    password = one_time_password()
    with open_configured_store(load_settings()) as store:
        store.accounts.set_password(name, hash_password(password), must_change=True)
        store.accounts.log(_entry("account.password", name))
    _print_password(name, password)


def disable(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("What is typed at sign-in."))],
) -> None:
    """Shut an account out; its sessions end at once, its history stays."""
    _set_disabled(name, True)
    typer.echo(_("{name} is disabled").format(name=name))


def enable(name: Annotated[str, typer.Argument(metavar="NAME", help=_("What is typed at sign-in."))]) -> None:
    """Let a disabled account in again."""
    _set_disabled(name, False)
    typer.echo(_("{name} may sign in again").format(name=name))


def _set_disabled(name: str, disabled: bool) -> None:
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings

    with open_configured_store(load_settings()) as store:
        store.accounts.set_disabled(name, disabled)
        store.accounts.log(_entry("account.disable" if disabled else "account.enable", name))


def _print_password(name: str, password: str) -> None:
    told = _("One-time password of {name}, to be changed at the first sign-in: {password}")
    typer.echo(told.format(name=name, password=password))


def _entry(action: str, subject: str, detail: str = "") -> AuditEntry:
    return AuditEntry(
        at=datetime.now(UTC), account=_COMMAND_LINE, action=action, subject=subject, detail=detail
    )
