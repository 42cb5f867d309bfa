"""`qa rules`: what a rule author asks of a pack on the command line."""

from __future__ import annotations

import re

import pytest

from tests.builders import failed_call, threatening_call
from tests.command_line import keep, qa

pytestmark = pytest.mark.usefixtures("own_folder")


def test_rules_check_runs_the_packaged_pack() -> None:
    result = qa("rules", "check")
    assert result.exit_code == 0
    assert re.search(r"zh_collection.*: \d+ rules, \d+ elements, 0 problems", result.stdout)


def test_rules_try_tells_the_rule_its_words_and_its_basis() -> None:
    result = qa("rules", "try", "再不还钱我就叫人上门打断你的腿")
    assert result.exit_code == 0
    assert "threat.violence" in result.stdout
    assert "“叫人上门打断”" in result.stdout
    assert "Basis: " in result.stdout


def test_rules_try_knows_who_speaks() -> None:
    assert (
        "threat.violence"
        not in qa("rules", "try", "再不还钱我就叫人上门打断你的腿", "--role", "customer").stdout
    )
    assert "Only the agent's words" in qa("rules", "try", "你等着坐牢", "--role", "customer").stdout
    assert "No rule" in qa("rules", "try", "今天天气不错").stdout


def test_rules_try_tells_what_acquits() -> None:
    result = qa("rules", "try", "您放心，不会坐牢的")
    assert result.exit_code == 0
    assert "Acquitted · " in result.stdout
    assert "“坐牢”" in result.stdout
    assert "(negation): “不会”" in result.stdout
    assert "No rule" not in result.stdout


def test_rules_try_answers_each_of_several_sentences() -> None:
    result = qa("rules", "try", "今天天气不错", "-", typed="不会坐牢的\n\n再不还钱我就叫人上门打断你的腿\n")
    places = [
        result.stdout.index(words)
        for words in ("“今天天气不错”", "No rule", "“不会坐牢的”", "Acquitted · ", "“再不还钱", "Hit · ")
    ]
    assert places == sorted(places)


def test_rules_try_tells_what_is_heard_and_not_counted() -> None:
    threat = "您要是再这么躲着，我让村口小卖部的人都知道您这点事"
    alone = qa("rules", "try", threat).stdout
    assert "The classifier hears Exposure to employer" in alone
    assert "Hit" not in alone
    counted = qa("rules", "try", f"您的卡逾期了，{threat}").stdout
    assert "threat.exposure.heard_otherwise" in counted
    assert "The classifier hears" not in counted
    assert "The classifier hears" not in qa("rules", "try", threat, "--role", "customer").stdout


@pytest.mark.parametrize("said", ["", "  ", "-"])
def test_rules_try_refuses_silence(said: str) -> None:
    result = qa("rules", "try", said)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "text_empty" in result.stderr


def test_rules_show_prints_an_entry_with_its_place_and_what_it_names() -> None:
    result = qa("rules", "show", "threat.arrest.custody")
    assert result.exit_code == 0
    assert re.search(r"^violations/[\w/]+\.yaml:\d+$", result.stdout, re.MULTILINE)
    assert re.search(r"^exemptions\.yaml:\d+$", result.stdout, re.MULTILINE)
    assert "    id: threat.arrest.custody\n" in result.stdout
    assert "Exemption negation\n" in result.stdout


def test_rules_show_offers_the_nearest_names() -> None:
    result = qa("rules", "show", "threat.arrest.custdy")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "entry_unknown" in result.stderr
    assert "threat.arrest.custody" in result.stderr


def test_rules_explain_tells_which_words_of_a_kept_call_met_the_rule() -> None:
    keep(threatening_call())
    met = qa("rules", "explain", "03_threats", "threat.arrest.custody")
    assert met.exit_code == 0
    assert re.search(r"^(Hit|Uncertain) · .*\(threat\.arrest\.custody\)$", met.stdout, re.MULTILINE)
    assert "炸片罪" in met.stdout
    unmet = qa("rules", "explain", "03_threats", "channel.private.account")
    assert unmet.exit_code == 0
    assert "Nothing the agent said meets the rule." in unmet.stdout


def test_rules_explain_needs_words() -> None:
    keep(failed_call())
    call_id = failed_call().call.call_id
    result = qa("rules", "explain", call_id, "threat.arrest.custody")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "call_without_words" in result.stderr
