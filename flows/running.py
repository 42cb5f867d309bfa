"""One audit under way in this process: what its shards share, and what Prefect must not see.

Prefect is handed call ids and folders. Engine, store, results, listener and errors stay here, reachable from
the tasks of the same process through `current`.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Protocol

from flows.plan import RETRIED_CODES, Plan, fingerprint_of, latest_corrections, limited, plan_audit
from flows.sharing import SharedWork
from qa_pipeline.assembly import build_engine, open_configured_store, ready_data_folder
from qa_pipeline.config import Settings
from qa_pipeline.errors import QAError
from qa_pipeline.intake.folder import CallSource, IntakeOptions
from qa_pipeline.intake.mapping import table_mapping
from qa_pipeline.intake.name_pattern import NamePattern
from qa_pipeline.pipeline import Engine, inspect_calls, inspect_heard
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.listing import keep
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CallStatus, Inspection, RoleCorrection, Transcript, message

_one_shard_at_a_time = Lock()
_DOCUMENTS_AT_ONCE = 100


class Listener(Protocol):
    """Whoever wants to know how far the audit is."""

    def begun(self) -> None:
        """The first call is being heard."""

    def inspected(self, inspection: Inspection, *, heard: bool) -> None:
        """A call is done and kept; `heard` says that it was transcribed in this run, not before."""


class _NobodyListens:
    def begun(self) -> None:
        return None

    def inspected(self, inspection: Inspection, *, heard: bool) -> None:
        return None


class _NotedTranscripts:
    """The store's transcripts, with a note of what was transcribed in this run."""

    def __init__(self, store: Store) -> None:
        self._store, self._new = store, set[str]()

    def transcript(self, sha256: str, options_digest: str) -> Transcript | None:
        return self._store.transcript(sha256, options_digest)

    def save_transcript(self, sha256: str, transcript: Transcript) -> None:
        self._store.save_transcript(sha256, transcript)
        self._new.add(sha256)

    def take(self, sha256: str) -> bool:
        """True once for each recording that was transcribed: its twins cost nothing."""
        new = sha256 in self._new
        self._new.discard(sha256)
        return new


@dataclass(kw_only=True)
class RunningAudit:
    """One audit of this process.

    Args:
        error: why the last step broke off, in full; Prefect is only told the code.
    """

    engine: Engine
    store: Store
    plan: Plan
    listener: Listener = field(default_factory=_NobodyListens)
    run_id: str | None = None
    inspected: int = 0
    failed: int = 0
    error: QAError | None = None
    _shared: SharedWork | None = field(default=None, init=False)

    @cached_property
    def _desk(self) -> ReviewDesk:
        return ReviewDesk(self.store, self.engine.forms)

    def begin(self, options: dict[str, object]) -> None:
        """Note the run in the store, and keep what could not be opened."""
        self.run_id = self.store.start_run("audit", options)
        self.listener.begun()
        for inspection, fingerprint in self.plan.news:
            keep(self.store, inspection, self._desk, fingerprint=fingerprint, run_id=self.run_id)
            self.failed += 1

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Within this block calls are taken from and left to other audits on the same store."""
        try:
            with SharedWork(self.store, self._done) as self._shared:
                yield
        finally:
            self._shared = None

    def inspect(self, call_ids: Sequence[str]) -> None:
        """Inspect these calls of the plan and keep each at once; those kept already are passed over.

        Calls that another audit works on are left for `inspect_rest`.

        Raises:
            ModelError, StoreError: nothing more can be done; what is kept stays.
        """
        wanted = set(call_ids)
        with _one_shard_at_a_time:
            kept = self.store.fingerprints(call_ids)
            self._inspect(
                source
                for source in self.plan.todo
                if (call_id := source.call.call_id) in wanted and kept.get(call_id) not in self._done(source)
            )

    def inspect_rest(self) -> None:
        """Wait for the calls that other audits work on, and take over those that they leave undone."""
        if self._shared is not None:
            for batch in self._shared.left_to_others():
                self._inspect(batch)

    def _inspect(self, sources: Iterable[CallSource]) -> None:
        transcripts = _NotedTranscripts(self.store)
        under_way: dict[str, CallSource] = {}
        corrections: dict[str, RoleCorrection] = {}

        def noted() -> Iterator[CallSource]:
            for source in sources if self._shared is None else self._shared.take(sources):
                call_id = source.call.call_id
                under_way[call_id] = source
                corrections.update(latest_corrections(self.store, [call_id]))
                yield source

        for judged in inspect_calls(
            noted(),
            self.engine,
            transcripts=transcripts,
            corrections=corrections,
            max_duration_ms=self.plan.max_duration_ms,
        ):
            call_id = judged.call.call_id
            heard = judged.recording is not None and transcripts.take(judged.recording.sound_id)
            inspection, correction = self._as_people_say(judged, corrections.get(call_id))
            self._keep(inspection, under_way.pop(call_id), correction, heard=heard)
            if self._shared is not None:
                self._shared.kept(call_id)

    def _as_people_say(
        self, inspection: Inspection, heeded: RoleCorrection | None
    ) -> tuple[Inspection, RoleCorrection | None]:
        """The inspection by the latest word on who speaks, which may have been said while the call was heard.

        Args:
            heeded: the word by which it was judged.

        Returns:
            The inspection, and the word that it heeds.
        """
        call_id, recording, transcript = inspection.call.call_id, inspection.recording, inspection.transcript
        latest = latest_corrections(self.store, [call_id]).get(call_id)
        if latest == heeded or recording is None or transcript is None:
            return inspection, heeded
        return inspect_heard(recording, transcript, self.engine, latest), latest

    def _done(self, source: CallSource) -> tuple[str, ...]:
        return self.plan.done(source.call.call_id)

    def results(self) -> Iterator[Inspection]:
        """Every call found, computed now or before, by path."""
        refused = {
            (inspection.uri or "", inspection.call.call_id): inspection for inspection in self.plan.refused
        }
        found = {
            (str(source.path), call_id): call_id
            for source in self.plan.intake.sources
            if (call_id := source.call.call_id) in self.plan.fingerprints
        }
        ordered = sorted([*refused, *found])
        for start in range(0, len(ordered), _DOCUMENTS_AT_ONCE):
            keys = ordered[start : start + _DOCUMENTS_AT_ONCE]
            call_ids = [found[key] for key in keys if key in found]
            kept = {each.call.call_id: each for each in self.store.inspections(call_ids=call_ids)}
            for key in keys:
                inspection = refused.get(key) or kept.get(found[key])
                if inspection is not None:
                    yield inspection

    def write_report(self, folder: Path, *, unmasked: bool = False) -> Path:
        """Write the page and the workbook of every call found. Returns the path of the page."""
        from qa_pipeline.reports.audit import write_report
        from qa_pipeline.speech.audio import cut_clip

        return write_report(self.results(), folder, clip=cut_clip, unmasked=unmasked)

    def finish(self) -> None:
        """Note the end of the run and its counts."""
        if self.run_id is not None:
            self.store.finish_run(self.run_id, {"inspected": self.inspected, "failed": self.failed})

    def _keep(
        self, inspection: Inspection, source: CallSource, correction: RoleCorrection | None, *, heard: bool
    ) -> None:
        call_id, recording, failure = inspection.call.call_id, inspection.recording, inspection.failure
        fingerprint = self.plan.fingerprints[call_id]
        retry_of = None
        if failure is not None and failure.code in RETRIED_CODES:
            fingerprint, retry_of = "", fingerprint
        elif failure is not None and failure.code == "audio_too_long":
            fingerprint = limited(fingerprint, self.plan.max_duration_ms)
        elif recording is not None:
            # The recording may have changed since the plan was made, so its own digest counts.
            fingerprint = fingerprint_of(self.engine, recording.sha256, source, correction)
        keep(
            self.store,
            inspection,
            self._desk,
            fingerprint=fingerprint,
            run_id=self.run_id,
            retry_of=retry_of,
        )
        self.inspected += 1
        self.failed += inspection.status is CallStatus.FAILED
        self.listener.inspected(inspection, heard=heard)


class FlowFailedError(Exception):
    """What Prefect is told of an error: its code. The whole of it stays in the process."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def told_by_code(audit: RunningAudit | None = None) -> Iterator[None]:
    """Let an error leave this block by its code alone, and keep the whole of it with the audit.

    The text of an error may name a person, a path or what was said, and Prefect keeps texts of errors.

    Raises:
        FlowFailedError: in place of any error.
    """
    try:
        yield
    except QAError as error:
        known = error
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = message(
            "unexpected {kind} at {where}; calls that are done are kept. Report it with this line",
            kind=type(error).__name__,
            where=f"{Path(place.filename).name}:{place.lineno}",
        )
        known = QAError("internal_error", told)
    else:
        if audit is not None:
            audit.error = None
        return
    if audit is not None:
        audit.error = known
    raise FlowFailedError(known.code) from None


_current: ContextVar[RunningAudit | None] = ContextVar("qa_running_audit", default=None)


def current() -> RunningAudit | None:
    """The audit that was prepared for the flow now running, if any."""
    return _current.get()


@contextmanager
def prepared(audit: RunningAudit) -> Iterator[RunningAudit]:
    """Let the flows called in this block work on this audit instead of planning their own."""
    token = _current.set(audit)
    try:
        yield audit
    finally:
        _current.reset(token)


RUN_SETTINGS = (
    *("model", "raw", "channels", "max_minutes", "name_pattern", "mapping", "timezone", "shard_calls"),
)
"""Settings that decide what an audit makes of its recordings."""


def options_of(settings: Settings) -> dict[str, object]:
    """What a run notes of its settings, so that failed calls can be tried again as they were."""
    return {name: getattr(settings, name) for name in RUN_SETTINGS}


@lru_cache(maxsize=1)
def engine_of(settings: Settings) -> Engine:
    """The engine of these settings, one in a process: a second one would load a second model."""
    return build_engine(settings)


def prepare(
    paths: Sequence[Path],
    settings: Settings,
    *,
    skip: Sequence[Path] = (),
    only: Collection[str] | None = None,
) -> RunningAudit:
    """Look what is to be done under these paths.

    Args:
        skip: files and folders that results go to.
        only: as in `plan_audit`.

    Raises:
        QAError: the paths, the settings, the model or the store are not usable.
    """
    ready_data_folder(settings.data_folder)
    engine, store = engine_of(settings), open_configured_store(settings)
    skipped = tuple(path.absolute() for path in (settings.data_folder, settings.reports, *skip))
    options = IntakeOptions(
        timezone=settings.timezone,
        skip=skipped,
        reading=settings.reading,
        name_pattern=None if settings.name_pattern is None else NamePattern(settings.name_pattern),
        mapping=None if settings.mapping is None else table_mapping(settings.mapping),
        max_duration_ms=settings.max_minutes * 60_000,
    )
    try:
        plan = plan_audit(paths, engine=engine, store=store, options=options, only=only)
    except BaseException:
        store.close()
        raise
    return RunningAudit(engine=engine, store=store, plan=plan)
