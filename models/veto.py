"""How much the second ear's word is worth on what the rules found, before and after it.

    python models/veto.py

Rules judge sentences of people whom a head has not read; that head says for each what it takes it for. A
finding is right where the sentence is labelled with its category, wrong where it is labelled as no violation;
what is another violation is not counted. Some minutes on one core.

`ORDINARY_FROM` (language.violations) is the highest level at which 95 % of fatal hits are right;
`SURELY_ORDINARY` drops no right suspicion here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sentences import NONE, Sentence, read_sentences
from train_violations import NEW_HANDS, fit, open_encoder, share_of

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.proportion import Proportion
from qa_pipeline.rules.bench import conversation_of
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.rules.schema import Example
from qa_pipeline.rules.second_opinion import WORDING_DOUBTS
from qa_pipeline.types import CallType, FindingOutcome, Severity

LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
TOLD_TO_OTHERS = ("third_party.", "disclosure.third_party")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding of the rules alone, and what the head takes its sentence for.

    Args:
        right: the sentence is of its category; else it is no violation at all.
        asked: whether the rule heeds the classifier.
    """

    severity: Severity
    hit: bool
    suspected: bool
    right: bool
    asked: bool
    ordinary: float
    same: float


def findings(
    sentences: Sequence[Sentence], ordinary: Sequence[float], by_label: Sequence[Mapping[str, float]]
) -> Iterator[Found]:
    """What the rules find in sentences that are labelled with the same category or as no violation."""
    pack = load_pack()
    asked = {rule.id for rule in pack.rules if rule.ear_ignored is None}
    engine, reader = RuleEngine(pack), Reader(Tokenizer())
    for sentence, usual, likely in zip(sentences, ordinary, by_label, strict=True):
        about = sentence.near or sentence.label
        other = about.startswith(TOLD_TO_OTHERS)
        call_type = CallType.THIRD_PARTY if other else CallType.RIGHT_PARTY
        judged = engine.judge(conversation_of(Example(text=sentence.text), call_type, reader))
        for one in judged.findings:
            if sentence.label in (NONE, one.category):
                yield Found(
                    severity=one.severity,
                    hit=one.outcome is FindingOutcome.HIT,
                    suspected=bool(WORDING_DOUBTS.intersection(one.doubts)),
                    right=sentence.label == one.category,
                    asked=one.rule_id in asked,
                    ordinary=usual,
                    same=likely.get(one.category, 0.0),
                )


def lines(title: str, found: Sequence[Found], kept: Callable[[Found, float], bool]) -> Iterator[str]:
    """Of findings the right ones and those that are right, of all and of those kept at each level."""
    right, every = sum(one.right for one in found), len(found)
    yield f"{title}: {share_of(Proportion(count=right, total=every))} right"
    for level in LEVELS:
        left = [one for one in found if kept(one, level)]
        precise = Proportion(count=sum(one.right for one in left), total=len(left))
        yield f"  {level}: keeps {precise.count} of {right}; {share_of(precise)} right"


def main() -> None:
    """Measure and print."""
    sentences = read_sentences()
    labels = sorted({sentence.label for sentence in sentences} - {NONE})
    encoder = open_encoder()
    new = [one for one in sentences if one.hand in NEW_HANDS]
    old = [one for one in sentences if one.hand not in NEW_HANDS]
    head = fit(encoder.encode([one.text for one in old]), old, labels)
    probabilities = head.predict_proba(encoder.encode([one.text for one in new]))
    by_label = [dict(zip(labels, map(float, row), strict=True)) for row in np.asarray(probabilities)[:, 1:]]
    found = list(findings(new, probabilities[:, 0], by_label))
    for severity in (Severity.FATAL, Severity.SERIOUS):
        hits = [one for one in found if one.hit and one.severity is severity]
        print(*lines(f"{severity} hits, unless ordinary from", hits, not_ordinary), sep="\n")
    suspected = [one for one in found if not one.hit and one.suspected and one.asked]
    print(*lines("suspicions, unless ordinary from", suspected, not_ordinary), sep="\n")
    print(*lines("suspicions, if the same from", suspected, lambda one, level: one.same >= level), sep="\n")


def not_ordinary(one: Found, level: float) -> bool:
    """Whether a finding stays a finding of its kind."""
    return not one.asked or one.ordinary < level


if __name__ == "__main__":
    main()
