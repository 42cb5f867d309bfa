"""What the classifier said of a passage; rules know its words, not the model behind them."""

from __future__ import annotations

from collections.abc import Iterator

from qa_pipeline.rules.case_data import metadata_check
from qa_pipeline.rules.doubts import FAINT
from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.schema import HeardOtherwise
from qa_pipeline.types import MatchKind

LIKELIER = 0.5
"""Recognised words may be others, so a violation in them must at least be likelier than not."""

_DOUBTS = frozenset({"classifier"})
_FAINT = frozenset({"classifier", FAINT})


def prediction_check(charge: HeardOtherwise) -> Check:
    """Holds where the classifier counts words of the passage as what the charge rests on.

    It is doubted unless the charge may hit and the classifier is certain, in recognised words from `LIKELIER`
    on. What it hears below its threshold is faint.
    """

    def doubts(part: Part, passage: Passage) -> frozenset[str]:
        if not _counts(part):
            return _FAINT
        given = passage.utterance_at(part.start).quality is None
        certain = _is_certain(part, at_least=0.0 if given else LIKELIER)
        return frozenset() if charge.may_hit and certain else _DOUBTS

    given = metadata_check(charge.given) if charge.given is not None else None

    def check(hearing: Hearing) -> tuple[Match, ...]:
        cases = given(hearing) if given is not None else (Match(),)
        return tuple(
            Match((part,), case.doubts | doubts(part, hearing.passage))
            for part in _parts(charge.heard_as, hearing)
            for case in cases
        )

    return check


def meaning_check(label: str) -> Check:
    """Holds where a classifier is certain that words of the passage have a meaning, or fulfil an element."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        return tuple(Match((part,)) for part in _parts(label, hearing) if _is_certain(part))

    return check


def _counts(part: Part) -> bool:
    return part.prediction is not None and part.prediction.probability >= part.prediction.threshold


def _is_certain(part: Part, *, at_least: float = 0.0) -> bool:
    prediction = part.prediction
    return prediction is not None and prediction.probability >= max(prediction.certain, at_least)


def _parts(label: str, hearing: Hearing) -> Iterator[Part]:
    conversation, passage = hearing.conversation, hearing.passage
    ids = [conversation.transcript.utterances[position].id for position in passage.utterances]
    for prediction in conversation.predictions:
        if prediction.label != label or prediction.utterance_id not in ids:
            continue
        index = ids.index(prediction.utterance_id)
        begin, length = passage.starts[index], len(conversation.normalized[passage.utterances[index]].text)
        end = length if prediction.end_char is None else prediction.end_char
        start = begin + (prediction.start_char or 0)
        yield Part(start, begin + end, MatchKind.CLASSIFIER, prediction=prediction)
