"""Codes that pages show have words."""

from __future__ import annotations

import re
from pathlib import Path

from qa_pipeline.i18n import use_language
from qa_pipeline.review import words
from qa_pipeline.types import ReasonCode, ReviewAction
from qa_pipeline.web.permissions import Permission


def nameless(names: dict[str, str]) -> list[str]:
    return [code for code, name in names.items() if name == code or re.search(r"[a-z]", name)]


def test_everything_that_the_audit_log_notes_has_words(repository: Path) -> None:
    use_language("zh_CN")
    source = "\n".join(path.read_text("utf-8") for path in (repository / "qa_pipeline/web").rglob("*.py"))
    noted = set(
        re.findall(r'"((?:sign_in|access|account|call|scorecard|run)\.(?!html|css|js)[a-z_]+)"', source)
    )
    assert {"call.view", "sign_in.failed", "access.refused", "run.retry"} <= noted
    audited = {code: words.audited(code) for code in noted | {"account.disable", "account.enable"}}
    audited |= {f"review.{one}": words.audited(f"review.{one}") for one in ReviewAction}
    assert nameless(audited) == []
    details = {one: words.audited_detail("access.refused", one) for one in Permission}
    details |= {one: words.audited_detail("review.reject", one) for one in ReasonCode}
    assert nameless(details) == []


def test_every_failure_of_a_call_has_words(repository: Path) -> None:
    use_language("zh_CN")
    page = (repository / "docs/errors.md").read_text("utf-8")
    section = page.split("## One call fails", 1)[1].split("\n## ", 1)[0]
    codes = re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE)
    assert len(codes) > 10
    named = {code: words.failure(code) for code in codes if code != "audio_too_short"}
    assert nameless(named) == []
