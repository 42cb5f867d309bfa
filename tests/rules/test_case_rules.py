"""Findings without words: what the clock and the call log show, and when nothing can be said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack, make_pack
from qa_pipeline.types import CallType, FindingOutcome, MatchKind, Severity
from tests.rules.calls import A, C, call, say

PACK = load_pack()
ENGINE = RuleEngine(
    make_pack(header=PACK.header, rules=[], elements=[], locations={}, case_rules=PACK.case_rules)
)
NIGHT = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)  # half past ten in the evening in Shanghai
DAY = datetime(2026, 3, 5, 4, 30, tzinfo=UTC)


def found(
    *customer: str, call_type: CallType = CallType.RIGHT_PARTY, **metadata: Any
) -> list[tuple[str, str]]:
    conversation = call(say(A, "您好"), *(say(C, text) for text in customer), call_type=call_type, **metadata)
    return [(finding.rule_id, finding.outcome) for finding in ENGINE.judge(conversation).findings]


def test_a_finding_without_words_has_neither_time_nor_quote() -> None:
    (finding,) = ENGINE.judge(call(say(A, "您好"), started_at=NIGHT)).findings

    assert (finding.category, finding.match, finding.evidence) == ("contact.hours", MatchKind.METADATA, ())
    assert (finding.outcome, finding.severity, finding.confidence) == (
        FindingOutcome.HIT,
        Severity.SERIOUS,
        1.0,
    )


@pytest.mark.parametrize(("customer", "metadata", "expected"), [
    ([], {"started_at": NIGHT}, [("contact.hours.clock", "hit")]),
    ([], {"started_at": DAY}, []),
    ([], {"started_at": NIGHT, "direction": "in"}, []),
    ([], {"started_at": NIGHT, "agreed_window": "晚上20:00至23:00"}, []),
    ([], {"started_at": NIGHT, "agreed_window": "19:00-21:00"}, [("contact.hours.clock", "hit")]),
    *(([], {"started_at": NIGHT, "agreed_window": stated}, []) for stated in
      ("20：00-22：40", "20:00－22:40", "晚上8点到11点", "20-23点", "00:00-24:00",
       "12:00-13:00；22:00-23:00")),
    # What was agreed cannot be read: the hour alone decides nothing.
    ([], {"started_at": NIGHT, "agreed_window": "下班以后，晚上"}, [("contact.hours.clock", "uncertain")]),
    ([], {"started_at": NIGHT, "agreed_window": "8点到10点"}, [("contact.hours.clock", "uncertain")]),
    ([], {"started_at": DAY, "agreed_window": "晚上"}, []),
    (["晚上下了班再打给我"], {"started_at": NIGHT}, []),
    # Without data nothing is found, unless the customer minds the hour.
    ([], {}, []),
    (["这都几点了"], {}, [("contact.hours.clock", "uncertain")]),
    (["这都几点了"], {"started_at": DAY}, []),
    ([], {"extra": (("effective_calls_today", "4"),)}, [("harassment.frequency.effective", "hit")]),
    ([], {"extra": (("effective_calls_today", "6"),)}, [("harassment.frequency.effective_double", "hit")]),
    ([], {"extra": (("effective_calls_today", "3"),)}, []),
    ([], {"extra": (("effective_calls_today", "很多"),)}, []),
    (["你们今天打了八个电话了"], {}, [("harassment.frequency.effective", "uncertain")]),
    (["你们今天打了八个电话了"], {"extra": (("effective_calls_today", "2"),)}, []),
])  # fmt: skip
def test_the_data_decide(
    customer: list[str], metadata: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(*customer, **metadata) == expected


def test_an_agreed_time_that_cannot_be_read_is_named() -> None:
    (finding,) = ENGINE.judge(call(say(A, "您好"), started_at=NIGHT, agreed_window="晚上")).findings

    assert finding.doubts == ("needs_case_data:agreed_window",)
    assert "The agreed time 晚上 cannot be read" in str(finding.explanation[-1])


def test_a_contact_who_refused_is_not_called_again() -> None:
    refused = {"no_contact": True, "direction": "out"}

    assert found(call_type=CallType.THIRD_PARTY, **refused) == [("third_party.harass.after_refusal", "hit")]
    assert found(**refused) == []


def test_the_hour_weighs_more_after_an_objection() -> None:
    (finding,) = ENGINE.judge(call(say(A, "您好"), say(C, "别再打了"), started_at=NIGHT)).findings

    assert finding.severity is Severity.FATAL
