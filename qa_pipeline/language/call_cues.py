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


class Question(Enum):
    """What an agent asked, which decides what a short answer means."""

    VERIFICATION = auto()
    RELATION = auto()
    IDENTITY = auto()


class Evidence(NamedTuple):
    """What speaks for a call type, and how strongly."""

    call_type: CallType
    confidence: float
    answers: Question | None = None


class Cue(NamedTuple):
    """Words that are evidence."""

    evidence: Evidence
    pattern: re.Pattern[str]


RELATED = 0.92
"""How sure it is that somebody is a third party who says how he is related."""


ANOTHER_MEANT = 0.95
"""How sure it is that the number is wrong where the agent says that somebody else of that name is meant."""


def _cue(call_type: CallType, confidence: float, *alternatives: str) -> Cue:
    return Cue(Evidence(call_type, confidence), re.compile("|".join(alternatives)))


_THEY = "(?:他|她|机主|本人)"
_KIN = (
    "(?:[堂表亲大小二三]?(?:爸|妈|父亲|母亲|父母|爱人|老公|老婆|丈夫|妻子|媳妇|对象|女朋友|男朋友|儿子|女儿|哥|姐|弟|妹|叔|舅|姑|姨|嫂"
    "|婆婆|公公|岳父|岳母|亲戚|家人|家属|家里人|同事|朋友|邻居|同学|领导|老板|房东|室友|员工"
    "|老伴|闺女|孩子|侄|孙|外甥|婶|伯|爷|奶|外公|外婆|丈人|丈母娘|女婿|妯娌|连襟|亲家|前妻|前夫|前任|未婚"
    "|爹|娘|男人|当家的|老头子|堂客|婆娘|老汉|崽|伢|姑娘|丫头|儿媳|小姨子|小舅子|护工|会计|财务|班长|组长|辅导员"
    "|战友|工友|老乡|同乡|师傅|徒弟|合伙|搭档|发小|闺蜜|哥们|兄弟|店长|店员|主管|经理|秘书|助理|司机|房客|租客|对门|学生|老师))"
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
        RELATED,
        f"我(?:就|只|也|这边)?是(?:他|她)(?:的|们)?.{{0,3}}{_KIN}",
        f"(?<!不)(?:他|她)(?:以前|原来|曾经|就)?是(?:我|我们|咱们?|俺)(?:这|这里|店里?|家|公司|单位|厂里?|们)*的?{_KIN}",
        "(?:帮|替)(?:他|她)代?(?:接(?!手|单|活|孩|送)|看手机|拿手机|保管)",
        f"我(?:和|跟|与)(?:他|她)(?:是|就是|只是|以前是)?.{{0,3}}{_KIN}",
        "这(?:个)?是(?:他|她)(?:家|店里?|公司|单位)?(?:的|里)?(?:的)?(?:手机|电话|座机|号)|(?:他|她)(?:早就?|已经|都|现在)*不住(?:这|我)|我(?:是)?(?:给他|帮他)?看(?:店|门|摊)的",
        f"^(?:喂|哦|啊|嗯|哎|噢)*[你您]们?(?:是)?找我(?:们)?(?:家|屋里|这)?的?{_KIN}(?!要|借|拿|还|的)",
        f"(?:这|手机|电话)(?:就|可)?是我(?:们)?{_KIN}的",
        "(?:我(?:就|只)?是|这(?:里|边|儿)?(?:就|只)?是?)(?:这儿|这里|这边|店里|公司|家里|单位)?的?(?:帮工|店员|保姆|前台|护工|伙计|学徒|保安|阿姨|工友|看店的|值班的|门卫|传达室|收发室)",
        "我(?:就|只)?是(?:这里|这边|村里|厂里|店里)?的?(?:出纳|会计|村主任|村支书|人事|行政|调度)(?!你|您)",
        "(?:跟|和)?(?:他|她)(?:早|已经|都|好久|早就)*(?:离婚|离了|分手|分了|没联系|不联系|断了联系|不来往|没来往|不熟)",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.85,
        f"{_THEY}(?:现在|这会儿|人)?(?:不在|没在|出去了|出门了|在洗澡|在睡觉|在开车|上班去了|去世|过世)",
        f"{_THEY}(?:的)?(?:手机|电话)(?:落|忘|放)",
        "(?:老板|掌柜|店主|户主)(?:人)?(?:不在|没在|没来|出去了|出门了|去[送进拿办]|外出|出差)",
        "(?:他|她)(?:人|现在|这会儿|还|正|都|一直)*(?:在|去|跑)(?:了)?(?:外地|外头|外面|工地|部队|国外|老家|车间|地里|里屋|楼上|楼下|隔壁|广东|上海|北京|深圳|省城|县城)",
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
        "(?:打|拨)错(?:了|电话|号|人|$)",
        "没(?:有)?(?:这么|那么|这|那)?(?:个|号|么个)?(?:人(?!接|管|在|知|跟|给|理)|这人)$|没(?:有)?(?:这个人|这人|这么个人|这号人)|查无此人",
        "没(?:有)?(?:叫|姓)(?:这个|这|那|他)",
        "没(?:有)?[你您](?:说|找)的(?:这个)?人",
    ),
    _cue(
        CallType.WRONG_NUMBER,
        0.87,
        "不认(?:识|得)(?:他|她|这个人|这人|[你您]说的|[你您]找的|什么|叫|姓|$)",
        "(?:这号|号码|手机号|这卡)(?:码)?是?我(?:自己)?(?:刚|新|才|上个?月|今年|去年)+(?:办|换|买|申请)|(?:刚|新|才)(?:刚)?(?:办|换|买|申请)的(?:新)?(?:手机)?号|我(?:也是|上个?月|去年|今年|前几天|最近)*刚(?:办|换|买|申请)的(?:新)?(?:手机)?卡",
        "(?:我)?用(?:了)?这个?号(?:码)?(?:都|已经)?[一两二三四五六七八九十好几\\d]+年|(?:这|我这|我)(?:个)?(?:手机)?(?:是)?(?:个)?新号|没听(?:说)?过(?:这个人|他|她|这人|这号人|这名字|$)|(?:哪个|谁是|谁叫)(?:他|她)(?!的|们|家)|(?:搞|弄)错(?:人|号|了)",
        "(?:说|讲)(?:过|了)?.{0,3}[次遍回].{0,4}(?:我)?不是(?:他|她)",
        "(?:号|号码|手机号|电话|座机)(?:我|我们|我家)?(?:都|已经)?(?:用|装|开)了?(?:好几|快|[一两二三四五六七八九十几\\d])+个?[年月]",
        "从(?:来)?没(?:有)?(?:跟|和|与|在)[你您]们(?:公司|银行|那里|那儿|家)?(?:打过|有过|借过|办过|来往)",
        "号(?:码)?(?:是)?(?:在)?(?:营业厅|网上)?(?:刚|新|才)(?:刚)?选的|给我(?:新|刚|才)?(?:办|买|换)的(?:新|手机)*号",
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
    "(?:份证|证件).{0,6}(?:[位维为味微]|号)|生日|出生|几几年|预留.{0,6}(?:位|尾号|号)|核[对实].{0,4}身份|身份.{0,4}核[对实]"
    # A fact that only the debtor can know: 账单是寄到哪个区的.
    "|(?:登记|预留|[留填]的|紧急联系人|开户|办卡|签约|合同上?|账单)[^他她]{0,12}(?:什么(?!人|关系)|啥(?!关系)|哪|几|姓|记得)"
)
_AT_A_PLACE = re.compile(
    "(?:请问|[您你])[您你]?(?:是不是|是)[^您你我他她]{1,8}(?:厂|店|铺|社区|村|小区|公司|单位|前台|办公室|学校|物业|工地|车队)"
    "(?:的|吗|吧|不|嘛|么|是吧|对吧)"
)
"""Who is asked for a place or an office says nothing of a name by a yes."""
# 您是谭老板吗 and 您是卖水产的赖师傅赖水根吧 ask for a person by name, as 您是谭先生吗 does.
_TITLE = "(?:老板|师傅|老师|同学|经理|店长|大?[哥姐叔婶姨伯爷])(?:本人)?"
_NO_KIN = f"(?:(?!{_KIN})[^的他她]){{2,4}}"
_BY_NAME = f"(?![^他她]{{0,6}}[^他她的]{_TITLE}(?:{_NO_KIN})?(?:吗|吧|嘛|么|对|是吧|[不没]?$|啊不))"
_RELATION = re.compile(
    f"认识|什么人|什么关系|啥关系|联系人|[您你](?:是{_BY_NAME}|跟|和|与).{{1,8}}{_KIN}|(?:他|她)的?.{{0,2}}{_KIN}"
    f"|[您你]是{_BY_NAME}.{{0,4}}{_KIN}|请问是[^不您你]{{1,6}}的.{{0,2}}{_KIN}"
    "|[您你](?:和|跟|与)(?:他|她).{0,4}(?:夫妻|两口子|父[子女]|母[子女]|姐妹|姐弟|兄弟|兄妹)"
)
RELATION_ASKED = re.compile("认识|什么人|什么关系|啥关系|联系人|怎么称呼")
"""Asked of somebody whose name was right, it means that another is looked for."""
_IDENTITY = re.compile(
    "本人|是不是|请问(?:您|你)?是|[您你]是.{2,8}(?:吗|吧|嘛|对|是吧|先生|女士|小姐)"
    "|是.{2,6}(?:吗|吧|对吧|是吧)|.{2,4}(?:先生|女士|小姐)(?:是吧|对吧|吧|吗)|找(?:一下)?.{2,4}"
)
_ABOUT_ANOTHER = re.compile("他|她|号码|尾号|手机|转告|转达|错号")

_FILLER = "^(?:喂|嗯|哦|诶|哎|你好|您好|啊|呃|噢)*"
_YES = re.compile(
    f"{_FILLER}(?:是的?(?!他|她|谁|哪|什么|不是|吗)|对(?!方)|我就是|就是我|没错|本人|嗯|认识|我是(?!他|她|谁|帮|替)"
    f"|.{{0,4}}我就是(?=$|[你您说讲])|.{{1,3}}[^不]是我(?![们的]|{_KIN}|前|老|以前))"
)
_YES_RELATED = re.compile(f"{_FILLER}(?:是(?!不是|谁|哪)|对|没错|认识|嗯)")
_NO = re.compile(
    f"{_FILLER}(?:我不是(?!不|故意|说|来|赖)|不是我|不是$|不是的|不是(?=不是)|不是(?:他|她|本人)|没有没有)"
)
_RELATED = re.compile(f"^.{{0,8}}(?:{_KIN}|一起|同[一个]?(?:公司|单位|部门|村)|一个(?:公司|单位|部门|村))")
_AWAY = re.compile(
    f"(?:他|她|^(?:喂|哦|啊|嗯|哎|噢|你好|您好)*我(?:家|们)?{_KIN})(?:人|现在|这会儿|正|刚|还|又|今天|早就?|都|已经|最近)*(?:不在|没在|出去|出门|出差|[去上下]班|去(?!年|哪)|在(?!哪|你|您|我)|睡|喝"
    "|住院|接不了|没空|没带|忘带|没拿|开会|回老家|搬|走了|没来|休息|加班|值班|有事|病|换了?号|不用这)"
)
_ASKED_NAME = re.compile(
    "(?:请问|[您你]是|是|找|找一?下|认识|找到|联系)(?:一下|[您你]是|[您你]|是|下|到)?"
    "(?P<name>[一-龥]{2,3}?)(?P<title>先生|女士|小姐|同学|老师|师傅)?(?:本人|吗|吧|么|在|方便|的|对|$)"
)
_NO_NAME = re.compile(
    "[您你我他她它谁哪这那是不在吗吧么了的]|本人|银行|先生|女士|小姐|机主|号码|电话|联系|家属|什么|方便|客户|一下|怎么|公司|中心"
)
_SINGLE_SURNAME = 1
VERIFIED = re.compile("[零一二三四五六七八九幺\\d]{3,}|[一二三四五六七八九十\\d]月")

CALLED = re.compile("(?:感谢|欢迎)您?的?(?:致电|来电)|有什么(?:可以|能)帮|请讲.{0,4}有什么")

# What an agent concludes from the answers.
AGENT_CUES = (
    _cue(
        CallType.WRONG_NUMBER,
        0.85,
        "错号|打错(?:了|电话)|号码有误|(?:登记|机主|户主).{0,6}[您你].{0,6}不(?:符|一致)",
    ),
    _cue(
        CallType.WRONG_NUMBER,
        ANOTHER_MEANT,
        "同名同姓.{0,8}(?:不是|找错|打错)",
        "要找的(?:人)?(?:并)?不是[您你]|不是我们?要找的",
    ),
    _cue(
        CallType.THIRD_PARTY,
        0.7,
        "转告(?:他|她|一下)|(?:捎|带)(?:个|句)?话",
        "(?:让|叫|请)(?:他|她).{0,8}(?:回|打)(?:个|我们|一个)?.{0,6}电话",
    ),
    # Who is asked for a place of work has been called at one: the debtor is another.
    _cue(
        CallType.THIRD_PARTY,
        0.85,
        "[^您你我他她]{2}(?:前台|人事部?|人力资源部?|财务(?:室|部|科)|调度室|总机|门卫室?|传达室|村委会?|居委会|教务处)(?:吗|吧|不|么|嘛)",
    ),
)
OF_ANOTHER = re.compile(
    "(?<!其)[他她](?![人们行家])|[您你](?:家|店里?|们?(?:公司|单位|学校))[^您你他她]{0,4}(?:员工|服务员|教员|同事)"
)
"""Said by an agent who called a contact, it means the debtor: whoever answered is another."""
OWN_DEBT = re.compile(
    "我(?:最近|现在|这个月|这边|目前|真的|实在|暂时|是)*(?:手头|没钱|还不上|还不起|还不了|忘了还|忘记还|没发工资|失业)"
    "|我(?:的)?(?:工资|账单|信用卡|这笔贷款)"
    "|我(?:会|尽快|马上|明天|后天|今天|下午|晚上|下周|月底|再|先)+.{0,6}(?:还|存|转)(?:进|上|掉|清|了|过|$)"
)


def name_in(words: str) -> str | None:
    """Whom the agent asks for, in these words."""
    names = (found["name"] for found in _ASKED_NAME.finditer(words))
    return next((name for name in names if not _NO_NAME.search(name)), None)


def without_name(words: str, name: str | None) -> str:
    """The words with the person who is asked for as 他, unless the speaker says to be that person."""
    if name is None:
        return words
    given = name[_SINGLE_SURNAME:]
    called = [
        re.escape(name),
        f"[老小]{name[0]}(?![一-龥]{{0,1}}(?:年|学))",
        f"{name[0]}(?:先生|女士|小姐|总|老师|师傅|姐|哥)",
    ]
    if len(given) > _SINGLE_SURNAME:
        called.append(f"(?<!{name[0]}){re.escape(given)}")
    other = "(?:" + "|".join(called) + ")"
    not_me = f"(?!是我(?!的|们|.{{0,3}}{_KIN})|本人)"
    pattern = f"(?<!我)(?<!我叫)(?<!是){other}{not_me}(?:先生|女士|小姐)?"
    return re.sub(pattern, "他", words)


def question_in(words: str) -> Question | None:
    """What these words ask, if they ask who is on the line."""
    if _VERIFICATION.search(words):
        return Question.VERIFICATION
    if _RELATION.search(words):
        return Question.RELATION
    if _IDENTITY.search(words) and not _ABOUT_ANOTHER.search(words) and not _AT_A_PLACE.search(words):
        return Question.IDENTITY
    return None


def answer_to(question: Question | None, words: str) -> Evidence | None:
    """What a short answer means after this question; a bare yes counts nowhere else."""
    if question is None:
        return None
    if question is Question.RELATION:
        related = _YES_RELATED.match(words) or _RELATED.match(words)
        return Evidence(CallType.THIRD_PARTY, 0.85, question) if related else None
    if question is Question.IDENTITY and _AWAY.search(words):
        return Evidence(CallType.THIRD_PARTY, 0.85, question)
    if _NO.match(words):
        return Evidence(CallType.WRONG_NUMBER, 0.6, question)
    if _YES.match(words) or (question is Question.VERIFICATION and VERIFIED.search(words)):
        return Evidence(CallType.RIGHT_PARTY, 0.95, question)
    return None


def evidence_in(words: str, cues: Sequence[Cue], *, factor: float = 1.0) -> list[Evidence]:
    """The evidence of every cue that occurs, its confidence times `factor`."""
    return [
        Evidence(cue.evidence.call_type, cue.evidence.confidence * factor)
        for cue in cues
        if cue.pattern.search(words)
    ]
