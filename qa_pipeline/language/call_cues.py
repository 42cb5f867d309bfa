"""What people say when someone is reached: the cues and the questions that decide a call type.

All patterns read normalised text, which has no marks. Confidences are priors set by hand, ordered by how
explicit the words are; they are not measured probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from qa_pipeline.types import CallType


class Evidence(NamedTuple):
    """What speaks for a call type, and how strongly."""

    call_type: CallType
    confidence: float


class Cue(NamedTuple):
    """Words that are evidence."""

    evidence: Evidence
    pattern: re.Pattern[str]


def _cue(call_type: CallType, confidence: float, *alternatives: str) -> Cue:
    return Cue(Evidence(call_type, confidence), re.compile("|".join(alternatives)))


_THEY = "(?:他|她|机主|本人)"
_KIN = (
    "(?:[堂表亲大小二三]?(?:爸|妈|父亲|母亲|父母|爱人|老公|老婆|丈夫|妻子|媳妇|对象|女朋友|男朋友|儿子|女儿|哥|姐|弟|妹|叔|舅|姑|姨|嫂"
    "|婆婆|公公|岳父|岳母|亲戚|家人|家属|家里人|同事|朋友|邻居|同学|领导|老板|房东|室友|员工))"
)

# What an answerer says.
ANSWERER_CUES = (
    _cue(
        CallType.NO_CONTACT,
        0.95,
        "拨打的(?:用户|电话|号码)",
        "无法接通|暂时不能接听|暂时无法接听|已关机|是空号|已停机|不在服务区|正在通话中|语音信箱",
        "(?:嘀|滴|哔|提示音)声?[之以]?后.{0,4}留言|语音留言|请留言|来电助理|秘书服务",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.92,
        f"我(?:就|只)?是(?:他|她)(?:的|们)?{_KIN}",
        f"(?<!不)(?:他|她)是我的?{_KIN}",
        "(?:帮|替)(?:他|她)接(?!手|单|活|孩|送)",
        "这是(?:他|她)的?(?:手机|电话)",
        "我是(?:这儿|这里|店里|公司|家里|单位)?的?(?:帮工|店员|保姆|前台|护工|伙计|学徒|保安|阿姨)",
        "(?:跟|和)(?:他|她)(?:早|已经|都|好久|早就)*(?:离婚|离了|分手|分了|没联系|不联系|断了联系|不来往|没来往|不熟)",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.85,
        f"{_THEY}(?:现在|这会儿|人)?(?:不在|没在|出去了|出门了|在洗澡|在睡觉|在开车|上班去了|去世|过世)",
        f"{_THEY}(?:的)?(?:手机|电话)(?:落|忘|放)",
        "(?:老板|掌柜|店主|户主)(?:人)?(?:不在|没在|没来|出去了|出门了|去[送进拿办]|外出|出差)",
        "(?:他|她)(?:早就?|已经|都|上个月|去年)*(?:离职|辞职|搬走|搬家|搬出去|出国|不干|不在这)",
        "(?:联系|找|打)不(?:到|上|着|通)(?:他|她)|(?:他|她)(?:人)?在哪(?:儿|里)?我(?:也|都)?不知道",
        "(?:等)?(?:他|她)回来(?:我|再|让|叫)|我(?:让|叫)(?:他|她)(?:给|回|打|联系)",
    ),
    # A wrong number may be as curious as an acquaintance.
    _cue(
        CallType.THIRD_PARTY,
        0.8,
        "(?:找|问)(?:他|她)(?:有什么|有啥|干嘛|干什么|什么事|啥事|做什么)",
        "(?:他|她)(?:是不是|是)?(?:欠(?:了|你|钱)|出什么事|出啥事|怎么了)",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.8,
        "我.{0,4}(?:转告|转达)(?:他|她|一下|吧|$)",
        "我.{0,3}跟(?:他|她)(?:说一声|说$|讲一声)",
    ),
    _cue(
        CallType.WRONG_NUMBER,
        0.95,
        "打错(?:了|电话|号|人|$)",
        "没(?:有)?(?:这个人|这人)",
        "没(?:有)?[你您](?:说|找)的(?:这个)?人",
    ),
    _cue(
        CallType.WRONG_NUMBER,
        0.87,
        "不认识(?:他|她|这个人|这人|[你您]说的|[你您]找的|什么|叫|姓|$)",
        "(?:这号|号码|手机号)(?:码)?是?我(?:刚|新)(?:办|换|买)",
        "没听说过(?:这个人|他|她)",
        "(?:号|号码|手机号|电话)(?:我)?(?:都|已经)?用了?(?:好几|快|[一两二三四五六七八九十几\\d])+个?[年月]",
        "(?:找|认|拨)错(?:人|号|了)|不是[你您]?(?:要找的|找的)(?:人|那个)|[老总]有人(?:打来)?找(?:他|她|这个人|这人)",
    ),
    # It may be a third party as well as a wrong number: not sure on its own.
    _cue(
        CallType.WRONG_NUMBER,
        0.6,
        "我不(?:姓|叫).",
        "我不是(?:张|王|李|刘|陈|杨|赵|黄|周|吴|他|她|本人|机主)",
    ),
)

# What an agent asks decides what the next short answer means.
_VERIFICATION = re.compile(
    "(?:身份证|证件).{0,6}(?:位|号)|生日|出生|几几年|预留.{0,6}(?:位|尾号|号)|核[对实].{0,4}身份|身份.{0,4}核[对实]"
)
_RELATION = re.compile(f"认识|什么人|什么关系|联系人|[您你](?:是|跟|和).{{1,8}}{_KIN}|(?:他|她)的?{_KIN}")
_IDENTITY = re.compile(
    "本人|是不是|请问(?:您|你)?是|[您你]是.{2,8}(?:吗|吧|嘛|对|是吧|先生|女士|小姐)"
    "|是.{2,6}(?:吗|吧|对吧|是吧)|.{2,4}(?:先生|女士|小姐)(?:是吧|对吧|吧|吗)|找(?:一下)?.{2,4}"
)
_ABOUT_ANOTHER = re.compile("他|她|号码|尾号|手机|转告|转达|错号")

_FILLER = "^(?:喂|嗯|哦|诶|哎|你好|您好|啊|呃|噢)*"
_YES = re.compile(
    f"{_FILLER}(?:是的?(?!他|她|谁|哪|什么|不是|吗)|对|我就是|就是我|没错|本人|嗯|认识|我是(?!他|她|谁)|.{{2,4}}是我)"
)
_YES_RELATED = re.compile(f"{_FILLER}(?:是(?!不是|谁|哪)|对|没错|认识|嗯)")
_NO = re.compile(f"{_FILLER}(?:我不是(?!不|故意|说)|不是我|不是$|不是的|没有没有)")
VERIFIED = re.compile("[零一二三四五六七八九幺\\d]{3,}|[一二三四五六七八九十\\d]月")

CALLED = re.compile("(?:感谢|欢迎)您?的?(?:致电|来电)|有什么(?:可以|能)帮|请讲.{0,4}有什么")

# What an agent concludes from the answers.
AGENT_CUES = (
    _cue(CallType.WRONG_NUMBER, 0.85, "错号|打错(?:了|电话)|登记.{0,4}号码有误"),
    _cue(
        CallType.THIRD_PARTY,
        0.7,
        "转告(?:他|她|一下)|(?:捎|带)(?:个|句)?话",
        "(?:让|叫|请)(?:他|她).{0,8}(?:回|打)(?:个|我们|一个)?.{0,6}电话",
    ),
)
OWN_DEBT = re.compile(
    "我(?:最近|现在|这个月|这边|目前|真的|实在|暂时|是)*(?:手头|没钱|还不上|还不起|还不了|忘了还|忘记还|没发工资|失业)"
    "|我(?:的)?(?:工资|账单|信用卡|这笔贷款)"
    "|我(?:会|尽快|马上|明天|后天|今天|下午|晚上|下周|月底|再|先)+.{0,6}(?:还|存|转)(?:进|上|掉|清|了|过|$)"
)


class Question(Enum):
    """What an agent asked, which decides what a short answer means."""

    VERIFICATION = auto()
    RELATION = auto()
    IDENTITY = auto()


def question_in(words: str) -> Question | None:
    """What these words ask, if they ask who is on the line."""
    if _VERIFICATION.search(words):
        return Question.VERIFICATION
    if _RELATION.search(words):
        return Question.RELATION
    if _IDENTITY.search(words) and not _ABOUT_ANOTHER.search(words):
        return Question.IDENTITY
    return None


def answer_to(question: Question | None, words: str) -> Evidence | None:
    """What a short answer means after this question; a bare yes counts nowhere else."""
    if question is None:
        return None
    if question is Question.RELATION:
        return Evidence(CallType.THIRD_PARTY, 0.85) if _YES_RELATED.match(words) else None
    if _NO.match(words):
        return Evidence(CallType.WRONG_NUMBER, 0.6)
    if _YES.match(words) or (question is Question.VERIFICATION and VERIFIED.search(words)):
        return Evidence(CallType.RIGHT_PARTY, 0.95)
    return None


def evidence_in(words: str, cues: Sequence[Cue], *, factor: float = 1.0) -> list[Evidence]:
    """The evidence of every cue that occurs, its confidence times `factor`."""
    return [
        Evidence(cue.evidence.call_type, cue.evidence.confidence * factor)
        for cue in cues
        if cue.pattern.search(words)
    ]
