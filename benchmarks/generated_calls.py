"""Invented calls by the hundred thousand, to see how the desk bears a real department's store.

    python -m benchmarks.generated_calls sqlite:////tmp/big/qa.db --calls 100000

The dialogues are put together from sentences written for this file; people, institutions, cases are invented.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import insert

from qa_pipeline.review.listing import listing_of
from qa_pipeline.scoring.form import load_form
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.store.records import to_document
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.store.rows import call_row, criterion_rows, finding_rows, inspection_row, listing_row
from qa_pipeline.store.tables import CallRow, CriterionRow, FindingRow, InspectionRow, ListingRow, WordsRow
from qa_pipeline.types import (
    CallMetadata,
    CallStatus,
    CallType,
    CriterionOutcome,
    DecodingQuality,
    ElementResult,
    Evidence,
    Finding,
    FindingOutcome,
    Inspection,
    Layout,
    Listing,
    MatchKind,
    Provenance,
    Recording,
    ReviewState,
    Role,
    Severity,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

DISTINCT = 2_000
"""Dialogues put together anew; the calls beyond take one of these under another id, agent and day."""

_START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_AT_ONCE = 1_000
_AGENT_SAYS = (
    "您好，这里是青禾消费金融，工号{staff}，本次通话会录音。",
    "请问是您本人接听吗？",
    "您名下的借款已经逾期{days}天，目前应还{amount}元。",
    "想了解一下是什么原因没有按时还款？",
    "您看今天之内能不能先处理一部分？",
    "建议您登录官方手机银行还款，不要转给任何个人。",
    "那我帮您登记，{days}号之前还{amount}元，跟您确认一下。",
    "如果长期不处理，我们会按合同约定依法主张权利。",
    "您的情况我理解，可以申请分期，需要提交材料审批。",
    "有疑问可以拨打客服热线咨询，祝您生活愉快，再见。",
    "这个月的账单您收到了吗？",
    "保持电话畅通，后续有进展会再联系您。",
)
_CUSTOMER_SAYS = (
    "嗯，是我，你说。",
    "最近手头紧，工资还没发。",
    "我知道了，下周应该可以。",
    "能不能少还一点利息？",
    "我现在在开会，不太方便。",
    "好的，我记一下。",
    "上个月不是刚还过吗？",
    "行吧，那就先还{amount}元。",
)
_VIOLATIONS = (
    ("threat.arrest", Severity.FATAL, "再不还就等着警察上门抓人"),
    ("threat.exposure", Severity.FATAL, "明天我就通知你单位所有同事"),
    ("legal.false_consequence", Severity.SERIOUS, "已经起诉你了，你这辈子都别想翻身"),
    ("promise.unauthorised", Severity.SERIOUS, "今天还清，利息我全给你免了"),
    ("abuse.humiliation", Severity.SERIOUS, "你这种人就是没皮没脸"),
    ("service.tone", Severity.MINOR, "你到底听不听得懂我说话"),
)


def dialogues(count: int, *, seed: int = 1) -> Iterator[Inspection]:
    """Whole inspections of invented calls; the same seed gives the same ones."""
    chance = random.Random(seed)
    form = load_form(CallType.RIGHT_PARTY)
    for number in range(count):
        yield _inspection(f"generated/{number:06}", chance, form)


def fill(store: Store, calls: int, *, seed: int = 1) -> None:
    """Put this many calls into an empty store, by whole batches rather than one by one."""
    chance = random.Random(seed + 1)
    distinct = [(one, listing_of(one)) for one in dialogues(min(calls, DISTINCT), seed=seed)]
    copies = (_copy(number, *chance.choice(distinct), chance) for number in range(calls))
    while batch := list(islice(copies, _AT_ONCE)):
        _insert(store, batch)


def _copy(
    number: int, inspection: Inspection, listing: Listing, chance: random.Random
) -> tuple[Inspection, Listing]:
    call_id = f"{20260105 + number % 20}/{number:06}"
    agent = chance.randrange(400)
    call = replace(
        inspection.call,
        call_id=call_id,
        agent_id=f"{2000 + agent}",
        team=f"{agent // 20 + 1}组",
        started_at=_START + timedelta(minutes=chance.randrange(60 * 24 * 90)),
    )
    shown = replace(inspection, call=call)
    return shown, replace(listing, priority=round(listing.priority + chance.random() / 1000, 4))


def _insert(store: Store, batch: list[tuple[Inspection, Listing]]) -> None:
    now = datetime.now(UTC)
    calls = [call_row(one) for one, _ in batch]
    judged = [
        inspection_row(one) | {"fingerprint": "generated", "saved_at": now, "document": to_document(one)}
        for one, _ in batch
    ]
    listed = [_listing(one, listing, now) for one, listing in batch]
    first = int(batch[0][0].call.call_id.rpartition("/")[2]) + 1
    words = [
        {"number": number, "call_id": one.call.call_id, "words": listing.words}
        for number, (one, listing) in enumerate(batch, start=first)
    ]
    for row, one in zip(listed, words, strict=True):
        row["words_number"] = one["number"]
    with store._database.writing() as connection:
        connection.execute(insert(CallRow), calls)
        connection.execute(insert(InspectionRow), judged)
        connection.execute(insert(FindingRow), [row for one, _ in batch for row in finding_rows(one)])
        connection.execute(insert(CriterionRow), [row for one, _ in batch for row in criterion_rows(one)])
        connection.execute(insert(ListingRow), listed)
        connection.execute(insert(WordsRow), words)


def _listing(inspection: Inspection, listing: Listing, now: datetime) -> dict[str, object]:
    state = ReviewState.WAITING if listing.needed else ReviewState.NOT_NEEDED
    return listing_row(inspection) | {
        "call_id": inspection.call.call_id,
        "listed_at": now,
        "risk": listing.risk,
        "doubt": listing.doubt,
        "priority": listing.priority,
        "control": listing.control,
        "state": state.value,
        "seq": 0,
        "reviewers": "",
    }


def _inspection(call_id: str, chance: random.Random, form: object) -> Inspection:
    call = CallMetadata(call_id=call_id, agent_id="2000", team="1组", direction="out", agent_channel=0)
    utterances = tuple(_talk(chance))
    text = Transcript(
        recording_id=call_id, language="zh", utterances=utterances, asr=None, options_digest="generated"
    )
    findings = tuple(_findings(call_id, utterances, chance))
    elements = tuple(
        ElementResult(
            element_id=criterion.id,
            outcome=chance.choices(
                [CriterionOutcome.MET, CriterionOutcome.MISSED, CriterionOutcome.UNCERTAIN], [8, 2, 1]
            )[0],
        )
        for criterion in form.criteria  # type: ignore[attr-defined]
        if not criterion.findings and criterion.id != "refusal_close"
    )
    card = score(form=form, elements=elements, findings=findings, transcript=text)  # type: ignore[arg-type]
    reasons = tuple(
        reason
        for reason, holds in (
            ("unreviewed_fatal", any(one.severity is Severity.FATAL for one in findings)),
            ("uncertain_finding", any(one.outcome is FindingOutcome.UNCERTAIN for one in findings)),
        )
        if holds
    )
    return Inspection(
        call=call,
        uri=f"/recordings/{call_id}.wav",
        status=CallStatus.NEEDS_REVIEW if reasons else CallStatus.SCORED,
        review_reasons=reasons,
        recording=Recording(
            id=call_id,
            sha256=hashlib.sha256(call_id.encode()).hexdigest(),
            uri=f"/recordings/{call_id}.wav",
            codec="pcm_mulaw",
            sampling_rate_hz=8000,
            num_channels=2,
            layout=chance.choice([Layout.STEREO, Layout.STEREO, Layout.MONO]),
            duration_ms=_end(utterances),
            call=call,
        ),
        transcript=text,
        call_type=CallType.RIGHT_PARTY,
        call_type_confidence=0.95,
        findings=findings,
        scorecard=card,
        provenance=Provenance(
            package_version="generated",
            pack_id="generated",
            pack_digest="0" * 64,
            form_id=card.form_id,
            form_version=card.form_version,
            asr=None,
            options_digest="generated",
        ),
    )


def _talk(chance: random.Random) -> Iterator[Utterance]:
    at_ms = 500
    violations = chance.choices([0, 1, 2, 3], [70, 20, 7, 3])[0]
    length = chance.randint(12, 40)
    bad = set(chance.sample(range(2, length, 2), violations))
    for number in range(length):
        agent = number % 2 == 0
        pool = _AGENT_SAYS if agent else _CUSTOMER_SAYS
        said = chance.choice(_VIOLATIONS)[2] if number in bad else chance.choice(pool)
        words = said.format(
            staff=chance.randint(2000, 2399), days=chance.randint(3, 28), amount=chance.randint(200, 9000)
        )
        span = TimeSpan(start_ms=at_ms, end_ms=at_ms + 250 * len(words))
        at_ms = span.end_ms + chance.randint(200, 1500)
        yield Utterance(
            id=f"u{number + 1:04}",
            role=Role.AGENT if agent else Role.CUSTOMER,
            role_confidence=1.0,
            channel=0 if agent else 1,
            span=span,
            text=words,
            quality=DecodingQuality(
                avg_logprob=-chance.random(), no_speech_prob=0.01, compression_ratio=1.2, temperature=0.0
            ),
        )


def _findings(call_id: str, utterances: tuple[Utterance, ...], chance: random.Random) -> Iterator[Finding]:
    for said in utterances:
        for category, severity, words in _VIOLATIONS:
            if said.text != words:
                continue
            unsure = chance.random() < 0.3
            yield Finding(
                key=hashlib.sha256(f"{call_id}{said.id}".encode()).hexdigest(),
                rule_id=f"{category}.generated",
                rule_version="1",
                category=category,
                outcome=FindingOutcome.UNCERTAIN if unsure else FindingOutcome.HIT,
                severity=severity,
                confidence=round(0.5 if unsure else chance.uniform(0.7, 1.0), 3),
                match=MatchKind.EXACT,
                evidence=(
                    Evidence(
                        utterance_id=said.id,
                        role=said.role,
                        span=said.span,
                        quote=words,
                        heard_as=None,
                        match=MatchKind.EXACT,
                        distance=0.0,
                        confidence=said.confidence,
                    ),
                ),
                explanation=(message('the agent said "{quote}"', quote=words),),
                doubts=("low_recognition",) if unsure else (),
                basis=(),
            )


def _end(utterances: tuple[Utterance, ...]) -> int:
    last = utterances[-1].span
    return last.end_ms + 500 if last else 0


def main() -> None:
    """Fill the store named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("store", help="sqlite:////folder/qa.db or postgresql://...")
    parser.add_argument("--calls", type=int, default=100_000)
    chosen = parser.parse_args()
    with open_store(chosen.store) as store:
        fill(store, chosen.calls)
        print(f"{chosen.calls} calls in {chosen.store}")


if __name__ == "__main__":
    main()
