"""What has to hold before an action of a person is kept.

Who may act at all is decided before (`web.permissions`); here stand the rules that depend on the call:
nobody judges an own call, a red line takes two people, and nothing is decided past another person unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.priority import needs_person
from qa_pipeline.review.score import reviewed_scorecard, undecided_lines
from qa_pipeline.scoring.form import Form
from qa_pipeline.types import (
    CallType,
    FindingState,
    Inspection,
    Message,
    Review,
    ReviewAction,
    ReviewState,
    Severity,
    message,
)

_JUDGING = frozenset(
    {
        ReviewAction.CONFIRM,
        ReviewAction.REJECT,
        ReviewAction.ADD,
        ReviewAction.CORRECT,
        ReviewAction.SWAP_ROLES,
        ReviewAction.FINISH,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who acts, as far as the rules of a call care.

    Args:
        agent_id: staff number, where this person also makes calls.
        team: whose calls this person leads.
        settles: may decide between two people who do not agree.
        releases: may give calls to their agents, and take back a call that somebody else gave.
    """

    name: str
    agent_id: str | None = None
    team: str | None = None
    settles: bool = False
    releases: bool = False


def check(
    review: Review,
    call: ReviewedCall,
    reviewer: Reviewer,
    *,
    forms: Mapping[CallType, Form],
    zone: ZoneInfo,
    seen: int | None = None,
) -> None:
    """See that an action may be kept.

    Args:
        call: before the action.
        forms: to tell which lines are still undecided when a review is finished.
        zone: of the times that people are told.
        seen: the last `seq` that this person saw; None where nothing can have happened in between.

    Raises:
        ReviewError: review_conflict, review_not_allowed, review_target_unknown, review_incomplete,
            review_unfinished, review_released.
    """
    if not review.reviewer or "," in review.reviewer:
        raise _incomplete(message("A review needs the name of who gives it, without commas."))
    _check_person(review, call.inspection, reviewer)
    _check_moment(review, call)
    _CHECKS.get(review.action, _nothing_more)(review, call, reviewer)
    if review.action is ReviewAction.FINISH:
        _check_finish(call, forms)
    if seen is not None:
        _check_seen(review, call, seen, zone)


def _check_person(review: Review, inspection: Inspection, reviewer: Reviewer) -> None:
    own = reviewer.agent_id is not None and reviewer.agent_id == inspection.call.agent_id
    if review.action is ReviewAction.ACKNOWLEDGE:
        if not own:
            raise _not_allowed(message("Only the agent of a call acknowledges it."))
    elif own and review.action in _JUDGING:
        raise _not_allowed(message("This is your own call; somebody else has to review it."))


def _check_moment(review: Review, call: ReviewedCall) -> None:
    if review.action in _JUDGING and call.last(ReviewAction.RELEASE) is not None:
        raise ReviewError(
            "review_released",
            message("The call was given to its agent already. Take the release back first."),
        )


def _check_seen(review: Review, call: ReviewedCall, seen: int, zone: ZoneInfo) -> None:
    """Another person's action on the same thing, after what this one saw, is told and not decided past."""
    if review.action not in (
        ReviewAction.CONFIRM,
        ReviewAction.REJECT,
        ReviewAction.CORRECT,
        ReviewAction.FINISH,
    ):
        return
    news = [
        one
        for one in call.actions
        if one.seq > seen
        and one.reviewer != review.reviewer
        and (not review.target or review.target in (one.target, one.id))
        and one.action is not ReviewAction.COMMENT
    ]
    if news:
        raise ReviewError(
            "review_conflict",
            message(
                "{person} acted on this at {time}, after you opened the call. Look at it, then decide again.",
                person=news[-1].reviewer,
                time=f"{news[-1].at.astimezone(zone):%H:%M}",
            ),
        )


def _check_verdict(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    finding = call.finding(review.target)
    if finding is None:
        raise ReviewError(
            "review_target_unknown",
            message("Call {call} has no finding {key}.", call=review.call_id, key=review.target),
        )
    if review.action is ReviewAction.REJECT and review.reason is None:
        raise _incomplete(message("Say why it is rejected: the reason leads back to the rule."))
    grave = Severity.FATAL in (finding.machine.severity, review.severity)
    if grave and reviewer.team is not None and reviewer.team == call.inspection.call.team:
        raise _not_allowed(message("A red line is not decided by the lead of the agent's own team."))
    stranger = all(one.reviewer != review.reviewer for one in finding.verdicts)
    if finding.state is FindingState.CONFLICT and stranger and not reviewer.settles:
        raise _not_allowed(message("Two people do not agree here; a QA lead or compliance settles it."))


def _check_addition(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    if not review.category or review.severity is None or review.place is None or not review.place.quote:
        raise _incomplete(message("An added finding needs words, a category and a severity."))
    grave = review.severity is Severity.FATAL
    if grave and reviewer.team is not None and reviewer.team == call.inspection.call.team:
        raise _not_allowed(message("A red line is not decided by the lead of the agent's own team."))
    transcript = call.inspection.transcript
    said = {one.id: one.text for one in transcript.utterances} if transcript else {}
    if review.place.quote not in said.get(review.place.utterance_id or "", ""):
        raise ReviewError(
            "review_target_unknown", message("The words are not in that utterance of the call.")
        )


def _check_correction(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    card = call.inspection.scorecard
    if card is None or review.target not in {line.criterion_id for line in card.criteria}:
        raise ReviewError(
            "review_target_unknown",
            message("The form of call {call} has no line {key}.", call=review.call_id, key=review.target),
        )
    if review.outcome is None:
        raise _incomplete(message("A correction needs the outcome it should be."))


def _check_withdrawal(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    withdrawn = next((one for one in call.actions if one.id == review.target), None)
    if withdrawn is None:
        raise ReviewError("review_target_unknown", message("There is no such action to take back."))
    given = withdrawn.action is ReviewAction.RELEASE
    if withdrawn.reviewer != review.reviewer and not (given and reviewer.releases):
        if given:
            raise _not_allowed(message("Only who gives calls to agents takes back what somebody else gave."))
        raise _not_allowed(message("Only who did something takes it back; decide otherwise instead."))
    if withdrawn.action is ReviewAction.SWAP_ROLES and call.last(ReviewAction.SWAP_ROLES) != withdrawn:
        raise _not_allowed(
            message("The speakers were exchanged again since; exchange them once more instead.")
        )
    released = call.last(ReviewAction.RELEASE)
    if withdrawn.action in _JUDGING and released is not None:
        _check_moment(replace(review, action=withdrawn.action), call)


def _check_finish(call: ReviewedCall, forms: Mapping[CallType, Form]) -> None:
    flags, lines = len(call.undecided), len(undecided_lines(reviewed_scorecard(call, forms)))
    if flags or lines:
        raise ReviewError("review_unfinished", left_to_decide(flags, lines))


def left_to_decide(flags: int, lines: int) -> Message:
    """What keeps a review from being finished; `flags` and `lines` are not both 0."""
    if not lines:
        return message("Flags still to decide: {flags}. Then the review can be finished.", flags=flags)
    if not flags:
        return message(
            "Checklist items still to decide: {lines}. Then the review can be finished.", lines=lines
        )
    return message(
        "Still to decide: flags {flags}, checklist items {lines}. Then the review can be finished.",
        flags=flags,
        lines=lines,
    )


def _check_release(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    state = call.state(needed=needs_person(call.inspection))
    if state not in (ReviewState.FINISHED, ReviewState.NOT_NEEDED):
        raise ReviewError(
            "review_unfinished",
            message("Only a finished call is given to its agent; this one still waits for a person."),
        )
    if call.inspection.call.agent_id is None:
        raise _incomplete(message("The call record names no agent to give the call to."))


def _check_acknowledgement(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    if call.last(ReviewAction.RELEASE) is None:
        raise _not_allowed(message("The call was not given to its agent yet."))


def _nothing_more(review: Review, call: ReviewedCall, reviewer: Reviewer) -> None:
    if review.action is ReviewAction.COMMENT and not review.note.strip():
        raise _incomplete(message("A comment needs words."))


_CHECKS: Mapping[ReviewAction, Callable[[Review, ReviewedCall, Reviewer], None]] = {
    ReviewAction.CONFIRM: _check_verdict,
    ReviewAction.REJECT: _check_verdict,
    ReviewAction.ADD: _check_addition,
    ReviewAction.CORRECT: _check_correction,
    ReviewAction.WITHDRAW: _check_withdrawal,
    ReviewAction.RELEASE: _check_release,
    ReviewAction.ACKNOWLEDGE: _check_acknowledgement,
}


def _incomplete(told: Message) -> ReviewError:
    return ReviewError("review_incomplete", told)


def _not_allowed(told: Message) -> ReviewError:
    return ReviewError("review_not_allowed", told)
