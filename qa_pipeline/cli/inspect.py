"""`qa inspect`: one call, to read on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_pipeline.cli.console import SEVERITY_STYLES, UNCERTAIN_STYLE, output
from qa_pipeline.cli.documents import documents_to
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import CriterionOutcome, FindingOutcome, Inspection, Role, Severity, message

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from qa_pipeline.config import Settings
    from qa_pipeline.reports.checklist import ChecklistLine
    from qa_pipeline.reports.dialogue import DialogueLine
    from qa_pipeline.reports.flags import Flag
    from qa_pipeline.store.repository import Store

_OUTCOME_MARKS = {
    CriterionOutcome.MET: ("✓", "green"),
    CriterionOutcome.PARTIAL: ("◐", "yellow"),
    CriterionOutcome.MISSED: ("✗", "red"),
    CriterionOutcome.NOT_APPLICABLE: ("–", "dim"),
    CriterionOutcome.UNCERTAIN: ("?", UNCERTAIN_STYLE),
}
_ROLE_STYLES = {Role.AGENT: "bold cyan", Role.CUSTOMER: "bold green", Role.UNKNOWN: "dim"}


def inspect(
    call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call, or its recording."))],
    json: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="OUT.jsonl", help=_("Write the document instead; - for standard output.")
        ),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers as they were heard."))
    ] = False,
) -> None:
    """Show a call as the store has it."""
    from qa_pipeline.config import load_settings

    inspection = kept_call(call, load_settings())
    if json is not None:
        with documents_to(json, unmasked=unmasked) as documents:
            documents.write(inspection)
        return
    print_inspection(output(), inspection, unmasked=unmasked)


def print_inspection(console: Console, inspection: Inspection, *, unmasked: bool) -> None:
    """The call's head, its words with flags, the flags with rule and basis, the checklist and the score."""
    from qa_pipeline.reports.checklist import checklist, score_lines
    from qa_pipeline.reports.dialogue import dialogue
    from qa_pipeline.reports.flags import flags

    _print_head(console, inspection)
    lines = dialogue(inspection, unmasked=unmasked)
    if lines:
        _print_heading(console, _("Dialogue"))
    for line in lines:
        console.print(_dialogue_line(line))
    shown = flags(inspection, unmasked=unmasked)
    if inspection.scorecard is not None:
        _print_heading(console, _("Flags ({count})").format(count=len(shown)))
    for flag in shown:
        _print_flag(console, flag)
    form = checklist(inspection, unmasked=unmasked)
    if form:
        _print_heading(console, _("Checklist"))
        _print_checklist(console, form)
    steps = score_lines(inspection, unmasked=unmasked)
    if steps:
        _print_heading(console, _("Score"))
    for step in steps:
        console.print(
            f"{step.value:>8}  {step.name}", style=SEVERITY_STYLES[step.severity] if step.severity else None
        )


def kept_call(call: str, settings: Settings) -> Inspection:
    """The inspection of a call named by its id or its recording.

    Raises:
        ConfigurationError: the store has none (`call_unknown`).
    """
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.intake.search import absolute

    with open_configured_store(settings) as store:
        # A recording first: the same path below another folder may be the id of another call.
        found = store.inspection(store.call_at(str(absolute(Path(call)))) or call)
        if found is None and Path(call).is_file():
            found = _moved_call(Path(call), store)
    if found is None:
        told = message(
            "no call {call} is kept. Run qa audit FOLDER, or name another store with QA_STORE_URL",
            call=call,
        )
        raise ConfigurationError("call_unknown", told)
    return found


def _moved_call(path: Path, store: Store) -> Inspection | None:
    """The call of a recording that was inspected at another place, known by its id and its bytes."""
    from qa_pipeline.intake.folder import find_calls
    from qa_pipeline.speech.audio import sha256_of_recording

    for source in find_calls([path]).sources:
        found = store.inspection(source.call.call_id)
        if found is not None and found.recording is not None:
            return found if found.recording.sha256 == sha256_of_recording(path) else None
    return None


def _print_heading(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold underline")


def _print_head(console: Console, inspection: Inspection) -> None:
    from qa_pipeline.reports import labels
    from qa_pipeline.reports.figures import duration
    from qa_pipeline.reports.remarks import remarks

    call, recording = inspection.call, inspection.recording
    console.print(call.call_id, style="bold", soft_wrap=True)
    facts = [
        labels.status(inspection.status.value),
        labels.call_type(inspection.call_type.value) if inspection.call_type else "",
        _("agent {agent}").format(agent=call.agent_id) if call.agent_id else "",
        call.started_at.strftime("%Y-%m-%d %H:%M") if call.started_at else "",
        duration(recording.duration_ms) if recording else "",
    ]
    console.print("  ".join(fact for fact in facts if fact))
    for reason in labels.reasons(inspection):
        console.print(f"· {reason}", style=UNCERTAIN_STYLE, soft_wrap=True)
    for remark in remarks(recording) if recording else ():
        console.print(f"· {remark}", style="dim", soft_wrap=True)
    if inspection.uri:
        console.print(inspection.uri, style="dim", soft_wrap=True)


def _dialogue_line(line: DialogueLine) -> Text:
    from rich.text import Text

    from qa_pipeline.reports import figures, labels

    text = Text.assemble((f"{figures.clock(line.span.start_ms if line.span else None):>8} ", "dim"))
    text.append(f"{labels.role(line.role.value)} ", style=_ROLE_STYLES[line.role])
    if line.inaudible:
        return text.append(_("(could not be heard)"), style="dim italic")
    for piece in line.pieces:
        style = _flag_style(piece.severity, piece.outcome) if piece.severity and piece.outcome else ""
        marked = f"【{piece.text}】" if piece.severity else piece.text
        text.append(marked, style=style)
    if line.likely is not None:
        text.append(f"\n{'':>14}{_('most likely: {text}').format(text=line.likely)}", style="dim")
    return text


def _flag_style(severity: Severity, outcome: FindingOutcome) -> str:
    return UNCERTAIN_STYLE if outcome is FindingOutcome.UNCERTAIN else SEVERITY_STYLES[severity]


def _print_flag(console: Console, flag: Flag) -> None:
    from rich.text import Text

    from qa_pipeline.reports import figures, labels

    name = f" {labels.severity(flag.severity.value)} "
    text = Text.assemble((name, _flag_style(flag.severity, flag.outcome)))
    text.append(f" {flag.category}", style="bold")
    uncertain = (
        f" · {labels.finding_outcome(flag.outcome.value)}" if flag.outcome is FindingOutcome.UNCERTAIN else ""
    )
    text.append(f"  {flag.rule_id}{uncertain} · {flag.confidence:.0%}", style="dim")
    console.print(text)
    for part in flag.occurrences:
        where = figures.clock(part.span.start_ms if part.span else None)
        heard = _(" (heard for: {phrase})").format(phrase=part.heard_as) if part.heard_as else ""
        around = part.quotation
        words = Text.assemble(around.before, (part.quote, "bold underline"), around.after)
        console.print(Text.assemble(f"    {where}  {labels.role(part.role.value)}：“", words, f"”{heard}"))
    for sentence in (*flag.explanation, *flag.doubts):
        console.print(f"    {sentence}")
    for basis in flag.basis:
        console.print(_("    Basis: {basis}").format(basis=basis), style="dim")


def _print_checklist(console: Console, form: tuple[ChecklistLine, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    from qa_pipeline.reports import figures

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(min_width=14)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for line in form:
        mark, style = _OUTCOME_MARKS[line.outcome]
        points = (
            "" if not line.potential else f"{figures.number(line.points)}/{figures.number(line.potential)}"
        )
        table.add_row(Text(mark, style=style), line.name, points, Text(_shown_quote(line), style="dim"))
    console.print(table)


def _shown_quote(line: ChecklistLine) -> str:
    from qa_pipeline.reports import figures

    parts = list(line.explanation)
    if line.quote is not None:
        where = f"{figures.clock(line.span.start_ms)} " if line.span else ""
        words = f"{where}“{line.quote}”"
        if line.heard_as is not None:
            words += _(" (heard for: {phrase})").format(phrase=line.heard_as)
        parts.append(words if line.similarity is None else _("closest: {words}").format(words=words))
    return "  ".join(parts)
