"""The run as an XLSX workbook for people who filter and sort: calls, violations, script, summary.

XlsxWriter in constant-memory mode writes each row as it comes (openpyxl's write-only mode keeps more and
cannot be told that a string is never a formula).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import figures, labels
from qa_pipeline.reports.checklist import checklist
from qa_pipeline.reports.flags import flags
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.summary import RunSummary
from qa_pipeline.types import CallStatus, Inspection, Severity

Cell = str | float | None

_ROWS_A_SHEET = 1_048_576
_CELL_CHARACTERS = 32_767
"""Limits of the format."""


class RunWorkbook:
    """A workbook being written; use as a context, add calls in order, then the summary.

    Args:
        path: of the file, written when the context ends.
        unmasked: show names and numbers as heard.
    """

    def __init__(self, path: Path, *, unmasked: bool = False) -> None:
        self._unmasked = unmasked
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._calls = _Sheet(self._book, _("Calls"), _call_columns())
        self._findings = _Sheet(self._book, _("Violations"), _finding_columns())
        self._criteria = _Sheet(self._book, _("Script"), _criterion_columns())
        self._summary = _Sheet(self._book, _("Summary"), [(_("Figure"), 34), (_("Value"), 16)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sheet in (self._calls, self._findings, self._criteria, self._summary):
            sheet.finish()
        try:
            self._book.close()
        except FileCreateError as unwritten:
            # Only what the file system said tells anybody what to do.
            if isinstance(unwritten.__context__, OSError):
                raise unwritten.__context__ from None
            raise

    def add(self, inspection: Inspection) -> None:
        """Write one call with its findings and its checklist."""
        self._calls.write(_call_row(inspection, self._unmasked))
        call = inspection.call
        for flag in flags(inspection, unmasked=self._unmasked):
            first = flag.occurrences[0] if flag.occurrences else None
            self._findings.write(
                (
                    call.call_id,
                    call.agent_id,
                    labels.severity(flag.severity),
                    labels.finding_outcome(flag.outcome),
                    flag.category,
                    labels.role(first.role) if first else None,
                    figures.clock(flag.span.start_ms) if flag.span else None,
                    first.quotation.text if first else None,
                    first.heard_as if first else None,
                    labels.match_kind(flag.match),
                    round(flag.confidence, 3),
                    "\n".join(flag.explanation),
                    "\n".join(flag.doubts),
                    "\n".join(flag.basis),
                    flag.rule_id,
                    flag.key,
                )
            )
        for line in checklist(inspection, unmasked=self._unmasked):
            self._criteria.write(
                (
                    call.call_id,
                    call.agent_id,
                    line.name,
                    labels.criterion_outcome(line.outcome),
                    line.points,
                    line.potential,
                    figures.clock(line.span.start_ms) if line.span else None,
                    line.quote if line.similarity is None else None,
                    line.quote if line.similarity is not None else None,
                    None if line.similarity is None else round(line.similarity, 3),
                    line.criterion_id,
                )
            )

    def add_summary(self, summary: RunSummary) -> None:
        """Write the figures of the run."""
        for row in _summary_rows(summary):
            self._summary.write(row)


class _Sheet:
    """A sheet with a frozen header, widths and filters, that goes on in a further sheet when it is full."""

    def __init__(self, book: Any, name: str, columns: Sequence[tuple[str, int]]) -> None:
        self._book, self._name, self._columns = book, name, columns
        self._header = book.add_format(
            {"bold": True, "bg_color": "#E8ECEF", "bottom": 1, "valign": "vcenter"}
        )
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._number = 0
        self._open()

    def write(self, row: Sequence[Cell]) -> None:
        """Append a row; text stays text whatever it begins with."""
        if self._row == _ROWS_A_SHEET:
            self.finish()
            self._open()
        self._put(row, self._wrapped)

    def finish(self) -> None:
        """Set the filter over what was written."""
        self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)

    def _open(self) -> None:
        self._number += 1
        self._row = 0
        name = self._name if self._number == 1 else f"{self._name} {self._number}"
        self._sheet = self._book.add_worksheet(name)
        for place, (_title, width) in enumerate(self._columns):
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(1, 1)
        self._put([title for title, _width in self._columns], self._header)

    def _put(self, row: Sequence[Cell], style: Any) -> None:
        for place, value in enumerate(row):
            if isinstance(value, str):
                self._sheet.write_string(self._row, place, _storable(value), style)
            elif value is not None:
                self._sheet.write_number(self._row, place, value, style)
        self._row += 1


def _storable(text: str) -> str:
    """Text as the format can hold it: no lone surrogates, not too long."""
    return text.encode("utf-8", "replace").decode()[:_CELL_CHARACTERS]


def _call_columns() -> list[tuple[str, int]]:
    return [
        (_("Call"), 28),
        (_("Status"), 10),
        (_("Score"), 8),
        (_("Provisional"), 8),
        (_("Grade"), 10),
        (_("Red line"), 8),
        (_("Agent"), 10),
        (_("Agent's name"), 12),
        (_("Team"), 10),
        (_("Agency"), 18),
        (_("Institution"), 18),
        (_("Product"), 12),
        (_("Stage"), 8),
        (_("Started"), 17),
        (_("Seconds"), 9),
        (_("Call type"), 10),
        (_("Fatal"), 7),
        (_("Serious"), 7),
        (_("Minor"), 7),
        (_("Uncertain"), 7),
        (_("Promised date"), 12),
        (_("Promised amount"), 12),
        (_("Promised channel"), 12),
        (_("Why"), 48),
        (_("Recording"), 40),
    ]


def _call_row(inspection: Inspection, unmasked: bool) -> tuple[Cell, ...]:
    call, card, promise = inspection.call, inspection.scorecard, inspection.promise_to_pay
    masking = Masking(inspection, unmasked)
    hits = [found.severity for found in inspection.findings if found.outcome == "hit"]
    yes = _("yes")
    return (
        call.call_id,
        labels.status(inspection.status),
        None if card is None or card.normalised is None else round(card.normalised, 2),
        yes if card and card.provisional else None,
        labels.grade(card.grade) if card else None,
        yes if card and card.fatal else None,
        call.agent_id,
        masking.agent_name(),
        call.team,
        call.agency,
        call.institution,
        call.product,
        call.stage,
        figures.moment(call.started_at) if call.started_at else None,
        round(inspection.recording.duration_ms / 1000, 1) if inspection.recording else None,
        labels.call_type(inspection.call_type) if inspection.call_type else None,
        hits.count(Severity.FATAL),
        hits.count(Severity.SERIOUS),
        hits.count(Severity.MINOR),
        len(inspection.findings) - len(hits),
        promise.due.isoformat() if promise and promise.due else None,
        float(promise.amount) if promise and promise.amount is not None else None,
        promise.channel if promise else None,
        "\n".join(masking.text(reason) for reason in labels.reasons(inspection)),
        inspection.uri,
    )


def _finding_columns() -> list[tuple[str, int]]:
    return [
        (_("Call"), 28),
        (_("Agent"), 10),
        (_("Severity"), 8),
        (_("Outcome"), 8),
        (_("Violation"), 28),
        (_("Role"), 8),
        (_("Time"), 9),
        (_("Quote"), 44),
        (_("Heard as"), 16),
        (_("Match"), 10),
        (_("Confidence"), 9),
        (_("Explanation"), 48),
        (_("Doubts"), 30),
        (_("Basis"), 52),
        (_("Rule id"), 26),
        (_("Key"), 20),
    ]


def _criterion_columns() -> list[tuple[str, int]]:
    return [
        (_("Call"), 28),
        (_("Agent"), 10),
        (_("Item"), 22),
        (_("Outcome"), 10),
        (_("Points"), 8),
        (_("Potential"), 8),
        (_("Time"), 9),
        (_("Quote"), 44),
        (_("Nearest miss"), 44),
        (_("Similarity"), 9),
        (_("Item id"), 22),
    ]


def _summary_rows(summary: RunSummary) -> list[tuple[Cell, Cell]]:
    rows: list[tuple[Cell, Cell]] = [
        (_("Calls"), summary.calls),
        (_("Audio time"), figures.duration(summary.audio_ms)),
        *((labels.status(status), summary.statuses[status]) for status in CallStatus),
        (_("Share that needs review"), figures.percent(summary.review_share, 1)),
        (_("Red lines not confirmed"), summary.unreviewed_red_lines),
        (_("Red lines confirmed"), summary.red_lines - summary.unreviewed_red_lines),
        (_("Average score"), figures.score_range(summary.expected.score)),
        (_("Pass rate"), figures.share_range(summary.expected.pass_rate)),
        (_("Violations"), summary.hits),
        (_("Uncertain flags"), summary.uncertain),
    ]
    rows += [(labels.grade(grade), count) for grade, count in summary.grades.items()]
    for count in summary.categories:
        name = labels.category(count.category)
        rows += [
            (f"{name} · {labels.severity(severity)}", hits) for severity, hits in count.hits.items() if hits
        ]
        if count.uncertain:
            rows.append((f"{name} · {labels.finding_outcome('uncertain')}", count.uncertain))
    return rows
