"""`qa audit`: every call under files and folders."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa_pipeline.cli.documents import STANDARD_OUTPUT, documents_to
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import Severity

if TYPE_CHECKING:
    from rich.console import Console

    from flows.running import RunningAudit
    from qa_pipeline.cli.progress import AuditProgress
    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.config import Settings

_INTERRUPTED = 130


def audit(  # noqa: PLR0917 - Typer calls it by name
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATHS", help=_("Recordings, or folders that are searched to the bottom.")),
    ],
    json: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="OUT.jsonl", help=_("Write one document a call; - for standard output.")
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help=_("Write a page and a workbook into this folder.")),
    ] = None,
    fail_on: Annotated[
        Severity | None,
        typer.Option("--fail-on", help=_("End with status 3 when a flag is this severe or worse.")),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers in what is written."))
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help=_("Speech model: name, hub id or folder."))
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help=_("Processor threads for recognition."))
    ] = None,
    raw: Annotated[
        str | None,
        typer.Option(
            "--raw",
            metavar="CODING@RATE",
            help=_("How recordings without header are read: mulaw@8000, s16le@8000x2."),
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(
            "--channels", metavar="0,1", help=_("Channels that are heard; the two loudest where not given.")
        ),
    ] = None,
    name_pattern: Annotated[
        str | None,
        typer.Option(
            "--name-pattern",
            metavar="REGEX",
            help=_("Metadata in the names of recordings: named groups are fields."),
        ),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", help=_("How calls.csv is read: asterisk, freeswitch, or a TOML file.")),
    ] = None,
    max_minutes: Annotated[
        int | None,
        typer.Option("--max-minutes", min=1, help=_("Longest recording that is inspected, 300 by default.")),
    ] = None,
) -> None:
    """Inspect what is new or changed, keep it, and show every call found."""
    from flows.running import prepare
    from qa_pipeline.cli.console import check_file, check_folder, output
    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.config import load_settings

    chosen = {
        "model": model,
        "threads": threads,
        "raw": raw,
        "channels": channels,
        "name_pattern": name_pattern,
        "mapping": mapping,
        "max_minutes": max_minutes,
    }
    settings = load_settings(**chosen)
    errors = output(to_stderr=True)
    results = errors if json == STANDARD_OUTPUT else output()
    outputs = [path for path in (json, report) if path is not None and path != STANDARD_OUTPUT]
    if json is not None and json != STANDARD_OUTPUT:
        check_file(json)
    if report is not None:
        check_folder(report)
    with errors.status(_("Looking for calls")) if errors.is_terminal else nullcontext():
        running = prepare(paths, settings, skip=outputs)
    with running.store:
        work(running, paths, chosen, settings, errors)
        table = RunTable()
        with documents_to(json, unmasked=unmasked) as documents:
            for inspection in running.results():
                documents.write(inspection)
                table.add(inspection)
        page = running.write_report(report, unmasked=unmasked) if report is not None else None
    table.print(results)
    _print_notes(results, running)
    _print_ways_on(results, table, settings, json=json, page=page, paths=paths)
    raise typer.Exit(table.exit_status(fail_on))


def work(
    running: RunningAudit, paths: Sequence[Path], chosen: dict[str, Any], settings: Settings, errors: Console
) -> None:
    """Inspect what is to be done, on Prefect; where there is nothing to hear, Prefect is not started."""
    from qa_pipeline.cli.progress import AuditProgress
    from qa_pipeline.reports.figures import duration

    plan = running.plan
    known = len(plan.fingerprints) - len(plan.todo)
    errors.print(
        _("{todo} calls to inspect, {known} known from before, {refused} refused").format(
            todo=len(plan.todo), known=known, refused=len(plan.refused)
        )
    )
    if not plan.todo:
        if plan.news:
            from flows.running import options_of

            running.begin({"paths": [str(path.absolute()) for path in paths], **options_of(settings)})
            running.finish()
        return
    progress = AuditProgress(errors, [source.path for source in plan.todo])
    running.listener = progress
    with _ending_at_once(progress, errors), progress:
        from flows.local import run_audit

        run_audit(running, paths, chosen, prefect_folder=settings.prefect_folder)
    if progress.heard_ms:
        errors.print(
            _("{calls} calls inspected, {audio} of sound transcribed, {speed:.1f} times real time").format(
                calls=progress.calls, audio=duration(progress.heard_ms), speed=progress.speed
            )
        )
    else:
        errors.print(_("{calls} calls inspected, none transcribed in this run").format(calls=progress.calls))
    if progress.reused:
        text = _("calls judged on a transcript that was there already: {calls}")
        errors.print(text.format(calls=progress.reused))


@contextmanager
def _ending_at_once(progress: AuditProgress, errors: Console) -> Iterator[None]:
    """Let Ctrl-C end the process without waiting for the windows being decoded, which takes many seconds.

    Nothing is lost by that: each call is one transaction, and Prefect's server ends with us.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        progress.stop()
        errors.print(
            _("Interrupted. {calls} calls are done and kept; the same command does the rest.").format(
                calls=progress.calls
            )
        )
        sys.stdout.flush()
        os._exit(_INTERRUPTED)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print_notes(results: Console, running: RunningAudit) -> None:
    """What the door noticed and nobody would find out otherwise."""
    intake = running.plan.intake
    for kept, left_out in intake.duplicates:
        results.print(_("{copy} is the same call as {kept}").format(copy=left_out, kept=kept), soft_wrap=True)
    for calls in running.plan.twins:
        told = _("The same recording under several ids, each judged as a call of its own: {calls}")
        results.print(told.format(calls=", ".join(calls)), soft_wrap=True)
    if running.plan.quarantined:
        told = _("Left alone after three failures, until they change or qa retry: {calls}")
        named = ", ".join(call.call_id for call in running.plan.quarantined)
        results.print(told.format(calls=named), soft_wrap=True)
    if intake.unknown_keys:
        keys = ", ".join(intake.unknown_keys)
        results.print(_("Metadata keys kept, but not known: {keys}").format(keys=keys), soft_wrap=True)
    if intake.unmatched_names:
        told = _("Names of recordings that the pattern does not fit: {count}, for example {name}")
        name = intake.unmatched_names[0]
        results.print(told.format(count=len(intake.unmatched_names), name=name), soft_wrap=True)
    if intake.rows_without_recording:
        rows = ", ".join(intake.rows_without_recording)
        results.print(_("Rows of calls.csv without a recording: {rows}").format(rows=rows), soft_wrap=True)


def _print_ways_on(
    results: Console,
    table: RunTable,
    settings: Settings,
    *,
    json: Path | None,
    page: Path | None,
    paths: Sequence[Path],
) -> None:
    """Where everything lies, and what to type next."""
    from qa_pipeline.cli.console import shown_store

    if page is not None:
        results.print(_("Report: {path}").format(path=page), soft_wrap=True)
    if json is not None and json != STANDARD_OUTPUT:
        results.print(_("Documents: {path}").format(path=json), soft_wrap=True)
    results.print(_("Store: {path}").format(path=shown_store(settings.store)), soft_wrap=True)
    worst = table.worst_call
    if worst is not None:
        command = f"qa inspect {shlex.quote(worst)}"
        results.print(_("Next: {command}").format(command=command), soft_wrap=True)
    if page is None:
        given = " ".join(shlex.quote(str(path)) for path in paths)
        results.print(
            _("With a report: {command}").format(command=f"qa audit {given} --report report"), soft_wrap=True
        )
