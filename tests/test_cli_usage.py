"""A wrong command line is told in the reader's language, with how it is called and where to look."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qa_pipeline.cli import build_app
from qa_pipeline.i18n import use_language

WRONG = [
    ("audit", "缺少 PATHS"),
    ("audit --bogus", "没有选项 --bogus"),
    ("--bogus", "没有选项 --bogus"),
    ("nonsense", "没有命令 nonsense"),
    ("scor", "没有命令 scor，是否为 'score', 'scorecard'？"),
    ("serve --prt 1", "没有选项 --prt，是否为 --port？"),
    ("serve --port abc", "--port 须为整数"),
    ("serve --port 70000", "--port 须不大于 65535"),
    ("user add --role", "--role 后面缺少值"),
    ("user add x --role king", "--role 须为 'agent', 'reviewer'"),
    ("inspect a b", "多余的内容：b"),
]


@pytest.mark.parametrize(("line", "told"), WRONG)
def test_a_wrong_line_is_told_in_words(line: str, told: str) -> None:
    use_language("zh_CN")
    result = CliRunner().invoke(build_app(), line.split(), prog_name="qa")
    assert result.exit_code == 2
    assert f"错误：{told}" in result.stderr
    assert not any(word in result.stderr for word in ("Error", "Invalid", "Value error", "Try"))
    assert result.stdout == ""


def test_a_group_alone_shows_its_page() -> None:
    use_language("zh_CN")
    result = CliRunner().invoke(build_app(), ["reviews"], prog_name="qa")
    assert "错误" not in result.output
    assert "export" in result.output


@pytest.mark.parametrize(("name", "told"), [("QA_TIMEZONE", "时区"), ("QA_SESSION_HOURS", "不大于 168")])
def test_a_wrong_setting_is_told_in_words(monkeypatch: pytest.MonkeyPatch, name: str, told: str) -> None:
    use_language("zh_CN")
    monkeypatch.setenv(name, "900")
    result = CliRunner().invoke(build_app(), ["config", "show"], prog_name="qa")
    assert result.exit_code == 2
    assert "setting_invalid" in result.stderr
    assert told in result.stderr
    assert "Value error" not in result.stderr


def test_a_taken_port_is_told_before_anything_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_language("zh_CN")
    monkeypatch.setenv("QA_DATA_FOLDER", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(build_app(), ["serve", "--port", port], prog_name="qa")
    assert result.exit_code == 2
    assert f"[address_unusable]：127.0.0.1:{port} 已被占用" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "qa.db").exists(), "no account was made whose password nobody saw"


def test_the_desk_opens_and_stops_by_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from qa_pipeline.cli import main; main()", "serve", "--port", str(port)]
    environment = os.environ | {"QA_DATA_FOLDER": str(tmp_path), "QA_LANG": "zh_CN"}
    desk = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login") as answer:
                assert answer.status == 200
            break
        except urllib.error.URLError:
            assert time.monotonic() < end, "it did not open"
            time.sleep(0.2)
    desk.send_signal(signal.SIGINT)
    told, _ = desk.communicate(timeout=30)
    assert desk.returncode == 0
    assert told.splitlines()[0].startswith("首次启动")
    assert told.splitlines()[-1] == "复核台已停止"
    assert "Traceback" not in told
