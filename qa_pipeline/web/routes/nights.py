"""Audit runs: what is under way, what failed, and the failed calls again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from qa_pipeline.errors import AccessError
from qa_pipeline.i18n import render
from qa_pipeline.store.call_filter import EVERYTHING
from qa_pipeline.types import Failure, message
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visitor, Depends(Needs(Permission.READ_RUNS))]

_RUNS = 60
_FAILURES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """A call that failed in a run, and why."""

    call_id: str
    code: str
    why: str


@router.get("/nights")
def nights(request: Request, visitor: Reader) -> Response:
    """Runs, the latest first, with what stands where now."""
    store = visitor.desk.store
    quarantined = store.retries.quarantined()
    shown = _shown(visitor, [one.call_id for one in quarantined])
    return page(
        request,
        "nights.html",
        runs=store.runs(limit=_RUNS),
        kept=store.retries.calls_by_run(),
        statuses=store.retries.calls_by_status(),
        failures=store.retries.failures_by_code(),
        quarantined=[one for one in quarantined if one.call_id in shown],
        under_way=store.claims.living(),
        retrying=visitor.desk.retrying,
    )


@router.post("/nights/retry")
def retry(visitor: Annotated[Visitor, Depends(Needs(Permission.RETRY_RUNS))]) -> Response:
    """Begin `qa retry` in a process of its own."""
    if visitor.desk.retrying.start():
        visitor.log("run.retry")
    return RedirectResponse("/nights", status_code=303)


@router.get("/nights/{run_id}")
def night(request: Request, visitor: Reader, run_id: str) -> Response:
    """One run with the calls that failed in it."""
    store = visitor.desk.store
    found = store.runs(run_id=run_id)
    if not found:
        raise AccessError("run_not_found", message("There is no run {run} here.", run=run_id))
    failures = store.failures(run_id)
    return page(
        request,
        "night.html",
        run=found[0],
        kept=store.retries.calls_by_run().get(run_id, 0),
        failed=_failed(visitor, failures),
        total=len(failures),
    )


def _failed(visitor: Visitor, failures: dict[str, Failure]) -> list[FailedCall]:
    shown = _shown(visitor, failures)
    kept = [call_id for call_id in failures if call_id in shown]
    return [
        FailedCall(call_id=call_id, code=failures[call_id].code, why=render(failures[call_id].message))
        for call_id in kept[:_FAILURES]
    ]


def _shown(visitor: Visitor, call_ids: Collection[str]) -> Collection[str]:
    """Those of these calls that the visitor may see: who sees everything, those without a listing too."""
    if visitor.scope == EVERYTHING:
        return frozenset(call_ids)
    return visitor.desk.store.listings.visible(call_ids, visitor.scope)
