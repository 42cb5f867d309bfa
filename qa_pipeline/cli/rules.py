"""`qa rules`: check a pack, and try sentences on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_pipeline.cli.console import SEVERITY_STYLES, UNCERTAIN_STYLE, output
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.types import CallType, FindingOutcome, Role

_PackOption = Annotated[
    Path | None,
    typer.Option("--pack", metavar="DIR", help=_("Folder of a rule pack, instead of the one in use.")),
]


def check(pack: _PackOption = None) -> None:
    """Run every example of the pack; each that comes out otherwise than it says is named with its line."""
    from qa_pipeline.config import load_settings
    from qa_pipeline.rules import bench
    from qa_pipeline.rules.loader import load_pack

    rules = load_pack(pack or load_settings().rule_pack)
    problems = bench.check(rules)
    console = output()
    for problem in problems:
        console.print(
            f"{problem.location}: {problem.entry_id}: “{problem.words}”", style="red", soft_wrap=True
        )
        text = _("    expected: {expected}; found: {found}")
        found, expected = render(problem.found), render(problem.expected)
        console.print(text.format(expected=expected, found=found), soft_wrap=True)
    text = _("{pack}: {rules} rules, {elements} elements, {problems} problems")
    count = {"rules": len(rules.rules), "elements": len(rules.elements), "problems": len(problems)}
    console.print(text.format(pack=rules.id, **count))
    raise typer.Exit(1 if problems else 0)


def try_sentence(
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_("What is said, one sentence or more."))],
    role: Annotated[Role, typer.Option("--role", help=_("Who says it."))] = Role.AGENT,
    call_type: Annotated[
        CallType, typer.Option("--call-type", help=_("Whom the agent reached."))
    ] = CallType.RIGHT_PARTY,
    pack: _PackOption = None,
) -> None:
    """Show which rules and script elements a sentence meets, and why."""
    from qa_pipeline.config import load_settings
    from qa_pipeline.reports import labels
    from qa_pipeline.rules import bench
    from qa_pipeline.rules.loader import load_pack

    rules = load_pack(pack or load_settings().rule_pack)
    titles = {rule.id: rule.title for rule in rules.rules}
    trial = bench.try_text(rules, text, role, call_type=call_type)
    console = output()
    for finding in trial.findings:
        uncertain = finding.outcome is FindingOutcome.UNCERTAIN
        head = f"{labels.severity(finding.severity.value)} · {labels.finding_outcome(finding.outcome.value)}"
        style = UNCERTAIN_STYLE if uncertain else SEVERITY_STYLES[finding.severity]
        console.print(
            f"{head} · {titles.get(finding.rule_id, finding.rule_id)} ({finding.rule_id})", style=style
        )
        for part in finding.evidence:
            heard = _(" (heard for: {phrase})").format(phrase=part.heard_as) if part.heard_as else ""
            console.print(f"    “{part.quote}”{heard}", soft_wrap=True)
        reasons = [render(sentence) for sentence in finding.explanation] + [
            labels.doubt(code) for code in finding.doubts
        ]
        for reason in reasons:
            console.print(f"    {reason}", soft_wrap=True)
        for basis in finding.basis:
            console.print(_("    Basis: {basis}").format(basis=basis), soft_wrap=True)
    for element in trial.elements:
        outcome = labels.criterion_outcome(element.outcome.value)
        console.print(
            f"{outcome} · {labels.criterion(element.element_id)} ({element.element_id})", style="green"
        )
        for part in element.evidence:
            console.print(f"    “{part.quote}”", soft_wrap=True)
    if not trial.findings and not trial.elements:
        console.print(_("No rule and no element is met."))
