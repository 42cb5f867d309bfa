"""Transcripts out of short scripts, for this room's tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qa_pipeline.types import Role, TimeSpan, Transcript, Utterance

MakeTranscript = Callable[..., Transcript]

_ROLES = {"坐席": Role.AGENT, "客户": Role.CUSTOMER, "未知": Role.UNKNOWN}


@pytest.fixture(scope="session")
def transcript_of() -> MakeTranscript:
    """A transcript from lines of ``speaker：words``; ``seconds_each`` gives every line a time."""

    def make(script: str, *, seconds_each: int | None = None) -> Transcript:
        utterances = []
        for index, line in enumerate(filter(None, map(str.strip, script.splitlines()))):
            speaker, _, words = line.partition("：")
            span = None
            if seconds_each is not None:
                start = index * seconds_each * 1000
                span = TimeSpan(start_ms=start, end_ms=start + seconds_each * 1000)
            utterances.append(
                Utterance(
                    id=f"u{index:04}",
                    role=_ROLES[speaker],
                    role_confidence=0.0 if speaker == "未知" else 1.0,
                    channel=None,
                    span=span,
                    text=words,
                )
            )
        return Transcript(
            recording_id="call", language="zh", utterances=tuple(utterances), asr=None, options_digest="given"
        )

    return make
