"""What a call is about, as values: amounts, days, days overdue, payment channels, digits read out.

Every finder takes normalised text and returns frozen mentions whose characters index that text;
`normalization.quote` leads them back to the words as transcribed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_pipeline.language.amounts import Agreement, Amount, amounts_agree, find_amounts
from qa_pipeline.language.dates import DateMention, find_dates
from qa_pipeline.language.overdue import OverdueMention, find_overdue_days
from qa_pipeline.language.phones import PhoneMention, find_phones
from qa_pipeline.language.spoken_digits import DigitString, find_digits, find_staff_numbers

__all__ = [
    "Agreement",
    "Amount",
    "ChannelMention",
    "DateMention",
    "DigitString",
    "InstitutionMention",
    "OverdueMention",
    "PhoneMention",
    "amounts_agree",
    "find_amounts",
    "find_channels",
    "find_dates",
    "find_digits",
    "find_institutions",
    "find_overdue_days",
    "find_phones",
    "find_staff_numbers",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMention:
    """A way to pay.

    Args:
        channel: one name for all its wordings.
        official: False for a private account or chat; None where the words alone do not tell.
    """

    start_char: int
    end_char: int
    channel: str
    official: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionMention:
    """A lender or an agency, named by its kind of business."""

    start_char: int
    end_char: int
    name: str


_CHANNELS: tuple[tuple[str, bool | None, str], ...] = (
    ("微信转账", False, "(?:转|打|发)(?:到|给)?我(?:的)?微信|(?:加我?|私人)微信|微信转(?:账|给我)"),
    ("个人账户", False, "(?:个人|私人)(?:账户|账号|卡)|我(?:的|个人的)(?:卡|账户|支付宝)|私账"),
    ("收款码", False, "(?:我的?)?收款码|扫(?:我|这个)(?:的)?码"),
    ("公众号", True, "(?:官方)?(?:微信)?公众号|服务号"),
    ("手机银行", True, "手机银行|掌上银行|掌银"),
    ("电话银行", True, "电话银行"),
    ("网上银行", True, "网上银行|网银|电脑上(?:还|操作|转|交|缴)"),
    ("app", True, "app|客户端|应用(?!于|到|在)|(?:手机|官方|我们|咱们|咱)的?(?:还款)?软件"),
    ("小程序", True, "(?:官方)?小程序"),
    ("官网", True, "官网|官方网站"),
    (
        "柜台",
        True,
        "柜台|柜面|(?<!网)网点|营业[厅部]|(?:去|到|在|来)[^，]{0,4}(?:支行|分行|邮局)|(?:去|到|在)银行(?:大厅|存|还|办|里存|交|缴)|银行大厅|窗口(?:还|存|交|缴)",
    ),
    ("刷卡", True, "(?:门店|网点|柜台|店里)[^，]{0,4}刷卡"),
    ("自助机", True, "atm机?|自助(?:机|设备|终端)|存款机|取款机|柜员机"),
    (
        "自动扣款",
        True,
        "自动(?:扣款|划扣|还款|扣(?!分)|划(?!拨))|系统(?:会|来|自己|直接)?扣"
        "|(?:绑定?|关联|约定|签约|预留)的?(?:那|这)?张?(?:储蓄|银行|扣款|还款|借记|工资|[^，您你]{2}(?:行|银行))?卡"
        "|代扣|划扣|批扣|(?:扣款|还款)的?那?[张个本]?(?:卡|存折)|存折|(?:储蓄|借记|工资|代扣)卡"
        "|(?:存|打|转|还|放|充|入)(?:进|到|入|在|够|足)?[^，卡]{0,6}?(?<!信用)卡[里上内中]|卡[里上内](?:面)?(?:直接|自动)?(?:扣|划)",
    ),
    (
        "官方转账",
        True,
        "对公(?:账户|账号|转账)|公对公|(?:还款|贷款|扣款|指定|专用|官方|我行|本行|公司|关联|虚拟)的?(?:账户|账号|专户)|还款专户|银行转账|银联"
        "|(?:跨行|他行|手机|网上|线上|通过|用|走)转账|银行汇款|(?:通过|用|走|去)汇款",
    ),
    ("支付宝", None, "支付宝"),
    ("云闪付", True, "云闪付"),
    ("数字人民币", True, "数字人民币|数币"),
    ("还款链接", None, "(?:官方|还款|短信)[^，]{0,4}(?:链接|二维码|码)|(?:还款|缴费)入口|扫码(?:还|付|支付)"),
    ("快捷支付", None, "快捷支付|一键还款|生活缴费|语音(?:菜单)?还款|自助还款"),
    ("便利店", None, "便利店|拉卡拉|缴费点"),
    ("线上", None, "(?:手机|网|线)上(?:还|操作|办|交|缴)"),
    ("现金", None, "(?:交|给|收)现金|现金(?:还|交|给)"),
    ("微信", None, "微信[^，转]{0,7}?(?:还款|支付|缴费)|微信[里上][^，]{0,6}(?:还|缴|交)"),
)
_CHANNEL = re.compile("|".join(f"(?P<c{index}>{words})" for index, (_, _, words) in enumerate(_CHANNELS)))

_INSTITUTION = re.compile(
    "[一-龥]{2,10}?(?:银行(?:信用卡中心|信用卡部)?|消费金融(?:有限)?(?:公司)?|信用卡中心|小额贷款(?:公司)?|小贷(?:公司)?"
    "|信用社|农商行|金融(?:有限)?公司|(?:资产|信用|信息|商务|外包|催收|法律|企业|管理|咨询|服务|科技)+(?:有限)?公司)"
)
_NOT_OF_A_NAME = re.compile(
    "^.*(?:我(?:们|这边|这里|这儿)?(?:是|在)?|这里是|这边是|受|代表|委托|来自|您好|你好|的|和|跟|在|到|向)"
)


def find_institutions(text: str) -> tuple[InstitutionMention, ...]:
    """Banks, lenders and agencies with a name of their own before the kind of business."""
    mentions = []
    for found in _INSTITUTION.finditer(text):
        before = _NOT_OF_A_NAME.match(found.group())
        name = found.group()[before.end() :] if before else found.group()
        if len(name) > 3:
            start = found.end() - len(name)
            mentions.append(InstitutionMention(start_char=start, end_char=found.end(), name=name))
    return tuple(mentions)


def find_channels(text: str) -> tuple[ChannelMention, ...]:
    """The ways to pay that are named, under one name each; the longest wording wins."""
    return tuple(
        ChannelMention(
            start_char=found.start(),
            end_char=found.end(),
            channel=_CHANNELS[int(found.lastgroup[1:])][0],
            official=_CHANNELS[int(found.lastgroup[1:])][1],
        )
        for found in _CHANNEL.finditer(text)
        if found.lastgroup
    )
