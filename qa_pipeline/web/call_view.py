"""A call as its page shows it: what was found with what people think of it, as this visitor may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.reports.checklist import ChecklistLine, ScoreLine, checklist, score_lines
from qa_pipeline.reports.dialogue import DialogueLine, dialogue
from qa_pipeline.reports.flags import Flag, flags
from qa_pipeline.reports.labels import criterion, reasons, review_reason
from qa_pipeline.reports.masking import Masking
from qa_pipeline.review.call import ReviewedCall, ReviewedFinding
from qa_pipeline.review.conditions import left_to_decide
from qa_pipeline.review.score import DONE, open_reasons, reviewed_scorecard, undecided_lines
from qa_pipeline.scoring.form import Form
from qa_pipeline.store.listings import ListedCall
from qa_pipeline.types import (
    CallStatus,
    CallType,
    Finding,
    FindingState,
    Inspection,
    Review,
    ReviewAction,
    Role,
    Scorecard,
    Severity,
)
from qa_pipeline.web.call_history import HistoryLine, history_lines
from qa_pipeline.web.disclosure import findings_told, review_told
from qa_pipeline.web.rule_book import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedFlag:
    """A flag with the verdicts on it.

    Args:
        flag: as the machine found it, or as a person added it; `machine` is the same as a record.
        stands_as: category and severity as they count now.
        acquitting: what would have acquitted it, by the rule.
        verdicts, added_by: what people said and who added it; not told to the agent of the call.
        own: the verdict of this visitor.
    """

    number: int
    flag: Flag
    machine: Finding
    stands_as: Finding
    state: FindingState
    must_be_decided: bool
    needs_two: bool
    verdicts: tuple[Review, ...]
    own: Review | None
    added: bool
    added_by: str | None
    acquitting: tuple[str, ...]

    @property
    def undecided(self) -> bool:
        """Whether this visitor may still want to decide: open, or decided by others alone."""
        if self.machine.severity is Severity.INFO:
            return False
        open_states = (FindingState.OPEN, FindingState.AWAITS_SECOND, FindingState.CONFLICT)
        return self.state in open_states and self.own is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostVerdict:
    """A verdict whose words are no longer where they were; it is to be given again."""

    verdict: Review
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedLine:
    """A line of the form as the machine has it and as a person corrected it."""

    line: ChecklistLine
    correction: Review | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChoice:
    """A voice that could be named as the agent's, with its first words."""

    voice: int
    first_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """Everything on the page of a call.

    Args:
        judge: this visitor may decide on the call now.
        seen: the last action that this page shows.
        finished: the end of the review, where nothing is left to do; None while the call is open.
        undo: the last action of this visitor that can be taken back.
        flags_left, lines_left: what still has to be decided before the review can be finished.
        exchangeable: one agent and one customer, who can be exchanged.
        voices: where nobody has a role yet, those that could be the agent's.
        sound_missing: there is a recording, but not where it was.
    """

    listed: ListedCall
    inspection: Inspection
    agent_name: str | None
    reasons: tuple[str, ...]
    lines: tuple[DialogueLine, ...]
    flags: tuple[ReviewedFlag, ...]
    lost: tuple[LostVerdict, ...]
    checklist: tuple[ReviewedLine, ...]
    machine: Scorecard | None
    reviewed: Scorecard | None
    machine_lines: tuple[ScoreLine, ...]
    reviewed_lines: tuple[ScoreLine, ...]
    history: tuple[HistoryLine, ...]
    judge: bool
    seen: int
    finished: Review | None
    undo: Review | None
    flags_left: int
    lines_left: int
    exchangeable: bool
    voices: tuple[VoiceChoice, ...]
    sound_missing: bool
    unmasked: bool

    @property
    def left(self) -> str:
        """What is left to decide, in words; empty where nothing is."""
        if not (self.flags_left or self.lines_left):
            return ""
        return render(left_to_decide(self.flags_left, self.lines_left))

    @property
    def call_id(self) -> str:
        return self.inspection.call.call_id

    @property
    def flag_numbers(self) -> Mapping[str, int]:
        """The number of each flag by its key, for the marks in the words."""
        return {one.flag.key: one.number for one in self.flags}

    @property
    def has_sound(self) -> bool:
        """Whether there is something to play."""
        return self.inspection.recording is not None and not self.sound_missing


def call_view(
    call: ReviewedCall,
    listed: ListedCall,
    *,
    name: str,
    judge: bool,
    book: RuleBook,
    forms: Mapping[CallType, Form],
    unmasked: bool = False,
    for_agent: bool = False,
) -> CallView:
    """Put the page of a call together.

    Args:
        name: of the account that looks.
        for_agent: the agent of the call looks: without what was rejected, without the history, and without
            who decided.
    """
    inspection = call.inspection
    masking = Masking(inspection, unmasked)
    card = reviewed_scorecard(call, forms)
    shown = findings_told(call, to_agent=for_agent)
    return CallView(
        listed=listed,
        inspection=inspection,
        agent_name=masking.agent_name(),
        reasons=tuple(masking.text(reason) for reason in _reasons(call, card)),
        lines=dialogue(_with_findings(inspection, _standing(call)), unmasked=unmasked),
        flags=tuple(_flags(shown, name, book, masking, for_agent=for_agent)),
        lost=()
        if for_agent
        else tuple(
            LostVerdict(verdict=one, quote=masking.quote(one.place) if one.place else "")
            for one in call.to_confirm_again
        ),
        checklist=tuple(
            ReviewedLine(line=line, correction=call.corrections.get(line.criterion_id))
            for line in checklist(inspection, unmasked=unmasked)
        ),
        machine=inspection.scorecard,
        reviewed=card if call.actions else None,
        machine_lines=score_lines(inspection, unmasked=unmasked),
        reviewed_lines=score_lines(replace(inspection, scorecard=card), unmasked=unmasked),
        history=() if for_agent else history_lines(call, masking),
        judge=judge,
        seen=call.history[-1].seq if call.history else 0,
        undo=_last_own(call, name),
        finished=call.last(ReviewAction.FINISH) if listed.state in DONE else None,
        flags_left=len(call.undecided),
        lines_left=len(undecided_lines(card)),
        exchangeable=sum(voice.role is Role.CUSTOMER for voice in inspection.voices) == 1,
        voices=tuple(_voices(inspection, masking)),
        sound_missing=inspection.recording is not None and not Path(inspection.recording.uri).exists(),
        unmasked=unmasked,
    )


def _reasons(call: ReviewedCall, card: Scorecard | None) -> Iterator[str]:
    """Why the call is where it is, without what people have settled; items of the form by name."""
    if call.inspection.status is not CallStatus.NEEDS_REVIEW:
        yield from reasons(call.inspection)
        return
    for code in open_reasons(call, card):
        words = review_reason(code)
        if code == "uncertain_element" and card is not None:
            names = _(", ").join(criterion(line.criterion_id) for line in undecided_lines(card))
            words = _("{reason}: {names}").format(reason=words, names=names)
        yield words


def _with_findings(inspection: Inspection, findings: tuple[Finding, ...]) -> Inspection:
    return replace(inspection, findings=findings)


def _standing(call: ReviewedCall) -> tuple[Finding, ...]:
    return tuple(finding for one in call.findings if (finding := one.standing) is not None)


def _flags(
    found: Sequence[ReviewedFinding],
    name: str,
    book: RuleBook,
    masking: Masking,
    *,
    for_agent: bool,
) -> Iterator[ReviewedFlag]:
    by_key = {one.key: one for one in found}
    as_found = _with_findings(masking.inspection, tuple(one.machine for one in found))
    readable = flags(as_found, unmasked=masking.unmasked)
    for number, flag in enumerate(readable, start=1):
        one = by_key[flag.key]
        verdicts = tuple(review_told(verdict, masking, to_agent=False) for verdict in one.verdicts)
        yield ReviewedFlag(
            number=number,
            flag=flag,
            machine=one.machine,
            stands_as=one.standing or one.machine,
            state=one.state,
            must_be_decided=one.must_be_decided,
            needs_two=one.needs_two,
            verdicts=() if for_agent else verdicts,
            own=next((verdict for verdict in one.verdicts if verdict.reviewer == name), None),
            added=one.added is not None,
            added_by=one.added.reviewer if one.added and not for_agent else None,
            acquitting=book.acquitting.get(flag.rule_id, ()),
        )


def _last_own(call: ReviewedCall, name: str) -> Review | None:
    """The last action of this person that still stands, unless speakers were exchanged again since."""
    last = next((one for one in reversed(call.actions) if one.reviewer == name), None)
    swapped = last is not None and last.action is ReviewAction.SWAP_ROLES
    return None if swapped and call.last(ReviewAction.SWAP_ROLES) != last else last


def _voices(inspection: Inspection, masking: Masking) -> Iterator[VoiceChoice]:
    if any(voice.role is Role.AGENT for voice in inspection.voices) or inspection.transcript is None:
        return
    for voice in inspection.voices:
        said = [one for one in inspection.transcript.utterances if one.voice == voice.voice]
        yield VoiceChoice(voice=voice.voice, first_words=masking.utterances[said[0].id][:24] if said else "")
