"""Whom the agent reached, from the case record and from what the answerer says (domain 2.0).

The record says whose number was dialled, the talk says who answered. Where they disagree, or neither speaks,
the confidence stays below `SURE` and a person decides. The figures are priors set by hand, ordered by how
explicit the evidence is; they are not measured probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa_pipeline.types import CallMetadata, CallType, NormalizedText, Role, Transcript

CALL_TYPE = "call-type/1"

SURE = 0.8

_CONTACT_ROLES = {
    "debtor": CallType.RIGHT_PARTY,
    "guarantor": CallType.RIGHT_PARTY,  # liable, so the debt may be discussed (domain 1.0, disclosure)
    "spouse_liable": CallType.RIGHT_PARTY,
    "contact": CallType.THIRD_PARTY,
    "wrong": CallType.WRONG_NUMBER,
}
_RECORD_CONFIDENCE = 0.9
_AGREED_CONFIDENCE = 0.98
_CONFLICT_CONFIDENCE = 0.6
_GUESS_CONFIDENCE = 0.5
_UNKNOWN_ROLE_FACTOR = 0.7  # the words may be the agent's own
_SHORT_SPEECH_MS = 10_000  # domain 2.0, constraint 10: less speech than this is no contact


class _Evidence(NamedTuple):
    call_type: CallType
    confidence: float


class _Cue(NamedTuple):
    evidence: _Evidence
    pattern: re.Pattern[str]


def _cue(call_type: CallType, confidence: float, *alternatives: str) -> _Cue:
    return _Cue(_Evidence(call_type, confidence), re.compile("|".join(alternatives)))


_THEY = "(?:他|她|机主|本人)"
_KIN = (
    "(?:爸|妈|父亲|母亲|父母|爱人|老公|老婆|丈夫|妻子|媳妇|对象|女朋友|男朋友|儿子|女儿|哥|姐|弟|妹|叔|舅|姑|姨|嫂"
    "|婆婆|公公|岳父|岳母|亲戚|家人|家属|家里人|同事|朋友|邻居|同学|领导|老板|房东|室友|员工)"
)

# What an answerer says, as normalised text (no marks).
_ANSWERER_CUES = (
    _cue(
        CallType.NO_CONTACT,
        0.95,
        "拨打的(?:用户|电话|号码)",
        "无法接通|暂时不能接听|暂时无法接听|已关机|是空号",
        "(?:嘀|滴|哔|提示音)声?[之以]?后.{0,4}留言|语音留言|请留言|来电助理|秘书服务",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.9,
        f"我(?:就|只)?是(?:他|她)(?:的|们)?{_KIN}",
        f"(?<!不)(?:他|她)是我的?{_KIN}",
        "(?:帮|替)(?:他|她)接(?!手|单|活|孩|送)",
        "这是(?:他|她)的?(?:手机|电话)",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.85,
        f"{_THEY}(?:现在|这会儿|人)?(?:不在|没在|出去了|出门了|在洗澡|在睡觉|在开车|上班去了|去世|过世)",
        f"{_THEY}(?:的)?(?:手机|电话)(?:落|忘|放)",
        "(?:找|问)(?:他|她)(?:有什么|有啥|干嘛|干什么|什么事|啥事|做什么)",
        "(?:他|她)(?:是不是|是)?(?:欠(?:了|你|钱)|出什么事|出啥事|怎么了)",
    ),
    _cue(CallType.THIRD_PARTY, 0.8, "我.{0,4}(?:转告|转达)(?:他|她|一下|吧|$)", "我.{0,3}跟(?:他|她)说一声"),
    _cue(
        CallType.WRONG_NUMBER,
        0.95,
        "打错(?:了|电话|号|人|$)",
        "没(?:有)?(?:这个人|这人)",
        "没(?:有)?[你您](?:说|找)的(?:这个)?人",
    ),
    _cue(
        CallType.WRONG_NUMBER,
        0.85,
        "不认识(?:他|她|这个人|这人|[你您]说的|[你您]找的|什么|叫|姓|$)",
        "(?:这号|号码|手机号)(?:码)?是?我(?:刚|新)(?:办|换|买)",
        "没听说过(?:这个人|他|她)",
    ),
    # It may be a third party as well as a wrong number: not sure on its own.
    _cue(
        CallType.WRONG_NUMBER,
        0.6,
        "我不(?:姓|叫).",
        "我不是(?:张|王|李|刘|陈|杨|赵|黄|周|吴|他|她|本人|机主)",
    ),
)

# An agent who asks this is told who speaks; a bare yes counts after it and nowhere else.
_IDENTITY_QUESTION = re.compile(
    "本人(?:吗|吧|嘛|对吗|对吧|是吗|是吧)|是不是本人|请问(?:您|你)?是.{1,8}[吗吧嘛]|是.{1,3}(?:先生|女士|小姐)[吗吧嘛对]"
)
_OTHER_QUESTION = re.compile("认识|他|她|什么人|联系人|家属|亲属|朋友|关系|在用|转告|转达")
_YES = re.compile(
    "^(?:喂|嗯|哦|诶|哎|你好|您好|啊|呃)*"
    "(?:是的?(?!他|她|谁|哪|什么|不是|吗)|对|我就是|就是我|没错|本人|嗯|我是(?!他|她|谁)|说吧|什么事|怎么了)"
)
_OWN_DEBT = re.compile(
    "我(?:最近|现在|这个月|这边|目前|真的|实在|暂时|是)*(?:手头|没钱|还不上|还不起|还不了|忘了还|忘记还|没发工资|失业)"
    "|我(?:的)?(?:工资|账单|信用卡|这笔贷款)"
    "|我(?:会|尽快|马上|明天|后天|今天|下午|晚上|下周|月底|再|先)+.{0,6}(?:还|存|转)(?:进|上|掉|清|了|过|$)"
)


def decide_call_type(
    call: CallMetadata, transcript: Transcript, normalized: Sequence[NormalizedText]
) -> tuple[CallType, float]:
    """Decide the call type and how sure it is.

    Args:
        normalized: runs parallel to ``transcript.utterances``.

    Returns:
        The type and a confidence in 0..1; below `SURE` it is a guess that a person must confirm.
    """
    if call.direction == "in":
        return CallType.INBOUND, 1.0
    if call.connected is False:
        return CallType.NO_CONTACT, _AGREED_CONFIDENCE
    record = _CONTACT_ROLES.get(call.contact_role or "")
    talk = _strongest(list(_evidence(transcript, normalized)))
    if talk is None:
        return _by_record(record, transcript)
    if record is None or talk.call_type is CallType.NO_CONTACT:
        return talk
    return talk.call_type, _confidence_beside(record, talk)


def _confidence_beside(record: CallType, talk: _Evidence) -> float:
    if talk.call_type is record:
        return _AGREED_CONFIDENCE if talk.confidence >= SURE else _RECORD_CONFIDENCE
    if record is CallType.RIGHT_PARTY and talk.confidence > SURE:
        return SURE  # the debtor's number, answered by someone who says who they are
    return min(talk.confidence, _CONFLICT_CONFIDENCE)


def _strongest(found: Sequence[_Evidence]) -> _Evidence | None:
    if not found:
        return None
    best = max(found, key=lambda evidence: evidence.confidence)
    if any(other.call_type is not best.call_type and other.confidence >= SURE for other in found):
        return _Evidence(best.call_type, min(best.confidence, _CONFLICT_CONFIDENCE))
    return best


def _by_record(record: CallType | None, transcript: Transcript) -> _Evidence:
    """The record alone, or that nobody answered; else a right-party guess, which no one may rely on."""
    roles = {utterance.role for utterance in transcript.utterances}
    if roles <= {Role.AGENT}:
        return _Evidence(CallType.NO_CONTACT, _RECORD_CONFIDENCE)
    spans = [utterance.span for utterance in transcript.utterances]
    if all(spans) and sum(span.duration_ms for span in spans if span) < _SHORT_SPEECH_MS:
        return _Evidence(CallType.NO_CONTACT, SURE)
    if record is not None:
        return _Evidence(record, _RECORD_CONFIDENCE)
    return _Evidence(CallType.RIGHT_PARTY, _GUESS_CONFIDENCE)


def _evidence(transcript: Transcript, normalized: Sequence[NormalizedText]) -> Iterator[_Evidence]:
    asked = confirmed = False
    for utterance, text in zip(transcript.utterances, normalized, strict=True):
        words = text.text
        if utterance.role is not Role.CUSTOMER and _asks_identity(words):
            asked = True
            continue
        if utterance.role is Role.AGENT:
            continue
        factor = _UNKNOWN_ROLE_FACTOR if utterance.role is Role.UNKNOWN else 1.0
        cues = [cue.evidence for cue in _ANSWERER_CUES if cue.pattern.search(words)]
        if cues:
            asked = False  # a yes after this answers something else
        elif asked and not confirmed and _YES.match(words):
            confirmed = True
            cues.append(_Evidence(CallType.RIGHT_PARTY, 0.95))
        elif _OWN_DEBT.search(words):
            cues.append(_Evidence(CallType.RIGHT_PARTY, 0.85))
        for cue in cues:
            yield _Evidence(cue.call_type, cue.confidence * factor)


def _asks_identity(words: str) -> bool:
    return bool(_IDENTITY_QUESTION.search(words)) and not _OTHER_QUESTION.search(words)
