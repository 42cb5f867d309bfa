"""The named normaliser: what rules, tokens and entities read instead of raw transcript text.

``zh-collection/3``, in this order, character by character so that every result leads back to its source:

1. NFKC and case folding: full-width digits and letters become half-width, APP becomes app; combining marks
   go.
2. Traditional to simplified by OpenCC's t2s, phrases included; then a few variant spellings that t2s leaves
   (著 as a particle, 妳, 帐单, 甚么).
3. Letters and numbers stay; digits stay digits, spoken numbers stay characters. Marks and white space go,
   except where a number would change: a decimal point, a clock's colon and a date's slash between digits
   stay; a range sign between numbers, written (含) or k as well, becomes ``-``; a percent or currency sign on
   a digit stays; a thousands comma goes (one as wide as its digits: the comma of 欠500，300块违约金 parts
   clauses); any other mark between two numbers becomes one ``,``, so that 尾号六六八八，四千三 and 三千块，
   五号 do not run together.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from qa_pipeline.language import phonetics
from qa_pipeline.types import NormalizedText

if TYPE_CHECKING:
    from opencc import OpenCC

NORMALIZER = "zh-collection/3"

# Characters that can stand at the edge of a written or spoken number.
NUMBER_CHARACTERS = frozenset("0123456789零〇一二三四五六七八九十百千万亿两幺半点壹贰叁肆伍陆柒捌玖拾佰仟")
_MAGNITUDES = frozenset("百千万亿佰仟")
_MONEY_UNITS = frozenset("元块毛角")
_DIGITS = frozenset("0123456789")
_CURRENCY = frozenset("¥$€£")
_RANGE_SIGNS = frozenset("-~‐‑‒–—―−〜")
_MARKS = re.compile(r"(?:\(含\)|[\W_])+")  # 1万(含)-5万: the limit counts, which changes no number
_SHORTHAND = re.compile(r"\d[kw]\Z", re.ASCII)
_THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)", re.ASCII)

_SPELLINGS = str.maketrans({"妳": "你", "帐": "账", "祇": "只", "衹": "只"})
# The words in which 著 is not the particle 着; 现代汉语词典, 7th ed., the entries with zhù.
_ZHU_WORDS = "著名|著作|著称|著述|显著|名著|原著|专著|巨著|卓著|昭著|编著|合著|译著|遗著|论著|土著"
_VARIANTS = re.compile(rf"(?:{_ZHU_WORDS})|(?P<zhe>著)|(?P<shen>甚)(?=么)")


def normalize(text: str) -> NormalizedText:
    """Normalise a raw transcript text and read its syllables.

    Returns:
        Text, syllables and offsets of the same length; the offsets never decrease.
    """
    normalized, offsets = normal_characters(text)
    return NormalizedText(text=normalized, syllables=phonetics.syllables(normalized), offsets=offsets)


def normal_characters(text: str) -> tuple[str, tuple[int, ...]]:
    """The normalised text and its offsets alone, for who needs no syllables: ten times as fast."""
    sources: list[int] = []
    compatible: list[str] = []
    for index, raw in enumerate(text):
        for character in _compatible(raw):
            compatible.append(character)
            sources.append(index)
    characters = _simplify("".join(compatible))
    thousands = {
        comma
        for number in _THOUSANDS.finditer(characters)
        for comma in range(number.start(), number.end())
        if characters[comma] == "," and _as_wide(text[sources[comma]], text[sources[comma - 1]])
    }
    kept: list[str] = []
    offsets: list[int] = []
    start = 0
    for marks in _MARKS.finditer(characters):
        kept.append(characters[start : marks.start()])
        offsets += sources[start : marks.start()]
        start = marks.end()
        if marks.start() in thousands:
            continue
        before = characters[max(0, marks.start() - 2) : marks.start()]
        signs = _signs(before, marks.group(), characters[start : start + 1])
        kept.append(signs)
        offsets += [sources[marks.start()]] * len(signs)
    kept.append(characters[start:])
    offsets += sources[start:]
    return "".join(kept), tuple(offsets)


def quote(raw: str, normalized: NormalizedText, start: int, end: int) -> str:
    """The raw words behind the normalised characters [start, end), with the marks between them.

    Args:
        raw: the text that ``normalized`` was made from.
    """
    if not 0 <= start < end <= len(normalized.offsets):
        raise ValueError(f"not a span of the normalised text: {start}..{end} of {len(normalized.offsets)}")
    return raw[normalized.offsets[start] : normalized.offsets[end - 1] + 1]


def _as_wide(mark: str, digit: str) -> bool:
    """Whether raw characters are both half-width or both full-width."""
    return mark.isascii() is digit.isascii()


@lru_cache(maxsize=16384)
def _compatible(character: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    return "".join(part for part in folded if not unicodedata.category(part).startswith("M"))


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC  # its tables are read from disk, so only where a text needs them  # noqa: PLC0415

    return OpenCC("t2s")


@lru_cache(maxsize=16384)
def _is_traditional(character: str) -> bool:
    return bool(_converter().convert(character) != character)


def _simplify(characters: str) -> str:
    """Simplified characters, one for each given (every entry of t2s keeps the length)."""
    if any(map(_is_traditional, characters)):
        simplified = _converter().convert(characters)
        if len(simplified) != len(characters):
            simplified = "".join(map(_converter().convert, characters))
    else:
        simplified = characters
    return _VARIANTS.sub(_usual_spelling, simplified.translate(_SPELLINGS))


def _usual_spelling(variant: re.Match[str]) -> str:
    return {"zhe": "着", "shen": "什"}.get(variant.lastgroup or "", variant.group())


def _signs(before: str, marks: str, after: str) -> str:
    """What stays of a run of marks between two characters and one (see the module's third rule)."""
    inner = "".join(marks.replace("(含)", "").split())
    shorthand, before = _SHORTHAND.search(before), before[-1:]
    percent = currency = ""
    if before in _DIGITS and inner.startswith("%"):
        percent, inner = "%", inner[1:]
    if after in _DIGITS and inner and inner[-1] in _CURRENCY:
        currency, inner = inner[-1], inner[:-1]
    ends_number = shorthand or before in NUMBER_CHARACTERS or before in _MONEY_UNITS
    if not ends_number or after not in NUMBER_CHARACTERS:
        link = ""
    elif inner in {".", ":", "/"} and marks == inner and before in _DIGITS and after in _DIGITS:
        link = inner
    elif not inner and not percent and after in _MAGNITUDES:
        link = ""  # 177.1 万: a magnitude cannot begin a number
    elif inner and _RANGE_SIGNS.issuperset(inner):
        link = "-"
    else:
        link = ","
    return percent + link + currency
