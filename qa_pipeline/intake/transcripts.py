"""Transcripts given instead of recordings: the JSON Lines input of `qa score`, one call a line."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qa_pipeline.errors import ConfigurationError, MetadataError
from qa_pipeline.intake.folder import RejectedSource
from qa_pipeline.intake.metadata import DEFAULT_TIMEZONE, metadata_from, zone_of
from qa_pipeline.intake.metadata_values import shown
from qa_pipeline.intake.sidecar import exact_json
from qa_pipeline.types import CallMetadata, Failure, Message, Role, TimeSpan, Transcript, Utterance, message

GIVEN_DIGEST = "given"
"""`Transcript.options_digest` of a transcript that was given, not recognised."""

_HEAD_BYTES = 65_536

_ROLES: Mapping[object, Role] = {
    **{role.value: role for role in Role},
    **dict.fromkeys(("坐席", "客服", "催收员"), Role.AGENT),
    **dict.fromkeys(("客户", "三方", "第三方"), Role.CUSTOMER),
    "未知": Role.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSource:
    """One call given as a transcript."""

    call: CallMetadata
    transcript: Transcript


def transcripts_from(
    path: Path, *, timezone: str | None = DEFAULT_TIMEZONE
) -> Iterator[TranscriptSource | RejectedSource]:
    """Read calls line by line; a wrong line is rejected with its number and costs the others nothing.

    A line is ``{"call_id", "metadata": {}, "utterances": [{"role", "start_ms", "end_ms", "text"}]}``; times
    may be absent. Utterances are numbered by their place (u0001 ...) and put in order of time where all have
    times. A line given twice is read once; two different lines with one call id are both rejected.

    Raises:
        ConfigurationError: codes ``path_not_found``, ``timezone_unknown``, ``transcript_unreadable``; the
            last where the file cannot be read at all or is no text.
    """
    if timezone is not None:
        zone_of(timezone)
    if not path.is_file():
        told = message("{path} is not a file; give a file with one transcript a line", path=path)
        raise ConfigurationError("path_not_found", told)
    _check_text(path)
    return _read(path, timezone)


def _check_text(path: Path) -> None:
    """Refuse what is no text at all, such as a recording or UTF-16, with one error instead of one a line."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        told = message(
            "{path} cannot be read ({reason}); give this user the right to read it",
            path=path,
            reason=error.strerror or type(error).__name__,
        )
        raise ConfigurationError("transcript_unreadable", told) from error
    if b"\0" in head:
        told = message(
            "{path} is not UTF-8 text; give a file with one transcript a line (docs/transcripts.md)",
            path=path,
        )
        raise ConfigurationError("transcript_unreadable", told)


def _read(path: Path, timezone: str | None) -> Iterator[TranscriptSource | RejectedSource]:
    contents_of = _contents_by_id(path)
    seen: set[str] = set()
    for number, line in _lines(path):
        where = f"{path}:{number}"
        call_id = f"{path.stem}:{number}"
        try:
            document = _document(line, where)
            call_id = _call_id(document, where)
            source = _source(document, call_id, where, timezone)
        except MetadataError as error:
            yield RejectedSource(path=path, call_id=call_id, failure=error.as_failure())
            continue
        if len(contents_of[call_id]) > 1:
            told = message(
                "{where}: call id {call_id} is used by different lines of this file; give each its own",
                where=where,
                call_id=call_id,
            )
            failure = Failure(code="duplicate_call_id", message=told)
            yield RejectedSource(path=path, call_id=call_id, failure=failure)
        elif call_id not in seen:
            seen.add(call_id)
            yield source


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.strip().removeprefix(b"\xef\xbb\xbf")


def _contents_by_id(path: Path) -> dict[str, set[str]]:
    """For each call id the digests of its lines, for a clash must be known before its first line is used."""
    contents: dict[str, set[str]] = defaultdict(set)
    for _, line in _lines(path):
        try:
            contents[_call_id(_document(line, ""), "")].add(hashlib.sha256(line).hexdigest())
        except MetadataError:
            continue
    return contents


def _document(line: bytes, where: str) -> Mapping[str, object]:
    try:
        document = exact_json(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        told = message(
            "{where}: not readable as JSON ({reason}); correct the line", where=where, reason=error
        )
        raise MetadataError("transcript_invalid", told) from error
    if not isinstance(document, dict):
        raise _wrong(where, "", document, '{"call_id": "...", "utterances": [...]}')
    return document


def _call_id(document: Mapping[str, object], where: str) -> str:
    metadata = document.get("metadata")
    inner = metadata.get("call_id") if isinstance(metadata, Mapping) else None
    stated = {str(value).strip() for value in (document.get("call_id"), inner) if value not in (None, "")}
    if not any(stated):
        told = message(
            "{where}: call_id is missing; expected for example {example}",
            where=where,
            example='"call_id": "20260305-0001"',
        )
        raise MetadataError("transcript_invalid", told)
    if len(stated) != 1:
        raise _wrong(where, "call_id", sorted(stated), '"20260305-0001"')
    return stated.pop()


def _source(
    document: Mapping[str, object], call_id: str, where: str, timezone: str | None
) -> TranscriptSource:
    metadata = document.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise _wrong(where, "metadata", metadata, '{"agent_id": "00123"}')
    utterances = document.get("utterances")
    if not isinstance(utterances, list):
        raise _wrong(where, "utterances", utterances, '[{"role": "agent", "text": "您好"}]')
    call = metadata_from({**metadata, "call_id": call_id}, call_id=call_id, where=where, timezone=timezone)
    read = [_utterance(one, place, where) for place, one in enumerate(utterances, start=1)]
    if all(utterance.span for utterance in read):
        read.sort(key=lambda utterance: utterance.span or TimeSpan(start_ms=0, end_ms=0))
    transcript = Transcript(
        recording_id=call_id,
        language="zh",
        utterances=tuple(utterance for utterance in read if utterance.text),
        asr=None,
        options_digest=GIVEN_DIGEST,
    )
    return TranscriptSource(call=call, transcript=transcript)


def _utterance(document: object, place: int, where: str) -> Utterance:
    key = f"utterances[{place - 1}]"
    if not isinstance(document, Mapping):
        raise _wrong(where, key, document, '{"role": "agent", "text": "您好"}')
    text, role = document.get("text"), document.get("role")
    if not isinstance(text, str):
        raise _wrong(where, f"{key}.text", text, '"您好"')
    if not isinstance(role, str) or role not in _ROLES:
        raise _wrong(where, f"{key}.role", role, " ".join(str(known) for known in _ROLES))
    return Utterance(
        id=f"u{place:04d}",
        role=_ROLES[role],
        role_confidence=0.0 if _ROLES[role] is Role.UNKNOWN else 1.0,
        channel=None,
        span=_span(document, key, where),
        text=text.strip(),
    )


def _span(document: Mapping[str, object], key: str, where: str) -> TimeSpan | None:
    start, end = document.get("start_ms"), document.get("end_ms")
    if start is None and end is None:
        return None
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise _wrong(where, f"{key}.start_ms, end_ms", [start, end], '"start_ms": 1200, "end_ms": 3400')
    return TimeSpan(start_ms=start, end_ms=end)


def _wrong(where: str, key: str, value: object, example: str) -> MetadataError:
    told: Message = message(
        "{where}: {key} is {value}; expected for example {example}",
        where=where,
        key=key or "line",
        value=shown(value),
        example=example,
    )
    return MetadataError("transcript_invalid", told)
