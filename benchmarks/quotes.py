"""How near the times of quotes are to the truth, within turns as well as at their edges.

A clause is a quote that anybody might point at. When it was really said is read off the clean channel of its
speaker: a pause lies where a mark stands in the text. Clauses whose marks have no pause are left out, and so
are those whose first or last characters recognition did not get, since their edges are another quote's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qa_pipeline.language.phonetics import syllables
from qa_pipeline.rules.evidence import time_of
from qa_pipeline.types import TimeSpan, Utterance

NEAR_MS = 500
"""An edge within half a second of the truth is right."""

_FRAME_MS = 10
_PAUSE_FRAMES = 10
_AS_EXPECTED_MS = 500
"""A pause this far from where even talk would have its mark may belong to another mark; where two lie nearer,
nobody can say which of them it is."""

_SHORTEST = 4
_ENOUGH = 0.75
_AROUND_MS = 3_000
_MARK = re.compile(r"[，。？！；：、,.?!;:\s]+")

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Words between two marks, and when they were said."""

    text: str
    span: TimeSpan


def clauses_of(text: str, sound: Samples, rate_hz: int, start_ms: int) -> Iterator[Clause]:
    """The clauses of a turn whose edges can be heard.

    Args:
        sound: of the turn alone, clean.
        start_ms: where it begins in the recording.
    """
    sounding = _sounding(sound, rate_hz)
    if not sounding:
        return
    texts = [clause for clause in _MARK.split(text) if clause]
    total = sum(map(len, texts))
    spoken = [frame for first, end in sounding for frame in range(first, end)]
    starts: list[int | None] = [sounding[0][0]]
    ends: list[int | None] = []
    said = 0
    for clause in texts[:-1]:
        said += len(clause)
        expected = spoken[min(len(spoken) - 1, said * len(spoken) // total)]
        pause = _pause_near(sounding, expected)
        ends.append(None if pause is None else pause[0])
        starts.append(None if pause is None else pause[1])
    ends.append(sounding[-1][1])
    for clause, first, end in zip(texts, starts, ends, strict=True):
        if first is not None and end is not None and end > first and len(clause) >= _SHORTEST:
            span = TimeSpan(start_ms=start_ms + first * _FRAME_MS, end_ms=start_ms + end * _FRAME_MS)
            yield Clause(text=clause, span=span)


def _sounding(sound: Samples, rate_hz: int) -> list[tuple[int, int]]:
    """Stretches of frames with sound, those with less than a pause between them joined."""
    frame = rate_hz * _FRAME_MS // 1000
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    level = np.sqrt((frames**2).mean(axis=1))
    stretches: list[tuple[int, int]] = []
    for index in np.flatnonzero(level > 0.1 * np.sqrt((sound**2).mean())).tolist():
        if stretches and index - stretches[-1][1] < _PAUSE_FRAMES:
            stretches[-1] = (stretches[-1][0], index + 1)
        else:
            stretches.append((index, index + 1))
    return stretches


def _pause_near(sounding: Sequence[tuple[int, int]], frame: int) -> tuple[int, int] | None:
    """The one pause where a mark is to be expected."""
    pauses = [(one[1], other[0]) for one, other in pairwise(sounding)]
    near = [pause for pause in pauses if abs(sum(pause) / 2 - frame) * _FRAME_MS <= _AS_EXPECTED_MS]
    return near[0] if len(near) == 1 else None


def compare(clauses: Sequence[Clause], utterances: Sequence[Utterance]) -> Counter[str]:
    """Edges of quotes that are near the truth, of the clauses that were recognised."""
    sums = Counter[str]()
    for clause in clauses:
        sums["clauses"] += 1
        places = [span for one in utterances if (span := _found(clause, one)) is not None]
        if not places:
            continue
        found = min(places, key=lambda span: abs(span.start_ms - clause.span.start_ms))
        start_near = abs(found.start_ms - clause.span.start_ms) <= NEAR_MS
        end_near = abs(found.end_ms - clause.span.end_ms) <= NEAR_MS
        sums["quotes"] += 1
        sums["starts near"] += start_near
        sums["ends near"] += end_near
        sums["both near"] += start_near and end_near
    return sums


def _found(clause: Clause, utterance: Utterance) -> TimeSpan | None:
    """The time the product gives the clause in an utterance; None where it was not recognised there."""
    span = utterance.span
    if (
        span is None
        or span.start_ms > clause.span.end_ms + _AROUND_MS
        or span.end_ms < clause.span.start_ms - _AROUND_MS
    ):
        return None
    meant, heard = syllables(clause.text), syllables(utterance.text)
    blocks = SequenceMatcher(a=heard, b=meant, autojunk=False).get_matching_blocks()[:-1]
    if not blocks or sum(block.size for block in blocks) < _ENOUGH * len(meant):
        return None
    first, last = blocks[0], blocks[-1]
    if first.b != 0 or last.b + last.size != len(meant):
        return None
    return time_of(utterance, first.a, last.a + last.size)
