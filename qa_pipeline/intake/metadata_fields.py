"""The one table of call metadata: each field's name, type, meaning, aliases and an example.

Parsing, the JSON Schema and the table for users all come from here. Names are those of `CallMetadata`, then
those of call logs that have no place of their own there: checked by type, kept under their name in `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from qa_pipeline.types import CallMetadata


class FieldKind(StrEnum):
    """How a value is written and checked."""

    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    WHOLE = "whole"
    SECONDS = "seconds"
    AMOUNT = "amount"
    TIME = "time"
    DAY = "day"
    LIST = "list"


_OWN_NAMES = frozenset(field.name for field in fields(CallMetadata))


@dataclass(frozen=True, slots=True)
class MetadataField:
    """One field of the call log or the case record.

    Args:
        example: as it would be written in a CSV cell.
        meaning: for the schema and the table for users.
        aliases: other names under which it is accepted; case does not matter.
        choices: accepted spelling of a value to the value kept; for `FieldKind.CHOICE` alone.
    """

    name: str
    kind: FieldKind
    example: str
    meaning: str
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, str | int] | None = None

    @property
    def in_extra(self) -> bool:
        """Whether the value is kept in `CallMetadata.extra`, as text."""
        return self.name not in _OWN_NAMES


def _choices(*spellings: str) -> dict[str, str | int]:
    """Each argument lists the spellings of one value; the first is the one kept."""
    return {word: words.split()[0] for words in spellings for word in words.split()}


_CHOICES: Mapping[str, Mapping[str, str | int]] = {
    "contact_role": _choices(
        "debtor 本人",
        "guarantor 担保人",
        "spouse_liable 共债配偶",
        "contact 联系人 第三方 三方",
        "unknown 未知",
        "wrong 错号",
    ),
    "direction": _choices("out outbound 呼出 外呼", "in inbound 呼入"),
    "agent_channel": {"0": 0, "1": 1},
    "agent_type": _choices("self 自营 内催", "external 外包 委外"),
    "channel": _choices("human", "ai_voice", "sms"),
    "hangup_side": _choices("agent 坐席", "customer 客户", "line", "unknown"),
    "line_type": _choices("official", "private"),
}


def _field(name: str, kind: FieldKind, example: str, meaning: str, *aliases: str) -> MetadataField:
    return MetadataField(name, kind, example, meaning, aliases, _CHOICES.get(name))


_TEXT, _CHOICE, _BOOLEAN = FieldKind.TEXT, FieldKind.CHOICE, FieldKind.BOOLEAN
_AMOUNT, _TIME, _SECONDS = FieldKind.AMOUNT, FieldKind.TIME, FieldKind.SECONDS

FIELDS: tuple[MetadataField, ...] = (
    _field("call_id", _TEXT, "20260305-0001", "Identity of the call; else its path", "通话编号", "流水号"),
    _field("agent_id", _TEXT, "00123", "Staff number of the agent", "coll_user_id", "工号", "坐席工号"),
    _field("agent_name", _TEXT, "陈晨", "Name of the agent, masked in reports", "坐席姓名", "催收员"),
    _field("team", _TEXT, "M1-2", "Team of the agent", "团队", "小组", "组别"),
    _field(
        "agency", _TEXT, "远信服务", "Outside agency; null: own staff", "agency_name", "外包机构", "委外机构"
    ),
    _field("institution", _TEXT, "某某银行", "Creditor the call is made for", "机构", "委托方", "债权人"),
    _field("product", _TEXT, "信用卡", "Product the debt comes from", "产品"),
    _field("stage", _TEXT, "M1", "Stage of delinquency", "mob_typ", "账龄", "阶段"),
    _field(
        "customer_id", _TEXT, "C88012", "Debtor, by whom calls are counted", "cust_no", "客户号", "客户编号"
    ),
    _field("contact_role", _CHOICE, "debtor", "Whom the dialled number belongs to", "联系人类型", "联系对象"),
    _field("direction", _CHOICE, "out", "Who dialled whom", "呼叫方向", "方向"),
    _field(
        *("started_at", _TIME, "2026-03-05T10:15:00+08:00", "Start of dialling"),
        *("start_ts", "开始时间", "呼叫时间", "通话开始时间"),
    ),
    _field("agent_channel", _CHOICE, "0", "Channel that carries the agent; null: not known", "坐席声道"),
    _field("connected", _BOOLEAN, "true", "The call was answered", "是否接通"),
    _field(
        "effective", _BOOLEAN, "true", "Ten seconds of talk with a person or more", "是否有效", "有效通话"
    ),
    _field("talk_seconds", _SECONDS, "183", "Talk time by the call log", "talk_time", "通话时长", "通话秒数"),
    _field("amount_due", _AMOUNT, "4321.50", "Amount of this statement", "应还金额", "本期应还"),
    _field("min_due", _AMOUNT, "432.00", "Minimum payment of this statement", "最低还款额", "最低还款"),
    _field("overdue_days", FieldKind.WHOLE, "15", "Days overdue on the day of the call", "逾期天数"),
    _field("due_date", FieldKind.DAY, "2026-02-18", "Day the payment fell due", "到期日", "还款日"),
    _field(
        "legal_stage", _TEXT, "filed", "Stage of legal proceedings in the case record", "法律阶段", "诉讼阶段"
    ),
    _field(
        *("approved_plans", FieldKind.LIST, "分期12期;减免利息", "Plans approved for this debtor"),
        *("可用方案", "已批方案"),
    ),
    _field("guarantor", _BOOLEAN, "false", "The person called guarantees the debt", "是否担保人"),
    _field("complaint_open", _BOOLEAN, "false", "A complaint of the debtor is being handled", "投诉中"),
    _field("no_contact", _BOOLEAN, "false", "Further contact was refused", "no_contact_flag", "拒绝联系"),
    _field("agreed_window", _TEXT, "20:00-22:30", "Time agreed with the debtor for calls", "约定时段"),
    _field("case_id", _TEXT, "A2026-0815", "Identity of the case", "案件号", "案件编号"),
    _field("agent_type", _CHOICE, "external", "Own staff or outside agency", "坐席类型"),
    _field("channel", _CHOICE, "human", "Kind of contact"),
    _field("dialled_number_hash", _TEXT, "9f2c41", "Hash of the dialled number"),
    _field("connect_ts", _TIME, "2026-03-05T10:15:12+08:00", "When the call was answered", "接通时间"),
    _field("end_ts", _TIME, "2026-03-05T10:18:15+08:00", "When the call ended", "结束时间", "挂机时间"),
    _field("hangup_side", _CHOICE, "customer", "Who hung up", "挂机方"),
    _field("result_code", _TEXT, "PTP", "Result entered by the agent", "通话结果"),
    _field("line_type", _CHOICE, "official", "Official or private telephone line"),
    _field("consent_night", _BOOLEAN, "false", "The debtor agreed to calls at night"),
    _field("stop_collect", _BOOLEAN, "false", "Collection of this case is suspended", "停催"),
    _field("vulnerable_flag", _BOOLEAN, "false", "The debtor is known to be vulnerable"),
    _field("past_due", _AMOUNT, "7100.00", "Past-due part of the debt (PD)", "pd"),
    _field("total_due", _AMOUNT, "14000.00", "Whole amount due (DUE)", "due", "总欠款"),
    _field(
        "ptp_history", _TEXT, "2026-02-20 1000.00 broken", "Earlier promises, as the case record words them"
    ),
    _field("sms_sent", _BOOLEAN, "true", "An official message was sent before the call"),
    _field("recording_uri", _TEXT, "2026/03/05/0001.wav", "Where the recording lies in the source system"),
    _field(
        *(
            "sampling_rate",
            FieldKind.WHOLE,
            "8000",
            "Samples a second of the recording, where its header errs",
        ),
        *("sample_rate", "采样率"),
    ),
    _field("recording_seconds", _SECONDS, "183", "Length of the recording in the source system"),
)

BY_NAME: Mapping[str, MetadataField] = {
    name.casefold(): field for field in FIELDS for name in (field.name, *field.aliases)
}
"""Every accepted name, case-folded, to its field."""
