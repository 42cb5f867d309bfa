"""What a pack makes of a sentence, as lines on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qa_pipeline.cli.console import SEVERITY_STYLES, UNCERTAIN_STYLE
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.reports import labels
from qa_pipeline.rules.trace import ConsideredMatch, MatchOutcome
from qa_pipeline.types import Evidence, Finding, FindingOutcome

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.rules.trials import Trial

_ACQUITTED_STYLE = "green"


def print_trial(console: Console, trial: Trial) -> None:
    """Print what was found, then what was acquitted and by which words, then the elements said."""
    titles = {match.rule_id: match.rule_title for match in trial.considered}
    for finding in trial.findings:
        _print_finding(console, finding, titles[finding.rule_id])
        if finding.outcome is FindingOutcome.UNCERTAIN:
            _print_exemptions(console, (match for match in trial.considered if _held(match, finding)))
    for match in trial.considered:
        if match.outcome is MatchOutcome.ACQUITTED:
            print_match(console, match)
    for element in trial.elements:
        outcome = labels.criterion_outcome(element.outcome.value)
        name = labels.criterion(element.element_id)
        console.print(f"{outcome} · {name} ({element.element_id})", style="green")
        _print_words(console, element.evidence)
    for prediction in trial.unplaced:
        heard = _(
            "The classifier hears {category} (probability {probability:.2f}); "
            "no rule counts it without the call around it."
        )
        name = labels.category(prediction.label)
        console.print(heard.format(category=name, probability=prediction.probability), soft_wrap=True)
    if not trial.considered and not trial.elements:
        console.print(_("No rule and no element is met."))


def print_match(console: Console, match: ConsideredMatch) -> None:
    """Print one match of a rule: its outcome, its words, its doubts and its exemption."""
    outcome = labels.finding_outcome(match.outcome.value)
    style = _ACQUITTED_STYLE if match.outcome is MatchOutcome.ACQUITTED else UNCERTAIN_STYLE
    console.print(f"{outcome} · {match.rule_title} ({match.rule_id})", style=style)
    _print_words(console, match.evidence)
    for code in match.doubts:
        console.print(f"    {labels.doubt(code)}", soft_wrap=True)
    _print_exemptions(console, (match,))


def _held(match: ConsideredMatch, finding: Finding) -> bool:
    return match.rule_id == finding.rule_id and match.evidence[0] in finding.evidence


def _print_finding(console: Console, finding: Finding, title: str) -> None:
    uncertain = finding.outcome is FindingOutcome.UNCERTAIN
    head = f"{labels.severity(finding.severity.value)} · {labels.finding_outcome(finding.outcome.value)}"
    style = UNCERTAIN_STYLE if uncertain else SEVERITY_STYLES[finding.severity]
    console.print(f"{head} · {title} ({finding.rule_id})", style=style)
    _print_words(console, finding.evidence)
    reasons = [render(sentence) for sentence in finding.explanation]
    for reason in (*reasons, *map(labels.doubt, finding.doubts)):
        console.print(f"    {reason}", soft_wrap=True)
    for basis in finding.basis:
        console.print(_("    Basis: {basis}").format(basis=basis), soft_wrap=True)


def _print_words(console: Console, evidence: Iterable[Evidence]) -> None:
    for part in evidence:
        heard = _(" (heard for: {phrase})").format(phrase=part.heard_as) if part.heard_as else ""
        console.print(f"    “{part.quote}” · {labels.match_kind(part.match.value)}{heard}", soft_wrap=True)


def _print_exemptions(console: Console, matches: Iterable[ConsideredMatch]) -> None:
    for match in matches:
        if match.exemption_id is None:
            continue
        if match.outcome is MatchOutcome.ACQUITTED:
            text = _("    Acquitted by the exemption {title} ({exemption}): “{cue}”")
        else:
            text = _("    Perhaps acquitted by the exemption {title} ({exemption}): “{cue}”")
        console.print(
            text.format(title=match.exemption_title, exemption=match.exemption_id, cue=match.cue),
            soft_wrap=True,
        )
