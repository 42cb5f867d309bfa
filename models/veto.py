"""How much the second ear's word is worth on what the rules found, before and after it.

    python models/veto.py

Rules judge sentences of people whom a head has not read; that head says for each what it takes it for. A
finding is right where the sentence is labelled with its category and wrong where it is labelled as no
violation. Where it is labelled as another one, the finding may be right or wrong: such are told apart. Needs
torch; ten minutes on one core.

In `language.violations`, `ORDINARY_FROM` is a level at which 98 % of fatal hits are right; it costs one right
hit in a hundred. `SURELY_ORDINARY` drops no right suspicion of thirteen, and `UNHEARD_BELOW` costs one
right hit in sixty and takes from more than half of the hits in sentences of another category what they claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from model_card import share_of
from sentences import NONE, Sentence, read_sentences, read_spoken
from train_violations import heard_apart, open_encoder

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ORDINARY_FROM
from qa_pipeline.proportion import Proportion
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.rules.schema import Example
from qa_pipeline.rules.second_opinion import WORDING_DOUBTS
from qa_pipeline.rules.trials import conversation_of
from qa_pipeline.types import CallType, FindingOutcome, Severity

ORDINARY_LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
UNHEARD_LEVELS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1)
TOLD_TO_OTHERS = ("third_party.", "disclosure.third_party")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding of the rules alone, and what the head takes its sentence for.

    Args:
        label: of the sentence, the finding's own category or another; None where it is no violation.
        asked: whether the rule heeds the classifier.
        ordinary: probability that the sentence is no violation.
        same: probability of the finding's category.
    """

    severity: Severity
    hit: bool
    suspected: bool
    category: str
    label: str | None
    asked: bool
    ordinary: float
    same: float


def findings(
    sentences: Sequence[Sentence], ordinary: Sequence[float], by_label: Sequence[Mapping[str, float]]
) -> Iterator[Found]:
    """What the rules find in sentences."""
    pack = load_pack()
    asked = {rule.id for rule in pack.rules if rule.ear_ignored is None}
    engine, reader = RuleEngine(pack), Reader(Tokenizer())
    for sentence, usual, likely in zip(sentences, ordinary, by_label, strict=True):
        about = sentence.near or sentence.label
        call_type = CallType.THIRD_PARTY if about.startswith(TOLD_TO_OTHERS) else CallType.RIGHT_PARTY
        judged = engine.judge(conversation_of(Example(text=sentence.text), call_type, reader))
        for one in judged.findings:
            yield Found(
                severity=one.severity,
                hit=one.outcome is FindingOutcome.HIT,
                suspected=bool(WORDING_DOUBTS.intersection(one.doubts)),
                category=one.category,
                label=None if sentence.label == NONE else sentence.label,
                asked=one.rule_id in asked,
                ordinary=usual,
                same=likely.get(one.category, 0.0),
            )


def lines(
    title: str, found: Sequence[Found], levels: Sequence[float], kept: Callable[[Found, float], bool]
) -> Iterator[str]:
    """How many findings are right, of all and of those that are kept at each level."""
    yield f"{title}: {_told(found)}"
    for level in levels:
        yield f"  {level}: {_told([one for one in found if not one.asked or kept(one, level)])}"


def _told(found: Sequence[Found]) -> str:
    right = sum(one.label == one.category for one in found)
    wrong = sum(one.label is None for one in found)
    precise = share_of(Proportion(count=right, total=right + wrong))
    return f"{precise} right; {len(found) - right - wrong} in sentences of another category"


def main() -> None:
    """Measure and print."""
    sentences = read_sentences()
    labels = sorted({sentence.label for sentence in sentences} - {NONE})
    encoder = open_encoder()
    sentences += read_spoken(labels)
    vectors = encoder.encode([one.text for one in sentences])
    new, probabilities, _ = heard_apart(encoder, vectors, sentences, labels)
    by_label = [dict(zip(labels, map(float, row), strict=True)) for row in probabilities]
    found = list(findings(new, 1 - probabilities.sum(axis=1), by_label))
    for severity in (Severity.FATAL, Severity.SERIOUS):
        hits = [one for one in found if one.hit and one.severity is severity]
        told = lines(f"{severity} hits, unless ordinary from", hits, ORDINARY_LEVELS, _no_ordinary_talk)
        print(*told, sep="\n")
        left = [one for one in hits if not one.asked or _no_ordinary_talk(one, ORDINARY_FROM)]
        told = lines("... of those, unless the category is below", left, UNHEARD_LEVELS, _heard)
        print(*told, sep="\n")
    suspected = [one for one in found if not one.hit and one.suspected]
    print(*lines("suspicions, unless ordinary from", suspected, ORDINARY_LEVELS, _no_ordinary_talk), sep="\n")
    print(*lines("suspicions, if the category is from", suspected, ORDINARY_LEVELS, _heard), sep="\n")


def _no_ordinary_talk(one: Found, level: float) -> bool:
    return one.ordinary < level


def _heard(one: Found, level: float) -> bool:
    return one.same >= level


if __name__ == "__main__":
    main()
