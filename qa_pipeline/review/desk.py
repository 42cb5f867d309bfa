"""What a person does on a call: checked, kept, and shown in the queue, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.conditions import Reviewer, check
from qa_pipeline.review.priority import needs_person
from qa_pipeline.review.score import reviewed_scorecard
from qa_pipeline.scoring.form import Form, load_form
from qa_pipeline.store.repository import Store
from qa_pipeline.store.reviews import History
from qa_pipeline.types import (
    CallType,
    Inspection,
    Place,
    Review,
    ReviewAction,
    Standing,
    message,
)


def new_review_id() -> str:
    """An id for an action; who sends it twice sends the same."""
    return secrets.token_hex(12)


class ReviewDesk:
    """The actions of people on the calls of one store.

    Args:
        timezone: IANA zone of the times that people are told.
    """

    def __init__(
        self,
        store: Store,
        forms: Mapping[CallType, Form] | None = None,
        *,
        timezone: str = "Asia/Shanghai",
    ) -> None:
        self._store = store
        self._zone = ZoneInfo(timezone)
        self.forms = forms or {call_type: load_form(call_type) for call_type in CallType}

    def call(self, call_id: str) -> ReviewedCall | None:
        """A call with its history; None where there is no inspection."""
        inspection = self._store.inspection(call_id)
        if inspection is None:
            return None
        return ReviewedCall(inspection=inspection, history=self._store.reviews.of(call_id))

    def act(
        self,
        review: Review,
        reviewer: Reviewer,
        *,
        seen: int | None = None,
        renew: Callable[[History], Inspection] | None = None,
    ) -> ReviewedCall:
        """Do something on a call. The same action sent again changes nothing.

        Args:
            review: its `seq` is of no account; `reviewer` must be the name of who acts.
            seen: the last `seq` that this person saw; None where nothing can have happened in between.
            renew: keeps the inspection that the action leads to, in the transaction of the action.

        Returns:
            The call after it.

        Raises:
            ReviewError: as `review.conditions.check`; review_target_unknown, review_incomplete.
            StoreError: store_unknown_call.
        """
        with self._store.reviews.acting(review.call_id) as history:
            known = history.known(review.id)
            inspection = history.inspection()
            if inspection is None:
                raise ReviewError(
                    "review_target_unknown",
                    message("Call {call} was never inspected. Run qa audit on it.", call=review.call_id),
                )
            call = ReviewedCall(inspection=inspection, history=history.reviews)
            if known is not None:
                if (known.call_id, known.reviewer) != (review.call_id, review.reviewer):
                    raise ReviewError(
                        "review_incomplete",
                        message("The id {id} was used for another action. Send a new one.", id=review.id),
                    )
                return call
            complete = _completed(review, call)
            check(complete, call, reviewer, forms=self.forms, zone=self._zone, seen=seen)
            history.append(complete)
            if renew is not None:
                inspection = renew(history)
            call = ReviewedCall(inspection=inspection, history=history.reviews)
            self._stand(history, call)
        return call

    def stand(self, history: History) -> None:
        """Bring the queue up to date with a call that people have acted on, as part of a transaction."""
        inspection = history.inspection()
        if inspection is not None and history.reviews:
            self._stand(history, ReviewedCall(inspection=inspection, history=history.reviews))

    def _stand(self, history: History, call: ReviewedCall) -> None:
        card = reviewed_scorecard(call, self.forms)
        acted = bool(call.actions)
        history.stand(
            Standing(
                state=call.state(needed=needs_person(call.inspection)),
                seq=history.seq,
                score=card.normalised if card and acted else None,
                grade=card.grade.value if card and acted else None,
                reviewers=call.reviewers,
            )
        )


def action(
    call_id: str,
    kind: ReviewAction,
    reviewer: str,
    *,
    target: str = "",
    id: str | None = None,  # noqa: A002 the field of the record
    **said: object,
) -> Review:
    """An action now, with an id of its own unless one is given."""
    return Review(
        id=id or new_review_id(),
        call_id=call_id,
        action=kind,
        target=target,
        reviewer=reviewer,
        at=datetime.now(UTC),
        **said,  # type: ignore[arg-type]
    )


def _completed(review: Review, call: ReviewedCall) -> Review:
    """With what a verdict needs to find its place again, taken from the finding itself."""
    if review.action not in (ReviewAction.CONFIRM, ReviewAction.REJECT):
        return review
    finding = call.finding(review.target)
    if finding is None:
        return review
    first = finding.machine.evidence[0] if finding.machine.evidence else None
    return replace(
        review,
        found_as=finding.machine.category,
        place=Place(utterance_id=first.utterance_id, span=first.span, quote=first.quote) if first else None,
    )
