"""What the classifier makes of words that a rule found.

Rules know wordings and the classifier the sense of a sentence. What a rule is sure of and the classifier
takes for ordinary talk, or hears nothing of, goes to a person; what a rule only suspects is dropped where it
is ordinary talk. A suspicion becomes a hit only where the classifier is certain by itself; whether less is
enough beside a suspicion, too few cases tell (`python models/veto.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from qa_pipeline.rules.doubts import SURE_SENSE
from qa_pipeline.rules.matches import Match
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.phrases import plain
from qa_pipeline.types import ORDINARY, Evidence, MatchKind, Prediction

WORDING_DOUBTS = frozenset({"pattern_weak", "phonetic", "homophone_common_word", "exemption_unsure"})
"""Doubts whether words of this kind were said at all; others are about speaker, call or case data."""


class Opinion(IntEnum):
    """What the classifier says against a category, the more the higher."""

    NONE = 0
    UNHEARD = 1
    ORDINARY = 2
    SURELY_ORDINARY = 3


def opinion_on(match: Match, passage: Passage, category: str) -> Opinion:
    """What the classifier says of the words a match rests on: the least of what it says of each part it read.

    It has no opinion where it read nothing, and none on what it heard itself.
    """
    if any(part.kind is MatchKind.CLASSIFIER for part in match.parts):
        return Opinion.NONE
    read = (
        _opinion(prediction, category)
        for prediction in passage.conversation.predictions
        if prediction.label == ORDINARY and _reads(prediction, match, passage)
    )
    return min(read, default=Opinion.NONE)


def drops(opinion: Opinion, doubts: frozenset[str]) -> bool:
    """Whether nothing is left of a match with these doubts."""
    return opinion is Opinion.SURELY_ORDINARY and not doubts.isdisjoint(WORDING_DOUBTS)


def readable(match: Match, passage: Passage, evidence: Iterable[Evidence]) -> bool:
    """Whether the classifier can read what a match rests on.

    It reads letters. Where recognition was unsure of them and the rule went by their sound, they are not what
    was said: 签了 for 欠了 makes a debt told to a third party ordinary talk.
    """
    by_sound = any(
        part.heard_as is not None and plain(part.heard_as) != passage.letters[part.start : part.end]
        for part in match.parts
    )
    unsure = any(part.heard_as is not None and part.confidence < SURE_SENSE for part in evidence)
    return not (by_sound and unsure)


def taken_for_another(match: Match, passage: Passage, category: str) -> bool:
    """Whether the classifier is certain of another violation in the words of a match.

    Then it has understood them, however badly they were recognised.
    """
    predictions = passage.conversation.predictions
    ears = {prediction.model for prediction in predictions if prediction.label == ORDINARY}
    return any(
        prediction.model in ears and prediction.label not in {ORDINARY, category}
        for prediction in _certain(match, passage)
    )


def taken_for_this(match: Match, passage: Passage, category: str) -> bool:
    """Whether a classifier is certain of this very violation in the words of a match.

    It reads the whole sentence: 账号先不用，转到我卡上 is none the less for the negation before the pause. Of
    six such findings in the development dialogues five were right.
    """
    return any(prediction.label == category for prediction in _certain(match, passage))


def _certain(match: Match, passage: Passage) -> Iterator[Prediction]:
    """What the classifiers are certain of in the words of a match."""
    for prediction in passage.conversation.predictions:
        if prediction.probability >= prediction.certain and _reads(prediction, match, passage):
            yield prediction


def opinion_doubts(opinion: Opinion) -> frozenset[str]:
    """What speaks against a match then."""
    match opinion:
        case Opinion.NONE:
            return frozenset()
        case Opinion.UNHEARD:
            return frozenset({"unheard"})
        case _:
            return frozenset({"heard_ordinary"})


def _opinion(prediction: Prediction, category: str) -> Opinion:
    if prediction.probability < prediction.threshold:
        return Opinion.UNHEARD if category in prediction.unheard else Opinion.NONE
    sure = prediction.probability >= prediction.certain
    return Opinion.SURELY_ORDINARY if sure else Opinion.ORDINARY


def _reads(prediction: Prediction, match: Match, passage: Passage) -> bool:
    """Whether a prediction is about characters of the match."""
    for position, begin in zip(passage.utterances, passage.starts, strict=True):
        if passage.conversation.transcript.utterances[position].id != prediction.utterance_id:
            continue
        length = len(passage.conversation.normalized[position].text)
        start = begin + (prediction.start_char or 0)
        end = begin + (length if prediction.end_char is None else prediction.end_char)
        return any(part.start < end and start < part.end for part in match.parts)
    return False
