"""Masks personal numbers and given names in text that leaves the house, character for character.

Everything is looked for in a copy in the normaliser's spelling, so that traditional characters and full-width
digits are masked alike; the copy is as long as the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from qa_pipeline.language.normalization import normal_characters
from qa_pipeline.language.personal_numbers import personal_numbers
from qa_pipeline.language.phonetics import is_phrase, syllables

MASK = "*"

_BEFORE = 12  # characters in front that are looked at, so that the work grows with the text alone


def mask(text: str, *, names: Collection[str] = ()) -> str:
    """The text with personal numbers and given names replaced by ``*``, of the same length.

    Args:
        text: raw or normalised.
        names: full names that are known; the family name stays. What sounds like one is masked too: three
            characters and more anywhere, two where they are no everyday word or the words around them show
            that a person is meant.
    """
    return _masked(text, tuple(names))


# The page of a call shows the same words in dialogue, flags and checklist, and again after each action.
@lru_cache(maxsize=4096)
def _masked(text: str, names: tuple[str, ...]) -> str:
    characters, plain = list(text), _plain(text)
    for start, end in (*personal_numbers(plain), *_given_names(plain, [_plain(name) for name in names])):
        for position in range(start, end):
            if characters[position].isalnum():
                characters[position] = MASK
    return "".join(characters)


def _plain(text: str) -> str:
    """The text as the normaliser spells it, character for character."""
    return "".join(map(_plain_character, text))


@lru_cache(maxsize=16384)
def _plain_character(character: str) -> str:
    if not character.isalnum():
        return character
    normal, _ = normal_characters(character)
    return normal if len(normal) == 1 else character


# The hundred most frequent family names (Ministry of Public Security, name report of 2020) less those that
# are everyday words and would mask speech (于是先生, 方便女士).
_FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余杜叶程魏苏吕丁任沈姚卢姜崔"
    "钟谭陆汪范廖石金韦贾夏付邹熊白孟秦邱江尹薛闫段雷侯龙黎史陶贺顾毛郝龚邵钱严武戴莫孔汤"
)
_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|慕容|司徒|令狐"
_TITLE = "先生|女士|小姐|本人"
_HAN = "[\u4e00-\u9fff]"
_TITLED_NAME = re.compile(
    rf"(?<!谢)(?!谢谢)(?:{_COMPOUND}|[{_FAMILY_NAMES}])((?!{_TITLE}){_HAN}{{1,2}}?)(?=(?:{_TITLE}))"
)
_ASKED_NAME = re.compile(
    rf"(?:(?<=请问是)|(?<=请问您是)|(?<=请问你是)|(?<=^是)|(?<=喂，是))"
    rf"(?:{_COMPOUND}|[{_FAMILY_NAMES}])((?!{_TITLE}){_HAN}{{1,2}}?)(?=[吗么嘛])"
)
_NO_NAMES = frozenset({"金额", "余额", "白条", "白领", "金条", "钱款", "江苏", "武汉", "江西", "贵阳"})
"""Words of these calls that begin like a family name and are asked for in the same way."""
_NOT_GIVEN = re.compile("[是的位这那和]|人$")
_ADDRESSED_BEFORE = re.compile("(?:请问是|请问您是|您是|你是|我是|我叫|您叫|找|认识)$")
_ADDRESSED_AFTER = re.compile(f"{_TITLE}|吗|吧|在不在")
_NAME_BEFORE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[是叫找给跟和与对让请问喂您你我他她的])$")
_FAMILIAR = re.compile(f"{_TITLE}|哥|姐|总")
_LONG_NAME = 3
"""Characters from which the same sounds are a name wherever they stand: three in a row are hardly chance."""


def heard_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Full names that somebody was addressed by, in simplified characters: they are named elsewhere too."""
    found = (
        match
        for text in map(_plain, texts)
        for asked in (_TITLED_NAME, _ASKED_NAME)
        for match in asked.finditer(text)
    )
    names = (match.group() for match in found if not _NOT_GIVEN.search(match.group(1)))
    return tuple(dict.fromkeys(name for name in names if name not in _NO_NAMES and not is_phrase(name)))


def _given_names(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    for found in _TITLED_NAME.finditer(text):
        if not _NOT_GIVEN.search(found.group(1)):
            yield found.span(1)
    sounds = syllables(text) if names else ()
    for name in filter(lambda known: len(known) > 1, names):
        kept = 2 if re.match(_COMPOUND, name) and len(name) > 2 else 1
        for found in re.finditer(re.escape(name), text):
            yield found.start() + kept, found.end()
        given = name[kept:]
        for found in re.finditer(re.escape(given), text) if len(given) > 1 else ():
            if _FAMILIAR.match(text, found.end()):
                yield found.span()
        sound = syllables(name)
        for start in range(len(sounds) - len(name) + 1):
            end = start + len(name)
            if sounds[start:end] == sound and _sounds_meant(text, start, end):
                yield start + kept, end


def _sounds_meant(text: str, start: int, end: int) -> bool:
    """Whether what sounds like a known name is one; two syllables may be any words (于琪, 逾期)."""
    if end - start >= _LONG_NAME:
        return True
    before = max(0, start - _BEFORE)
    if _ADDRESSED_BEFORE.search(text, before, start) or _ADDRESSED_AFTER.match(text, end):
        return True
    written = text[start:end]
    begins = written[0] in _FAMILY_NAMES and _NAME_BEFORE.search(text, before, start)
    return bool(begins) and not is_phrase(written)
