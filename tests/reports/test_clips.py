"""Clips: five seconds around the words, into the page while there is room, then beside it."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest

from qa_pipeline.reports.clips import ClipRequest, ClipShelf, request_clip
from qa_pipeline.types import Reading, TimeSpan
from tests import builders


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "clip", "lead_s"),
    [
        (20_000, 21_500, (15_000, 26_500), 3.0),
        (1_000, 1_200, (0, 6_200), 0.0),
        (3_500, 4_000, (0, 9_000), 1.5),
    ],
)
def test_a_clip_starts_before_its_words(
    start_ms: int, end_ms: int, clip: tuple[int, int], lead_s: float
) -> None:
    request = request_clip(builders.model_call(), TimeSpan(start_ms=start_ms, end_ms=end_ms))
    assert request is not None
    assert (request.span.start_ms, request.span.end_ms) == clip
    assert request.lead_s == lead_s


def test_without_recording_or_time_there_is_no_clip() -> None:
    assert request_clip(builders.given_call(), TimeSpan(start_ms=0, end_ms=10)) is None
    assert request_clip(builders.model_call(), None) is None


def _request(uri: str = "/calls/周明-13800138000.wav") -> ClipRequest:
    return ClipRequest(token="clip-x", uri=uri, span=TimeSpan(start_ms=0, end_ms=10), lead_s=0.0)


def test_the_page_is_filled_first(tmp_path: Path) -> None:
    shelf = ClipShelf(lambda *_: b"12345678", tmp_path / "beside", address="beside/", inline_bytes=50)
    first, second = shelf.source(_request()), shelf.source(_request())
    assert base64.b64decode(first.removeprefix("data:audio/mpeg;base64,")) == b"12345678"
    assert second == "beside/clip-00001.mp3"
    assert [one.name for one in (tmp_path / "beside").iterdir()] == ["clip-00001.mp3"]


def test_a_clip_that_cannot_be_cut_is_empty_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(_uri: str, _span: TimeSpan, _reading: Reading) -> bytes:
        raise FileNotFoundError

    shelf = ClipShelf(gone, tmp_path / "beside", address="beside/", inline_bytes=50)
    with caplog.at_level(logging.WARNING):
        assert shelf.source(_request("/calls/a.wav")) == ""
    assert "no clip of /calls/a.wav at 0 ms: FileNotFoundError" in caplog.text
    assert not (tmp_path / "beside").exists()
