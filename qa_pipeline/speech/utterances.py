"""From words heard in regions to utterances: simplified, filtered, joined to turns, cut where long."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from opencc import OpenCC

from qa_pipeline.speech.hallucination import Suspicion, compression_ratio, invented_ranges, is_invented
from qa_pipeline.types import DecodingQuality, Role, SpeechRegion, TimeSpan, Utterance, Word

TURN_PAUSE_MS = 1_000
"""A pause up to this long does not end a turn, unless the other side speaks in it."""

MAX_UTTERANCE_MS = 15_000
"""A longer turn becomes several utterances, so that a quote can be found by ear."""

_MARKS = " ,.?!;:，。？！；：、…"

_PARTICLE_ZHE = re.compile(r"(?<![显卓名编论原专巨遗译])著(?![名作者称述书])")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionText:
    """What was heard in one region; no words where nothing was.

    Args:
        level_db: how loud it is, in decibels below full scale.
    """

    region: SpeechRegion
    words: tuple[Word, ...]
    no_speech_prob: float
    temperature: float = 0.0
    level_db: float | None = None

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    @property
    def avg_logprob(self) -> float:
        """Mean log probability of the words; 0 without any."""
        return _mean_logprob(self.words)


def cleaned(heard: RegionText, prompt: str = "") -> RegionText:
    """The region in simplified characters and without text that the model invented."""
    text = heard.text
    suspicion = Suspicion(
        duration_ms=heard.region.span.duration_ms,
        no_speech_prob=heard.no_speech_prob,
        avg_logprob=heard.avg_logprob,
        prompt=prompt,
    )
    if is_invented(text, suspicion):
        return replace(heard, words=())
    return replace(heard, words=_simplified(without_invented(heard.words)))


def without_invented(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words without those of subtitle credits and of loops."""
    return _without(words, invented_ranges("".join(word.text for word in words)))


def utterances_from(heard: Iterable[RegionText], *, join_turns: bool) -> tuple[Utterance, ...]:
    """Utterances of a whole recording in order of time.

    Args:
        heard: regions of every channel, cleaned, in any order.
        join_turns: join what one voice says with pauses up to `TURN_PAUSE_MS`; not where a channel carries
            speakers that nobody told apart, since the pause may be between them.
    """
    ordered = sorted(heard, key=lambda one: (one.region.span, one.region.channel))
    parts: list[tuple[RegionText, tuple[Word, ...]]] = []
    for voice in sorted({_voice(one) for one in ordered}):
        others = [one.region.span for one in ordered if _voice(one) != voice]
        parts.extend(
            _turns([one for one in ordered if _voice(one) == voice and one.words], others, join_turns)
        )
    begun = [(first, own) for first, words in parts if (own := _from_first_word(words))]
    begun.sort(key=lambda part: (part[1][0].span.start_ms, part[0].region.channel))
    return tuple(_utterance(number, first, words) for number, (first, words) in enumerate(begun, start=1))


def _voice(heard: RegionText) -> tuple[int, int]:
    """Channel and speaker, -1 where the channel has one."""
    speaker = heard.region.speaker
    return heard.region.channel, -1 if speaker is None else speaker


def _from_first_word(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without the marks that ended the sentence before: alignment hands them to the region that follows."""
    for index, word in enumerate(words):
        text = word.text.lstrip(_MARKS)
        if text:
            alternatives = word.alternatives[len(word.text) - len(text) :]
            return (replace(word, text=text, alternatives=alternatives), *words[index + 1 :])
    return ()


def _turns(
    heard: Sequence[RegionText], others: Sequence[TimeSpan], join_turns: bool
) -> Iterable[tuple[RegionText, tuple[Word, ...]]]:
    turn: list[RegionText] = []
    for one in heard:
        if turn and not (join_turns and _same_turn(turn, one, others)):
            yield turn[0], tuple(word for part in turn for word in part.words)
            turn = []
        if one.region.span.duration_ms > MAX_UTTERANCE_MS:
            yield from ((one, words) for words in _cut(one.words))
        else:
            turn.append(one)
    if turn:
        yield turn[0], tuple(word for part in turn for word in part.words)


def _same_turn(turn: Sequence[RegionText], following: RegionText, others: Sequence[TimeSpan]) -> bool:
    if turn[-1].region.stretch != following.region.stretch:
        return False
    pause = (turn[-1].region.span.end_ms, following.region.span.start_ms)
    if pause[1] - pause[0] > TURN_PAUSE_MS:
        return False
    if following.region.span.end_ms - turn[0].region.span.start_ms > MAX_UTTERANCE_MS:
        return False
    return not any(
        pause[0] <= other.start_ms < pause[1] or pause[0] < other.end_ms <= pause[1] for other in others
    )


def _cut(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """Cut words that last too long at their widest pause, best near the middle, until every part is short."""
    length = words[-1].span.end_ms - words[0].span.start_ms
    if length <= MAX_UTTERANCE_MS or len(words) < 2:
        return [words]
    middle = (words[-1].span.end_ms + words[0].span.start_ms) / 2

    def fitness(index: int) -> float:
        before, after = words[index - 1].span, words[index].span
        off_centre = abs(before.end_ms - middle) / length
        return (after.start_ms - before.end_ms + 50) * (1 - off_centre)

    at = max(range(1, len(words)), key=fitness)
    return [*_cut(words[:at]), *_cut(words[at:])]


def _utterance(number: int, first: RegionText, words: tuple[Word, ...]) -> Utterance:
    text = "".join(word.text for word in words)
    return Utterance(
        id=f"u{number:04d}",
        role=Role.UNKNOWN,
        role_confidence=0.0,
        channel=first.region.channel,
        speaker=first.region.speaker,
        speaker_confidence=first.region.speaker_confidence,
        level_db=first.level_db,
        span=TimeSpan(start_ms=words[0].span.start_ms, end_ms=words[-1].span.end_ms),
        text=text.strip(),
        words=words,
        quality=DecodingQuality(
            avg_logprob=round(_mean_logprob(words), 4),
            no_speech_prob=round(first.no_speech_prob, 4),
            compression_ratio=round(compression_ratio(text), 4),
            temperature=first.temperature,
        ),
    )


def _mean_logprob(words: Sequence[Word]) -> float:
    return sum(math.log(max(word.probability, 1e-4)) for word in words) / len(words) if words else 0.0


def _without(words: tuple[Word, ...], ranges: Sequence[tuple[int, int]]) -> tuple[Word, ...]:
    """The words that do not touch a range of characters of their joined text."""
    if not ranges:
        return words
    edges = [0]
    for word in words:
        edges.append(edges[-1] + len(word.text))
    places = zip(words, pairwise(edges), strict=True)
    return tuple(
        word for word, (start, end) in places if all(end <= first or start >= last for first, last in ranges)
    )


def _simplified(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Traditional characters made simplified, in context where the length allows, else word by word."""
    text = "".join(word.text for word in words)
    converted = simplified(text)
    if len(converted) != len(text):
        return tuple(_rewritten(word, simplified(word.text)) for word in words)
    rewritten = []
    at = 0
    for word in words:
        rewritten.append(_rewritten(word, converted[at : at + len(word.text)]))
        at += len(word.text)
    return tuple(rewritten)


def _rewritten(word: Word, text: str) -> Word:
    """The word in other characters; alternatives belong to its own only."""
    return replace(word, text=text, alternatives=word.alternatives if len(text) == len(word.text) else ())


def simplified(text: str) -> str:
    """The text in the simplified characters of the mainland.

    OpenCC's t2s works by words and leaves two things that matter on these calls: 帳 becomes 帐 where the
    mainland writes 账 (账单, 账户), and 著 stays where it is the particle 着. What may come out wrong: 帐 in
    帐篷, and the few words where 著 is meant and that `_PARTICLE_ZHE` does not know.
    """
    converted: str = _converter().convert(text)
    return _PARTICLE_ZHE.sub("着", converted).replace("帐", "账")


@cache
def _converter() -> Any:
    return OpenCC("t2s")
