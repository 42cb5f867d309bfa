"""A person exchanges agent and customer; the call is judged again, and stands in the queue as it is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.desk import ReviewDesk, Reviewer
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store
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
    """Do anything on a call; exchanging the speakers judges its kept words again.

    Verdicts find their place by their words; those whose words are now the customer's are to be given again.

    Args:
        review: where it is SWAP_ROLES, its target names the voice of the agent; empty exchanges the two.
        engine: made only where a call is judged again.

    Raises:
        ConfigurationError: roles_not_swappable, call_without_voices, voice_unknown.
        ReviewError: as `ReviewDesk.act`.
    """
    known = any(one.id == review.id for one in store.reviews.of(review.call_id))
    if review.action is not ReviewAction.SWAP_ROLES or known:
        return desk.act(review, reviewer, seen=seen)
    # The rules take seconds to load, and nothing else that people do needs them.
    from qa_pipeline.corrections import correct_roles, other_voice  # noqa: PLC0415

    inspection = _inspection(store, review.call_id)
    voice = int(review.target) if review.target.isdecimal() else other_voice(inspection)
    corrected = correct_roles(inspection, voice, by=review.reviewer, engine=engine())
    desk.act(review, reviewer, seen=seen)
    corrected.keep(store)
    store.listings.list_call(corrected.inspection, listing_of(corrected.inspection))
    desk.restand(review.call_id)
    after = desk.call(review.call_id)
    assert after is not None
    return after


def _inspection(store: Store, call_id: str) -> Inspection:
    inspection = store.inspection(call_id)
    if inspection is None:
        told = message("Call {call} was never inspected. Run qa audit on it.", call=call_id)
        raise ReviewError("review_target_unknown", told)
    return inspection
