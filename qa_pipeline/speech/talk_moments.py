"""Single moments of a talk that strike by how it is said: cutting in, waiting, haste, shouting, fillers.

Every figure is on the careful side: what is found here may cost a point, so short overlaps, replies like 嗯
and pauses that somebody announced are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from qa_pipeline.types import LineSound, Role, TalkMoment, TalkMomentKind, TimeSpan, Transcript, Utterance

HEARD_BEFORE_MS = 1_000
"""Who is cut off must have spoken so long: two who begin together interrupt nobody."""

OVER_EACH_OTHER_MS = 700
"""Less is how turns change: most overlaps are shorter (Heldner and Edlund 2010)."""

REPLY_CHARACTERS = 4
"""嗯, 对, 好的 while the other speaks is listening."""

SILENCE_MS = 5_000
MONOLOGUE_MS = 30_000
MONOLOGUE_PAUSE_MS = 2_000
"""A pause up to this long goes on with a monologue, if nobody else speaks in it."""

SPEED_CHARACTERS = 30
"""The speed of shorter utterances is chance."""

SPEED = 300.0
LOUDER_DB = 8.0
LEVELS_TO_COMPARE = 5
FILLERS = 6.0
FILLER_CHARACTERS = 60
"""The listed moments begin at these figures; from where on one is a fault is for the rule pack to say."""

_SPOKEN = re.compile(r"[0-9A-Za-z\u3400-\u9fff]")
_FILLER = re.compile(
    "嗯+|呃+|(?<![金全总限差定名余数])额+(?!度|外)|那个|就是说|然后呢|这个这个|怎么说呢|那啥|啊这"
)
_WAIT = re.compile("稍等|等一下|等下|稍候|稍后|等一会|查一下|查询一下|看一下|核实一下|别挂|不要挂")


def characters(text: str) -> int:
    """Characters that are spoken: no punctuation."""
    return len(_SPOKEN.findall(text))


def fillers(text: str) -> int:
    """How many fillers a text has."""
    return len(_FILLER.findall(text))


def talk_moments(transcript: Transcript) -> tuple[TalkMoment, ...]:
    """The moments of a transcript whose utterances all have times, in order of time."""
    said = sorted((one for one in transcript.utterances if one.span), key=lambda one: (_span(one), one.id))
    moments = [
        *_interruptions(said),
        *_silences(said, transcript.sounds),
        *monologues(said),
        *_speeds(said),
        *_loudness(said),
        *_fillers(said),
    ]
    known = (moment for moment in moments if moment.role is not Role.UNKNOWN)
    return tuple(sorted(known, key=lambda moment: (moment.span, moment.kind)))


def explained(span: TimeSpan, before: Utterance | None, sounds: Sequence[LineSound]) -> bool:
    """Whether somebody was asked to wait before a silence, or music or a tone fills a part of it."""
    if before is not None and _WAIT.search(before.text):
        return True
    return any(sound.span.overlap_ms(span) > span.duration_ms // 4 for sound in sounds)


def _interruptions(said: Sequence[Utterance]) -> Iterator[TalkMoment]:
    """Who cuts in begins later, talks over the other, and goes on when the other has stopped."""
    for index, later in enumerate(said):
        if characters(later.text) <= REPLY_CHARACTERS or later.role is Role.UNKNOWN:
            continue
        for earlier in said[max(0, index - 3) : index]:
            both = _span(earlier).overlap_ms(_span(later))
            if (
                earlier.role not in {later.role, Role.UNKNOWN}
                and _span(later).start_ms - _span(earlier).start_ms >= HEARD_BEFORE_MS
                and both >= OVER_EACH_OTHER_MS
                and _span(later).end_ms > _span(earlier).end_ms
            ):
                start_ms = _span(later).start_ms
                span = TimeSpan(start_ms=start_ms, end_ms=start_ms + both)
                yield _moment(TalkMomentKind.INTERRUPTION, later, span, both)
                break


def _silences(said: Sequence[Utterance], sounds: Sequence[LineSound]) -> Iterator[TalkMoment]:
    """Long pauses before an answer, told of who answers at last."""
    end_ms = 0
    before: Utterance | None = None
    for one in said:
        if before is not None and _span(one).start_ms - end_ms >= SILENCE_MS:
            span = TimeSpan(start_ms=end_ms, end_ms=_span(one).start_ms)
            if one.role is not before.role and not explained(span, before, sounds):
                yield _moment(TalkMomentKind.SILENCE, one, span, span.duration_ms)
        if _span(one).end_ms >= end_ms:
            end_ms, before = _span(one).end_ms, one


def monologues(said: Sequence[Utterance], *, at_least_ms: int = MONOLOGUE_MS) -> Iterator[TalkMoment]:
    """Stretches in which one role alone speaks, short pauses included, told of their last utterance."""
    group: list[Utterance] = []
    for one in [*said, None]:
        goes_on = (
            one is not None
            and bool(group)
            and one.role is group[-1].role
            and _span(one).start_ms - _span(group[-1]).end_ms <= MONOLOGUE_PAUSE_MS
        )
        if group and not goes_on:
            span = TimeSpan(
                start_ms=_span(group[0]).start_ms, end_ms=max(_span(each).end_ms for each in group)
            )
            if span.duration_ms >= at_least_ms:
                yield _moment(TalkMomentKind.MONOLOGUE, group[-1], span, span.duration_ms)
            group = []
        if one is not None:
            group.append(one)


def _speeds(said: Sequence[Utterance]) -> Iterator[TalkMoment]:
    for one in said:
        count, length_ms = characters(one.text), _span(one).duration_ms
        if count >= SPEED_CHARACTERS and length_ms and count * 60_000 / length_ms >= SPEED:
            yield _moment(TalkMomentKind.SPEED, one, _span(one), round(count * 60_000 / length_ms, 1))


def _loudness(said: Sequence[Utterance]) -> Iterator[TalkMoment]:
    """Utterances far above the median level of their speaker's."""
    for role in (Role.AGENT, Role.CUSTOMER):
        own = [one for one in said if one.role is role and one.level_db is not None]
        levels = [one.level_db for one in own if one.level_db is not None]
        if len(levels) < LEVELS_TO_COMPARE:
            continue
        usual = median(levels)
        for one, level in zip(own, levels, strict=True):
            if level - usual >= LOUDER_DB:
                yield _moment(TalkMomentKind.LOUDNESS, one, _span(one), round(level - usual, 1))


def _fillers(said: Sequence[Utterance]) -> Iterator[TalkMoment]:
    """Stretches of one role's turns in a row, long enough to judge, that are full of fillers."""
    group: list[Utterance] = []
    for one, following in pairwise([*said, None]):
        if one is None:
            break
        group = [*group, one] if group and group[-1].role is one.role else [one]
        count = sum(characters(each.text) for each in group)
        if count < FILLER_CHARACTERS or (following is not None and following.role is one.role):
            continue
        rate = 100 * sum(fillers(each.text) for each in group) / count
        if rate >= FILLERS:
            span = TimeSpan(start_ms=_span(group[0]).start_ms, end_ms=_span(one).end_ms)
            yield _moment(TalkMomentKind.FILLERS, one, span, round(rate, 1))


def _moment(kind: TalkMomentKind, one: Utterance, span: TimeSpan, value: float) -> TalkMoment:
    return TalkMoment(kind=kind, utterance_id=one.id, role=one.role, span=span, value=float(value))


def _span(one: Utterance) -> TimeSpan:
    assert one.span is not None
    return one.span
