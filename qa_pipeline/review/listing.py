"""How a call enters the queue and the search."""

from __future__ import annotations

from typing import Any

from qa_pipeline.review import priority
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.search import search_words
from qa_pipeline.store.repository import Store
from qa_pipeline.types import Inspection, Listing

_AT_ONCE = 200


def listing_of(inspection: Inspection) -> Listing:
    """What queue and search need of an inspection."""
    return Listing(
        risk=priority.risk(inspection.findings),
        doubt=priority.doubt(inspection),
        priority=priority.priority(inspection),
        needed=priority.needs_person(inspection),
        control=priority.is_control(inspection),
        words=search_words(inspection),
    )


def keep(store: Store, inspection: Inspection, desk: ReviewDesk, **how: Any) -> None:
    """Save an inspection with its place in the queue, where a call that people acted on stands by their word.

    Args:
        how: what else `Store.save` is told.
    """
    store.save(inspection, listing=listing_of(inspection), stand=desk.stand, **how)


def list_calls(store: Store) -> int:
    """Put every call in the queue that was saved without it. Returns how many."""
    done = 0
    while waiting := store.listings.unlisted(_AT_ONCE):
        for inspection in store.inspections(call_ids=waiting):
            store.listings.list_call(inspection, listing_of(inspection))
            done += 1
    return done
