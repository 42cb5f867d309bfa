"""Builders of records for tests: whole inspections of every status, with everything a reader may meet.

Dialogues are invented. Each builder takes what a test wants to say and fills in the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from qa_pipeline.types import (
    ArtifactRef,
    CallMetadata,
    CallStatus,
    CallType,
    ConversationCharacteristics,
    CriterionOutcome,
    CriterionResult,
    DecodingQuality,
    Deduction,
    Evidence,
    Failure,
    Finding,
    FindingOutcome,
    Grade,
    Inspection,
    Layout,
    MatchKind,
    NearestMiss,
    PromiseToPay,
    Provenance,
    Recording,
    Role,
    Scorecard,
    Severity,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

BEIJING = timezone(timedelta(hours=8))
ASR = ArtifactRef(name="whisper-base", revision="r1", sha256="d01c" * 16)
Line = tuple[Role, str]

AGENT, CUSTOMER = Role.AGENT, Role.CUSTOMER

THREAT_LINES: tuple[Line, ...] = (
    (AGENT, "喂，是周明吗？"),
    (CUSTOMER, "是我，你哪位？"),
    (AGENT, "我这边是青禾消费金融的，你那笔借款炸片罪都够得上了，今天再不处理就等着坐牢。"),
    (CUSTOMER, "我上个月刚丢了工作，手机号幺三八零零幺三八零零零还是这个，能不能缓几天？"),
    (AGENT, "缓什么缓，你这种人就是老赖，我明天就打给你们单位前台。"),
    (CUSTOMER, "你别打我单位，我这周五先还五百行不行？"),
    (AGENT, "行，那周五还五百，别再拖了。"),
)
MODEL_LINES: tuple[Line, ...] = (
    (AGENT, "您好，这里是海诚银行信用卡中心，工号二零三五，本次通话有录音，请问是张伟先生吗？"),
    (CUSTOMER, "对，我是。"),
    (AGENT, "您的账单逾期十二天，应还三千六百八十元五角，请问是什么原因没有还上？"),
    (CUSTOMER, "工资晚发了，后天能还最低。"),
    (AGENT, "好的，三月十八号通过手机银行还三百六十八元，跟您确认一下，对吗？"),
    (CUSTOMER, "对。"),
    (AGENT, "谢谢您的配合，祝您生活愉快，再见。"),
)


def metadata(call_id: str = "call-001", /, **values: object) -> CallMetadata:
    """Metadata of an outbound call by agent 2035."""
    usual: dict[str, object] = {
        "agent_id": "2035",
        "agent_name": "林晓",
        "team": "一组",
        "institution": "海诚银行",
        "product": "信用卡",
        "stage": "M1",
        "customer_id": "K10001",
        "contact_role": "debtor",
        "direction": "out",
        "started_at": datetime(2026, 3, 16, 9, 42, 10, tzinfo=BEIJING),
        "agent_channel": 0,
        "amount_due": Decimal("3680.50"),
        "min_due": Decimal("368.00"),
        "overdue_days": 12,
        "due_date": date(2026, 3, 4),
    }
    return CallMetadata(call_id=call_id, **(usual | values))  # type: ignore[arg-type]


def recording(call: CallMetadata, *, duration_ms: int = 60_000) -> Recording:
    """A stereo mu-law recording of a call."""
    return Recording(
        id=call.call_id,
        sha256=hashlib.sha256(call.call_id.encode("utf-8", "replace")).hexdigest(),
        uri=f"/calls/{call.call_id}.wav",
        codec="pcm_mulaw",
        sampling_rate_hz=8000,
        num_channels=2,
        layout=Layout.STEREO,
        duration_ms=duration_ms,
        call=call,
    )


def transcript(lines: Sequence[Line], *, call_id: str = "call-001", times: bool = True) -> Transcript:
    """Lines as utterances u0001.., a quarter of a second a character and half a second between them."""
    utterances: list[Utterance] = []
    at_ms = 600
    for number, (role, text) in enumerate(lines, start=1):
        span = TimeSpan(start_ms=at_ms, end_ms=at_ms + 250 * len(text))
        at_ms = span.end_ms + 500
        quality = DecodingQuality(
            avg_logprob=-0.22, no_speech_prob=0.02, compression_ratio=1.1, temperature=0.0
        )
        utterances.append(
            Utterance(
                id=f"u{number:04}",
                role=role,
                role_confidence=0.0 if role is Role.UNKNOWN else 1.0,
                channel=(0 if role is AGENT else 1) if times else None,
                span=span if times else None,
                text=text,
                quality=quality if times else None,
            )
        )
    return Transcript(
        recording_id=call_id,
        language="zh",
        utterances=tuple(utterances),
        asr=ASR if times else None,
        options_digest="c" * 64 if times else "given",
        regions=tuple(
            SpeechRegion(channel=said.channel or 0, span=said.span, probability=0.97)
            for said in utterances
            if said.span
        ),
    )


def evidence(
    text: Transcript, number: int, quote: str, /, *, heard_as: str | None = None, distance: float = 0.0
) -> Evidence:
    """Words of the utterance with this number, counted from 1."""
    said = text.utterances[number - 1]
    return Evidence(
        utterance_id=said.id,
        role=said.role,
        span=said.span,
        quote=quote,
        heard_as=heard_as,
        match=MatchKind.PHONETIC if heard_as else MatchKind.EXACT,
        distance=distance,
        confidence=said.confidence,
    )


def finding(
    category: str,
    /,
    *parts: Evidence,
    severity: Severity = Severity.FATAL,
    outcome: FindingOutcome = FindingOutcome.HIT,
    doubts: tuple[str, ...] = (),
    confidence: float = 0.93,
    key: str | None = None,
) -> Finding:
    """A finding of a category on these words; without words it is a metadata finding."""
    if parts:
        match = parts[0].match
        told = message('the agent said "{quote}"', quote=parts[0].quote)
    else:
        match, told = MatchKind.METADATA, message("the call began at {time}", time="22:41")
    return Finding(
        key=key or f"{category}#{parts[0].utterance_id if parts else 'call'}",
        rule_id=f"{category}.case",
        rule_version="1",
        category=category,
        outcome=outcome,
        severity=severity,
        confidence=confidence,
        match=match,
        evidence=parts,
        explanation=(told,),
        doubts=doubts,
        basis=("刑法第二百九十三条之一", "中银协《金融机构个人消费类贷款催收工作指引（试行）》：恐吓、威胁"),
    )


def criterion(
    criterion_id: str,
    points: float | None,
    potential: float,
    *parts: Evidence,
    outcome: CriterionOutcome | None = None,
    nearest_miss: NearestMiss | None = None,
) -> CriterionResult:
    """A line of the form; the outcome follows from the points unless given."""
    if outcome is None:
        if potential == 0:
            outcome = CriterionOutcome.NOT_APPLICABLE
        elif points is None:
            outcome = CriterionOutcome.UNCERTAIN
        elif points == potential:
            outcome = CriterionOutcome.MET
        else:
            outcome = CriterionOutcome.PARTIAL if points else CriterionOutcome.MISSED
    return CriterionResult(
        criterion_id=criterion_id,
        outcome=outcome,
        points=points,
        potential=potential,
        evidence=parts,
        nearest_miss=nearest_miss,
    )


def deduction(found: Finding, points: float) -> Deduction:
    """Points taken for a finding."""
    return Deduction(
        finding_key=found.key,
        category=found.category,
        severity=found.severity,
        points=points,
        reason=message("serious violation") if points < 30 else message("red line: the score is 0"),
    )


def scorecard(
    criteria: Sequence[CriterionResult],
    *,
    normalised: float | None,
    grade: Grade,
    deductions: Sequence[Deduction] = (),
    provisional: bool = False,
) -> Scorecard:
    """A scorecard whose raw points and potential are those of its lines."""
    decided = [line for line in criteria if line.points is not None]
    return Scorecard(
        form_id="right_party",
        form_version="1",
        criteria=tuple(criteria),
        raw=sum(line.points or 0.0 for line in decided),
        potential=sum(line.potential for line in decided),
        deductions=tuple(deductions),
        normalised=normalised,
        fatal=grade is Grade.RED_LINE,
        provisional=provisional,
        grade=grade,
    )


def provenance(*, given: bool = False) -> Provenance:
    """What produced a result; `given` without a recogniser."""
    return Provenance(
        package_version="0.1.0",
        pack_id="zh_collection",
        pack_digest="a" * 64,
        form_id="right_party",
        form_version="1",
        asr=None if given else ASR,
        options_digest="given" if given else "c" * 64,
    )


def inspection(
    call: CallMetadata | None = None,
    /,
    *,
    lines: Sequence[Line] = MODEL_LINES,
    findings: Sequence[Finding] = (),
    card: Scorecard | None = None,
    review_reasons: tuple[str, ...] = (),
    call_type: CallType = CallType.RIGHT_PARTY,
    promise: PromiseToPay | None = None,
    times: bool = True,
) -> Inspection:
    """A scored inspection, or one that needs review where reasons are given."""
    call = call or metadata()
    text = transcript(lines, call_id=call.call_id, times=times)
    last = text.utterances[-1].span
    heard = recording(call, duration_ms=last.end_ms + 1_000) if times and last else None
    talk = {
        role: sum(said.span.duration_ms for said in text.utterances if said.span and said.role is role)
        for role in Role
    }
    return Inspection(
        call=call,
        uri=heard.uri if heard else None,
        status=CallStatus.NEEDS_REVIEW if review_reasons else CallStatus.SCORED,
        review_reasons=review_reasons,
        recording=heard,
        transcript=text,
        characteristics=ConversationCharacteristics(
            duration_ms=heard.duration_ms if heard else None,
            agent_talk_ms=talk[AGENT] if heard else None,
            customer_talk_ms=talk[CUSTOMER] if heard else None,
            non_talk_ms=max(0, heard.duration_ms - sum(talk.values())) if heard else None,
            longest_silence=TimeSpan(start_ms=0, end_ms=600) if heard else None,
            overlap_ms=0 if heard else None,
            agent_chars_per_minute=241.37 if heard else None,
            customer_chars_per_minute=212.5 if heard else None,
            longest_agent_monologue_ms=9_500 if heard else None,
        ),
        call_type=call_type,
        call_type_confidence=0.95,
        findings=tuple(findings),
        scorecard=card,
        promise_to_pay=promise,
        provenance=provenance(given=not times),
    )


def model_call(call_id: str = "01_model_promise", /, **values: object) -> Inspection:
    """A clean call, 96 points, with a promise to pay."""
    text = transcript(MODEL_LINES, call_id=call_id)
    criteria = (
        criterion("greeting", 2, 2, evidence(text, 1, "您好")),
        criterion("self_ident.org", 6, 6, evidence(text, 1, "海诚银行信用卡中心")),
        criterion("self_ident.agent", 2, 2, evidence(text, 1, "工号二零三五")),
        criterion("recording_notice", 4, 4, evidence(text, 1, "本次通话有录音")),
        criterion("identity_verification", 3, 6, evidence(text, 1, "请问是张伟先生吗")),
        criterion("amount", 7, 7, evidence(text, 3, "三千六百八十元五角")),
        criterion("overdue_days", 5, 5, evidence(text, 3, "逾期十二天")),
        criterion("reason_enquiry", 6, 6, evidence(text, 3, "什么原因没有还上")),
        criterion("empathy", 0, 0),
        criterion("second_confirmation", 6, 6, evidence(text, 5, "跟您确认一下")),
        criterion("closing", 4, 4, evidence(text, 7, "再见")),
    )
    promise = PromiseToPay(
        due=date(2026, 3, 18),
        amount=Decimal("368.00"),
        channel="手机银行",
        evidence=(evidence(text, 5, "三月十八号通过手机银行还三百六十八元"),),
    )
    card = scorecard(criteria, normalised=95.83, grade=Grade.EXCELLENT)
    return inspection(metadata(call_id, **values), card=card, promise=promise)


def threatening_call(call_id: str = "03_threats", /, **values: object) -> Inspection:
    """A red line, a serious and an uncertain finding; the score is a provisional 0."""
    text = transcript(THREAT_LINES, call_id=call_id)
    arrest = finding("threat.arrest", evidence(text, 3, "炸片罪", heard_as="诈骗罪", distance=0.17))
    exposure = finding("threat.exposure", evidence(text, 5, "我明天就打给你们单位前台"), confidence=0.97)
    label = finding(
        "abuse.humiliation",
        evidence(text, 5, "你这种人就是老赖"),
        severity=Severity.SERIOUS,
        confidence=0.88,
    )
    promise = finding(
        "promise.unauthorised",
        evidence(text, 7, "行，那周五还五百"),
        severity=Severity.SERIOUS,
        outcome=FindingOutcome.UNCERTAIN,
        doubts=("needs_case_data:approved_plans", "pattern_weak"),
        confidence=0.41,
    )
    miss = NearestMiss(
        utterance_id="u0003", span=text.utterances[2].span, quote="我这边是青禾消费金融的", similarity=0.58
    )
    criteria = (
        criterion("greeting", 0, 2),
        criterion("self_ident.org", 2, 6, evidence(text, 3, "青禾消费金融")),
        criterion("self_ident.agent", 0, 2, nearest_miss=miss),
        criterion("recording_notice", 0, 4),
        criterion("identity_verification", None, 6),
        criterion("amount", 0, 7),
        criterion("empathy", 0, 3),
        criterion("ptp.date", 5, 5, evidence(text, 7, "周五")),
        criterion("ptp.amount", 6, 6, evidence(text, 7, "五百")),
        criterion("closing", 0, 4),
    )
    card = scorecard(
        criteria,
        normalised=0.0,
        grade=Grade.RED_LINE,
        deductions=(deduction(arrest, 33.33), deduction(label, 0)),
        provisional=True,
    )
    usual: dict[str, object] = {
        "agent_id": "3107",
        "agent_name": "陈刚",
        "agency": "东屿信用管理有限公司",
        "institution": "青禾消费金融有限公司",
        "extra": (("customer_name", "周明"),),
    }
    return inspection(
        metadata(call_id, **(usual | values)),
        lines=THREAT_LINES,
        findings=(arrest, exposure, label, promise),
        card=card,
        review_reasons=("uncertain_finding", "uncertain_element", "unreviewed_fatal"),
    )


def hours_call(call_id: str = "04_after_hours", /, **values: object) -> Inspection:
    """A clean talk at a forbidden hour: a serious finding from metadata alone."""
    found = finding("contact.hours", severity=Severity.SERIOUS, confidence=1.0)
    base = model_call(call_id, **values)
    assert base.scorecard is not None
    card = replace(base.scorecard, deductions=(deduction(found, 20),), normalised=75.83, grade=Grade.PASS)
    return replace(base, findings=(found,), scorecard=card)


def unknown_roles_call(call_id: str = "05_mono", /, **values: object) -> Inspection:
    """Nobody can say who speaks: all is uncertain and the call is unscored."""
    lines = tuple((Role.UNKNOWN, text) for _, text in THREAT_LINES)
    text = transcript(lines, call_id=call_id)
    found = finding(
        "threat.arrest",
        evidence(text, 3, "等着坐牢"),
        outcome=FindingOutcome.UNCERTAIN,
        doubts=("role_unknown",),
        confidence=0.5,
    )
    criteria = (criterion("greeting", None, 2), criterion("amount", None, 7))
    return inspection(
        metadata(call_id, **({"agent_channel": None} | values)),
        lines=lines,
        findings=(found,),
        card=scorecard(criteria, normalised=None, grade=Grade.UNSCORED, provisional=True),
        review_reasons=("uncertain_finding", "role_unknown"),
    )


def given_call(call_id: str = "06_text_only", /) -> Inspection:
    """Scored from a transcript without audio or times."""
    return replace(
        inspection(metadata(call_id), times=False, card=scorecard((), normalised=None, grade=Grade.UNSCORED)),
        call_type=CallType.NO_CONTACT,
    )


def excluded_call(call_id: str = "07_silence", /) -> Inspection:
    """A recording without speech."""
    call = metadata(call_id)
    return Inspection(
        call=call,
        uri=f"/calls/{call_id}.wav",
        status=CallStatus.EXCLUDED,
        excluded_reason="no_speech",
        recording=recording(call, duration_ms=8_000),
        transcript=transcript((), call_id=call_id),
    )


def failed_call(call_id: str = "08_broken", /) -> Inspection:
    """A recording that cannot be opened."""
    told = message("{file} cannot be decoded. Copy it again.", file=f"/calls/{call_id}.wav")
    return Inspection(
        call=CallMetadata(call_id=call_id),
        uri=f"/calls/{call_id}.wav",
        status=CallStatus.FAILED,
        failure=Failure(code="audio_unreadable", message=told),
    )


def every_status() -> tuple[Inspection, ...]:
    """One inspection of each kind a report may meet."""
    return (
        model_call(),
        threatening_call(),
        hours_call(),
        unknown_roles_call(),
        given_call(),
        excluded_call(),
        failed_call(),
    )


def spelled(inspection: Inspection, utterance_id: str, likely: str) -> Inspection:
    """The inspection, with what was most likely said in an utterance."""
    assert inspection.transcript is not None
    utterances = tuple(
        replace(said, likely=likely) if said.id == utterance_id else said
        for said in inspection.transcript.utterances
    )
    return replace(inspection, transcript=replace(inspection.transcript, utterances=utterances))
