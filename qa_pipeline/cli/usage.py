"""Wrong command lines in the language in force: the sentences of Typer are English and know no catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.types import message
from qa_pipeline.wrong_values import reason

_SENTENCES = tuple(
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"Missing \w+ '(?P<name>.*?)'\..*", message("{name} is missing")),
        (
            r"No such option: (?P<name>\S+) \(Possible options: (?P<known>.*)\)",
            message("there is no option {name}; is it {known}?"),
        ),
        (r"No such option: (?P<name>\S+)", message("there is no option {name}")),
        (
            r"No such command '(?P<name>.*?)'\.? Did you mean (?P<known>.*)\?",
            message("there is no command {name}; is it {known}?"),
        ),
        (r"No such command '(?P<name>.*)'\.", message("there is no command {name}")),
        (r"Option '(?P<name>.*)' requires .*", message("{name} needs a value")),
        (r"Option '(?P<name>.*)' does not take a value\.", message("{name} takes no value")),
        (r"Got unexpected extra argument\S* \((?P<rest>.*)\)", message("not understood: {rest}")),
        (
            r"Invalid value for '(?P<name>.*?)': .* is not one of (?P<known>.*)\.",
            message("{name} must be one of {known}"),
        ),
        (
            r"Invalid value for '(?P<name>.*?)': \w+ '(?P<place>.*)' does not exist\.",
            message("{name}: {place} does not exist"),
        ),
        (
            r"Invalid value for '(?P<name>.*?)': \w+ '(?P<place>.*)' is not (?:readable|writable)\.",
            message("{name}: {place} may not be used; give this user the right to it"),
        ),
    )
)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Turn what is wrong with a command line into how it is called, what is wrong, and where to look."""
    try:
        yield
    except typer.exceptions.TyperException as error:
        # Asked for nothing, a group shows its page; that is no error.
        if not hasattr(error, "ctx") or type(error).__name__ == "NoArgsIsHelpError":
            raise
        if error.ctx is not None:
            pieces = " ".join(error.ctx.command.collect_usage_pieces(error.ctx))
            typer.echo(_("Usage: {usage}").format(usage=f"{error.ctx.command_path} {pieces}"), err=True)
        typer.echo(_("Error: {text}").format(text=_told(error)), err=True)
        if error.ctx is not None:
            typer.echo(_("See: {command}").format(command=f"{error.ctx.command_path} -h"), err=True)
        raise typer.Exit(getattr(error, "exit_code", 2)) from error


def _told(error: Any) -> str:
    sentence = error.format_message()
    found = re.match(r"Invalid value for '(.*?)'", sentence)
    cause = error.__cause__
    if found and hasattr(cause, "errors") and all(one["type"] != "value_error" for one in cause.errors()):
        reasons = "; ".join(render(reason(one)) for one in cause.errors())
        return _("{name} {reason}").format(name=found[1], reason=reasons)
    for pattern, told in _SENTENCES:
        match = pattern.fullmatch(sentence)
        if match:
            return render(message(told.text, **match.groupdict()))
    return str(sentence)
