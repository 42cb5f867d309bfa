"""Why something is uncertain: the codes, what each means to a reader, and where each begins.

A finding carries its doubts as codes; an element result carries them as sentences among its explanation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from qa_pipeline.language.certainty import HEARD_OTHERWISE
from qa_pipeline.rules.matches import Match
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.recognition import UNSURE, guessed, least_probability
from qa_pipeline.types import CallType, Conversation, Evidence, MatchKind, Message, Role, message

SURE_ROLE = 0.8
"""Below this confidence an utterance may well be the other speaker's."""

SURE_CALL_TYPE = 0.8
"""Below this confidence the call may well be of another type."""

WORST_RECOGNITION = math.exp(-1) * HEARD_OTHERWISE
"""Whisper calls a decoding failed below a mean log probability of -1 (Radford et al. 2022, 4.5); this is what
is left of such words where a second hearing has others."""

SURE_SENSE = 0.72
"""In words recognised less surely a sense that only the classifier hears is not certain. Of 17 such hits
between this and 0.8 in 124 spoken development calls all were right, of four below it two."""

BADLY_RECOGNISED = 0.6
"""A sentence recognised with less confidence may have been any other. With it no debt that was rightly told
after a misheard identity check is a hit in 84 spoken development calls. 0.8 did as well there; the counts of
the sealed ones showed that it doubted more right hits."""

FAR = 0.1
"""Phonetic distance above which what was heard may well be another phrase: a near syllable in every third."""

CHANCE = 2
"""So many syllables alone may be any word."""

FAINT = "faint"
"""The classifier hears it, but below the level from which on it speaks up."""

GIVEN_UP = "pattern_timeout"
"""A pattern took too long on a passage: whether it holds there, and where, is not known."""

MAY_ACQUIT = "exemption_unsure"
"""What was said around the words may acquit."""

NEEDS_CASE_DATA = "needs_case_data:"

_MEANINGS = {
    "role_unknown": message("Uncertain: it is not known who speaks."),
    "role_low_confidence": message("Uncertain: it is not sure who speaks."),
    "phonetic": message("Uncertain: the words only sound similar."),
    "homophone_common_word": message("Uncertain: the words heard are everyday words that sound the same."),
    "low_recognition": message("Uncertain: the words were badly recognised."),
    "inaudible": message("Uncertain: a part of the call could not be heard."),
    "call_type_unsure": message("Uncertain: it is not sure whom the agent reached."),
    MAY_ACQUIT: message("Uncertain: the words around it may acquit."),
    "pattern_weak": message("Uncertain: the wording only hints at it."),
    GIVEN_UP: message("Uncertain: a pattern of the rule pack took too long on these words."),
    "heard_ordinary": message(
        "Uncertain: a rule found it, but the classifier takes the words for ordinary talk."
    ),
    "unheard": message(
        "Uncertain: a rule found it, but the classifier hears nothing of the kind in the words."
    ),
    "named_otherwise": message(
        "Uncertain: only the classifier takes the words for it; a rule names them as another violation."
    ),
    "classifier": message("Uncertain: no rule found it, only the classifier takes the words for it."),
    FAINT: message(
        "Uncertain: the classifier hears it only faintly; shown because the call holds a certain violation."
    ),
}
DOUBTS = tuple(_MEANINGS)

_LOW_RECOGNITION = frozenset({"low_recognition"})


def meaning(doubt: str) -> Message:
    """What a doubt means to a reader."""
    if doubt.startswith(NEEDS_CASE_DATA):
        return message(
            "Uncertain: the case data do not state {field}.", field=doubt.removeprefix(NEEDS_CASE_DATA)
        )
    return _MEANINGS[doubt]


def in_order(doubts: Iterable[str]) -> tuple[str, ...]:
    """Doubts, each once, in the order of the table and then of the alphabet."""
    return tuple(
        sorted(set(doubts), key=lambda doubt: (DOUBTS.index(doubt) if doubt in DOUBTS else 99, doubt))
    )


def role_doubts(passage: Passage) -> frozenset[str]:
    """What speaks against the passage being its speaker's."""
    if passage.role is Role.UNKNOWN:
        return frozenset({"role_unknown"})
    return frozenset({"role_low_confidence"}) if passage.role_confidence < SURE_ROLE else frozenset()


def recognition_doubts(evidence: Iterable[Evidence]) -> frozenset[str]:
    """What speaks against quotes that were recognised as badly as this."""
    bad = any(part.confidence < WORST_RECOGNITION for part in evidence)
    return _LOW_RECOGNITION if bad else frozenset()


def sense_doubts(evidence: Iterable[Evidence]) -> frozenset[str]:
    """What speaks against a violation that only the classifier hears in words recognised like this."""
    bad = any(part.match is MatchKind.CLASSIFIER and part.confidence < SURE_SENSE for part in evidence)
    return _LOW_RECOGNITION if bad else frozenset()


def wording_doubts(match: Match, passage: Passage) -> frozenset[str]:
    """What speaks against words that are not what was heard: nothing around them was, or it was heard surely.

    Letters that make no sense fit some word of two syllables by chance: a pack has thousands. So does a word
    as short as that whose letters the recogniser guessed; where a rule knows it by its sound, it never went
    by the letters.
    """
    if _by_chance(match) or (_is_respelled(match, passage) and _heard_surely(match, passage)):
        return frozenset({"phonetic"})
    by_letters = match.end - match.start <= CHANCE and all(part.heard_as is None for part in match.parts)
    return _LOW_RECOGNITION if by_letters and guessed(passage, match.start, match.end) else frozenset()


def fits_by_chance(match: Match, passage: Passage) -> bool:
    """Whether two syllables alone were put back, though no recogniser was unsure of them: 先揍 for 钱走."""
    return _by_chance(match) and _heard_surely(match, passage)


def _by_chance(match: Match) -> bool:
    alone = bool(match.parts) and all(part.restored for part in match.parts)
    return alone and match.end - match.start <= CHANCE


def _is_respelled(match: Match, passage: Passage) -> bool:
    """Whether the wording was heard otherwise; the sense of a sentence does not hang on one of its words."""
    return any(
        part.kind is not MatchKind.CLASSIFIER and passage.respelled(part.start, part.end)
        for part in match.parts
    )


def _heard_surely(match: Match, passage: Passage) -> bool:
    least = least_probability(passage, match.start, match.end)
    return least is None or least >= UNSURE


def call_type_doubts(conversation: Conversation, call_types: Iterable[CallType]) -> frozenset[str]:
    """What speaks against a judgement that rests on the call being one of these."""
    unsure = conversation.call_type_confidence < SURE_CALL_TYPE and bool(tuple(call_types))
    return frozenset({"call_type_unsure"}) if unsure else frozenset()
