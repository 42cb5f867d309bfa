"""A person exchanges agent and customer; the call is judged again, and stands in the queue as it is now."""

from __future__ import annotations

from qa_pipeline.corrections import correct_roles, other_voice
from qa_pipeline.errors import ReviewError
from qa_pipeline.pipeline import Engine
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.desk import ReviewDesk, Reviewer
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store
from qa_pipeline.types import Review, message


def swap_roles(
    review: Review, reviewer: Reviewer, *, seen: int, desk: ReviewDesk, store: Store, engine: Engine
) -> ReviewedCall:
    """Note who exchanged the speakers, judge the kept words again, and keep the result.

    Verdicts find their place by their words; those whose words are now the customer's are to be given again.

    Args:
        review: an action SWAP_ROLES.

    Raises:
        ConfigurationError: roles_not_swappable, call_without_voices.
        ReviewError: as `ReviewDesk.act`.
    """
    call_id = review.call_id
    inspection = store.inspection(call_id)
    if inspection is None:
        told = message("Call {call} was never inspected. Run qa audit on it.", call=call_id)
        raise ReviewError("review_target_unknown", told)
    voice = other_voice(inspection)
    before = store.reviews.of(call_id)
    desk.act(review, reviewer, seen=seen)
    if review.id not in {one.id for one in before}:
        judged = correct_roles(inspection, voice, by=review.reviewer, engine=engine, store=store)
        store.listings.list_call(judged, listing_of(judged))
        desk.restand(call_id)
    after = desk.call(call_id)
    assert after is not None
    return after
