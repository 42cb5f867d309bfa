"""Rules and the classifier on the same words: what each is worth beside the other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import RulePack, load_pack
from qa_pipeline.rules.schema import Example
from qa_pipeline.rules.trace import MatchOutcome
from qa_pipeline.rules.trials import conversation_of
from qa_pipeline.types import ORDINARY, ArtifactRef, CallType, FindingOutcome, Prediction
from tests.rules.calls import A, U, call, judge, rule, say, write_pack

MODEL = ArtifactRef(name="violations", revision="1", sha256="ab" * 32)
ELEMENTS = ArtifactRef(name="elements", revision="1", sha256="cd" * 32)
SAID = "您好，再拖就等着坐牢"
STRONG = {"phrase": ["等着坐牢"]}
WEAK = {"phrase": ["等着坐牢"], "weak": True}
HIT, UNCERTAIN = FindingOutcome.HIT, FindingOutcome.UNCERTAIN


def pack_of(folder: Path, **changes: object) -> RulePack:
    write_pack(folder, rules=json.dumps({"rules": [rule(**changes)]}, ensure_ascii=False))
    return load_pack(folder)


def ordinary(probability: float, **where: Any) -> Prediction:
    return read(ORDINARY, probability, **{"threshold": 0.6, "certain": 0.8} | where)


def read(label: str, probability: float, **changes: Any) -> Prediction:
    settings: dict[str, Any] = {"utterance_id": "u1", "threshold": 0.5} | changes
    return Prediction(label=label, probability=probability, model=MODEL, **settings)


def found_in(pack: RulePack, *predictions: Prediction, speaker: Any = A) -> list[tuple[Any, ...]]:
    judged = judge(pack, call(say(speaker, SAID), predictions=predictions))
    return [(one.outcome, one.doubts) for one in judged.findings]


@pytest.mark.parametrize(("text", "logprob", "outcome"), [
    # What recognition guessed and the rule knows by its sound, the classifier cannot read.
    ("您好，再拖就等着做牢", -0.4, HIT),
    ("您好，再拖就等着做牢", -0.1, UNCERTAIN),
    ("您好，再拖就等着坐牢", -0.4, UNCERTAIN),
])  # fmt: skip
def test_what_it_cannot_read_it_does_not_doubt(
    tmp_path: Path, text: str, logprob: float, outcome: FindingOutcome
) -> None:
    said = call(say(A, text, logprob=logprob), predictions=(ordinary(0.7),))
    (found,) = judge(pack_of(tmp_path, condition=STRONG), said).findings
    assert found.outcome is outcome


@pytest.mark.parametrize(("other", "outcome"), [
    ((), HIT),
    ((read("payment.private", 0.9, certain=0.5),), UNCERTAIN),
    ((read("payment.private", 0.4, certain=0.5),), HIT),
    ((read("payment.private", 0.9, certain=0.5, utterance_id="u2"),), HIT),
    ((read("threat.arrest", 0.9, certain=0.5),), HIT),
    ((replace(read("closing", 0.9, certain=0.5), model=ELEMENTS),), HIT),
])  # fmt: skip
def test_what_it_is_certain_of_it_has_understood(
    tmp_path: Path, other: tuple[Prediction, ...], outcome: FindingOutcome
) -> None:
    predictions = (ordinary(0.1, unheard=("threat.arrest",)), *other)
    said = call(say(A, "您好，再拖就等着做牢", logprob=-0.4), predictions=predictions)
    (found,) = judge(pack_of(tmp_path, condition=STRONG), said).findings
    assert found.outcome is outcome


@pytest.mark.parametrize(("text", "exemption", "heard", "expected"), [
    # A negation before a pause may be about what was said before: who reads the whole sentence can tell.
    ("那不会，等着坐牢吧", "negation", (), [(UNCERTAIN, ("exemption_unsure",))]),
    ("那不会，等着坐牢吧", "negation", (read("threat.arrest", 0.9, certain=0.5),), [(HIT, ())]),
    ("那不会，等着坐牢吧", "negation", (read("threat.arrest", 0.4, certain=0.5),), [
        (UNCERTAIN, ("exemption_unsure",)),
    ]),
    ("那不会，等着坐牢吧", "negation", (read("threat.visit", 0.9, certain=0.5),), [
        (UNCERTAIN, ("exemption_unsure",)),
    ]),
    # Without the pause nothing is doubted, so nothing is overruled.
    ("那不会等着坐牢", "negation", (read("threat.arrest", 0.9, certain=0.5),), []),
    # What a pack calls doubtful stays so.
    ("有没有人等着坐牢吗", "question", (read("threat.arrest", 0.9, certain=0.5),), [
        (UNCERTAIN, ("exemption_unsure",)),
    ]),
])  # fmt: skip
def test_a_negation_before_a_pause_is_overruled_by_who_is_certain(
    tmp_path: Path, text: str, exemption: str, heard: tuple[Prediction, ...], expected: list[Any]
) -> None:
    pack = pack_of(tmp_path, condition=STRONG, exemptions=[exemption])

    judged = judge(pack, call(say(A, text), predictions=heard))

    assert [(one.outcome, one.doubts) for one in judged.findings] == expected


WEIGHED = [
    # What a rule is sure of: ordinary talk makes it a question for a person, and no more than that.
    (STRONG, [], [(HIT, ())]),
    (STRONG, [ordinary(0.59)], [(HIT, ())]),
    (STRONG, [ordinary(0.6)], [(UNCERTAIN, ("heard_ordinary",))]),
    (STRONG, [ordinary(0.99)], [(UNCERTAIN, ("heard_ordinary",))]),
    # That it hears something else is a question for a person too, where it hears nothing of the category.
    (STRONG, [ordinary(0.1, unheard=("threat.arrest",))], [(UNCERTAIN, ("unheard",))]),
    (STRONG, [ordinary(0.1, unheard=("service.tone",))], [(HIT, ())]),
    (STRONG, [ordinary(0.7, unheard=("threat.arrest",))], [(UNCERTAIN, ("heard_ordinary",))]),
    (
        STRONG,
        [
            ordinary(0.1, start_char=0, end_char=7, unheard=("threat.arrest",)),
            ordinary(0.1, start_char=2, end_char=9),
        ],
        [(HIT, ())],
    ),
    (WEAK, [ordinary(0.1, unheard=("threat.arrest",))], [(UNCERTAIN, ("pattern_weak", "unheard"))]),
    # What a rule only suspects is dropped; that the same category is heard makes it no hit.
    (WEAK, [], [(UNCERTAIN, ("pattern_weak",))]),
    (WEAK, [ordinary(0.1), read("threat.arrest", 0.9)], [(UNCERTAIN, ("pattern_weak",))]),
    (WEAK, [ordinary(0.7)], [(UNCERTAIN, ("pattern_weak", "heard_ordinary"))]),
    (WEAK, [ordinary(0.8)], []),
    # Only what it read of these words counts, and all of it must be ordinary.
    (STRONG, [ordinary(0.9, start_char=0, end_char=2), ordinary(0.2, start_char=2, end_char=9)], [(HIT, ())]),
    (STRONG, [ordinary(0.9, start_char=0, end_char=7), ordinary(0.2, start_char=2, end_char=9)], [(HIT, ())]),
    (STRONG, [ordinary(0.9, utterance_id="u2")], [(HIT, ())]),
]


@pytest.mark.parametrize(("condition", "predictions", "expected"), WEIGHED)
def test_rule_and_classifier_are_weighed(
    tmp_path: Path, condition: object, predictions: list[Prediction], expected: list[tuple[Any, ...]]
) -> None:
    assert found_in(pack_of(tmp_path, condition=condition), *predictions) == expected


def test_a_doubt_about_the_speaker_is_no_suspicion_to_drop(tmp_path: Path) -> None:
    found = found_in(pack_of(tmp_path, condition=STRONG), ordinary(0.99), speaker=U)
    assert found == [(UNCERTAIN, ("role_unknown", "heard_ordinary"))]


def test_a_rule_may_say_why_it_does_not_ask(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, condition=STRONG, ear_ignored="看词不看意思")
    assert found_in(pack, ordinary(0.99)) == [(HIT, ())]


def test_the_classifier_is_not_asked_about_what_it_does_not_know() -> None:
    known = set(ViolationClassifier.load().labels)
    deaf = {one.category for one in load_pack().rules if one.ear_ignored is None} - known
    assert deaf == set()


def test_what_was_dropped_is_told(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, condition=WEAK)
    (match,) = RuleEngine(pack).trace(call(say(A, SAID), predictions=(ordinary(0.9),)))
    assert match.outcome is MatchOutcome.ACQUITTED
    assert (match.exemption_id, match.doubts) == (None, ("pattern_weak", "heard_ordinary"))


# By the packaged rules and the packaged classifier; none of these sentences is in its training data.
TOGETHER = [
    ("再不还钱，我就让人把你的腿打断", CallType.RIGHT_PARTY, "threat.violence", HIT),
    ("不还是吧，那你就等着坐牢吧", CallType.RIGHT_PARTY, "threat.arrest", HIT),
]


@pytest.mark.parametrize(("text", "call_type", "category", "outcome"), TOGETHER)
def test_what_both_hear_is_a_hit(
    text: str, call_type: CallType, category: str, outcome: FindingOutcome
) -> None:
    reader = Reader(Tokenizer(), ViolationClassifier.load())
    judged = RuleEngine(load_pack()).judge(conversation_of(Example(text=text), call_type, reader))
    assert (category, outcome) in {(one.category, one.outcome) for one in judged.findings}
