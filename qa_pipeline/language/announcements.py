"""What machines say on the line: network announcements, voicemail, menus and queues.

Their sentences are fixed, so they are found by their syllables: recognition writes 播打的电话与关机 for
拨打的电话已关机.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from qa_pipeline.language.phonetics import syllables
from qa_pipeline.types import NormalizedText, Role, Transcript

ANNOUNCEMENTS = "announcements/3"

MACHINE_SHARE = 0.8
"""Of the characters of a call. The rest is what recognition made of the announcement's worst words."""


class Machine(StrEnum):
    """Which machine answers; the value is the reason for which a call is excluded."""

    NETWORK = "announcement"
    VOICEMAIL = "voicemail"
    MENU = "menu"


_PHRASES = {
    Machine.VOICEMAIL: (
        *("提示音后留言", "滴声后留言", "请在提示音后", "听到提示音", "语音信箱", "语音留言", "请留言"),
        *("来电助理", "来电秘书", "秘书服务", "转告机主", "录音完毕"),
    ),
    Machine.NETWORK: (
        *(
            "拨打的电话",
            "拨打的用户",
            "拨打的号码",
            "呼叫的用户",
            "电话已关机",
            "已停机",
            "是空号",
            "号码不存在",
        ),
        *("暂时无法接通", "暂时无法接听", "暂时不能接听", "正在通话中", "后再拨", "无人接听", "请勿挂机"),
    ),
    Machine.MENU: (
        *("欢迎致电", "人工服务请按", "请直拨分机", "分机号码", "查号请拨", "按井号键结束", "返回上一级"),
        *("座席全忙", "坐席忙", "话务员忙", "请继续等待", "请您继续等待", "正在为您转接", "按键错误"),
    ),
}
_PRESS = "请按"
_DIGITS = "零一二三四五六七八九幺"
_NAMED_KEYS = (
    *("井号键", "井字键", "星号键", "米字键", "任意键"),
    *(f"{digit}{key}" for digit in _DIGITS for key in ("键", "号键")),
)
_ENDING = 3
"""In so many last characters 请按 and a key stand, whatever recognition made of its name, and of a mark
nothing is left. People go on: 请按一下, 请按一般流程走."""
_NO_KEY = ("请按时", "请按期", "请按照")
"""What people end with; the first two sound like the keys four and seven."""

NEAR_SYLLABLES = 5
"""From this length on a phrase is known with one syllable misheard too, beside others heard well."""


def machine_in(text: NormalizedText, *, near: bool = False) -> Machine | None:
    """Which machine says these words; None where nothing sounds like one.

    Args:
        near: let one syllable of a long phrase differ. People say 我打的电话 as well, so this is no evidence
            by itself.
    """
    for machine, phrases in _PHRASES.items():
        for phrase in map(_syllables, phrases):
            if _contains(text.syllables, phrase, misheard=int(near and len(phrase) >= NEAR_SYLLABLES)):
                return machine
    return Machine.MENU if _asks_for_a_key(text) else None


def _asks_for_a_key(text: NormalizedText) -> bool:
    if any(_contains(text.syllables, _syllables(_PRESS + key)) for key in _NAMED_KEYS):
        return True
    return _contains(text.syllables[-_ENDING:], _syllables(_PRESS)) and not text.text.endswith(_NO_KEY)


def before_anybody_speaks(normalized: Sequence[NormalizedText]) -> int:
    """How many of the first utterances of a call are an announcement."""
    spoken_by_people = (index for index, text in enumerate(normalized) if machine_in(text) is None)
    return next(spoken_by_people, len(normalized))


def all_announced(texts: Sequence[NormalizedText]) -> bool:
    """Whether what a voice says is an announcement, but for what recognition made of it."""
    characters = sum(len(text.text) for text in texts)
    announced = sum(len(text.text) for text in texts if machine_in(text) is not None)
    return announced > 0 and announced >= MACHINE_SHARE * characters


def answered_by_machine(transcript: Transcript, normalized: Sequence[NormalizedText]) -> Machine | None:
    """The machine that is all there is in the call; None where people speak, or nobody does.

    Words on the agent's own channel are the agent's, whatever they sound like.

    Args:
        normalized: runs parallel to ``transcript.utterances``.
    """
    characters = spoken = 0
    found: list[Machine] = []
    for utterance, text in zip(transcript.utterances, normalized, strict=True):
        characters += len(text.text)
        certainly_agent = utterance.role is Role.AGENT and utterance.role_confidence >= 1.0
        if certainly_agent:
            continue
        machine = machine_in(text)
        if machine is not None:
            found.append(machine)
        if machine is not None or machine_in(text, near=True) is not None:
            spoken += len(text.text)
    if not found or spoken < MACHINE_SHARE * characters:
        return None
    # A voicemail is announced by the network first, a queue by its menu.
    return next((machine for machine in (Machine.VOICEMAIL, Machine.MENU) if machine in found), found[0])


@cache
def _syllables(phrase: str) -> tuple[str, ...]:
    return syllables(phrase)


def _contains(heard: Sequence[str], phrase: Sequence[str], *, misheard: int = 0) -> bool:
    return any(
        sum(one != other for one, other in zip(heard[start:], phrase, strict=False)) <= misheard
        for start in range(len(heard) - len(phrase) + 1)
    )
