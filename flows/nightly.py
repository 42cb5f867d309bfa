"""The flow `nightly_audit`: the folder of a date, audited by the same flow as by hand, with its report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.audit import AuditOptions, audit_calls
from flows.running import FlowFailedError, current, prepare, prepared, told_by_code
from qa_pipeline.config import Settings, load_settings
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import CallStatus, message


def folder_of(pattern: str | None, day: date) -> Path:
    """The folder of a day's recordings.

    Args:
        pattern: with ``{date}``, which may carry a strftime form: ``/recordings/{date:%Y/%m/%d}``.

    Raises:
        ConfigurationError: codes ``recordings_unset``, ``recordings_invalid``.
    """
    if not pattern:
        told = message(
            "the folder of recordings is not set; set QA_RECORDINGS, for example /recordings/{date}"
        )
        raise ConfigurationError("recordings_unset", told)
    try:
        folder = pattern.format(date=day)
    except (KeyError, IndexError, ValueError) as error:
        told = message(
            "QA_RECORDINGS is {pattern}: only {name} may stand in braces", pattern=pattern, name="{date}"
        )
        raise ConfigurationError("recordings_invalid", told) from error
    if folder == pattern:
        told = message(
            "QA_RECORDINGS is {pattern}: it needs {name} for the day", pattern=pattern, name="{date}"
        )
        raise ConfigurationError("recordings_invalid", told)
    return Path(folder).expanduser()


def yesterday(settings: Settings) -> date:
    """The last whole day where the calls are made."""
    return datetime.now(ZoneInfo(settings.timezone)).date() - timedelta(days=1)


@task(persist_result=False)
def write_night_report(folder: str) -> None:
    """Write the page and the workbook of the audit that runs here."""
    audit = current()
    if audit is None:
        raise FlowFailedError("report_without_audit")
    with told_by_code(audit):
        audit.write_report(Path(folder))


@flow(name="nightly_audit", persist_result=False)
def nightly_audit(day: date | None = None, options: AuditOptions | None = None) -> State:
    """Audit a day's recordings and write their report to the folder of reports.

    Args:
        day: the last whole day when not given.
        options: as of `audit_calls`.

    Returns:
        Completed, with the number of calls and of failed ones, also where the day's folder holds no call;
        Failed, with the next step, where there is no such folder or a setting is wrong.

    Raises:
        FlowFailedError: with the code of what stopped it.
    """
    try:
        settings = load_settings(**(options or AuditOptions()).model_dump())
        day = day or yesterday(settings)
        folder = folder_of(settings.recordings, day)
    except ConfigurationError as error:
        return _failed(f"[{error.code}] {error.message}")
    if not folder.is_dir():
        return _failed(
            f"{day}: [path_not_found] there is no folder {folder}; check QA_RECORDINGS and that recordings"
            f" were delivered, then run this day again (day={day}). A day without calls needs an empty folder"
        )
    try:
        with told_by_code():
            audit = prepare([folder], settings)
    except FlowFailedError as error:
        if error.code == "no_calls_found":
            told = f"{day}: no calls in {folder}, nothing to do"
            get_run_logger().info(told)
            return Completed(message=told)
        raise
    with prepared(audit), audit.store:
        audit_calls([str(folder)], options)
        write_night_report(str(settings.reports.absolute() / day.isoformat()))
        with told_by_code(audit):
            failed = sum(inspection.status is CallStatus.FAILED for inspection in audit.results())
    return Completed(message=f"{day}: {audit.inspected} calls inspected, {failed} failed")


def _failed(told: str) -> State:
    """A failure that the night expects: one line in the log instead of a traceback."""
    get_run_logger().error(told)
    return Failed(message=told)
