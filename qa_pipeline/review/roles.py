"""A person exchanges agent and customer; the call is judged again, and stands in the queue as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.attachment import in_force
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store
from qa_pipeline.store.reviews import History
from qa_pipeline.types import Inspection, Review, ReviewAction, message

if TYPE_CHECKING:
    from qa_pipeline.pipeline import Engine


def perform(
    review: Review,
    reviewer: Reviewer,
    *,
    desk: ReviewDesk,
    store: Store,
    engine: Callable[[], Engine],
    seen: int | None = None,
) -> ReviewedCall:
    """Do anything on a call; exchanging the speakers, or taking that back, judges its kept words again.

    The action is kept with the judgement that it leads to, both or neither. Verdicts find their place by
    their words; those whose words are now the customer's are to be given again.

    Args:
        review: where it is SWAP_ROLES, its target names the voice of the agent; empty exchanges the two.
        engine: made only where a call is judged again.

    Raises:
        ConfigurationError: roles_not_swappable, call_without_voices, voice_unknown.
        ReviewError: as `ReviewDesk.act`; review_conflict where the speakers were exchanged meanwhile.
    """
    history = store.reviews.of(review.call_id)
    exchange = _exchange(review, history)
    if exchange is None or any(one.id == review.id for one in history):
        return desk.act(review, reviewer, seen=seen)
    # The rules take seconds to load, and nothing else that people do needs them.
    from qa_pipeline.corrections import correct_roles, other_voice, voice_before  # noqa: PLC0415

    inspection = _inspection(store, review.call_id)
    if exchange is not review:
        voice = voice_before(store, review.call_id, exchange.at)
    else:
        voice = int(review.target) if review.target.isdecimal() else other_voice(inspection)
    corrected = correct_roles(inspection, voice, by=review.reviewer, engine=engine())
    listing = listing_of(corrected.inspection)

    def renew(now: History) -> Inspection:
        if _exchanges(now.reviews[:-1]) != _exchanges(history):
            told = message("The speakers were exchanged meanwhile. Look at the call, then decide again.")
            raise ReviewError("review_conflict", told)
        store.save_corrected(
            now,
            corrected.inspection,
            corrected.correction,
            fingerprint=corrected.fingerprint,
            listing=listing,
        )
        return corrected.inspection

    return desk.act(review, reviewer, seen=seen, renew=renew)


def _exchanges(history: Iterable[Review]) -> tuple[Review, ...]:
    """The exchanges of speakers that nobody took back."""
    return tuple(one for one in in_force(history) if one.action is ReviewAction.SWAP_ROLES)


def _exchange(review: Review, history: Iterable[Review]) -> Review | None:
    """The exchange of speakers that this action is, or takes back."""
    if review.action is ReviewAction.WITHDRAW:
        review = next((one for one in history if one.id == review.target), review)
    return review if review.action is ReviewAction.SWAP_ROLES else None


def _inspection(store: Store, call_id: str) -> Inspection:
    inspection = store.inspection(call_id)
    if inspection is None:
        told = message("Call {call} was never inspected. Run qa audit on it.", call=call_id)
        raise ReviewError("review_target_unknown", told)
    return inspection
