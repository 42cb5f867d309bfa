"""Findings of whole conversations: who may violate, what is one event, how bad, how sure, under which key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.types import (
    CallType,
    Conversation,
    Finding,
    FindingOutcome,
    MatchKind,
    Severity,
    TimeSpan,
    Utterance,
    Word,
)
from tests.rules.calls import A, C, U, call, judge, make_pack, region, rule, say

HIT, UNCERTAIN = FindingOutcome.HIT, FindingOutcome.UNCERTAIN
THREAT = "你等着坐牢"


def findings(tmp_path: Path, conversation: Conversation, **changes: Any) -> tuple[Finding, ...]:
    return judge(make_pack(tmp_path, rules=[rule(**changes)]), conversation).findings


@pytest.mark.parametrize(("utterance", "expected"), [
    (say(A, THREAT), [(HIT, ())]),
    (say(C, THREAT), []),
    (say(U, THREAT), [(UNCERTAIN, ("role_unknown",))]),
    (say(A, THREAT, sure=0.7), [(UNCERTAIN, ("role_low_confidence",))]),
    (say(A, THREAT, logprob=-0.6), [(HIT, ())]),
    (say(A, THREAT, logprob=-1.6), [(UNCERTAIN, ("low_recognition",))]),
    (say(U, THREAT, logprob=-1.6), [(UNCERTAIN, ("role_unknown", "low_recognition"))]),
])  # fmt: skip
def test_only_the_agents_words_violate(
    tmp_path: Path, utterance: Utterance, expected: list[tuple[FindingOutcome, tuple[str, ...]]]
) -> None:
    found = findings(tmp_path, call(utterance))

    assert [(each.outcome, each.doubts) for each in found] == expected


def test_a_finding_quotes_what_was_transcribed(tmp_path: Path) -> None:
    conversation = call(say(A, "您再拖，就等着「做牢」吧。", 10_000, 12_600, logprob=-0.2))

    (found,) = findings(tmp_path, conversation)

    (evidence,) = found.evidence
    assert (evidence.quote, evidence.heard_as, evidence.match) == ("做牢", "坐牢", MatchKind.PHONETIC)
    assert evidence.utterance_id == "u1"
    assert evidence.span == TimeSpan(start_ms=11_600, end_ms=12_000)
    assert evidence.confidence == pytest.approx(0.8187, abs=1e-4)
    assert found.basis == ("刑法",)
    assert [str(line) for line in found.explanation] == [
        "以坐牢相威胁: 逾期是民事纠纷",
        '"做牢" was taken for "坐牢": distance 0.00, recognised at 0.82.',
    ]


@pytest.mark.parametrize(
    ("first", "start_ms"),
    [
        pytest.param(("坐", 300, 600), 300, id="a word as long as it is said"),
        pytest.param(("坐", 300, 1_900), 1_600, id="a word that alignment begins with the pause before it"),
        pytest.param(("坐牢", 300, 1_900), 1_300, id="two characters take twice as long"),
    ],
)
def test_a_quote_does_not_begin_with_the_pause_before_it(
    tmp_path: Path, first: tuple[str, int, int], start_ms: int
) -> None:
    text, begin, end = first
    rest = "等着坐牢".removeprefix("等着").removeprefix(text)
    spans = [("等着", 0, 300), (text, begin, end), *([(rest, end, end + 300)] if rest else [])]
    words = tuple(
        Word(text=said, span=TimeSpan(start_ms=start, end_ms=stop), probability=0.9)
        for said, start, stop in spans
    )
    (found,) = findings(tmp_path, call(say(A, "等着坐牢", 0, 5_000, logprob=-0.1, words=words)))
    assert found.evidence[0].span is not None
    assert found.evidence[0].span.start_ms == start_ms


@pytest.mark.parametrize(("heard", "doubts"), [
    # Two letters that were guessed may be any word; what is known by its sound never went by its letters.
    ("坐牢", ("low_recognition",)),
    ("做牢", ()),
])  # fmt: skip
def test_words_give_time_and_recognition(tmp_path: Path, heard: str, doubts: tuple[str, ...]) -> None:
    words = tuple(
        Word(text=text, span=TimeSpan(start_ms=start, end_ms=start + 300), probability=probability)
        for text, start, probability in (("等着", 0, 0.9), (heard[0], 300, 0.4), (heard[1], 600, 0.2))
    )

    (found,) = findings(tmp_path, call(say(A, f"等着{heard}", 0, 5_000, logprob=-0.1, words=words)))

    assert found.evidence[0].span == TimeSpan(start_ms=300, end_ms=900)
    assert found.evidence[0].confidence == pytest.approx(0.3)
    assert found.doubts == doubts


@pytest.mark.parametrize(("regions", "expected"), [
    ((), 1),
    ((region(0, 3_000),), 1),
    ((region(5_000, 9_000),), 0),
    ((region(0, 3_000, channel=1),), 0),
])  # fmt: skip
def test_no_hit_without_speech_under_it(tmp_path: Path, regions: tuple[Any, ...], expected: int) -> None:
    conversation = call(say(A, THREAT, 0, 2_000), regions=regions)

    assert len(findings(tmp_path, conversation)) == expected


@pytest.mark.parametrize(("starts", "events"), [
    ([0, 5_000], 1),
    ([0, 10_400], 1),
    ([0, 10_500], 2),
    ([0, 8_000, 16_000], 1),
    ([None, None], 2),
])  # fmt: skip
def test_hits_within_ten_seconds_are_one_event(tmp_path: Path, starts: list[int | None], events: int) -> None:
    found = findings(tmp_path, call(*(say(A, THREAT, start) for start in starts)))

    assert len(found) == events
    assert sum(len(each.evidence) for each in found) == len(starts)


def test_an_event_is_a_hit_when_one_occurrence_is_sure(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, call(say(A, THREAT, 0, logprob=-1.5), say(A, THREAT, 3_000, logprob=-0.1)))

    assert (found.outcome, found.doubts) == (HIT, ())
    assert len(found.evidence) == 2


@pytest.mark.parametrize(("text", "metadata", "found"), [
    ("我是望鲸汽车金融的", {"institution": "望鲸汽车金融"}, 0),
    ("我是望鲸汽车金融的", {"agency": "望鲸汽车金融有限公司"}, 0),
    ("我是望鲸汽车金融的", {"institution": "东泽银行"}, 1),
    ("我是望鲸汽车金融的，也是望警", {"institution": "望鲸汽车金融"}, 1),
    ("我是网警", {"institution": "望鲸汽车金融"}, 1),
])  # fmt: skip
def test_a_name_of_the_case_data_is_taken_for_no_other_word(
    tmp_path: Path, text: str, metadata: dict[str, str], found: int
) -> None:
    pack = make_pack(tmp_path, rules=[rule(condition={"phrase": ["网警"]})])

    assert len(judge(pack, call(say(A, text), **metadata)).findings) == found


@pytest.mark.parametrize(("text", "found"), [
    ("这里是石屿湾小额贷款", 0),
    ("这里是石屿湾小额贷款，他有一笔贷款", 1),
    ("他有一笔石屿湾小额贷款，贷款逾期了", 1),
])  # fmt: skip
def test_a_name_of_the_case_data_tells_no_more_than_who_calls(tmp_path: Path, text: str, found: int) -> None:
    pack = make_pack(tmp_path, rules=[rule(condition={"phrase": ["贷款"]})])

    assert len(judge(pack, call(say(A, text), institution="石屿湾小额贷款")).findings) == found


@pytest.mark.parametrize(("changes", "expected"), [
    # In the same words the graver of two rules stands, and none beside it.
    ({"severity": "fatal"}, [("other", "hit")]),
    ({"severity": "minor"}, [("threat.arrest.prison", "hit")]),
    # A suspicion is no reason to drop what is sure, however grave.
    (
        {"severity": "fatal", "condition": {"phrase": ["等着坐牢"], "weak": True}},
        [("threat.arrest.prison", "hit")],
    ),
    # Other words, or another category, are findings of their own.
    ({"condition": {"phrase": ["派出所"]}}, [("threat.arrest.prison", "hit"), ("other", "hit")]),
    ({"category": "service.tone"}, [("threat.arrest.prison", "hit"), ("other", "hit")]),
])  # fmt: skip
def test_the_same_words_violate_a_category_once(
    tmp_path: Path, changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    other = rule(id="other", examples={"hit": ["等着坐牢派出所"], "miss": [{"text": "您好", "why": "问候"}]})
    pack = make_pack(tmp_path, rules=[rule(), other | changes])
    found = judge(pack, call(say(A, "你就等着坐牢吧派出所在找你"))).findings
    assert [(one.rule_id, str(one.outcome)) for one in found] == expected


def test_overlapping_matches_are_one_occurrence(tmp_path: Path) -> None:
    found = findings(
        tmp_path, call(say(A, "你要坐牢了")), condition={"any": [{"phrase": ["坐牢"]}, {"regex": "要坐牢了"}]}
    )

    assert [each.quote for each in found[0].evidence] == ["要坐牢了"]


@pytest.mark.parametrize(("call_type", "sure", "expected"), [
    (CallType.THIRD_PARTY, 1.0, [(HIT, ())]),
    (CallType.THIRD_PARTY, 0.6, [(UNCERTAIN, ("call_type_unsure",))]),
    (CallType.RIGHT_PARTY, 1.0, []),
])  # fmt: skip
def test_a_scope_limits_call_types(
    tmp_path: Path,
    call_type: CallType,
    sure: float,
    expected: list[tuple[FindingOutcome, tuple[str, ...]]],
) -> None:
    conversation = call(say(A, THREAT), call_type=call_type, sure=sure)

    found = findings(tmp_path, conversation, scope={"call_types": ["third_party"]})

    assert [(each.outcome, each.doubts) for each in found] == expected


STOP, HARD, ME = say(C, "别再打了"), say(C, "我失业了"), say(A, THREAT)


@pytest.mark.parametrize(("scope", "utterances", "expected"), [
    ({"after": ["asked_to_stop"]}, [ME, STOP], []),
    ({"after": ["asked_to_stop"]}, [STOP, say(A, "知道了"), HARD, ME], [HIT]),
    ({"after": ["asked_to_stop"]}, [say(U, "别再打了"), ME], [UNCERTAIN]),
    ({"answers": ["asked_to_stop", "hardship"]}, [HARD, ME], [HIT]),
    ({"answers": ["hardship"]}, [HARD, say(C, "真的"), say(A, "哦"), ME], [HIT]),
    ({"answers": ["hardship"]}, [HARD, say(A, "哦"), say(C, "真的"), ME], []),
    ({"until": ["asked_to_stop"]}, [ME, STOP], [HIT]),
    ({"until": ["asked_to_stop"]}, [STOP, ME], []),
    ({"until": ["asked_to_stop"]}, [say(U, "别再打了"), ME], []),
])  # fmt: skip
def test_a_scope_limits_moments(
    tmp_path: Path, scope: dict[str, object], utterances: list[Utterance], expected: list[FindingOutcome]
) -> None:
    found = findings(tmp_path, call(*utterances), scope=scope)

    assert [each.outcome for each in found] == expected


def test_exemptions_acquit_or_doubt(tmp_path: Path) -> None:
    exemptions = ["quotation", "negation", "question"]

    assert findings(tmp_path, call(say(A, "您放心，不会坐牢")), exemptions=exemptions) == ()
    (found,) = findings(tmp_path, call(say(A, "有没有人说过坐牢吗")), exemptions=exemptions)
    assert (found.outcome, found.doubts) == (UNCERTAIN, ("exemption_unsure",))


STOP = say(C, "你们别再打了", 0)
LATER = say(A, THREAT, 5_000)


@pytest.mark.parametrize(("severity", "steps", "utterances", "call_type", "expected"), [
    ("minor", ["repeated"], [say(A, THREAT, n * 20_000) for n in range(4)], CallType.RIGHT_PARTY,
     [Severity.MINOR, Severity.MINOR, Severity.SERIOUS, Severity.SERIOUS]),
    ("minor", [], [say(A, THREAT, n * 20_000) for n in range(3)], CallType.RIGHT_PARTY, [Severity.MINOR] * 3),
    ("serious", ["third_party"], [LATER], CallType.THIRD_PARTY, [Severity.FATAL]),
    ("serious", ["third_party"], [LATER], CallType.RIGHT_PARTY, [Severity.SERIOUS]),
    ("serious", ["after_stop"], [STOP, LATER], CallType.RIGHT_PARTY, [Severity.FATAL]),
    ("serious", ["after_stop"], [say(A, THREAT, 0), say(C, "你们别再打了", 5_000)], CallType.RIGHT_PARTY,
     [Severity.SERIOUS]),
    ("serious", ["after_stop"], [say(A, "别再打了", 0), LATER], CallType.RIGHT_PARTY, [Severity.SERIOUS]),
    ("minor", ["after_stop"], [STOP, LATER], CallType.RIGHT_PARTY, [Severity.MINOR]),
])  # fmt: skip
def test_the_ladder_lifts_severity(
    tmp_path: Path,
    severity: str,
    steps: list[str],
    utterances: list[Utterance],
    call_type: CallType,
    expected: list[Severity],
) -> None:
    found = findings(tmp_path, call(*utterances, call_type=call_type), severity=severity, ladder=steps)

    assert [each.severity for each in found] == expected
    lifted = [each for each in found if each.severity.value != severity]
    assert all("raised" in str(each.explanation[-1]) for each in lifted)


def test_the_key_outlives_a_rescore(tmp_path: Path) -> None:
    engine = RuleEngine(make_pack(tmp_path, rules=[rule()]))
    threats = [say(A, "你等着坐牢", 0), say(A, "真的坐牢！", 60_000), say(A, "要蹲监狱", 90_000)]
    first = engine.judge(call(*threats, recorded=True)).findings
    # Another utterance before and a moved mark change nothing; another recording does.
    moved = [say(A, "您好", 0), *(replace(each, text=each.text.replace("！", "。")) for each in threats)]
    again = engine.judge(call(*moved, recorded=True)).findings
    other = engine.judge(call(*threats)).findings

    assert [each.key for each in first] == [each.key for each in again]
    assert len({each.key for each in (*first, *other)}) == 6


@pytest.mark.parametrize(("utterance", "low", "high"), [
    (say(A, THREAT), 1.0, 1.0),
    (say(A, THREAT, logprob=-0.5), 0.79, 0.82),
    (say(A, "你等着做牢"), 0.95, 0.95),
    (say(A, THREAT, sure=0.9), 0.9, 0.9),
    (say(U, THREAT), 0.5, 0.5),
    (say(A, THREAT, sure=0.7, logprob=-3), 0.3, 0.4),
])  # fmt: skip
def test_confidence(tmp_path: Path, utterance: Utterance, low: float, high: float) -> None:
    (found,) = findings(tmp_path, call(utterance))

    assert low <= found.confidence <= high


def test_findings_come_in_order_of_time(tmp_path: Path) -> None:
    pack = make_pack(
        tmp_path,
        rules=[
            rule(),
            rule(id="service.tone.rude", category="service.tone", condition={"phrase": ["少废话"]}),
        ],
    )

    found = judge(pack, call(say(A, "少废话"), say(C, "怎么了"), say(A, THREAT))).findings

    assert [each.category for each in found] == ["service.tone", "threat.arrest"]


def test_a_call_without_words_is_judged(tmp_path: Path) -> None:
    judgement = judge(make_pack(tmp_path, rules=[rule()]), call())

    assert (judgement.findings, judgement.elements, judgement.promise_to_pay) == ((), (), None)


def test_long_evidence_is_quoted_in_parts(tmp_path: Path) -> None:
    text = "坐牢" + "一二三四五六七八九十" * 5 + "蹲监狱"
    condition = {"all": [{"phrase": ["坐牢"]}, {"phrase": ["蹲监狱"]}]}

    (found,) = findings(tmp_path, call(say(A, text)), condition=condition)

    assert [each.quote for each in found.evidence] == ["坐牢", "蹲监狱"]
