"""What the classifier heard and no rule did: uncertain findings, with the words it rests on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.bench import check
from qa_pipeline.rules.loader import RulePack, load_pack
from qa_pipeline.types import ORDINARY, ArtifactRef, FindingOutcome, MatchKind, Prediction
from tests.rules.calls import A, C, U, call, judge, reader, rule, say, write_pack

MODEL = ArtifactRef(name="violations", revision="1", sha256="ab" * 32)
OTHERWISE = """
heard_otherwise:
  - id: threat.arrest.heard_otherwise
    category: {category}
    version: 1
    title: 拘捕威胁
    rationale: 换了说法
    severity: fatal
    basis: [{{kind: practice, cite: 规范, grade: seed}}]
    exemptions: [negation, quotation]
    may_hit: {may_hit}
"""
PRISON = "让你去里面住几天"


def pack_in(
    folder: Path, category: str = "threat.arrest", *, may_hit: bool = False, **changes: object
) -> RulePack:
    write_pack(folder, rules=json.dumps({"rules": [rule(**changes)]}, ensure_ascii=False))
    text = OTHERWISE.format(category=category, may_hit=str(may_hit).lower())
    (folder / "heard_otherwise.yaml").write_text(text, encoding="utf-8")
    return load_pack(folder)


def predicted(utterance: str = "u1", **changes: Any) -> Prediction:
    settings: dict[str, Any] = {"label": "threat.arrest", "probability": 0.45, "threshold": 0.4} | changes
    return Prediction(utterance_id=utterance, model=MODEL, **settings)


def test_it_is_uncertain_and_quotes_its_window(tmp_path: Path) -> None:
    said = call(say(A, f"您好，{PRISON}，再见"), predictions=(predicted(start_char=2, end_char=10),))
    (found,) = judge(pack_in(tmp_path), said).findings
    assert (found.outcome, found.match, found.doubts) == (
        FindingOutcome.UNCERTAIN,
        MatchKind.CLASSIFIER,
        ("classifier",),
    )
    assert (found.rule_id, found.confidence) == ("threat.arrest.heard_otherwise", 0.45)
    assert [part.quote for part in found.evidence] == [PRISON]
    assert dict(found.explanation[1].values)["model"] == "violations 1"


def test_without_a_window_the_utterance_is_quoted(tmp_path: Path) -> None:
    (found,) = judge(pack_in(tmp_path), call(say(A, PRISON), predictions=(predicted(),))).findings
    assert found.evidence[0].quote == PRISON


NOT_FOUND = [
    ((say(A, PRISON),), (predicted(probability=0.39),)),
    ((say(A, PRISON),), (predicted(label="service.tone"),)),
    ((say(C, PRISON),), (predicted(),)),
    # An exemption acquits it as it does a phrase.
    ((say(A, "不会让你去里面住"),), (predicted(start_char=2, end_char=8),)),
]


@pytest.mark.parametrize(("utterances", "predictions"), NOT_FOUND)
def test_nothing_is_found(tmp_path: Path, utterances: Any, predictions: Any) -> None:
    assert judge(pack_in(tmp_path), call(*utterances, predictions=predictions)).findings == ()


CERTAIN = {"probability": 0.97, "certain": 0.9}
HITS = [
    (True, CERTAIN, A, FindingOutcome.HIT, 0.97, ()),
    (False, CERTAIN, A, FindingOutcome.UNCERTAIN, 0.5, ("classifier",)),
    (True, CERTAIN | {"certain": 0.98}, A, FindingOutcome.UNCERTAIN, 0.5, ("classifier",)),
    (True, {"probability": 0.97}, A, FindingOutcome.UNCERTAIN, 0.5, ("classifier",)),
    (True, CERTAIN, U, FindingOutcome.UNCERTAIN, 0.5, ("role_unknown",)),
]
BADLY = [
    (-0.2, 0.97, FindingOutcome.HIT, ()),
    (-0.2, 0.65, FindingOutcome.HIT, ()),
    (-0.3, 0.65, FindingOutcome.HIT, ()),
    # However sure the classifier is of words that were not said.
    (-0.4, 0.97, FindingOutcome.UNCERTAIN, ("low_recognition",)),
]


@pytest.mark.parametrize(("may_hit", "changes", "speaker", "outcome", "confidence", "doubts"), HITS)
def test_it_hits_where_the_pack_lets_it_and_it_is_certain(
    tmp_path: Path,
    may_hit: bool,
    changes: Any,
    speaker: Any,
    outcome: FindingOutcome,
    confidence: float,
    doubts: Any,
) -> None:
    said = call(say(speaker, PRISON), predictions=(predicted(**changes),))
    (found,) = judge(pack_in(tmp_path, may_hit=may_hit), said).findings
    assert (found.outcome, found.match) == (outcome, MatchKind.CLASSIFIER)
    assert (found.confidence, found.doubts) == (confidence, doubts)


@pytest.mark.parametrize(("logprob", "probability", "outcome", "doubts"), BADLY)
def test_it_does_not_hit_alone_where_words_were_badly_recognised(
    tmp_path: Path, logprob: float, probability: float, outcome: FindingOutcome, doubts: Any
) -> None:
    heard = predicted(threshold=0.3, certain=0.6, probability=probability)
    said = call(say(A, PRISON, logprob=logprob), predictions=(heard,))
    (found,) = judge(pack_in(tmp_path, may_hit=True), said).findings
    assert (found.outcome, found.doubts) == (outcome, doubts)


@pytest.mark.parametrize(("recognised", "probability", "outcome"), [
    (False, 0.45, FindingOutcome.HIT),
    (True, 0.45, FindingOutcome.UNCERTAIN),
    (True, 0.55, FindingOutcome.HIT),
])  # fmt: skip
def test_in_recognised_words_it_must_be_likelier_than_not(
    tmp_path: Path, recognised: bool, probability: float, outcome: FindingOutcome
) -> None:
    said = say(A, PRISON, logprob=-0.1 if recognised else None)
    heard = predicted(threshold=0.3, certain=0.4, probability=probability)
    (found,) = judge(pack_in(tmp_path, may_hit=True), call(said, predictions=(heard,))).findings
    assert found.outcome is outcome


def test_an_exemption_acquits_the_certain_too(tmp_path: Path) -> None:
    said = call(say(A, "不会让你去里面住"), predictions=(predicted(start_char=2, end_char=8, **CERTAIN),))
    assert judge(pack_in(tmp_path, may_hit=True), said).findings == ()


def test_an_unknown_speaker_is_one_more_doubt(tmp_path: Path) -> None:
    (found,) = judge(pack_in(tmp_path), call(say(U, PRISON), predictions=(predicted(),))).findings
    assert found.doubts == ("role_unknown", "classifier")


def test_what_the_rules_found_in_the_turn_is_not_said_twice(tmp_path: Path) -> None:
    pack = pack_in(tmp_path)
    turn = (say(A, "等着坐牢"), say(A, PRISON), say(C, "啊"), say(A, PRISON))
    (hit, other) = judge(pack, call(*turn, predictions=(predicted("u2"), predicted("u4")))).findings
    assert hit.outcome is FindingOutcome.HIT
    assert [part.utterance_id for part in other.evidence][-1] == "u4"


WEAK = {"phrase": ["等着坐牢"], "weak": True}
TOGETHER = [
    # A rule that is sure names the wording; one that merely suspects makes room for what is certain.
    ({"phrase": ["等着坐牢"]}, CERTAIN, [(FindingOutcome.HIT, MatchKind.EXACT)]),
    (WEAK, CERTAIN, [(FindingOutcome.HIT, MatchKind.CLASSIFIER)]),
    (WEAK, {"probability": 0.5}, [(FindingOutcome.UNCERTAIN, MatchKind.EXACT)]),
]


@pytest.mark.parametrize(("condition", "changes", "expected"), TOGETHER)
def test_one_act_is_one_finding(
    tmp_path: Path, condition: object, changes: Any, expected: list[tuple[FindingOutcome, MatchKind]]
) -> None:
    pack = pack_in(tmp_path, may_hit=True, condition=condition)
    judged = judge(pack, call(say(A, "再拖就等着坐牢"), predictions=(predicted(**changes),)))
    assert [(one.outcome, one.match) for one in judged.findings] == expected


NAMED = "等着坐牢"
OTHERWISE_HEARD = {"label": "service.tone", **CERTAIN}


def ordinary(**changes: Any) -> Prediction:
    return predicted(label=ORDINARY, probability=0.1, threshold=0.6, certain=0.7, **changes)


BESIDE_A_RULE = [
    # A rule names the same words as another category.
    (f"再拖就{NAMED}", (), FindingOutcome.UNCERTAIN, ("named_otherwise",)),
    # The classifier hears nothing of what the rule found, so it is not in two minds.
    (f"再拖就{NAMED}", (ordinary(unheard=("threat.arrest",)),), FindingOutcome.HIT, ()),
    # Other words of the utterance.
    (f"家里人别想好过，再拖就{NAMED}", (), FindingOutcome.HIT, ()),
]


@pytest.mark.parametrize(("text", "opinion", "outcome", "doubts"), BESIDE_A_RULE)
def test_words_that_a_rule_names_are_no_second_hit(
    tmp_path: Path, text: str, opinion: Any, outcome: FindingOutcome, doubts: Any
) -> None:
    pack_in(tmp_path, "service.tone", may_hit=True, ear_ignored="只认字面")
    whole = predicted(start_char=0, end_char=7, **OTHERWISE_HEARD)
    judged = judge(load_pack(tmp_path), call(say(A, text), predictions=(whole, *opinion)))
    (other,) = (one for one in judged.findings if one.category == "service.tone")
    assert (other.outcome, other.doubts) == (outcome, doubts)


FAINTLY = {"label": "service.tone", "probability": 0.2, "threshold": 0.4}
FAINT_CASES = [
    # Worth a line where the call is opened anyway, but only of a category that is not found yet.
    ((say(A, NAMED), say(A, PRISON)), (predicted("u2", **FAINTLY),), [("classifier", "faint")]),
    ((say(A, "你好"), say(A, PRISON)), (predicted("u2", **FAINTLY),), []),
    (
        (say(A, NAMED), say(A, PRISON), say(C, "啊"), say(A, PRISON)),
        (predicted("u2", **FAINTLY), predicted("u4", **FAINTLY | {"probability": 0.5})),
        [("classifier",)],
    ),
]


@pytest.mark.parametrize(("utterances", "predictions", "doubts"), FAINT_CASES)
def test_what_is_heard_faintly_is_told_in_calls_with_a_hit(
    tmp_path: Path, utterances: Any, predictions: Any, doubts: Any
) -> None:
    judged = judge(pack_in(tmp_path, "service.tone"), call(*utterances, predictions=predictions))
    assert [one.doubts for one in judged.findings if one.category == "service.tone"] == doubts


GIVEN = [
    ({"agency": "诚达商务服务有限公司"}, [FindingOutcome.HIT]),
    ({}, []),
]


@pytest.mark.parametrize(("case_data", "outcomes"), GIVEN)
def test_the_case_data_must_bear_it_out(tmp_path: Path, case_data: Any, outcomes: Any) -> None:
    pack_in(tmp_path, may_hit=True)
    path = tmp_path / "heard_otherwise.yaml"
    given = "    given: {metadata: agent_type, is_in: [external]}\n"
    path.write_text(path.read_text(encoding="utf-8") + given, encoding="utf-8")
    said = call(say(A, PRISON), predictions=(predicted(**CERTAIN),), **case_data)
    assert [found.outcome for found in judge(load_pack(tmp_path), said).findings] == outcomes


def test_silent_case_data_are_a_doubt(tmp_path: Path) -> None:
    pack_in(tmp_path, may_hit=True)
    path = tmp_path / "heard_otherwise.yaml"
    given = "    given: {metadata: legal_stage, is_in: [none]}\n"
    path.write_text(path.read_text(encoding="utf-8") + given, encoding="utf-8")
    said = call(say(A, PRISON), predictions=(predicted(**CERTAIN),))
    (found,) = judge(load_pack(tmp_path), said).findings
    assert (found.outcome, found.doubts) == (FindingOutcome.UNCERTAIN, ("needs_case_data:legal_stage",))


EXAMPLES = """
    examples:
      hit: [让你去里面住, 有没有人让你去里面住吗]
      miss: [{text: 有没有人让你去里面住吗, why: 询问}, {text: 让你去里面住, why: 试}]
"""


def test_its_examples_show_what_the_exemptions_acquit(tmp_path: Path) -> None:
    pack_in(tmp_path)
    header, path = tmp_path / "pack.yaml", tmp_path / "heard_otherwise.yaml"
    header.write_text(header.read_text(encoding="utf-8").replace("outcome: doubtful", "outcome: acquitted"))
    text = path.read_text(encoding="utf-8").replace("[negation, quotation]", "[question]") + EXAMPLES
    path.write_text(text, encoding="utf-8")
    problems = [
        (problem.words, str(problem.expected), str(problem.found), problem.location.line)
        for problem in check(load_pack(tmp_path), reader=reader())
        if problem.entry_id == "threat.arrest.heard_otherwise"
    ]
    (line,) = (number for number, each in enumerate(text.splitlines(), 1) if each.startswith("      hit:"))
    rule_id = "threat.arrest.heard_otherwise"
    assert problems == [
        ("有没有人让你去里面住吗", f"a finding of {rule_id}", "nothing", line),
        ("让你去里面住", "nothing", f"{rule_id} uncertain classifier", line + 1),
    ]


def test_an_unknown_category_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match=r"heard_otherwise\.yaml.*threat\.arest"):
        pack_in(tmp_path, category="threat.arest")


def test_the_digest_covers_it(tmp_path: Path) -> None:
    with_it = pack_in(tmp_path)
    (tmp_path / "heard_otherwise.yaml").unlink()
    assert load_pack(tmp_path).digest != with_it.digest
