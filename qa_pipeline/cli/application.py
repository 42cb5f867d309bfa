"""Every command with its help, and the one place where errors become words and exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from qa_pipeline import __version__
from qa_pipeline.cli import (
    audit,
    config,
    evaluate,
    inspect,
    models,
    retry,
    review,
    roles,
    rules,
    score,
    scorecard,
    serve,
    status,
    users,
)
from qa_pipeline.cli.console import print_error
from qa_pipeline.cli.help import LocalisedCommand, LocalisedGroup
from qa_pipeline.cli.usage import told_in_words
from qa_pipeline.errors import QAError, is_disk_full
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import use_language
from qa_pipeline.settings_files import stated_language

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells give it (128 + SIGINT)."""


class QAGroup(LocalisedGroup):
    """The one place that turns errors into one clear line and the exit status."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read what stands before the command."""
        with told_in_words():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it raises on purpose becomes a line and a status."""
        try:
            with told_in_words():
                return super().invoke(ctx)
        except QAError as error:
            print_error(error)
            raise typer.Exit(error.exit_status) from error
        except PermissionError as error:
            said = _("{file} may not be used ({reason}); give this user the right to it")
            text = said.format(file=error.filename or "?", reason=error.strerror)
            typer.echo(_("Error [{code}]: {text}").format(code="permission_denied", text=text), err=True)
            raise typer.Exit(QAError.exit_status) from error
        except OSError as error:
            if not is_disk_full(error):
                raise
            said = _("no room left on a disk ({reason}); make room, or name another place, and run again")
            reason = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            text = said.format(reason=reason)
            typer.echo(_("Error [{code}]: {text}").format(code="disk_full", text=text), err=True)
            raise typer.Exit(QAError.exit_status) from error
        except KeyboardInterrupt:
            typer.echo(_("Interrupted. What was done is kept; the same command does the rest."), err=True)
            raise typer.Exit(INTERRUPTED) from None


def build_app() -> typer.Typer:
    """The application in the language in force."""
    title = _("Quality inspection of recorded Mandarin debt-collection calls, on your own machine.")
    app = _group("qa", title)
    app.callback()(_begin)
    _add(app, "audit", audit.audit, _("Inspect every call under files and folders."))
    _add(app, "status", status.status, _("Show runs, calls by status and failures by code."))
    _add(app, "retry", retry.retry, _("Inspect the failed calls again."))
    _add(app, "inspect", inspect.inspect, _("Show one inspected call: words, flags, checklist, score."))
    _add(app, "score", score.score, _("Inspect calls given as transcripts, without sound."))
    _add(app, "scorecard", scorecard.scorecard, _("Show and write the scorecard of an agent."))

    _add(app, "review", review.review, _("Decide on a finding: confirm or reject it."))
    _add(app, "serve", serve.serve, _("Run the review desk, a web application for QA people."))

    _add(app, "evaluate", evaluate.evaluate, _("Compare results with labels: how right they are."))

    pack = _group("rules", _("Check and try the rules."))
    _add(pack, "check", rules.check, _("Run every example of the rule pack."))
    _add(pack, "show", rules.show, _("Show a rule or an element as it is written."))
    _add(pack, "explain", rules.explain, _("Show what a rule makes of a kept call."))
    _add(pack, "try", rules.try_sentence, _("Show what the rules make of a sentence."))

    voices = _group("roles", _("Who speaks with which voice of a call."))
    _add(voices, "show", roles.show, _("Show the voices of a call and their roles."))
    _add(voices, "swap", roles.swap, _("Exchange agent and customer and score again, without hearing again."))

    speech = _group("models", _("Speech models: list, fetch, verify."))
    _add(speech, "list", models.list_models, _("List the models and which are at hand."))
    _add(speech, "pull", models.pull, _("Fetch a model and verify it."))
    _add(speech, "verify", models.verify, _("Verify models against their pinned sha256."))

    reviews = _group("reviews", _("What people said of calls: show, export, import."))
    _add(reviews, "show", review.show, _("Show where a call and its findings stand."))
    _add(reviews, "export", review.export, _("Write every action as JSON Lines."))
    _add(reviews, "import", review.take_in, _("Add actions from JSON Lines."))

    accounts = _group("user", _("Accounts of the review desk."))
    _add(accounts, "list", users.list_users, _("List the accounts."))
    _add(accounts, "add", users.add, _("Add an account; prints a one-time password."))
    _add(accounts, "passwd", users.passwd, _("Give an account a new one-time password."))
    _add(accounts, "disable", users.disable, _("Shut an account out at once."))
    _add(accounts, "enable", users.enable, _("Let a disabled account in again."))

    settings = _group("config", _("Settings."))
    _add(settings, "show", config.show, _("Show the settings in force, passwords hidden."))

    for group in (reviews, accounts, pack, voices, speech, settings):
        app.add_typer(group)
    return app


def main() -> None:
    """Run `qa`."""
    use_language(stated_language())
    try:
        build_app()()
    except BrokenPipeError:
        # The reader has gone, as in `qa inspect CALL | head`: nothing is left to say, and nobody to hear it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"qa_pipeline {__version__}")
        raise typer.Exit


def _begin(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help=_("Show the version.")),
    ] = False,
) -> None:
    """What stands before a command."""


def _group(name: str, text: str) -> typer.Typer:
    return typer.Typer(
        name=name,
        help=text,
        cls=QAGroup,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _add(group: typer.Typer, name: str, body: Callable[..., None], text: str) -> None:
    group.command(name, cls=LocalisedCommand, help=text)(body)
