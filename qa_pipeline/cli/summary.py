"""What stands under a run: the calls, worst first, and one line for each that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.types import CallStatus, FindingOutcome, Inspection, Severity

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_CALL_COLUMNS = 28
_COLUMNS = ("call", "agent", "type", "score", "grade", "status", "flags", "reasons")
_LEAST_WIDTH = {"reasons": 96, "type": 84, "agent": 72, "grade": 64, "status": 56}
"""Columns of the terminal below which a column of the table gives way, and is named under it."""
ROWS = 40
"""Calls shown; the report and the JSON output have all."""

REMARKED_CALLS = 8
"""Calls named under one remark on recordings; `qa inspect` has the remarks of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """One call of the table; `hits` counts fatal, serious and minor flags."""

    call_id: str
    agent: str
    call_type: str
    score: float | None
    provisional: bool
    grade: str
    status: CallStatus
    hits: tuple[int, int, int]
    uncertain: int
    reasons: str

    @property
    def badness(self) -> tuple[object, ...]:
        """Sorts the worst call first."""
        score = 101.0 if self.score is None else self.score
        return (-self.hits[0], score, tuple(-count for count in self.hits[1:]), -self.uncertain, self.call_id)


@dataclass(slots=True)
class RunTable:
    """Gathers what is shown of a run without keeping the inspections."""

    rows: list[CallLine] = field(default_factory=list)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    worst: Severity | None = None

    def add(self, inspection: Inspection) -> None:
        """Take note of a call."""
        from qa_pipeline.reports.remarks import remarks

        for remark in remarks(inspection.recording) if inspection.recording else ():
            self.remarks.setdefault(remark, []).append(inspection.call.call_id)
        for finding in inspection.findings:
            if finding.outcome is FindingOutcome.HIT and (
                self.worst is None or finding.severity.rank > self.worst.rank
            ):
                self.worst = finding.severity
        if inspection.status is CallStatus.FAILED and inspection.failure is not None:
            text = render(inspection.failure.message)
            self.failures.append((inspection.failure.code, inspection.call.call_id, text))
        else:
            self.rows.append(_row(inspection))

    @property
    def worst_call(self) -> str | None:
        """The call to look at first."""
        return min(self.rows, key=lambda row: row.badness).call_id if self.rows else None

    def exit_status(self, fail_on: Severity | None) -> int:
        """3 for a hit at or above `fail_on`, else 1 for a failed call, else 0; doubts never count."""
        if fail_on is not None and self.worst is not None and self.worst.rank >= fail_on.rank:
            return 3
        return 1 if self.failures else 0

    def print(self, console: Console) -> None:
        """The table, then a line for each failed call."""
        ordered = sorted(self.rows, key=lambda row: row.badness)
        if ordered:
            _print_table(console, ordered[:ROWS])
        if len(ordered) > ROWS:
            console.print(_("... and {count} more calls").format(count=len(ordered) - ROWS))
        # Two recordings of one name share a sidecar, and copies with other sound an id: told once.
        for code, call_id, text in dict.fromkeys(self.failures):
            console.print(
                _("Failed [{code}] {call}: {text}").format(code=code, call=call_id, text=text),
                style="red",
                soft_wrap=True,
            )
        for remark, calls in sorted(self.remarks.items()):
            _print_remark(console, remark, calls)


def _print_remark(console: Console, remark: str, calls: Sequence[str]) -> None:
    named = ", ".join(calls[:REMARKED_CALLS])
    if len(calls) > REMARKED_CALLS:
        named = _("{calls} and {count} more").format(calls=named, count=len(calls) - REMARKED_CALLS)
    console.print(_("{remark}: {calls}").format(remark=remark, calls=named), soft_wrap=True)


def _row(inspection: Inspection) -> CallLine:
    from qa_pipeline.reports import labels

    hits = [finding.severity for finding in inspection.findings if finding.outcome is FindingOutcome.HIT]
    card = inspection.scorecard
    return CallLine(
        call_id=inspection.call.call_id,
        agent=inspection.call.agent_id or "",
        call_type=labels.call_type(inspection.call_type.value) if inspection.call_type else "",
        score=card.normalised if card else None,
        provisional=bool(card and card.provisional),
        grade=labels.grade(card.grade.value) if card else "",
        status=inspection.status,
        hits=(hits.count(Severity.FATAL), hits.count(Severity.SERIOUS), hits.count(Severity.MINOR)),
        uncertain=sum(finding.outcome is FindingOutcome.UNCERTAIN for finding in inspection.findings),
        reasons=_("; ").join(labels.reasons(inspection)),
    )


def _print_table(console: Console, rows: Sequence[CallLine]) -> None:
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table

    from qa_pipeline.reports import labels

    shown = [name for name in _COLUMNS if console.width >= _LEAST_WIDTH.get(name, 0)]
    longest = max(cell_len(row.call_id) for row in rows)
    columns: dict[str, dict[str, Any]] = {
        "call": {"header": _("Call"), "overflow": "fold", "min_width": min(longest, _CALL_COLUMNS)},
        "agent": {"header": _("Agent"), "overflow": "fold", "max_width": 10},
        "type": {"header": _("Type"), "no_wrap": True},
        "score": {"header": _("Score"), "justify": "right", "no_wrap": True},
        "grade": {"header": _("Grade"), "no_wrap": True},
        "status": {"header": _("Status"), "no_wrap": True},
        "flags": {"header": _("Flags F/S/M ?"), "no_wrap": True},
        "reasons": {"header": _("Reasons"), "overflow": "fold"},
    }
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in shown:
        table.add_column(**columns[name])
    for row in rows:
        cells: dict[str, str | Text] = {
            "call": row.call_id,
            "agent": row.agent,
            "type": row.call_type,
            "score": _score(row),
            "grade": row.grade,
            "status": labels.status(row.status.value),
            "flags": _flags(row),
            "reasons": row.reasons,
        }
        table.add_row(*(cells[name] for name in shown))
    console.print(table)
    left_out = [str(columns[name]["header"]) for name in _COLUMNS if name not in shown]
    if left_out:
        text = _("Left out on a terminal this narrow: {columns}")
        console.print(text.format(columns=", ".join(left_out)))
    if any(row.provisional for row in rows):
        console.print(_("* provisional: a person has still to look"))


def _score(row: CallLine) -> str:
    if row.score is None:
        return "—"
    return f"{row.score:.1f}{'*' if row.provisional else ' '}"


def _flags(row: CallLine) -> Text:
    from rich.text import Text

    fatal, serious, minor = row.hits
    text = Text.assemble((f"{fatal}/{serious}/{minor}", "bold red" if fatal or serious else ""))
    if row.uncertain:
        text.append(f" ?{row.uncertain}", style="magenta")
    return text
