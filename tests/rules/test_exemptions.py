"""Context acquits: each row is a sentence with one threatening word and what the context makes of it."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.conditions import compile_condition, phrases_in
from qa_pipeline.rules.exemptions import ExemptionJudge, Verdict, decide_all
from qa_pipeline.rules.grammar import PhraseCondition
from qa_pipeline.rules.matches import Hearing
from qa_pipeline.rules.passages import passages_of
from qa_pipeline.rules.phrases import PhraseIndex
from qa_pipeline.rules.schema import CancellingCues, Cues, Exemption
from tests.rules.calls import A, call, say

THREAT = PhraseCondition(phrase=("坐牢", "上门", "打你", "起诉"))
BREAKS = ("但是", "否则", "不然")

NEGATION = Exemption(
    id="negation",
    title="否定",
    cues=Cues(before=("不会", "不是", "没说"), after=("没有关系", "是不可能的"), reach=8),
    unless=CancellingCues(around=("不是我吓唬你", "会不会", "我可没说", "/不会以为.*不会/")),
)
QUOTATION = Exemption(
    id="quotation",
    title="引述",
    cues=Cues(before=("您刚才说", "之前的同事说", "有人说"), reach=20),
    across_clauses=True,
)
QUESTION = Exemption(
    id="question",
    title="询问",
    cues=Cues(around=("/有没有人.*吗$/",)),
    unless=CancellingCues(around=("/你想.*吗$/",)),
)
RHETORIC = Exemption(id="rhetoric", title="反问", cues=Cues(after=("吗",), reach=2), outcome="doubtful")
LAWFUL = Exemption(
    id="lawful_notice",
    title="合法告知",
    cues=Cues(around=("可能", "依法", "不排除")),
    unless=CancellingCues(around=("@certain",)),
)
WORDS = {"certain": ("马上", "已经", "坐牢")}

ACQUITTED, DOUBTFUL, NOT = Verdict.ACQUITTED, Verdict.DOUBTFUL, Verdict.NOT_EXEMPT


def verdict(exemptions: list[Exemption], text: str) -> Verdict:
    conversation = call(say(A, text))
    (passage,) = passages_of(conversation)
    index = PhraseIndex(dict(phrases_in(THREAT, {})), {})
    hearing = Hearing(conversation=conversation, passage=passage, phrases=index.search(passage))
    (match,) = compile_condition(THREAT, {})(hearing)
    judges = [ExemptionJudge(exemption, breaks=BREAKS, words=WORDS) for exemption in exemptions]
    return decide_all(judges, match, passage).verdict


@pytest.mark.parametrize(("exemption", "text", "expected"), [
    # Negation.
    (NEGATION, "您放心，我们不会上门", ACQUITTED),
    (NEGATION, "您放心我们不会安排人上门", ACQUITTED),
    (NEGATION, "正常逾期跟坐牢没有关系", ACQUITTED),
    (NEGATION, "等着坐牢吧", NOT),
    (NEGATION, "我们不会像别的公司那样动不动就安排人上门", NOT),
    # What follows a clause is not denied; a comma right after the word may be a pause.
    (NEGATION, "你不是很硬气，那就等着坐牢", NOT),
    (NEGATION, "我们不会，上门", DOUBTFUL),
    (NEGATION, "我们不会。马上上门", NOT),
    # A turning word ends the denial, with or without marks.
    (NEGATION, "我不会客气否则上门", NOT),
    (NEGATION, "不是要催你但是会起诉", NOT),
    # False negation introduces a threat.
    (NEGATION, "不是我吓唬你要坐牢的", NOT),
    (NEGATION, "我可没说要打你", NOT),
    (NEGATION, "我没说要打你", ACQUITTED),
    (NEGATION, "你说会不会坐牢", NOT),
    (NEGATION, "你不会以为我们不会上门吧", NOT),
    # ... in its own clause: what the next one asks leaves the denial as it is.
    (NEGATION, "逾期不会坐牢，会不会批要看银行", ACQUITTED),
    (NEGATION, "逾期不会坐牢 会不会批要看银行", ACQUITTED),
    # Quotation reaches over commas, not over sentences.
    (QUOTATION, "您刚才说，有个同事跟您讲要坐牢", ACQUITTED),
    (QUOTATION, "您刚才说的我都记了。等着坐牢吧", NOT),
    (QUOTATION, "之前的同事说要上门，这个不对", ACQUITTED),
    # Question, and the rhetorical one.
    (QUESTION, "有没有人跟您说过要坐牢吗", ACQUITTED),
    (QUESTION, "你想坐牢吗", NOT),
    (RHETORIC, "你想坐牢吗", DOUBTFUL),
    # Lawful notice, and the certain bad end.
    (LAWFUL, "我行可能依法起诉", ACQUITTED),
    (LAWFUL, "我行可能马上起诉", NOT),
    (LAWFUL, "我行明天就起诉", NOT),
])  # fmt: skip
def test_the_context_decides(exemption: Exemption, text: str, expected: Verdict) -> None:
    assert verdict([exemption], text) is expected


EXPLODES = "/(还|还还)+钱/"
SLOW_CUE = Exemption(id="slow_cue", title="慢", cues=Cues(around=(EXPLODES,)))
SLOW_UNLESS = Exemption(
    id="slow_unless", title="慢", cues=Cues(before=("不会",)), unless=CancellingCues(around=(EXPLODES,))
)


@pytest.mark.parametrize(("exemption", "text", "expected"), [
    # Who knows whether it acquits ...
    (SLOW_CUE, "要坐牢" + "还" * 40, DOUBTFUL),
    (SLOW_CUE, "要坐牢", NOT),
    (SLOW_CUE, "还钱要坐牢" + "还" * 40, ACQUITTED),
    # ... or only looks like it.
    (SLOW_UNLESS, "不会坐牢" + "还" * 40, DOUBTFUL),
    (SLOW_UNLESS, "不会坐牢", ACQUITTED),
    (SLOW_UNLESS, "坐牢" + "还" * 40, NOT),
])  # fmt: skip
def test_a_pattern_given_up_leaves_the_verdict_in_doubt(
    monkeypatch: pytest.MonkeyPatch, exemption: Exemption, text: str, expected: Verdict
) -> None:
    monkeypatch.setattr("qa_pipeline.rules.patterns.TIMEOUT_S", 0.02)

    assert verdict([exemption], text) is expected


def test_the_most_favourable_exemption_counts() -> None:
    assert verdict([RHETORIC, QUOTATION], "有人说要坐牢吗") is ACQUITTED
    assert verdict([NEGATION, RHETORIC], "你想坐牢吗") is DOUBTFUL
    assert verdict([], "不会坐牢") is NOT
