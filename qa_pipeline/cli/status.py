"""`qa status`: what the store knows of runs, calls and failures."""

from __future__ import annotations

import json as json_module
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qa_pipeline.cli.console import output, shown_store
from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.store.repository import Run, Store

RUNS = 10
"""Runs shown, the latest ones; `--json` has all."""


def status(
    json: Annotated[
        bool, typer.Option("--json", help=_("Write one JSON object to standard output."))
    ] = False,
) -> None:
    """Show runs, calls by status, failures by code, and the calls that are left alone."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings

    settings = load_settings()
    with open_configured_store(settings) as store:
        found = _status(store)
    found["store"] = shown_store(settings.store)
    if json:
        typer.echo(json_module.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        _print(output(), found, ZoneInfo(settings.timezone))


def _status(store: Store) -> dict[str, Any]:
    kept = store.retries.calls_by_run()
    return {
        "runs": [_run(run, kept.get(run.run_id, 0)) for run in store.runs()],
        "calls": dict(store.retries.calls_by_status()),
        "failures": dict(store.retries.failures_by_code()),
        "under_way": store.claims.living(),
        "quarantined": [
            {
                "call_id": call.call_id,
                "code": call.code,
                "failures": call.failures,
                "since": call.quarantined_at.isoformat(),
            }
            for call in store.retries.quarantined()
        ],
    }


def _run(run: Run, kept: int) -> dict[str, Any]:
    """A run as its row; `kept` are calls whose latest result it made, also where it was broken off."""
    counts = run.counts or {}
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "inspected": counts.get("inspected"),
        "failed": counts.get("failed"),
        "kept": kept,
    }


def _print(console: Console, found: dict[str, Any], zone: ZoneInfo) -> None:
    from rich import box
    from rich.table import Table

    from qa_pipeline.reports import labels

    console.print(_("Store: {path}").format(path=found["store"]), soft_wrap=True)
    if not found["calls"]:
        console.print(_("No calls yet. Begin with: qa audit FOLDER"))
        return
    calls = _(", ").join(f"{labels.status(name)} {count}" for name, count in sorted(found["calls"].items()))
    console.print(
        _("Calls: {total} ({statuses})").format(total=sum(found["calls"].values()), statuses=calls),
        soft_wrap=True,
    )
    if found["under_way"]:
        console.print(_("Being worked on now: {count}").format(count=found["under_way"]))
    for code, count in found["failures"].items():
        console.print(_("Failed [{code}]: {count}").format(code=code, count=count), style="red")
    for call in found["quarantined"]:
        text = _("Left alone after {failures} failures [{code}]: {call}")
        console.print(text.format(**{**call, "call": call["call_id"]}), style="red", soft_wrap=True)
    if found["failures"]:
        console.print(_("Next: {command}").format(command="qa retry"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for header, right in (
        (_("Run"), False), (_("Begun"), False), (_("Ended"), False), (_("Inspected"), True),
        (_("Failed"), True), (_("Results in force"), True),
    ):  # fmt: skip
        table.add_column(header, justify="right" if right else "left", no_wrap=True)
    for run in found["runs"][:RUNS]:
        table.add_row(
            run["run_id"],
            _minute(run["started_at"], zone),
            _minute(run["finished_at"], zone) if run["finished_at"] else _("not ended"),
            _count(run["inspected"]),
            _count(run["failed"]),
            str(run["kept"]),
        )
    console.print(table)
    if len(found["runs"]) > RUNS:
        console.print(_("... and {count} earlier runs").format(count=len(found["runs"]) - RUNS))


def _minute(moment: str, zone: ZoneInfo) -> str:
    from qa_pipeline.reports import figures

    return figures.moment(datetime.fromisoformat(moment).astimezone(zone))


def _count(count: int | None) -> str:
    return "—" if count is None else str(count)
