"""Masks personal numbers and given names in text that leaves the house, character for character.

Numbers count whether written (138 0013 8000) or spoken (一三八零零一三八零零零, 幺三八 ...), in one run or
in groups with pauses. Four-digit tails (尾号6688), amounts, days, staff numbers and public hotlines stay
readable: reviewers need them, and alone they identify nobody. Masking errs on the safe side: a long run of
digits that fits no shape is masked too, since recognition drops digits.

Everything is looked for in a copy in the normaliser's spelling, so that traditional characters and full-width
digits are masked alike; the copy is as long as the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise, takewhile

from qa_pipeline.language.normalization import normal_characters
from qa_pipeline.language.numerals import COUNTED
from qa_pipeline.language.phonetics import is_phrase, syllables

MASK = "*"

_VALUES = dict(zip("零〇一二三四五六七八九幺要腰妖", "001234567891111", strict=True))
_DIGIT = "[0-9零〇一二三四五六七八九幺]"
# 幺 is often recognised as 要: it is a digit inside a run, or before nine digits.
_GROUP = re.compile(
    rf"(?:[要腰妖](?=(?:{_DIGIT}|[要腰妖](?={_DIGIT})){{9}}))?{_DIGIT}(?:{_DIGIT}|[要腰妖](?={_DIGIT}))*x?"
)
_PAUSE = re.compile(r"(?:[\s\-－—–,，、.。…·]|呃|嗯|额|啊|哦|然后|那个){1,4}")
_TIGHT_PAUSE = re.compile(r"[\s\-－—–]{1,2}")

# What was asked for just before tells how few digits are already too many.
_PHONE_BEFORE = re.compile("(?:手机|电话|号码|座机|联系方式).{0,4}$")
_ASKED = (
    (re.compile("(?:验证码|密码|安全码).{0,4}$"), 3),
    (re.compile("(?:身份证|证件).{0,6}$"), 6),
    (_PHONE_BEFORE, 7),
    (re.compile("(?:卡号|账号|账户).{0,4}$"), 8),
)
_CARD_BEFORE = re.compile("(?:卡|账号|账户).{0,6}$")
_STAFF_BEFORE = re.compile("(?:工号|公号|编号)(?:就?是|为|[:：])?\\s*$")
_TAIL_BEFORE = re.compile("(?:尾号|尾数|[后末][四4]位).{0,3}$")
_MONEY_AFTER = re.compile("[元块圆万亿千百十]|[.点．][0-9零一二三四五六七八九]")
_MEASURED_AFTER = re.compile(f"{_MONEY_AFTER.pattern}|{COUNTED}")
_BEFORE = 12  # characters in front that are looked at, so that the work grows with the text alone
_LONGEST_NUMBER = 19  # digits of a bank card, so also the most groups one number can have
_MOST_GROUPS_OF_A_HOTLINE = 3  # 400 820 8820
_LONGEST_PLAIN_RUN = 8  # a day is written with eight digits; nothing else that may stay is longer


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
    for start, end in (*_numbers(plain), *_given_names(plain, [_plain(name) for name in names])):
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


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    for chain in _chains(text):
        before = text[max(0, chain[0].start() - _BEFORE) : chain[0].start()]
        groups = chain[_leading_plain(text, chain) :]
        answer = _answer(text, before, groups)
        yield from (group.span() for group in answer)
        groups = groups[len(answer) :]
        while groups:
            counts = range(min(len(groups), _LONGEST_NUMBER), 0, -1)
            taken = next((count for count in counts if _is_personal(text, before, groups[:count])), 0)
            yield from (group.span() for group in groups[:taken])
            groups = groups[max(1, taken) :]


def _leading_plain(text: str, chain: Sequence[re.Match[str]]) -> int:
    """How many groups at the start are a staff number or a written day, and may stay."""
    if (
        _STAFF_BEFORE.search(text, max(0, chain[0].start() - _BEFORE), chain[0].start())
        and len(chain[0].group()) <= _LONGEST_PLAIN_RUN
    ):
        return 1
    digits = [group.group() for group in chain[:3]]
    return 3 if list(map(len, digits)) == [4, 2, 2] and _is_day("".join(map(_value, "".join(digits)))) else 0


def _chains(text: str) -> Iterator[Sequence[re.Match[str]]]:
    """Groups of digits with only pauses between them."""
    chain: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        if chain and not _PAUSE.fullmatch(text, chain[-1].end(), group.start()):
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


def _answer(text: str, before: str, groups: Sequence[re.Match[str]]) -> Sequence[re.Match[str]]:
    """The groups that tell together what was asked for just before, up to a sum, a day or a count."""
    beginnings = (_digits_of(groups[:count]) for count in range(1, _MOST_GROUPS_OF_A_HOTLINE + 1))
    public = _PHONE_BEFORE.search(before) and any(map(_is_public, beginnings))
    if public or _TAIL_BEFORE.search(before):
        return ()
    told = tuple(takewhile(lambda group: not _MEASURED_AFTER.match(text, group.end()), groups))
    return told if _was_asked_for(before, _digits_of(told)) else ()


def _was_asked_for(before: str, digits: str) -> bool:
    return any(len(digits) >= fewest and asked.search(before) for asked, fewest in _ASKED)


def _digits_of(groups: Iterable[re.Match[str]]) -> str:
    return "".join(map(_value, "".join(group.group() for group in groups)))


def _is_personal(text: str, before: str, groups: Sequence[re.Match[str]]) -> bool:
    digits = _digits_of(groups)
    if _is_identity_number(digits) or _is_phone(digits, [len(group.group()) for group in groups]):
        return True
    if _is_card(digits) or (16 <= len(digits) <= 19 and _CARD_BEFORE.search(before)):
        return True
    joined = len(groups) == 1 or all(
        _TIGHT_PAUSE.fullmatch(text, left.end(), right.start()) for left, right in pairwise(groups)
    )
    if not joined or _is_hotline(digits) or _MONEY_AFTER.match(text, groups[-1].end()):
        return False
    return len(digits) > _LONGEST_PLAIN_RUN or _was_asked_for(before, digits)


def _value(character: str) -> str:
    return _VALUES.get(character, character)


def _is_identity_number(digits: str) -> bool:
    """GB 11643: region, date of birth, sequence and check character; 15 digits before 1999.

    The check character is not tested, and a digit after the day may be lost: one heard wrong must not lay
    open the others.
    """
    if re.fullmatch(r"\d{16,17}[\dx]", digits):
        return digits[6:8] in {"19", "20"} and _is_day(digits[6:14])
    return len(digits) == 15 and digits.isdigit() and digits[0] != "0" and _is_day("19" + digits[6:12])


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_phone(digits: str, lengths: Sequence[int]) -> bool:
    """A landline with its area code, a mobile number, or one with a digit lost or added that is still grouped
    like one (138 ...).
    """
    if re.fullmatch(r"0[1-9]\d{8,10}", digits):
        return True
    if not re.match(r"1[3-9]\d", digits) or not digits.isdigit():
        return False
    return len(digits) == 11 or (10 <= len(digits) <= 12 and lengths[0] == 3)


def _is_card(digits: str) -> bool:
    """A bank card by its length and Luhn check digit (ISO/IEC 7812), or by UnionPay's leading 62."""
    if not digits.isdigit() or not 16 <= len(digits) <= 19:
        return False
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return digits.startswith("62") or sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_hotline(digits: str) -> bool:
    """400 and 800 lines, which anyone may read."""
    return len(digits) == 10 and digits[:3] in {"400", "800"}


def _is_public(digits: str) -> bool:
    """Among telephone numbers those that anyone may read: 95xxx and 96xxx of companies, 12xxx of authorities.

    No landline begins with 9 and no mobile number with 12 (telephone network numbering plan, 2017).
    """
    return _is_hotline(digits) or re.fullmatch(r"9[56]\d{3,4}|12[1-3]\d\d", digits) is not None


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
