"""The papers of an audit run: the document of each call, and the report in a folder of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qa_pipeline.intake.search import REPORT_MARKER
from qa_pipeline.reports.checklist import checklist, score_lines
from qa_pipeline.reports.clips import Clip, ClipRequest, ClipShelf, request_clip
from qa_pipeline.reports.dialogue import dialogue
from qa_pipeline.reports.document import call_document
from qa_pipeline.reports.flags import Flag, flags
from qa_pipeline.reports.labels import reasons
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.page import call_anchor, render, render_page
from qa_pipeline.reports.privacy import keep_for_owner, make_private_folder
from qa_pipeline.reports.summary import RunSummary, RunTally
from qa_pipeline.reports.workbook import RunWorkbook
from qa_pipeline.types import FindingOutcome, Inspection

__all__ = ["PAGE_NAME", "WORKBOOK_NAME", "call_document", "write_report"]

PAGE_NAME = "report.html"
WORKBOOK_NAME = "report.xlsx"
_BESIDE = "report_files"
_TEXT_BYTES = 12_000_000
_PAGE_BYTES = 20_000_000
_FRAME_BYTES = 500_000
"""Left for the head and the summary of a page."""


def write_report(
    inspections: Iterable[Inspection],
    folder: Path,
    *,
    clip: Clip | None = None,
    unmasked: bool = False,
) -> Path:
    """Write the page and the workbook of a run; a report that was there before is replaced at the end, whole.

    The page holds the worst calls first, at most 20 MB with the clips that fit; the other clips and further
    pages lie beside it in ``report_files``. Everything written is readable by its owner alone, and so is the
    folder, unless it held other things before.

    Args:
        inspections: in the order of the workbook; read once, not kept.
        folder: made where it does not exist; intake leaves it alone afterwards.
        clip: cuts a span out of a recording (`speech.audio.cut_clip`); None for a report without sound.
        unmasked: show names and numbers as heard.

    Returns:
        The path of the page.
    """
    make_private_folder(folder)
    if (folder / REPORT_MARKER).exists() or not any(folder.iterdir()):
        folder.chmod(0o700)
    (folder / REPORT_MARKER).touch(mode=0o600)
    with (
        tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as partial,
        tempfile.TemporaryFile() as spool,
    ):
        made = Path(partial)
        tally, parts = RunTally(unmasked=unmasked), []
        with RunWorkbook(made / WORKBOOK_NAME, unmasked=unmasked) as workbook:
            for inspection in inspections:
                tally.add(inspection)
                workbook.add(inspection)
                shown = flags(inspection, unmasked=unmasked)
                parts.append(
                    _spooled(inspection, shown, spool, with_sound=clip is not None, unmasked=unmasked)
                )
            summary = tally.summary()
            workbook.add_summary(summary)
        _write_pages(sorted(parts, key=lambda part: part.rank), spool, made, summary, clip)
        keep_for_owner(made)
        _publish(made, folder)
    return folder / PAGE_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class _CallPart:
    """Where the HTML of a call waits, and what has to be put into it."""

    rank: tuple[int, int, float, str]
    offset: int
    size: int
    clips: tuple[ClipRequest, ...]


def _spooled(
    inspection: Inspection, shown: Sequence[Flag], spool: BinaryIO, *, with_sound: bool, unmasked: bool
) -> _CallPart:
    requests = {flag.key: request_clip(inspection, flag.span) for flag in shown} if with_sound else {}
    masking = Masking(inspection, unmasked)
    html = render(
        "call.html",
        anchor=call_anchor(inspection.call.call_id),
        inspection=inspection,
        call=inspection.call,
        card=inspection.scorecard,
        agent_name=masking.agent_name(),
        reasons=[masking.text(reason) for reason in reasons(inspection)],
        lines=dialogue(inspection, unmasked=unmasked),
        flags=shown,
        flag_numbers={flag.key: number for number, flag in enumerate(shown, start=1)},
        clips=requests,
        checklist=checklist(inspection, unmasked=unmasked),
        score_lines=score_lines(inspection, unmasked=unmasked),
    ).encode("utf-8", "replace")
    offset = spool.seek(0, os.SEEK_END)
    spool.write(html)
    return _CallPart(
        rank=_rank(inspection, shown),
        offset=offset,
        size=len(html),
        clips=tuple(request for request in requests.values() if request),
    )


def _rank(inspection: Inspection, shown: Sequence[Flag]) -> tuple[int, int, float, str]:
    """The worst first: by the worst hit, then the worst doubt, then the score."""
    hit, doubt = (
        max((flag.severity.rank for flag in shown if flag.outcome is outcome), default=-1)
        for outcome in (FindingOutcome.HIT, FindingOutcome.UNCERTAIN)
    )
    card = inspection.scorecard
    score = card.normalised if card and card.normalised is not None else 101.0
    return -hit, -doubt, score, inspection.call.call_id


def _write_pages(
    parts: Sequence[_CallPart], spool: BinaryIO, made: Path, summary: RunSummary, clip: Clip | None
) -> None:
    pages = list(_paged(parts)) or [[]]
    for number, page in enumerate(pages, start=1):
        text = sum(part.size for part in page)
        shelf = clip and ClipShelf(
            clip,
            made / _BESIDE / f"page-{number}",
            address=f"{_BESIDE}/page-1/" if number == 1 else f"page-{number}/",
            inline_bytes=_PAGE_BYTES - _FRAME_BYTES - text,
        )
        html = render_page(
            "audit.html",
            summary=summary,
            calls=[_with_sound(part, spool, shelf) for part in page],
            number=number,
            pages=[_address(at, seen_from=number) for at in range(1, len(pages) + 1)],
        )
        path = made / (PAGE_NAME if number == 1 else f"{_BESIDE}/page-{number}.html")
        path.parent.mkdir(exist_ok=True)
        path.write_text(html, encoding="utf-8", errors="replace")


def _paged(parts: Sequence[_CallPart]) -> Iterator[list[_CallPart]]:
    page: list[_CallPart] = []
    size = 0
    for part in parts:
        if page and size + part.size > _TEXT_BYTES:
            yield page
            page, size = [], 0
        page.append(part)
        size += part.size
    if page:
        yield page


def _address(number: int, *, seen_from: int) -> str:
    if number == 1:
        return PAGE_NAME if seen_from == 1 else f"../{PAGE_NAME}"
    return f"{_BESIDE}/page-{number}.html" if seen_from == 1 else f"page-{number}.html"


def _with_sound(part: _CallPart, spool: BinaryIO, shelf: ClipShelf | None) -> str:
    spool.seek(part.offset)
    html = spool.read(part.size).decode()
    for request in part.clips if shelf else ():
        html = html.replace(request.token, shelf.source(request) if shelf else "")
    return html


def _publish(made: Path, folder: Path) -> None:
    """Put the new files in the place of the old ones; `made` lies in `folder` and is removed by its owner."""
    beside = folder / _BESIDE
    if beside.exists():
        beside.rename(made / "replaced")
    if (made / _BESIDE).exists():
        (made / _BESIDE).rename(beside)
    for name in (WORKBOOK_NAME, PAGE_NAME):
        (made / name).replace(folder / name)
