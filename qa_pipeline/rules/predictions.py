"""What the classifier said of a passage; rules know its words, not the model behind them."""

from __future__ import annotations

from collections.abc import Iterator

from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.types import MatchKind

_DOUBTS = frozenset({"classifier"})


def prediction_check(label: str) -> Check:
    """Holds, doubted, where the classifier counts words of the passage as `label`."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        return tuple(Match((part,), _DOUBTS) for part in _parts(label, hearing))

    return check


def _parts(label: str, hearing: Hearing) -> Iterator[Part]:
    conversation, passage = hearing.conversation, hearing.passage
    ids = [conversation.transcript.utterances[position].id for position in passage.utterances]
    for prediction in conversation.predictions:
        if prediction.label != label or prediction.probability < prediction.threshold:
            continue
        if prediction.utterance_id not in ids:
            continue
        index = ids.index(prediction.utterance_id)
        begin, length = passage.starts[index], len(conversation.normalized[passage.utterances[index]].text)
        end = length if prediction.end_char is None else prediction.end_char
        start = begin + (prediction.start_char or 0)
        yield Part(start, begin + end, MatchKind.CLASSIFIER, prediction=prediction)
