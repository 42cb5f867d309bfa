"""How one rule fares with a kept call, as lines on the terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qa_pipeline.assembly import build_reader
from qa_pipeline.cli.trials import print_match
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import labels
from qa_pipeline.reports.figures import clock
from qa_pipeline.reports.masking import Masking
from qa_pipeline.rules.trace import ConsideredMatch
from qa_pipeline.types import Conversation, Inspection, message

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.rules.account import Account


def conversation_of(inspection: Inspection) -> Conversation:
    """The conversation of a kept call, read anew from its transcript; its type stays as it was judged.

    Raises:
        ConfigurationError: no words are kept of it (`call_without_words`).
    """
    if inspection.transcript is None or inspection.characteristics is None:
        told = message(
            "no words are kept of the call {call}; qa inspect {call} shows why", call=inspection.call.call_id
        )
        raise ConfigurationError("call_without_words", told)
    read = build_reader().read(
        inspection.call, inspection.recording, inspection.transcript, inspection.characteristics
    )
    if inspection.call_type is None or inspection.call_type_confidence is None:
        return read
    return replace(read, call_type=inspection.call_type, call_type_confidence=inspection.call_type_confidence)


def print_account(console: Console, account: Account, inspection: Inspection, *, unmasked: bool) -> None:
    """Print each utterance that met the rule with what became of it, else what was missing."""
    masking = Masking(inspection, unmasked)
    for match in account.matches:
        for utterance_id in dict.fromkeys(part.utterance_id for part in match.evidence):
            _print_utterance(console, inspection, masking, utterance_id)
        print_match(console, _masked(match, masking))
    if account.matches:
        return
    if not account.in_scope:
        console.print(_("The rule does not look at calls of this type."))
        return
    console.print(_("Nothing the agent said meets the rule."))
    if account.nearest is not None:
        text = _("The nearest words, {similarity} alike in sound:")
        console.print(text.format(similarity=f"{account.nearest.similarity:.0%}"))
        _print_utterance(console, inspection, masking, account.nearest.utterance_id)


def _masked(match: ConsideredMatch, masking: Masking) -> ConsideredMatch:
    evidence = tuple(replace(part, quote=masking.quote(part)) for part in match.evidence)
    return replace(match, evidence=evidence, cue=None if match.cue is None else masking.text(match.cue))


def _print_utterance(console: Console, inspection: Inspection, masking: Masking, utterance_id: str) -> None:
    said = inspection.transcript.utterances if inspection.transcript else ()
    utterance = next(one for one in said if one.id == utterance_id)
    start = clock(utterance.span.start_ms if utterance.span else None)
    role = labels.role(utterance.role.value)
    console.print(f"{start} {role} {masking.utterances[utterance_id]}", style="bold", soft_wrap=True)
