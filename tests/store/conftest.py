"""Stores to test on, and whole inspections to put into them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import (
    ArtifactRef,
    CallMetadata,
    CallStatus,
    CallType,
    CriterionOutcome,
    CriterionResult,
    Deduction,
    Evidence,
    Finding,
    FindingOutcome,
    Grade,
    Inspection,
    Layout,
    MatchKind,
    Provenance,
    Recording,
    Role,
    Scorecard,
    Severity,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

BEIJING = timezone(timedelta(hours=8))
ASR = ArtifactRef(name="whisper-base", revision="r1", sha256="b" * 64)
Inspect = Callable[..., Inspection]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def count_rows(store_url: str) -> Iterator[Callable[[str], int]]:
    """Rows of a table, counted behind the store's back."""
    engine = create_engine(make_url(store_url))
    try:
        yield lambda table: _count(engine, table)
    finally:
        engine.dispose()


def _count(engine: object, table: str) -> int:
    with engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.fixture
def run_script(repository: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start Python code in a process of its own."""

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "PYTHONPATH": str(repository)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return process

    return start


@pytest.fixture
def inspect() -> Inspect:
    """Makes a whole inspection of the call with this id; `score` and `findings` set it apart."""
    return _inspection


def _inspection(
    call_id: str = "20260105/A-0001",
    *,
    score: float = 87.5,
    findings: int = 2,
    uri: str | None = None,
    **changes: object,
) -> Inspection:
    call = CallMetadata(
        call_id=call_id,
        agent_id="A17",
        team="早期一组",
        started_at=datetime(2026, 1, 5, 9, 30, tzinfo=BEIJING),
        amount_due=Decimal("3500.00"),
        extra=(("批次", "2026-01"),),
    )
    utterance = Utterance(
        id="u0001",
        role=Role.AGENT,
        role_confidence=1.0,
        channel=0,
        span=TimeSpan(start_ms=1200, end_ms=4300),
        text="您的账单已经逾期十二天了",
    )
    evidence = Evidence(
        utterance_id="u0001",
        role=Role.AGENT,
        span=utterance.span,
        quote="逾期十二天",
        heard_as=None,
        match=MatchKind.EXACT,
        distance=0.0,
        confidence=0.93,
    )
    found = tuple(
        Finding(
            key=f"k{number}",
            rule_id=f"rule_{number}",
            rule_version="1",
            category="contact.hours",
            outcome=FindingOutcome.HIT,
            severity=Severity.MINOR,
            confidence=0.9,
            match=MatchKind.EXACT,
            evidence=(evidence,) if number % 2 == 0 else (),
            explanation=(message("Said {words}", words="逾期十二天"),),
            doubts=(),
            basis=("《互联网金融逾期债务催收自律公约》第九条",),
        )
        for number in range(findings)
    )
    criterion = CriterionResult(
        criterion_id="identity", outcome=CriterionOutcome.MET, points=8.0, potential=8.0, evidence=(evidence,)
    )
    unsure = CriterionResult(
        criterion_id="closing", outcome=CriterionOutcome.UNCERTAIN, points=None, potential=0.0
    )
    inspection = Inspection(
        call=call,
        uri=f"/calls/{call_id}.wav" if uri is None else uri,
        status=CallStatus.SCORED,
        recording=Recording(
            id=call_id,
            sha256="a" * 64,
            uri=f"/calls/{call_id}.wav",
            codec="pcm_mulaw",
            sampling_rate_hz=8000,
            num_channels=2,
            layout=Layout.STEREO,
            duration_ms=61_000,
            call=call,
        ),
        transcript=Transcript(
            recording_id=call_id, language="zh", utterances=(utterance,), asr=ASR, options_digest="d1"
        ),
        call_type=CallType.RIGHT_PARTY,
        call_type_confidence=0.95,
        findings=found,
        scorecard=Scorecard(
            form_id="right_party",
            form_version="1",
            criteria=(criterion, unsure),
            raw=90.0,
            potential=100.0,
            deductions=tuple(
                Deduction(
                    finding_key=each.key,
                    category=each.category,
                    severity=each.severity,
                    points=2.0,
                    reason=message("minor"),
                )
                for each in found
            ),
            normalised=score,
            fatal=False,
            provisional=True,
            grade=Grade.GOOD,
        ),
        provenance=Provenance(
            package_version="0.1.0",
            pack_id="cn",
            pack_digest="p1",
            form_id="right_party",
            form_version="1",
            asr=ASR,
            options_digest="d1",
        ),
    )
    call_changes = {name: changes.pop(name) for name in ("agent_id", "started_at") if name in changes}
    return replace(inspection, call=replace(call, **call_changes), **changes)  # type: ignore[arg-type]


@pytest.fixture
def at() -> Callable[[int, int], datetime]:
    """An instant of January 2026 in UTC, from day and hour."""
    return lambda day, hour: datetime(2026, 1, day, hour, tzinfo=UTC)
