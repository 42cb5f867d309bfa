"""Script elements: said or not, in their place, answered, due, and only missed where they could be heard."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.rules.elements import MEANT
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import (
    ArtifactRef,
    CallType,
    Conversation,
    CriterionOutcome,
    ElementResult,
    MatchKind,
    Prediction,
    TimeSpan,
    Utterance,
    Word,
)
from tests.rules.calls import HEADER, A, C, U, call, element, judge, make_pack, region, say, write_pack

MET, PARTIAL = CriterionOutcome.MET, CriterionOutcome.PARTIAL
MISSED, UNCERTAIN = CriterionOutcome.MISSED, CriterionOutcome.UNCERTAIN
NOT_APPLICABLE = CriterionOutcome.NOT_APPLICABLE


def _recognised(text: str, *probabilities: float) -> tuple[Word, ...]:
    pairs = enumerate(zip(text, probabilities, strict=True))
    return tuple(
        Word(text=one, span=TimeSpan(start_ms=200 * at, end_ms=200 * at + 200), probability=sure)
        for at, (one, sure) in pairs
    )


GUESSED_ONCE = _recognised("您好你好", 0.2, 0.2, 0.9, 0.9)
GUESSED_TWICE = _recognised("您好你好", 0.2, 0.2, 0.2, 0.2)

AMOUNT = element(id="amount", met={"entity": "amount"}, applies={"right_party": "optional"})


def result(tmp_path: Path, conversation: Conversation, **changes: Any) -> ElementResult:
    """The outcome of a greeting, changed, beside an element that needs nothing."""
    pack = make_pack(tmp_path, elements=[element(**changes), AMOUNT])
    return judge(pack, conversation).elements[0]


def outcome(tmp_path: Path, *utterances: Utterance, **changes: Any) -> CriterionOutcome:
    return result(tmp_path, call(*utterances), **changes).outcome


@pytest.mark.parametrize(("utterances", "expected"), [
    ([say(A, "您好，打扰了")], MET),
    ([say(A, "你好")], MET),
    ([say(A, "喂，在吗")], MISSED),
    ([say(C, "您好")], MISSED),
    ([say(U, "您好")], UNCERTAIN),
    ([say(A, "您好", sure=0.6)], UNCERTAIN),
    ([say(A, "您好", logprob=-1.6)], UNCERTAIN),
    # One sure utterance is enough.
    ([say(U, "您好"), say(A, "您好")], MET),
    # So are sure words beside others of the same utterance that were guessed.
    ([say(A, "您好你好", 0, 800, logprob=-1.5, words=GUESSED_TWICE)], UNCERTAIN),
    ([say(A, "您好你好", 0, 800, logprob=-0.1, words=GUESSED_ONCE)], MET),
])  # fmt: skip
def test_the_agent_says_it(tmp_path: Path, utterances: list[Utterance], expected: CriterionOutcome) -> None:
    assert outcome(tmp_path, *utterances) is expected


HALF = {"met": {"phrase": ["身份证后四位"]}, "partial": {"phrase": ["是张先生吗"]}}


@pytest.mark.parametrize(("texts", "expected"), [
    (["请报一下身份证后四位"], MET),
    (["请问是张先生吗"], PARTIAL),
    (["请问是张先生吗", "请报一下身份证后四位"], MET),
    (["喂"], MISSED),
])  # fmt: skip
def test_half_is_less_than_whole(tmp_path: Path, texts: list[str], expected: CriterionOutcome) -> None:
    assert outcome(tmp_path, *(say(A, text) for text in texts), **HALF) is expected


FOUR_TURNS = [
    say(A, "喂", 0), say(C, "嗯", 2_000), say(A, "请问", 10_000), say(C, "谁", 12_000),
    say(A, "是我", 20_000), say(C, "哦", 22_000), say(A, "好的", 30_000),
]  # fmt: skip


def with_greeting(turn: int) -> list[Utterance]:
    """Four agent turns ten seconds apart, with 您好 in one of them."""
    agent = [position for position, each in enumerate(FOUR_TURNS) if each.role is A]
    said = FOUR_TURNS[agent[turn]].span
    assert said is not None
    return [
        say(A, "您好", said.start_ms) if position == agent[turn] else each
        for position, each in enumerate(FOUR_TURNS)
    ]


@pytest.mark.parametrize(("window", "turn", "expected"), [
    ({"first_turns": 2}, 1, MET),
    ({"first_turns": 2}, 2, MISSED),
    ({"first_seconds": 15}, 1, MET),
    ({"first_seconds": 15}, 2, MISSED),
    ({"first_turns": 1, "first_seconds": 15}, 1, MET),
    ({"first_turns": 2, "first_seconds": 5}, 1, MET),
    ({"first_turns": 1, "first_seconds": 5}, 1, MISSED),
    ({"last_turns": 2}, 2, MET),
    ({"last_turns": 2}, 1, MISSED),
    ({"last_seconds": 12}, 2, MET),
    ({"last_seconds": 12}, 1, MISSED),
])  # fmt: skip
def test_the_place_in_the_call(
    tmp_path: Path, window: dict[str, int], turn: int, expected: CriterionOutcome
) -> None:
    found = result(tmp_path, call(*with_greeting(turn)), window=window)

    assert found.outcome is expected
    if expected is MISSED:
        assert found.nearest_miss is not None
        assert (found.nearest_miss.quote, found.nearest_miss.similarity) == ("您好", 1.0)
        assert str(found.explanation[0]) == "It was said, but not where in the call it belongs."


OWED = "您本期应还三千块"


@pytest.mark.parametrize(("window", "texts", "expected"), [
    ({"before": ["amount"]}, ["您好", OWED], MET),
    ({"before": ["amount"]}, [OWED, "您好"], MISSED),
    ({"before": ["amount"]}, ["您好" + OWED], MET),
    ({"before": ["amount"]}, ["您好"], MET),
    ({"after": ["amount"]}, [OWED, "您好"], MET),
    ({"after": ["amount"]}, ["您好", OWED], MISSED),
    ({"after": ["amount"]}, ["您好"], MET),
])  # fmt: skip
def test_the_order(
    tmp_path: Path, window: dict[str, list[str]], texts: list[str], expected: CriterionOutcome
) -> None:
    assert outcome(tmp_path, *(say(A, text) for text in texts), window=window) is expected


def test_words_of_an_unknown_speaker_put_nothing_out_of_order(tmp_path: Path) -> None:
    utterances = [say(U, OWED), say(A, "您好")]

    assert outcome(tmp_path, *utterances, window={"before": ["amount"]}) is MET


ASKS = say(A, "您好，可以吗", 0)


@pytest.mark.parametrize(("utterances", "expected"), [
    ([ASKS, say(C, "可以", 2_000)], MET),
    ([ASKS, say(C, "不可以", 2_000)], MISSED),
    ([ASKS], MISSED),
    # In the next customer turn, which may have several utterances, and no later.
    ([ASKS, say(C, "那个", 2_000), say(C, "好", 8_000)], MET),
    ([ASKS, say(C, "那个", 2_000), say(A, "啊？", 4_000), say(C, "好", 8_000)], MISSED),
    ([ASKS, say(U, "可以", 2_000)], UNCERTAIN),
    # The agent's own yes is none.
    ([ASKS, say(A, "好", 9_000)], MISSED),
])  # fmt: skip
def test_the_customers_answer(
    tmp_path: Path, utterances: list[Utterance], expected: CriterionOutcome
) -> None:
    assert outcome(tmp_path, *utterances, customer_agreement=["agrees"]) is expected


AGENTS_SPEECH = (region(0, 1_000), region(9_000, 10_000))
ANSWERED = region(2_000, 2_400, channel=1)


@pytest.mark.parametrize(("places", "expected"), [
    ({"inaudible": (region(2_000, 4_000, channel=1),)}, UNCERTAIN),
    # A short answer of which no word was recognised; after the next turn it is none.
    ({"regions": (*AGENTS_SPEECH, ANSWERED)}, UNCERTAIN),
    ({"regions": (*AGENTS_SPEECH, region(9_500, 9_900, channel=1))}, MISSED),
    # Nobody spoke.
    ({"regions": AGENTS_SPEECH}, MISSED),
])  # fmt: skip
def test_an_answer_that_could_not_be_heard(
    tmp_path: Path, places: dict[str, Any], expected: CriterionOutcome
) -> None:
    conversation = call(ASKS, say(A, "好的", 9_000), **places)

    found = result(tmp_path, conversation, customer_agreement=["agrees"])

    assert found.outcome is expected
    if expected is UNCERTAIN:
        assert list(map(str, found.explanation)) == ["Uncertain: a part of the call could not be heard."]


def test_verification_must_be_answered_before_the_debt(tmp_path: Path) -> None:
    changes = {"customer_agreement": ["agrees"], "window": {"before": ["amount"]}}

    same_breath = outcome(tmp_path, say(A, "您好" + OWED), say(C, "是"), **changes)
    in_order = outcome(tmp_path, say(A, "您好"), say(C, "是"), say(A, OWED), say(C, "是"), **changes)

    assert (same_breath, in_order) == (MISSED, MET)


@pytest.mark.parametrize(("need", "texts", "expected"), [
    ("required", ["喂"], MISSED),
    ("optional", ["喂"], NOT_APPLICABLE),
    ("optional", ["您好"], MET),
    ("forbidden", ["喂"], NOT_APPLICABLE),
    ("forbidden", ["您好"], NOT_APPLICABLE),
])  # fmt: skip
def test_need_by_call_type(tmp_path: Path, need: str, texts: list[str], expected: CriterionOutcome) -> None:
    found = result(tmp_path, call(*(say(A, text) for text in texts)), applies={"right_party": need})

    assert found.outcome is expected
    assert bool(found.evidence) == (texts == ["您好"])


def test_another_call_type_is_not_applicable(tmp_path: Path) -> None:
    conversation = call(say(A, "喂"), call_type=CallType.THIRD_PARTY)

    assert result(tmp_path, conversation).outcome is NOT_APPLICABLE


@pytest.mark.parametrize(("when", "texts", "expected"), [
    ([{"trigger": "hardship"}], [(C, "我失业了"), (A, "喂")], MISSED),
    ([{"trigger": "hardship"}], [(C, "我失业了"), (A, "您好")], MET),
    ([{"trigger": "hardship"}], [(C, "嗯"), (A, "喂")], NOT_APPLICABLE),
    ([{"trigger": "hardship"}], [(A, "您失业了吗")], NOT_APPLICABLE),
    ([{"trigger": "hardship"}], [(C, "嗯"), (A, "您好")], NOT_APPLICABLE),
    # Saying it may be what makes it due.
    ([{"trigger": "hardship"}, {"element": "greeting"}], [(A, "您好")], MET),
    ([{"element": "amount"}], [(A, OWED)], MISSED),
    ([{"element": "amount"}], [(A, "喂")], NOT_APPLICABLE),
    ([{"no_element": "amount"}], [(A, "喂")], MISSED),
    ([{"no_element": "amount"}], [(A, OWED)], NOT_APPLICABLE),
    ([{"no_element": "amount"}, {"trigger": "hardship"}], [(A, OWED), (C, "我失业了")], MISSED),
    # Keys of one entry hold together.
    ([{"no_element": "amount", "trigger": "hardship"}], [(A, OWED), (C, "我失业了")], NOT_APPLICABLE),
    ([{"no_element": "amount", "trigger": "hardship"}], [(A, "喂"), (C, "我失业了")], MISSED),
])  # fmt: skip
def test_a_conditional_element_is_due(
    tmp_path: Path, when: list[dict[str, str]], texts: list[tuple[Any, str]], expected: CriterionOutcome
) -> None:
    utterances = [say(role, text) for role, text in texts]

    assert outcome(tmp_path, *utterances, applies={"right_party": "conditional"}, when=when) is expected


def test_a_trigger_excuses(tmp_path: Path) -> None:
    stop = say(C, "别再打了")

    assert outcome(tmp_path, say(A, "喂"), stop, excused_by=["asked_to_stop"]) is NOT_APPLICABLE
    assert outcome(tmp_path, say(A, "您好"), stop, excused_by=["asked_to_stop"]) is MET


def test_a_near_miss_never_counts(tmp_path: Path) -> None:
    found = result(tmp_path, call(say(A, "您好呀，吃了吗")), near_misses=["你好呀"])

    assert found.outcome is MISSED
    assert found.nearest_miss is not None
    assert found.nearest_miss.quote == "您好呀，吃了吗"
    assert str(found.explanation[0]) == "The words look like it, but do not mean it."


HEARD = (region(300, 1_200), region(5_000, 6_000))


@pytest.mark.parametrize(("regions", "inaudible", "expected"), [
    (HEARD, (), MISSED),
    # What was not understood may have been the greeting, if it lies in the window.
    (HEARD, (region(1_300, 2_600),), UNCERTAIN),
    (HEARD, (region(60_000, 62_000),), MISSED),
    (HEARD, (region(1_300, 2_600, channel=1),), MISSED),
    # The recording begins in the agent's words; the customer's do not matter.
    ((region(0, 1_200),), (), UNCERTAIN),
    ((region(300, 1_200), region(0, 400, channel=1)), (), MISSED),
])  # fmt: skip
def test_nothing_is_missed_where_we_could_not_hear(
    tmp_path: Path, regions: tuple[Any, ...], inaudible: tuple[Any, ...], expected: CriterionOutcome
) -> None:
    conversation = call(
        say(A, "喂", 300), say(C, "嗯", 3_000), say(A, "是我", 5_000), regions=regions, inaudible=inaudible
    )

    found = result(tmp_path, conversation, window={"first_turns": 2})

    assert found.outcome is expected


def test_a_clipped_beginning_does_not_excuse_the_end(tmp_path: Path) -> None:
    conversation = call(say(A, "喂", 0), regions=(region(0, 1_000),))

    assert result(tmp_path, conversation, window={"last_turns": 2}).outcome is MISSED


def prediction(
    probability: float, *, label: str = "greeting", certain: float = 0.9, utterance: str = "u1"
) -> Prediction:
    model = ArtifactRef(name="m", revision="1", sha256="0" * 64)
    return Prediction(
        label=label,
        probability=probability,
        threshold=0.7,
        certain=certain,
        utterance_id=utterance,
        model=model,
    )


@pytest.mark.parametrize(("text", "heard", "expected"), [
    ("早啊", prediction(0.9), MET),
    ("早啊", prediction(0.89), UNCERTAIN),
    ("早啊", prediction(0.7), UNCERTAIN),
    ("早啊", prediction(0.69), MISSED),
    ("早啊", prediction(0.99, certain=2.0), UNCERTAIN),
    ("早啊", prediction(0.99, label="closing"), MISSED),
    # The rules go first: what they know to be half, or only alike, is no more.
    ("喂早啊", prediction(0.99), PARTIAL),
    ("吃了吗早啊", prediction(0.99), MISSED),
])  # fmt: skip
def test_a_classifier_hears_what_the_rules_do_not(
    tmp_path: Path, text: str, heard: Prediction, expected: CriterionOutcome
) -> None:
    conversation = call(say(A, text), predictions=(heard,))
    found = result(tmp_path, conversation, partial={"phrase": ["喂早"]}, near_misses=["吃了吗"])

    assert found.outcome is expected


@pytest.mark.parametrize(("text", "probability", "expected"), [
    ("早啊姐", 0.95, MET),
    ("早啊", 0.95, MISSED),
    ("早啊姐", 0.8, UNCERTAIN),
    ("早啊", 0.8, MISSED),
])  # fmt: skip
def test_a_classifier_is_believed_where_the_words_allow_it(
    tmp_path: Path, text: str, probability: float, expected: CriterionOutcome
) -> None:
    conversation = call(say(A, text), predictions=(prediction(probability),))

    assert result(tmp_path, conversation, meant_where={"phrase": ["姐"]}).outcome is expected


def test_what_only_the_classifier_heard_says_so(tmp_path: Path) -> None:
    found = result(tmp_path, call(say(A, "早啊"), predictions=(prediction(0.95),)))

    assert [(part.quote, part.match) for part in found.evidence] == [("早啊", MatchKind.CLASSIFIER)]
    assert [text.text for text in found.explanation] == [MEANT.text]


def test_the_nearest_miss_sounds_most_alike(tmp_path: Path) -> None:
    conversation = call(say(A, "喂谁啊"), say(A, "通话会有记录的"), say(A, "今天天气不错"))

    found = result(tmp_path, conversation, met={"phrase": ["通话会有录音的"]})

    assert found.nearest_miss is not None
    assert found.nearest_miss.utterance_id == "u2"
    assert 0.5 < found.nearest_miss.similarity < 1


@pytest.mark.parametrize(("changes", "predictions", "quote"), [
    # What the classifier took for it, what was said in the wrong place, what sounds alike.
    ({"met": {"phrase": ["无人知晓"]}}, (prediction(0.8, utterance="u2"),), "早啊"),
    ({"met": {"phrase": ["早啊"]}, "window": {"after": ["amount"]}}, (), "早啊"),
    ({"met": {"phrase": ["这通电话会有录音的"]}}, (), "这通电话会有记录的"),
])  # fmt: skip
def test_a_near_miss_quotes_the_utterance_of_its_words(
    tmp_path: Path, changes: dict[str, Any], predictions: tuple[Prediction, ...], quote: str
) -> None:
    breath = [
        say(A, "喂在吗", 0, 900), say(A, "早啊", 1000, 1500), say(A, "这通电话会有记录的", 1600, 2900),
        say(A, OWED, 9000, 9900),
    ]  # fmt: skip
    found = result(tmp_path, call(*breath, predictions=predictions), **changes)

    assert found.nearest_miss is not None
    assert found.nearest_miss.quote == quote


def test_nothing_alike_is_no_near_miss(tmp_path: Path) -> None:
    found = result(tmp_path, call(say(A, "今天下雨")), met={"phrase": ["通话会有录音的"]})

    assert (found.outcome, found.nearest_miss) == (MISSED, None)


def test_an_answer_may_follow_a_question(tmp_path: Path) -> None:
    asked = [say(A, "您好，身份证后四位"), say(C, "你是谁"), say(A, "银行的"), say(C, "好，一二三四")]

    assert outcome(tmp_path, *asked, customer_agreement=["agrees"]) is MISSED
    assert outcome(tmp_path, *asked, customer_agreement=["agrees"], answer_turns=2) is MET
    assert outcome(tmp_path, *asked[:3], customer_agreement=["agrees"], answer_turns=2) is MISSED


ACKNOWLEDGED = HEADER.replace(
    "ladder:",
    """  - {id: goes_on, title: 认可, role: agent, condition: {regex: ^(好的|对上了)}}
  - {id: evades, title: 反问, condition: {regex: 谁|不}}
ladder:""",
)


def acknowledged(tmp_path: Path, *utterances: Utterance) -> CriterionOutcome:
    """What becomes of an element whose answer the agent may take for good."""
    asks = element(
        met={"phrase": ["身份证后四位"]},
        customer_agreement=["agrees"],
        acknowledgement={"by": ["goes_on"], "unless": ["evades"]},
    )
    document = json.dumps({"elements": [asks]}, ensure_ascii=False)
    pack = load_pack(write_pack(tmp_path, header=ACKNOWLEDGED, elements=document))

    return judge(pack, call(*utterances)).elements[0].outcome


@pytest.mark.parametrize(("answer", "reply", "expected"), [
    (say(C, "下汽油", 2_000), "对上了", MET),
    (say(C, "你是谁", 2_000), "好的", MISSED),
    (say(C, "不告诉你", 2_000), "好的", MISSED),
    # Neither understood nor acknowledged: nobody knows, unless it was recognised well.
    (say(C, "下汽油", 2_000, logprob=-0.6), "您欠了钱", UNCERTAIN),
    (say(C, "下汽油", 2_000), "您欠了钱", MISSED),
])  # fmt: skip
def test_an_acknowledged_answer_needs_not_be_understood(
    tmp_path: Path, answer: Utterance, reply: str, expected: CriterionOutcome
) -> None:
    talk = (say(A, "请报身份证后四位", 0), answer, say(A, reply, 5_000))

    assert acknowledged(tmp_path, *talk) is expected


@pytest.mark.parametrize(("reply", "resumed_ms", "expected"), [
    ("好的，谢谢", 4_500, MET),
    # So short a pause holds no answer.
    ("好的，谢谢", 3_000, MISSED),
    ("您欠了钱", 4_500, MISSED),
])  # fmt: skip
def test_a_pause_and_thanks_are_an_answer_of_which_nothing_was_heard(
    tmp_path: Path, reply: str, resumed_ms: int, expected: CriterionOutcome
) -> None:
    talk = (say(A, "请报身份证后四位", 500, 2_500), say(A, reply, resumed_ms, resumed_ms + 1_000))

    assert acknowledged(tmp_path, *talk) is expected


TRIGGERS = HEADER.replace(
    "ladder:",
    """  - {id: busy, title: 不便, condition: {phrase: [在开会]}, until: [agrees]}
  - {id: hangs_up, title: 挂断, condition: {phrase: [挂了]}, ends_call: true}
ladder:""",
)


@pytest.mark.parametrize(("utterances", "trigger", "expected"), [
    ([say(C, "我在开会"), say(A, "打扰了")], "busy", NOT_APPLICABLE),
    ([say(C, "是我，在开会"), say(A, "打扰了")], "busy", NOT_APPLICABLE),
    ([say(C, "是我"), say(A, "打扰了"), say(C, "我在开会")], "busy", MISSED),
    ([say(A, "打扰了"), say(C, "挂了")], "hangs_up", NOT_APPLICABLE),
    ([say(C, "上次你们就挂了"), say(A, "打扰了")], "hangs_up", MISSED),
])  # fmt: skip
def test_a_trigger_counts_in_its_place(
    tmp_path: Path, utterances: list[Utterance], trigger: str, expected: CriterionOutcome
) -> None:
    document = json.dumps({"elements": [element(excused_by=[trigger])]}, ensure_ascii=False)
    pack = load_pack(write_pack(tmp_path, header=TRIGGERS, elements=document))

    assert judge(pack, call(*utterances)).elements[0].outcome is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("应还四千三百二十一块五", MET),
    ("应还四千三百块", PARTIAL),
    ("应还五千六百块", PARTIAL),
    ("最低还四百三十二块，全部四千三百二十一块五", MET),
])  # fmt: skip
def test_an_amount_may_be_held_to_the_cent(tmp_path: Path, text: str, expected: CriterionOutcome) -> None:
    exact = {"all": [{"entity": "amount"}, {"not": {"misstated": "amount", "exactly": True}}]}
    pack = make_pack(tmp_path, elements=[element(met=exact, partial={"entity": "amount"})])
    conversation = call(say(A, text), amount_due=Decimal("4321.50"), min_due=Decimal(432))

    assert judge(pack, conversation).elements[0].outcome is expected
