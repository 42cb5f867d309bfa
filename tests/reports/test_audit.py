"""The report of a run: a page that needs nothing else, clips that do not fit beside it, replaced whole."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qa_pipeline.errors import AudioError
from qa_pipeline.reports import audit
from qa_pipeline.reports.audit import PAGE_NAME, WORKBOOK_NAME, write_report
from qa_pipeline.types import Inspection, Reading, TimeSpan, message
from tests import builders
from tests.reports.conftest import Page

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)> & "quotes"'


def _clip(_uri: str, _span: TimeSpan, _reading: Reading) -> bytes:
    return b"\xff\xf3mp3"


def _page(folder: Path) -> str:
    return (folder / PAGE_NAME).read_text(encoding="utf-8")


def _calls(page: Page) -> list[str]:
    ids = [one["data-text"] or "" for one in page.all("details") if one.get("class") == "call"]
    return [text.split()[0] for text in ids]


def test_page_and_workbook_are_written_and_the_folder_is_marked_as_a_report(tmp_path: Path) -> None:
    path = write_report(builders.every_status(), tmp_path / "out" / "report", clip=_clip)
    assert path == tmp_path / "out" / "report" / PAGE_NAME
    assert {one.name for one in path.parent.iterdir()} == {PAGE_NAME, WORKBOOK_NAME, ".qa-report"}


def test_calls_come_the_worst_first(tmp_path: Path) -> None:
    write_report(builders.every_status(), tmp_path)
    assert _calls(Page(_page(tmp_path))) == [
        "03_threats",
        "04_after_hours",
        "05_mono",
        "01_model_promise",
        "06_text_only",
        "07_silence",
        "08_broken",
    ]


def test_a_flag_shows_words_second_rule_basis_and_doubt(tmp_path: Path) -> None:
    write_report([builders.threatening_call()], tmp_path)
    text = Page(_page(tmp_path)).text
    for expected in (
        "炸片罪",
        "听作「诈骗罪」",
        "0:05.1",
        "拘留/逮捕/坐牢/网逃/报警",
        "threat.arrest.case",
        "刑法第二百九十三条之一",
        "缺少案件数据：已批准的还款方案",
        "最接近（相似度 58%）",
        "机器判定的红线尚未经人工确认",
        "0（暂定）",
    ):
        assert expected in text


@pytest.mark.usefixtures("english")
def test_the_page_speaks_english_where_asked(tmp_path: Path) -> None:
    write_report(builders.every_status(), tmp_path)
    page = Page(_page(tmp_path))
    assert page.all("html") == [{"lang": "en"}]
    assert "Call inspection report" in page.text
    assert "质检" not in page.text


def test_nothing_comes_from_outside_and_the_policy_names_what_runs(tmp_path: Path) -> None:
    write_report(builders.every_status(), tmp_path, clip=_clip)
    html = _page(tmp_path)
    page = Page(html)
    (policy,) = [one["content"] for one in page.all("meta") if "http-equiv" in one]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not page.all("link")
    assert "style" not in {name for _, attributes in page.tags for name in attributes}
    addresses = [one.get("src") or one.get("href") or "" for _, one in page.tags]
    assert [one for one in addresses if not re.match(r"|#|data:audio/mpeg;base64,", one)] == []
    assert not re.search(r"https?:|url\(|@import", html)


def test_names_and_words_of_a_call_are_text_and_nothing_else(tmp_path: Path) -> None:
    lines = ((builders.AGENT, HOSTILE),)
    call = builders.metadata(HOSTILE, agent_id=HOSTILE, agent_name=HOSTILE, team=HOSTILE)
    text = builders.transcript(lines, call_id=HOSTILE)
    found = builders.finding("abuse.profanity", builders.evidence(text, 1, HOSTILE[:40]))
    card = builders.scorecard((), normalised=0.0, grade=builders.Grade.RED_LINE)
    write_report([builders.inspection(call, lines=lines, findings=(found,), card=card)], tmp_path)
    page = Page(_page(tmp_path))
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert HOSTILE in page.text


def test_a_lone_surrogate_does_not_stop_the_report(tmp_path: Path) -> None:
    broken = builders.inspection(builders.metadata("bad-\ud800-id"), lines=((builders.AGENT, "坏\udfff字"),))
    write_report([broken], tmp_path)
    assert "坏?字" in _page(tmp_path)


def test_clips_stand_in_the_page_with_the_second_to_start_at(tmp_path: Path) -> None:
    spans: list[tuple[str, TimeSpan]] = []

    def clip(uri: str, span: TimeSpan, _reading: Reading) -> bytes:
        spans.append((uri, span))
        return b"\xff\xf3mp3"

    write_report([builders.threatening_call()], tmp_path, clip=clip)
    players = Page(_page(tmp_path)).all("audio")
    assert len(players) == 4
    assert {one["src"] for one in players} == {"data:audio/mpeg;base64,//NtcDM="}
    assert spans[0] == ("/calls/03_threats.wav", TimeSpan(start_ms=100, end_ms=19_600))
    assert players[0]["data-start"] == "3.0"


def test_clips_that_do_not_fit_lie_beside_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PAGE_BYTES", 700_000)
    sound = bytes(60_000)
    write_report([builders.threatening_call()], tmp_path, clip=lambda *_: sound)
    sources = [one["src"] or "" for one in Page(_page(tmp_path)).all("audio")]
    beside = [one for one in sources if not one.startswith("data:")]
    assert len(sources) - len(beside) == 2
    assert (tmp_path / PAGE_NAME).stat().st_size < 700_000
    for address in beside:
        assert (tmp_path / address).read_bytes() == sound
        assert re.fullmatch(r"report_files/page-1/clip-\d{5}\.mp3", address)


def test_a_recording_that_is_gone_costs_its_clip_alone(tmp_path: Path) -> None:
    def clip(uri: str, _span: TimeSpan, _reading: Reading) -> bytes:
        raise AudioError("audio_unreadable", message("{file} is gone", file=uri))

    write_report([builders.threatening_call()], tmp_path, clip=clip)
    assert {one["src"] for one in Page(_page(tmp_path)).all("audio")} == {""}


def test_a_large_run_goes_on_in_further_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_TEXT_BYTES", 30_000)
    calls = [builders.model_call(f"call-{number:02}") for number in range(20)]
    write_report(calls, tmp_path)
    pages = [tmp_path / PAGE_NAME, *sorted((tmp_path / "report_files").glob("page-*.html"))]
    assert len(pages) > 2
    read = [Page(path.read_text(encoding="utf-8")) for path in pages]
    assert sorted(call for page in read for call in _calls(page)) == [one.call.call_id for one in calls]
    for path, page in zip(pages, read, strict=True):
        links = [one["href"] or "" for one in page.all("a") if "html" in (one["href"] or "")]
        assert len(links) == len(pages) - 1
        assert all((path.parent / link).is_file() for link in links)


def test_a_report_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    monkeypatch.setattr(audit, "_PAGE_BYTES", 0)
    write_report([builders.threatening_call()], tmp_path, clip=_clip)
    monkeypatch.undo()
    write_report([builders.model_call()], tmp_path, clip=_clip)
    assert {one.name for one in tmp_path.iterdir()} == {PAGE_NAME, WORKBOOK_NAME, ".qa-report", "mine.txt"}
    assert _calls(Page(_page(tmp_path))) == ["01_model_promise"]


def test_a_run_that_breaks_leaves_the_old_report(tmp_path: Path) -> None:
    write_report([builders.model_call()], tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    def breaking() -> Iterator[Inspection]:
        yield builders.threatening_call()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(breaking(), tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_everything_written_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PAGE_BYTES", 700_000)
    folder = tmp_path / "report"
    before = os.umask(0)
    try:
        write_report([builders.threatening_call()], folder, clip=lambda *_: bytes(60_000))
    finally:
        os.umask(before)
    written = [folder, *folder.rglob("*")]
    assert any(one.suffix == ".mp3" for one in written)
    for one in written:
        assert stat.S_IMODE(one.stat().st_mode) == (0o700 if one.is_dir() else 0o600), one


def test_a_folder_of_somebody_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    tmp_path.chmod(0o755)
    write_report([], tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_an_empty_run_is_a_report_too(tmp_path: Path) -> None:
    write_report([], tmp_path)
    text = Page(_page(tmp_path)).text
    assert "没有已判定的通话" in text
    assert "—" in text


@pytest.mark.parametrize("unmasked", [False, True])
def test_everything_is_masked_unless_asked(tmp_path: Path, unmasked: bool) -> None:
    inspection = builders.threatening_call()
    call = replace(inspection.call, extra=(("customer_name", "周明"),))
    write_report([replace(inspection, call=call)], tmp_path, unmasked=unmasked)
    with zipfile.ZipFile(tmp_path / WORKBOOK_NAME) as book:
        workbook = "".join(book.read(name).decode() for name in book.namelist())
    for secret in ("周明", "陈刚", "幺三八零零幺三八零零零"):
        assert (secret in _page(tmp_path)) is unmasked
    assert ("陈刚" in workbook) is unmasked


def test_the_page_shows_what_was_most_likely_said(tmp_path: Path) -> None:
    inspection = builders.spelled(builders.threatening_call(), "u0002", "是我，你那喂？")
    write_report([inspection], tmp_path)
    assert "可能是：是我，你那喂？" in Page(_page(tmp_path)).text
