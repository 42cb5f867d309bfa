"""What people did on calls as JSON Lines: out to keep or to look at, in again on this or another store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from qa_pipeline.errors import ReviewError, StoreError
from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.reports.masking import Masking
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.store.records import from_document, to_document
from qa_pipeline.store.repository import Store
from qa_pipeline.types import Review, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of the lines of a file.

    Args:
        known: kept before, and left as they are.
        unknown_calls: of calls that the store does not have.
    """

    added: int
    known: int
    unknown_calls: tuple[str, ...]


def review_documents(store: Store, *, unmasked: bool = False) -> Iterator[dict[str, object]]:
    """Everything that people did on calls, an action a JSON-ready document, by call and then in order.

    Words and notes are masked as their call is unless asked otherwise; a call that leaves the store meanwhile
    is passed over.
    """
    for call_id, actions in groupby(store.reviews.all(), key=lambda one: one.call_id):
        inspection = store.inspection(call_id)
        if inspection is not None:
            masking = Masking(inspection, unmasked)
            yield from (review_document(one, masking) for one in actions)


def review_document(review: Review, masking: Masking) -> dict[str, object]:
    """One action as a JSON-ready document.

    Args:
        masking: of its call.
    """
    place = review.place and replace(review.place, quote=masking.quote(review.place))
    document = to_document(replace(review, note=masking.text(review.note), place=place))
    del document["seq"]
    return document


def read_reviews(path: Path) -> Iterator[Review]:
    """The actions in a file of JSON Lines.

    Raises:
        ReviewError: review_file_invalid, with the line.
    """
    try:
        lines = tuple(numbered_lines(path))
    except (OSError, UnicodeDecodeError) as error:
        told = message("{file} cannot be read as UTF-8 text ({reason})", file=path, reason=error)
        raise ReviewError("review_file_invalid", told) from error
    for number, line in lines:
        try:
            review = from_document(Review, json.loads(line))
            if not all(
                isinstance(text, str) and text for text in (review.id, review.call_id, review.reviewer)
            ):
                raise ValueError("id, call_id and reviewer are texts")  # noqa: TRY301 told with its line below
            if review.at.tzinfo is None:
                raise ValueError("at has no time zone")  # noqa: TRY301
        except (ValueError, AttributeError, StoreError) as error:
            reason = error.message if isinstance(error, StoreError) else error
            told = message(
                "{file}:{line} is not an action as qa reviews export writes it ({reason})",
                file=path,
                line=number,
                reason=reason,
            )
            raise ReviewError("review_file_invalid", told) from error
        yield review


def import_reviews(reviews: Iterable[Review], *, store: Store, desk: ReviewDesk) -> Imported:
    """Add actions to the histories of their calls, in the order given; known ones are passed over."""
    added, known, missing = 0, 0, dict[str, None]()
    by_call: dict[str, list[Review]] = {}
    for review in reviews:
        by_call.setdefault(review.call_id, []).append(review)
    for call_id, actions in by_call.items():
        try:
            with store.reviews.acting(call_id) as history:
                for review in actions:
                    if history.known(review.id) is None:
                        history.append(review)
                        added += 1
                    else:
                        known += 1
                desk.stand(history)
        except StoreError as error:
            if error.code != "store_unknown_call":
                raise
            missing[call_id] = None
    return Imported(added=added, known=known, unknown_calls=tuple(missing))
