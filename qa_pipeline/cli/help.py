"""Pages of help, laid out for words without spaces: Typer's own cut Chinese sentences off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from qa_pipeline.cli.console import output
from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

_NAME_COLUMNS = 34


class LocalisedCommand(TyperCommand):
    """A command with its page in the language in force."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page; see click."""
        print_help(ctx)


class LocalisedGroup(TyperGroup):
    """A group of commands with its page in the language in force."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page; see click."""
        print_help(ctx)


def print_help(ctx: Any) -> None:
    """Print what a command is for, how it is called, and what may be given."""
    console, command = output(), ctx.command
    console.print()
    pieces = " ".join(command.collect_usage_pieces(ctx))
    console.print(_("Usage: {usage}").format(usage=f"{ctx.command_path} {pieces}"))
    console.print()
    console.print(command.help)
    help_option = command.get_help_option(ctx)
    if help_option is not None:
        help_option.help = _("Show this page.")
    parameters = command.get_params(ctx)
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    _print_part(console, _("Arguments"), [(one.metavar or one.name, one.help or "") for one in arguments])
    options = [one.get_help_record(ctx) for one in parameters if one.param_type_name == "option"]
    _print_part(console, _("Options"), [option for option in options if option])
    if isinstance(command, TyperGroup):
        names = command.list_commands(ctx)
        found = [(name, command.get_command(ctx, name)) for name in names]
        _print_part(console, _("Commands"), [(name, one.help or "") for name, one in found if one])


def _print_part(console: Console, heading: str, lines: Iterable[tuple[str, str]]) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
    table.add_column(style="cyan", max_width=_NAME_COLUMNS, overflow="fold")
    table.add_column(overflow="fold")
    for name, text in lines:
        table.add_row(name, text)
    if table.row_count:
        console.print()
        console.print(heading, style="bold")
        console.print(table)
