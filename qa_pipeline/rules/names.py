"""Where the names that the case data give are said: of the lender, the agency and the product."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.phonetics import substitution_cost, syllables
from qa_pipeline.rules.grammar import NamedCondition
from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.phrases import FARTHEST
from qa_pipeline.types import MatchKind

_LEGAL_FORM = re.compile("(?:股份|责任)*有限(?:责任)?公司$")
_SHORTEST = 3  # characters of a name; a shorter one is an everyday word
_NEAR_FROM = 4
"""From so many characters a name counts when nearly heard: 望则铃行 is 望泽银行 where that is the lender."""
_OF_THE_DEBTOR = re.compile("(?<![给找系])[您你](?:在|欠|的|名下|手[上里]|持有|办|跟|向){1,2}.{0,2}$")
"""您在越川银行的卡 names the card, not who calls."""

_OF_A_DEPARTMENT = re.compile("中心|部(?!分)|事业|客服|总行")
"""信用卡中心 names who calls, not the card."""


def named_check(condition: NamedCondition) -> Check:
    """Holds where the name is said, by its letters or nearly its sound, without the legal form at its end."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        name = getattr(hearing.conversation.call, condition.named)
        if name is None:
            return ()
        return tuple(Match((part,)) for part in _said(name, hearing.passage, condition))

    return check


def rests_on_a_name(match: Match, passage: Passage) -> bool:
    """Whether a match is made of the lender's or the agency's name, which says nothing but who calls.

    All of it lies in the name (贷款 of 石屿湾小额贷款), or letters of the name were taken for a word by their
    sound (望鲸 of 望鲸汽车金融 for 网警).
    """
    if not match.parts:
        return False
    call = passage.conversation.call
    names = [
        said
        for name in (call.institution, call.agency)
        if name is not None
        for said in _places(name, passage, _SHORTEST)
    ]

    def inside(start: int, end: int) -> bool:
        return any(name.start <= start and end <= name.end for name in names)

    by_sound = (
        part for part in match.parts if part.heard_as is not None or passage.respelled(part.start, part.end)
    )
    return inside(match.start, match.end) or any(inside(part.start, part.end) for part in by_sound)


def _said(name: str, passage: Passage, condition: NamedCondition) -> Iterator[Part]:
    for said in _places(_begun(name, condition.beginning), passage, _shortest(condition)):
        if condition.named != "product" and _OF_THE_DEBTOR.search(passage.text[: said.start]):
            continue
        if condition.named == "product" and _OF_A_DEPARTMENT.match(passage.text, said.end):
            continue
        yield said


def _begun(name: str, beginning: int | None) -> str:
    """The name, or as much of a longer one as is enough."""
    core, _ = _spoken(name)
    return core[:beginning] if beginning is None or len(core) > beginning else ""


def _shortest(condition: NamedCondition) -> int:
    if condition.beginning is not None:
        return condition.beginning
    return 2 if condition.named == "product" else _SHORTEST


def _places(name: str, passage: Passage, shortest: int) -> Iterator[Part]:
    """Wherever a name is said; nowhere if it is shorter than that."""
    core, sounds = _spoken(name)
    if len(core) < shortest:
        return
    for start in range(len(passage.text) - len(core) + 1):
        end = start + len(core)
        distance = _distance(passage.syllables[start:end], sounds)
        if distance > (FARTHEST if len(core) >= _NEAR_FROM else 0):
            continue
        same = passage.text[start:end] == core
        kind = MatchKind.EXACT if same else MatchKind.PHONETIC
        yield Part(start, end, kind, distance, heard_as=None if same else core)


def _distance(heard: Sequence[str], sounds: Sequence[str]) -> float:
    """How far apart two names of as many syllables are, for each syllable."""
    return sum(map(substitution_cost, heard, sounds)) / len(sounds)


@lru_cache(maxsize=1024)
def _spoken(name: str) -> tuple[str, tuple[str, ...]]:
    """The name as it is spoken, and its syllables."""
    core = _LEGAL_FORM.sub("", normalize(name).text)
    return core, syllables(core)
