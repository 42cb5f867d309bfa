"""`qa review`, `qa reviews` and `qa user` on a store with calls."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qa_pipeline.assembly import open_configured_store
from qa_pipeline.cli import build_app
from qa_pipeline.config import load_settings
from qa_pipeline.web.passwords import verify
from tests.builders import threatening_call

ARREST, HUMILIATION = "threat.arrest", "abuse.humiliation"


@pytest.fixture
def kept() -> None:
    with open_configured_store(load_settings()) as store:
        store.save(threatening_call(), fingerprint="f")


def qa(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), list(arguments))


@pytest.mark.usefixtures("kept")
def test_two_people_decide_on_a_red_line() -> None:
    first = qa("review", "03_threats", ARREST, "confirm", "--by", "wang")
    assert first.exit_code == 0, first.output
    assert "待第二人复核" in first.output
    second = qa("review", "03_threats", ARREST, "confirm", "--by", "li")
    assert re.search(r"拘留.*已确认.*wang, li", second.output)
    rejected = qa("review", "03_threats", HUMILIATION, "reject", "--reason", "quoted", "--by", "wang")
    assert re.search(r"侮辱.*误判", rejected.output)
    assert "得分：机检 0" in qa("reviews", "show", "03_threats").output


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("03_threats", ARREST, "reject"), "review_incomplete"),
        (("03_threats", ARREST, "maybe"), "review_incomplete"),
        (("03_threats", "nothing", "confirm"), "review_target_unknown"),
        (("03_threats", "", "confirm"), "review_target_unknown"),
        (("nothing", ARREST, "confirm"), "call_unknown"),
    ],
)
def test_what_cannot_be_is_told_with_its_code(arguments: tuple[str, ...], code: str) -> None:
    result = qa("review", *arguments, "--by", "wang")
    assert result.exit_code == 2
    assert f"[{code}]" in result.output


@pytest.mark.usefixtures("kept")
def test_actions_go_out_and_come_in_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    qa("review", "03_threats", ARREST, "confirm", "--by", "wang", "--note", "电话13800138000")
    out = tmp_path / "reviews.jsonl"
    assert qa("reviews", "export", str(out), "--unmasked").exit_code == 0
    assert out.stat().st_mode & 0o077 == 0
    (line,) = out.read_text().splitlines()
    assert json.loads(line)["reviewer"] == "wang"
    assert "13800138000" in line
    assert "13800138000" not in qa("reviews", "export").output
    assert "新增 0 项操作，已有 1 项" in qa("reviews", "import", str(out)).output
    monkeypatch.setenv("QA_DATA_FOLDER", str(tmp_path / "other"))
    elsewhere = qa("reviews", "import", str(out))
    assert elsewhere.exit_code == 1
    assert "没有通话 03_threats" in elsewhere.output


def test_accounts_are_added_changed_and_shut_out() -> None:
    added = qa("user", "add", "wang", "--role", "reviewer")
    assert added.exit_code == 0, added.output
    assert password_fits("wang", added.output)
    assert not password_fits("wang", "x" + added.output.strip()[-4:])
    renewed = qa("user", "passwd", "wang")
    assert password_fits("wang", renewed.output)
    assert not password_fits("wang", added.output)
    assert qa("user", "disable", "wang").exit_code == 0
    assert re.search(r"wang\s+质检员\s+已停用", qa("user", "list").output)
    assert qa("user", "enable", "wang").exit_code == 0
    assert "已停用" not in qa("user", "list").output
    with open_configured_store(load_settings()) as store:
        actions = [one.action for one in store.accounts.audit_log()]
    assert actions == ["account.enable", "account.disable", "account.password", "account.add"]


def password_fits(name: str, output: str) -> bool:
    with open_configured_store(load_settings()) as store:
        return verify(re.split(r"[：\s]", output.strip())[-1], store.accounts.password_hash(name))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "wang li", "--role", "reviewer"), "account_name_invalid"),
        (("add", "wang,li", "--role", "reviewer"), "account_name_invalid"),
        (("add", "chen", "--role", "agent"), "account_name_invalid"),
        (("add", "zhao", "--role", "supervisor"), "account_name_invalid"),
        (("disable", "nobody"), "store_unknown_account"),
        (("passwd", "nobody"), "store_unknown_account"),
    ],
)
def test_impossible_accounts_are_told(arguments: tuple[str, ...], code: str) -> None:
    result = qa("user", *arguments)
    assert result.exit_code == 2
    assert f"[{code}]" in result.output
