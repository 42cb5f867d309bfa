"""`qa retry`: the failed calls again, as they were audited."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa_pipeline.store.retries import FailedCall


def retry() -> None:
    """Inspect every failed call again, those left alone too, with the options of the run that failed."""
    from flows.running import prepare
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.cli.audit import work
    from qa_pipeline.cli.console import output
    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.config import load_settings

    results, errors = output(), output(to_stderr=True)
    with open_configured_store(load_settings()) as store:
        groups = _by_options(store.retries.reopen())
    if not groups:
        results.print(_("No call has failed."))
        return
    table = RunTable()
    for (paths, options), calls in groups.items():
        chosen = dict(options)
        settings = load_settings(**chosen)
        running = prepare([Path(path) for path in paths], settings, only=[call.call_id for call in calls])
        with running.store:
            work(running, [Path(path) for path in paths], chosen, settings, errors)
            for inspection in running.results():
                table.add(inspection)
    table.print(results)
    raise typer.Exit(table.exit_status(None))


Group = tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]


def _by_options(failed: Sequence[FailedCall]) -> Mapping[Group, list[FailedCall]]:
    """The calls by the paths and options of their runs; paths that are gone are left out.

    A call kept without a run is looked for where it was.
    """
    from flows.running import RUN_SETTINGS

    groups: dict[Group, list[FailedCall]] = defaultdict(list)
    for call in failed:
        stated = call.options.get("paths")
        paths = [str(path) for path in stated] if isinstance(stated, list) else [call.uri]
        there = tuple(path for path in paths if path and Path(path).exists())
        chosen = tuple(
            (name, call.options[name]) for name in RUN_SETTINGS if call.options.get(name) is not None
        )
        if there:
            groups[there, chosen].append(call)
    return groups
