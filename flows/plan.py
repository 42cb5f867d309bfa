"""What an audit has to do: which calls are new or changed, and which cannot even be opened."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from qa_pipeline.errors import CallError
from qa_pipeline.intake.folder import CallSource, Intake, IntakeOptions, RejectedSource, find_calls
from qa_pipeline.pipeline import Engine
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.store.repository import Store
from qa_pipeline.store.retries import QuarantinedCall
from qa_pipeline.types import PLAIN, CallMetadata, CallStatus, Failure, Inspection, RoleCorrection, message

WAITING_CODES = frozenset({"file_growing"})
"""Reasons that pass by themselves: told to the user, but no result to keep."""

_READING_THREADS = 4


RETRIED_CODES = frozenset({"internal_error"})
"""Failures that are not a property of the call: the next audit tries it again."""


class Refusal(NamedTuple):
    """A call that cannot be opened, with the fingerprint of the reason."""

    inspection: Inspection
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The work of one audit.

    Args:
        todo: calls without a result, or whose bytes, metadata or engine changed since.
        fingerprints: of every call of the intake that can be read, by call id.
        refused: inspections of calls that could not even be opened.
        news: those of them that the store has not yet, and that take the place of no other call.
        twins: ids of calls with the same bytes; each is a call of its own, which nobody may have meant.
        quarantined: calls left alone, since they failed three times as they are.
        max_duration_ms: the longest recording that is inspected; None for no limit.
    """

    intake: Intake
    todo: tuple[CallSource, ...]
    fingerprints: Mapping[str, str]
    refused: tuple[Inspection, ...]
    news: tuple[Refusal, ...]
    twins: tuple[tuple[str, ...], ...] = ()
    quarantined: tuple[QuarantinedCall, ...] = ()
    max_duration_ms: int | None = None

    @property
    def call_ids(self) -> tuple[str, ...]:
        """Every call whose result the store has once the work is done."""
        return tuple(self.fingerprints)

    def done(self, call_id: str) -> tuple[str, ...]:
        """The fingerprints of kept results that leave nothing to do for a call."""
        fingerprint = self.fingerprints[call_id]
        return fingerprint, limited(fingerprint, self.max_duration_ms)

    def shards(self, calls: int) -> tuple[tuple[CallSource, ...], ...]:
        """The work in pieces of so many calls."""
        return tuple(self.todo[start : start + calls] for start in range(0, len(self.todo), calls))


def plan_audit(
    paths: Sequence[Path],
    *,
    engine: Engine,
    store: Store,
    options: IntakeOptions,
    only: Collection[str] | None = None,
) -> Plan:
    """Look through the folders and ask the store what is known.

    Args:
        only: ids of the calls that are wanted, as work whatever the store knows of them; when None all are,
            as far as something is to be done.

    Raises:
        ConfigurationError: a path is missing, or no call lies under the paths.
        StoreError: the store cannot be used.
    """
    intake = find_calls(paths, options=options)
    if only is not None:
        intake = _among(intake, only)
    with ThreadPoolExecutor(_READING_THREADS) as readers:
        digests = list(readers.map(_digest, intake.sources))
    call_ids = [source.call.call_id for source in intake.sources]
    known = store.fingerprints(call_ids)
    others = _Others(store, [*call_ids, *(source.call_id for source in intake.rejected)])
    corrections = latest_corrections(store, call_ids)
    left_alone = {call.call_id: call for call in store.retries.quarantined()}
    quarantined = []
    fingerprints: dict[str, str] = {}
    todo: list[CallSource] = []
    by_bytes: dict[str, list[str]] = defaultdict(list)
    refused = [_refused(source) for source in intake.rejected]
    for source, digest in zip(intake.sources, digests, strict=True):
        call_id = source.call.call_id
        if isinstance(digest, Failure):
            refused.append(_failed(source.call, source.path, digest))
            continue
        clash = others.clash(source, digest)
        if clash is not None:
            refused.append(_failed(source.call, source.path, clash))
            continue
        by_bytes[digest].append(call_id)
        fingerprints[call_id] = fingerprint_of(engine, digest, source, corrections.get(call_id))
        resting = left_alone.get(call_id)
        if only is not None:
            todo.append(source)
        elif resting is not None and resting.fingerprint == fingerprints[call_id]:
            quarantined.append(resting)
        elif known.get(call_id) not in (
            fingerprints[call_id],
            limited(fingerprints[call_id], options.max_duration_ms),
        ):
            todo.append(source)
    return Plan(
        intake=intake,
        todo=tuple(todo),
        fingerprints=fingerprints,
        refused=tuple(refused),
        news=tuple(_news([one for one in refused if not others.has(one)], fingerprints, store)),
        twins=tuple(tuple(call_ids) for call_ids in by_bytes.values() if len(call_ids) > 1),
        quarantined=tuple(quarantined),
        max_duration_ms=options.max_duration_ms,
    )


class _Others:
    """Calls that were heard at other places under the ids of an intake, as calls of another night are."""

    def __init__(self, store: Store, call_ids: Collection[str]) -> None:
        self._recordings = store.recordings(call_ids)

    def clash(self, source: CallSource, sha256: str) -> Failure | None:
        """Why a recording cannot have its id: another one has it, and people may have judged that one.

        A recording that was moved, or that changed where it lay, is the same call.
        """
        kept = self._recordings.get(source.call.call_id)
        if kept is None or kept.uri == str(source.path) or kept.sha256 == sha256:
            return None
        told = message(
            "{file} has the call id {call_id} of another recording, {kept}, whose result stays as it is."
            " Rename the file, state its call_id in its metadata (sidecar, or calls.csv with --mapping), or"
            " let --name-pattern read one from its name",
            file=source.path,
            call_id=source.call.call_id,
            kept=kept.uri,
        )
        return Failure(code="duplicate_call_id", message=told)

    def has(self, refused: Inspection) -> bool:
        """Whether the id of a call that cannot be opened is that of a call at another place."""
        kept = self._recordings.get(refused.call.call_id)
        return kept is not None and kept.uri != refused.uri


def latest_corrections(store: Store, call_ids: Collection[str]) -> dict[str, RoleCorrection]:
    """What people last said about who speaks, by call id."""
    return {call_id: said[-1] for call_id, said in store.role_corrections(call_ids).items()}


def fingerprint_of(
    engine: Engine, sha256: str, source: CallSource, correction: RoleCorrection | None = None
) -> str:
    """What a kept result depends on."""
    judged = engine.fingerprint(sha256, source.call, source.path, correction)
    if source.reading == PLAIN:
        return judged
    return hashlib.sha256(f"{judged}\n{source.reading}".encode()).hexdigest()


def limited(fingerprint: str, max_duration_ms: int | None) -> str:
    """The fingerprint of a call that is too long, which a greater limit makes worth another look."""
    return hashlib.sha256(f"{fingerprint}\n{max_duration_ms}".encode()).hexdigest()


def _among(intake: Intake, wanted: Collection[str]) -> Intake:
    return replace(
        intake,
        sources=tuple(source for source in intake.sources if source.call.call_id in wanted),
        rejected=tuple(source for source in intake.rejected if source.call_id in wanted),
        rows_without_recording=(),
    )


def _news(refused: Sequence[Inspection], inspected: Collection[str], store: Store) -> Iterator[Refusal]:
    """The refusals that the store has not yet, one for each call id that has no recording of its own."""
    known = store.fingerprints([inspection.call.call_id for inspection in refused])
    told = set(inspected)
    for inspection in refused:
        call_id, failure = inspection.call.call_id, inspection.failure
        if failure is None or failure.code in WAITING_CODES or call_id in told:
            continue
        told.add(call_id)
        fingerprint = hashlib.sha256(f"{failure.code}\n{failure.message}".encode()).hexdigest()
        if known.get(call_id) != fingerprint:
            yield Refusal(inspection, fingerprint)


def _digest(source: CallSource) -> str | Failure:
    try:
        with source.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        pass
    try:
        return read_recording(source.path, source.call, reading=source.reading).sha256
    except CallError as error:
        return error.as_failure()


def _refused(source: RejectedSource) -> Inspection:
    return _failed(CallMetadata(call_id=source.call_id), source.path, source.failure)


def _failed(call: CallMetadata, path: Path, failure: Failure) -> Inspection:
    return Inspection(call=call, uri=str(path), status=CallStatus.FAILED, failure=failure)
