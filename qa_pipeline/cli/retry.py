"""`qa retry`: the failed calls again, as they were audited."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qa_pipeline.errors import QAError
from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.store.retries import FailedCall


def retry() -> None:
    """Inspect every failed call again, those left alone too, with the options of the run that failed."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.cli.console import output, print_error
    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.config import load_settings

    results, errors = output(), output(to_stderr=True)
    with open_configured_store(load_settings()) as store:
        groups = _by_options(store.retries.failed())
    if not groups:
        results.print(_("No call has failed."))
        return
    table, left = RunTable(), set[str]()
    for (paths, options), calls in groups.items():
        call_ids = {call.call_id for call in calls}
        try:
            left |= _try_again([Path(path) for path in paths], dict(options), call_ids, table, errors)
        except QAError as error:
            print_error(error)
            left |= call_ids
    table.print(results)
    if left:
        told = _("Not tried again, and failed as before: {calls}")
        results.print(told.format(calls=", ".join(sorted(left))), soft_wrap=True)
    raise typer.Exit(1 if left else table.exit_status(None))


def _try_again(
    paths: Sequence[Path], chosen: dict[str, Any], call_ids: set[str], table: RunTable, errors: Console
) -> set[str]:
    """Inspect these calls as their run did. Returns those that are not under its paths any more.

    Raises:
        QAError: the paths or the options of the run are not usable any more, or the audit broke off.
    """
    from flows.running import prepare
    from qa_pipeline.cli.audit import work
    from qa_pipeline.config import load_settings

    settings = load_settings(**chosen)
    running = prepare(paths, settings, only=call_ids)
    with running.store:
        # Only now: what cannot be tried keeps the count of its failures.
        running.store.retries.reopen([source.call.call_id for source in running.plan.todo])
        work(running, paths, chosen, settings, errors)
        found = list(running.results())
    for inspection in found:
        table.add(inspection)
    return call_ids - {inspection.call.call_id for inspection in found}


Group = tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]


def _by_options(failed: Sequence[FailedCall]) -> Mapping[Group, list[FailedCall]]:
    """The calls by the paths and options of their runs; of several paths those that are gone are left out.

    A call kept without a run is looked for where it was.
    """
    from flows.running import RUN_SETTINGS

    groups: dict[Group, list[FailedCall]] = defaultdict(list)
    for call in failed:
        stated = call.options.get("paths")
        paths = [str(path) for path in stated] if isinstance(stated, list) else [call.uri]
        named = tuple(filter(None, paths))
        there = tuple(path for path in named if Path(path).exists()) or named
        chosen = tuple(
            (name, call.options[name]) for name in RUN_SETTINGS if call.options.get(name) is not None
        )
        if there:
            groups[there, chosen].append(call)
    return groups
