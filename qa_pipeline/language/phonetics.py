"""Toneless, accent-folded pinyin syllables, and how far apart two strings of them are.

Speech recognition writes 起诉 as 起素 and 征信 as 真信: half of all character errors on telephone Mandarin
are homophones, so phrases are compared by sound as well as by characters. Tones go first: an error keeps the
syllable far more often than the tone. Then two levels of folding follow.

Folded to one (`fold`), since whole dialect regions merge them and speakers do not hear the difference:

* zh z, ch c, sh s: no retroflex series in Wu, Min, Yue and most of Southwestern Mandarin.
* n l at the start: Southwestern, Jianghuai and Xiang Mandarin.
* in ing, en eng: Jianghuai, Southwestern, Wu.

Near but not the same (a substitution costs 0.3 instead of 1), since merging them would join everyday words
(想 and 先, 花 and 发):

* an ang, ian iang, uan uang: Wu, Jianghuai and Min speakers.
* f and hu (发 花, 飞 灰): Min, Xiang, Hakka, parts of Sichuan.
* r and l at the start (人 棱): Min, Shandong.
* the rounded front vowel and i (预 亿, 愿 燕): Yunnan, Hakka, Yue speakers.

Sources: 袁家骅《汉语方言概要》 (2nd ed., 2001) and Jerry Norman, Chinese (1988), chapters 8 and 9, for which
regions merge what; the homophone pairs collected in this field, which are the test table, for what matters.
None of those pairs needs the second level, which is why it only lowers a cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

PHONETICS = "zh-syllables/1"

NEAR_COST = 0.3
PART_COST = 0.6

_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")

# How this field reads a character that stands in no phrase of the dictionary, where the dictionary's first
# reading is another one (我行, 我行会).
_FIELD_READINGS = {"行": "hang", "嗯": "en", "谁": "shei"}

# One reading everywhere. Function words, since the phrase dictionary would read 打的电话 as a taxi ride and
# 都会 as a metropolis, and the same words would sound different from one utterance to the next; 还, since the
# dictionary has 还款 and 还帐 with hai.
_PINNED_READINGS = {
    "的": "de", "了": "le", "着": "zhe", "得": "de", "地": "di", "都": "dou", "没": "mei", "还": "huan",
}  # fmt: skip

_LONGEST_PHRASE = 6


def syllables(text: str) -> tuple[str, ...]:
    """One folded syllable for each character.

    Digits are read as Chinese; a character without a reading stands for itself. Readings follow the phrase
    dictionary (重新 chong, 重量 zhong), longest phrase first from the left.
    """
    spoken = text.translate(_DIGITS)
    phrases = _phrases()
    result: list[str] = []
    position = 0
    while position < len(spoken):
        for length in range(min(_LONGEST_PHRASE, len(spoken) - position), 1, -1):
            phrase = spoken[position : position + length]
            if phrase in phrases:
                result += _phrase_syllables(phrase)
                position += length
                break
        else:
            result.append(_character_syllable(spoken[position]))
            position += 1
    return tuple(result)


def is_phrase(text: str) -> bool:
    """Whether the dictionary of readings knows these characters as one word."""
    return text in _phrases()


def spelled_as(text: str, heard: str, word: str) -> str:
    """The text with every stretch that sounds like `heard` replaced by a word of the same length."""
    sounds, target = syllables(text), syllables(heard)
    characters = list(text)
    for start in range(len(sounds) - len(target) + 1):
        if sounds[start : start + len(target)] == target:
            characters[start : start + len(target)] = word
    return "".join(characters)


_PINYIN = re.compile(r"[a-zê]{2,6}")
_RETROFLEX = re.compile(r"^([zcs])h")
_INITIAL_N = re.compile(r"^n(?=[aeiouv])")
_BACK_NASAL = re.compile(r"(?<=[ie])ng$")


@cache
def fold(syllable: str) -> str:
    """The syllable all accents of its class share; anything that is not pinyin comes back unchanged."""
    if not _PINYIN.fullmatch(syllable):
        return syllable
    return _BACK_NASAL.sub("n", _INITIAL_N.sub("l", _RETROFLEX.sub(r"\1", syllable)))


def substitution_cost(first: str, second: str) -> float:
    """Cost of hearing one folded syllable for another.

    Returns:
        0 for the same, 0.3 for a near one, 0.6 where initial or final agree, 1 otherwise.
    """
    return _cost(first, second) if first <= second else _cost(second, first)


def distance(first: str | Sequence[str], second: str | Sequence[str]) -> float:
    """Weighted edit distance divided by the longer length: 0 for the same sounds, 1 for nothing alike.

    Args:
        first, second: folded syllables, or text, of which the syllables are taken.
    """
    left = syllables(first) if isinstance(first, str) else tuple(first)
    right = syllables(second) if isinstance(second, str) else tuple(second)
    if left == right:
        return 0.0
    if not left or not right:
        return 1.0
    row = [float(column) for column in range(len(right) + 1)]
    for sound in left:
        diagonal, row[0] = row[0], row[0] + 1.0
        for column, other in enumerate(right, start=1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1.0, row[column - 1] + 1.0, diagonal + substitution_cost(sound, other)),
            )
    return row[-1] / max(len(left), len(right))


@cache
def _phrases() -> Mapping[str, object]:
    """The phrases with known readings; pypinyin is loaded here, on first use (a fifth of a second)."""
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415

    return PHRASES_DICT


@lru_cache(maxsize=65536)
def _character_syllable(character: str) -> str:
    known = _PINNED_READINGS.get(character) or _FIELD_READINGS.get(character)
    return fold(known or _read(character)[0])


@lru_cache(maxsize=65536)
def _phrase_syllables(phrase: str) -> tuple[str, ...]:
    readings = _read(phrase)
    if len(readings) != len(phrase):
        return tuple(map(_character_syllable, phrase))
    return tuple(
        fold(_PINNED_READINGS.get(character, reading))
        for character, reading in zip(phrase, readings, strict=True)
    )


def _read(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    return lazy_pinyin(text)


_INITIAL = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?")
# Spelling of hu- plus the final of f-, and of the unrounded partner of a rounded vowel.
_F_AS_HU = {"fo": "huo", "fu": "hu", "fou": "hou", "fei": "hui", "fen": "hun"}
_UNROUNDED_Y = {"yu": "yi", "yue": "ye", "yuan": "yan", "yun": "yin"}


@cache
def _near_class(folded: str) -> str:
    """The weaker folds on top: syllables with the same result are near."""
    near = _F_AS_HU.get(folded) or _UNROUNDED_Y.get(folded) or folded
    near = re.sub(r"^f", "hu", near)
    near = re.sub(r"^r", "l", near)
    near = re.sub(r"ang$", "an", near)
    return re.sub(r"^lv", "li", re.sub(r"^([jqx])u", r"\1i", near))


@cache
def _cost(first: str, second: str) -> float:
    if first == second:
        return 0.0
    if not (_PINYIN.fullmatch(first) and _PINYIN.fullmatch(second)):
        return 1.0
    if _near_class(first) == _near_class(second):
        return NEAR_COST
    initial, final = _parts(first)
    other_initial, other_final = _parts(second)
    return PART_COST if initial == other_initial or final == other_final else 1.0


def _parts(syllable: str) -> tuple[str, str]:
    without_initial = _INITIAL.sub("", syllable, count=1)
    return syllable[: len(syllable) - len(without_initial)], without_initial
