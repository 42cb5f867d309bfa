"""The flow `audit_calls`: the calls under some folders inspected in shards, each kept when it is done."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from pydantic import BaseModel, ConfigDict, Field

from flows.running import (
    FlowFailedError,
    RunningAudit,
    current,
    options_of,
    prepare,
    prepared,
    told_by_code,
)
from qa_pipeline.config import Settings, load_settings
from qa_pipeline.errors import ModelError


class AuditOptions(BaseModel):
    """What one audit does otherwise than the settings say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = Field(default=None, description="Speech model.")
    threads: int | None = Field(default=None, ge=1, description="Processor threads for recognition.")
    raw: str | None = Field(default=None, description="How recordings without header are read.")
    channels: str | None = Field(default=None, description="Channels of a recording that are heard.")
    name_pattern: str | None = Field(default=None, description="Metadata in the names of recordings.")
    mapping: str | None = Field(default=None, description="How calls.csv is read.")
    max_minutes: int | None = Field(default=None, ge=1, description="Longest recording that is inspected.")
    timezone: str | None = Field(default=None, description="IANA zone of times that name none.")
    shard_calls: int | None = Field(default=None, ge=1, description="Calls in one task.")


def _worth_a_retry(_task: object, _run: object, _state: object) -> bool:
    audit = current()
    return audit is not None and not isinstance(audit.error, ModelError)


@task(
    task_run_name="shard-{number}",
    retries=1,
    retry_delay_seconds=5,
    retry_condition_fn=_worth_a_retry,
    persist_result=False,
)
def inspect_shard(number: int, call_ids: list[str]) -> None:
    """Inspect a shard of calls; a retry passes over those that are kept."""
    audit = current()
    if audit is None:
        raise FlowFailedError("shard_without_audit")
    with told_by_code(audit):
        audit.inspect(call_ids)


@flow(name="audit_calls", persist_result=False)
def audit_calls(paths: list[str], options: AuditOptions | None = None) -> None:
    """Inspect every call under the paths whose result is not kept yet.

    Raises:
        FlowFailedError: with the code of what stopped it; calls that are done stay done.
    """
    chosen = (options or AuditOptions()).model_dump()
    audit = current()
    if audit is not None:
        _inspect_all(audit, load_settings(**chosen), paths)
        return
    with told_by_code():
        settings = load_settings(**chosen)
        own = prepare([Path(path) for path in paths], settings)
    with prepared(own), own.store:
        _inspect_all(own, settings, paths)


@task(persist_result=False, retries=1, retry_delay_seconds=5, retry_condition_fn=_worth_a_retry)
def inspect_rest() -> None:
    """Wait for what other audits on the store are working on, and do what they leave."""
    audit = current()
    if audit is None:
        raise FlowFailedError("shard_without_audit")
    with told_by_code(audit):
        audit.inspect_rest()


def _inspect_all(audit: RunningAudit, settings: Settings, paths: list[str]) -> None:
    with told_by_code(audit):
        audit.begin({"paths": paths, **options_of(settings)})
    with audit.sharing():
        for number, shard in enumerate(audit.plan.shards(settings.shard_calls), start=1):
            inspect_shard(number, [source.call.call_id for source in shard])
        if audit.plan.todo:
            inspect_rest()
    with told_by_code(audit):
        audit.finish()
