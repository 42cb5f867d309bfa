"""Two voices of one channel grouped again, by how they sound and by what they say.

Sound alone mixes two speakers who sound alike. Words alone are right for nine agent's turns in ten, but they
know nothing of a short reply. Together they settle it: the words give a first guess whose utterance each is,
the guesses give the mean sound of either speaker, the sound and the words give a better guess, and so on
(expectation maximisation, Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from qa_pipeline.types import SpeakerTurn, TimeSpan, Transcript, Utterance

GROUPING = "voice-grouping/3"

WEIGHT_OF_WORDS = 0.75
"""Log odds of single turns overstate, as for whole voices."""

MOST_OF_WORDS = 2.0
WEIGHT_OF_SOUND = 10.0
"""Log odds for a likeness of 1 to one speaker's sound; chosen on the sample voices."""

FULL_SOUND_MS = 1_000
"""Less speech tells less of how somebody sounds."""

ROUNDS = 8

AT_ODDS = 0.7
"""Where sound and words agree on less than this share of the speech whose words tell, the sound does not part
these two speakers: the words alone say whose an utterance is, and nobody may rest a judgement on it. Chosen
on calls of the sample voices, among 0.6, 0.7 and 0.8."""

TELLING = 0.75
"""Log odds from which the words of an utterance tell whose it is."""

UNSURE = 0.75
"""No utterance of such a call is surer than this, nor one whose telling words are the other speaker's: too
little to count (`rules.doubts.SURE_ROLE`)."""

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Sound:
    """Of the utterances that are grouped: a row each, and how much speech it rests on."""

    rows: Figures
    heard_ms: Figures


@dataclass(frozen=True, slots=True)
class _Shared:
    """Time that an utterance and a turn of the same voice have in common, by their places."""

    utterance: int
    turn: int
    ms: int


def regrouped(
    transcript: Transcript,
    odds: Mapping[str, float],
    announced: Collection[str] = (),
    *,
    perhaps_one: bool = False,
) -> Transcript:
    """The transcript with each utterance given to the one of the two main voices that it most likely is.

    Its turns move along, so doing it twice changes nothing. Further voices stay as they are.

    Args:
        odds: log odds of each utterance, by id, being worded like an agent.
        announced: ids of utterances that a machine says, which are a voice of their own.
        perhaps_one: only one may speak, of whom words alone would make two where sound does not part them.
    """
    transcript = _with_announcer(transcript, announced)
    main = _main_voices(transcript.turns)
    grouped = [one for one in transcript.utterances if one.speaker in main and one.span is not None]
    if len(main) < 2:
        return transcript
    shared = _shared(grouped, transcript.turns)
    sound = _sound_of(shared, transcript.turns, len(grouped))
    if (sound.heard_ms > 0).sum() < 2:
        return transcript
    words = np.clip(
        WEIGHT_OF_WORDS * np.array([odds[one.id] for one in grouped]), -MOST_OF_WORDS, MOST_OF_WORDS
    )
    likely, agreement = _settled(sound, words)
    if agreement < AT_ODDS and not perhaps_one:
        likely = _probability(words)
    against = (np.abs(words) >= TELLING) & (np.sign(words) != np.sign(likely - 0.5))
    surest = np.where(against | (agreement < AT_ODDS), UNSURE, 1.0)
    sure = np.minimum(surest, np.maximum(likely, 1 - likely))
    agent, customer = _numbers(grouped, likely, main)
    places = {
        one.id: (agent if share >= 0.5 else customer, round(float(confidence), 3))
        for one, share, confidence in zip(grouped, likely, sure, strict=True)
    }
    return replace(
        transcript,
        utterances=tuple(_moved(one, places) for one in transcript.utterances),
        turns=_turns_moved(transcript.turns, shared, [places[one.id] for one in grouped]),
    )


def _with_announcer(transcript: Transcript, announced: Collection[str]) -> Transcript:
    """What a machine says under a number after those of the turns, so that it stays the same every time."""
    if not announced or not transcript.turns:
        return transcript
    number = max(turn.speaker for turn in transcript.turns) + 1
    utterances = tuple(
        replace(one, speaker=number, speaker_confidence=1.0) if one.id in announced else one
        for one in transcript.utterances
    )
    return replace(transcript, utterances=utterances)


def _main_voices(turns: Sequence[SpeakerTurn]) -> tuple[int, ...]:
    """The two voices that speak most, of turns whose sound is known."""
    spoken: dict[int, int] = {}
    for turn in turns:
        if turn.timbre:
            spoken[turn.speaker] = spoken.get(turn.speaker, 0) + turn.span.duration_ms
    return tuple(sorted(spoken, key=lambda voice: (-spoken[voice], voice))[:2])


class _Timeline:
    """Spans of time that tell which of them lie at another one without looking at each.

    Sorted by their starts, those that begin before the other one ends are the first so many, and those that
    all end before it begins are the first so many, too.
    """

    def __init__(self, spans: Sequence[TimeSpan]) -> None:
        self._order = sorted(range(len(spans)), key=lambda place: spans[place].start_ms)
        self._starts = [spans[place].start_ms for place in self._order]
        self._ended = list(accumulate((spans[place].end_ms for place in self._order), max))

    def at(self, span: TimeSpan) -> list[int]:
        """The places of all spans that overlap with this one, in order; others may be among them."""
        first, end = bisect_right(self._ended, span.start_ms), bisect_left(self._starts, span.end_ms)
        return sorted(self._order[first:end])


def _shared(grouped: Sequence[Utterance], turns: Sequence[SpeakerTurn]) -> tuple[_Shared, ...]:
    timeline = _Timeline([turn.span for turn in turns])
    return tuple(
        _Shared(place, number, ms)
        for place, one in enumerate(grouped)
        if one.span is not None
        for number in timeline.at(one.span)
        if turns[number].speaker == one.speaker and (ms := turns[number].span.overlap_ms(one.span))
    )


def _sound_of(shared: Sequence[_Shared], turns: Sequence[SpeakerTurn], utterances: int) -> _Sound:
    parts = max((len(turn.timbre) for turn in turns), default=0)
    rows, heard_ms = np.zeros((utterances, parts)), np.zeros(utterances)
    for both in shared:
        timbre = turns[both.turn].timbre
        if timbre:
            rows[both.utterance] += both.ms * np.array(timbre)
            heard_ms[both.utterance] += both.ms
    return _Sound(rows / np.maximum(heard_ms, 1)[:, np.newaxis], heard_ms)


def _settled(sound: _Sound, words: Figures) -> tuple[Figures, float]:
    """The probability of each utterance being the agent's, and how far sound and words agree on it, 0..1."""
    likely = _probability(words)
    likeness = np.zeros(len(words))
    trust = np.sqrt(np.minimum(1, sound.heard_ms / FULL_SOUND_MS))
    for _ in range(ROUNDS):
        agent, customer = (_means_of_others(sound, share) for share in (likely, 1 - likely))
        apart = agent - customer
        from_middle = sound.rows - (agent + customer) / 2
        lengths = np.linalg.norm(from_middle, axis=1) * np.linalg.norm(apart, axis=1)
        likeness = (from_middle * apart).sum(axis=1) / np.maximum(lengths, 1e-9)
        told = _probability(WEIGHT_OF_SOUND * trust * likeness + words)
        likely = (likely + told) / 2
    telling = sound.heard_ms * (np.abs(words) > TELLING)
    agreeing = telling[np.sign(likeness) == np.sign(words)].sum()
    return likely, float(agreeing / telling.sum()) if telling.any() else 0.0


def _probability(odds: Figures) -> Figures:
    """Of log odds."""
    probability: Figures = 1 / (1 + np.exp(-odds))
    return probability


def _means_of_others(sound: _Sound, share: Figures) -> Figures:
    """The mean sound of a speaker for each utterance, without itself: it is no witness to itself."""
    weights = (share * sound.heard_ms)[:, np.newaxis]
    weighted = weights * sound.rows
    means: Figures = (weighted.sum(axis=0) - weighted) / np.maximum(weights.sum() - weights, 1e-9)
    return means


def _numbers(grouped: Sequence[Utterance], likely: Figures, main: Sequence[int]) -> tuple[int, int]:
    """The numbers of the agent's and the customer's voice: as they are mostly called already."""
    first, second = main
    lead = sum(
        (share - 0.5) * (1 if one.speaker == first else -1) * (one.span.duration_ms if one.span else 0)
        for one, share in zip(grouped, likely, strict=True)
    )
    return (first, second) if lead >= 0 else (second, first)


def _moved(one: Utterance, places: Mapping[str, tuple[int, float]]) -> Utterance:
    if one.id not in places:
        return one
    speaker, confidence = places[one.id]
    return replace(one, speaker=speaker, speaker_confidence=confidence)


def _turns_moved(
    turns: Sequence[SpeakerTurn], shared: Sequence[_Shared], places: Sequence[tuple[int, float]]
) -> tuple[SpeakerTurn, ...]:
    """Each turn where the utterance went that it has most in common with."""
    most: dict[int, _Shared] = {}
    for both in shared:
        if both.turn not in most or both.ms > most[both.turn].ms:
            most[both.turn] = both
    moved = list(turns)
    for number, both in most.items():
        speaker, confidence = places[both.utterance]
        moved[number] = replace(turns[number], speaker=speaker, confidence=confidence)
    return tuple(moved)
