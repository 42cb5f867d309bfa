"""Every match with what became of it: each row is what the agent says, and how it is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.trace import ConsideredMatch, MatchOutcome
from qa_pipeline.types import Conversation, MatchKind
from tests.rules.calls import A, C, U, call, judge, make_pack, rule, say

EXEMPTIONS = ["negation", "quotation", "question"]
HIT, UNCERTAIN, ACQUITTED = MatchOutcome.HIT, MatchOutcome.UNCERTAIN, MatchOutcome.ACQUITTED


def trace(tmp_path: Path, conversation: Conversation) -> tuple[ConsideredMatch, ...]:
    pack = make_pack(tmp_path, rules=[rule(exemptions=EXEMPTIONS)])
    return RuleEngine(pack).trace(conversation)


@pytest.mark.parametrize(("text", "outcome", "exemption", "cue"), [
    ("等着坐牢吧", HIT, None, None),
    ("您放心，不会坐牢的", ACQUITTED, "negation", "不会"),
    ("逾期跟坐牢没有关系", ACQUITTED, "negation", "没有关系"),
    ("您刚才说，有人要您坐牢", ACQUITTED, "quotation", "您刚才说"),
    # Of two exemptions the more favourable is named.
    ("有没有人跟您说过不会坐牢吗", ACQUITTED, "negation", "不会"),
    ("有没有人跟您说要坐牢吗", UNCERTAIN, "question", "有没有人跟您说要坐牢吗"),
    # A comma right after the cue may be a mere pause.
    ("我们不会，坐牢", UNCERTAIN, "negation", "不会"),
    # What cancels an exemption leaves no trace of it.
    ("不是我吓唬你要坐牢的", HIT, None, None),
])  # fmt: skip
def test_the_exemption_and_its_cue_are_named(
    tmp_path: Path, text: str, outcome: MatchOutcome, exemption: str | None, cue: str | None
) -> None:
    (match,) = trace(tmp_path, call(say(A, text)))

    assert (match.outcome, match.exemption_id, match.cue) == (outcome, exemption, cue)
    assert match.doubts == (("exemption_unsure",) if outcome is UNCERTAIN else ())
    assert [part.quote for part in match.evidence] == ["坐牢"]


def test_how_the_words_were_found_is_told(tmp_path: Path) -> None:
    letters, sound = trace(tmp_path, call(say(A, "不会蹲监狱"), say(C, "好"), say(A, "不会「做牢」")))

    assert [(part.quote, part.match, part.heard_as) for part in (*letters.evidence, *sound.evidence)] == [
        ("蹲监狱", MatchKind.EXACT, None),
        ("做牢", MatchKind.PHONETIC, "坐牢"),
    ]
    assert (letters.rule_id, letters.exemption_title) == ("threat.arrest.prison", "否定")


def test_matches_come_in_order_whatever_became_of_them(tmp_path: Path) -> None:
    conversation = call(say(A, "不会坐牢"), say(C, "要坐牢"), say(U, "要坐牢"), say(A, "等着坐牢，不会坐牢"))

    assert [(match.evidence[0].utterance_id, match.outcome) for match in trace(tmp_path, conversation)] == [
        ("u1", ACQUITTED),
        ("u3", UNCERTAIN),
        ("u4", HIT),
        ("u4", ACQUITTED),
    ]


def test_a_cue_in_the_breath_before_is_quoted_as_said(tmp_path: Path) -> None:
    conversation = call(say(A, "“您刚才说”", 0, 900), say(A, "要坐牢", 1_000, 1_500))

    (match,) = trace(tmp_path, conversation)

    assert (match.exemption_id, match.cue) == ("quotation", "您刚才说")


def test_what_is_held_is_what_is_found(tmp_path: Path) -> None:
    """The trace and the findings rest on the same words."""
    pack = make_pack(tmp_path, rules=[rule(exemptions=EXEMPTIONS)])
    conversation = call(say(A, "不会坐牢"), say(C, "喂"), say(A, "坐牢，有没有人说坐牢吗"), say(U, "蹲监狱"))

    held = [match for match in RuleEngine(pack).trace(conversation) if match.outcome is not ACQUITTED]

    assert [part for match in held for part in match.evidence] == [
        part for finding in judge(pack, conversation).findings for part in finding.evidence
    ]
