"""Actions go out as JSON Lines and come back the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.exchange import import_reviews, read_reviews, review_document
from qa_pipeline.store.repository import Store, open_store
from tests.builders import threatening_call
from tests.review.conftest import ARREST, CALL, HUMILIATION, Act


def test_what_goes_out_comes_back(act: Act, store: Store, tmp_path: Path) -> None:
    act("wang", "confirm", ARREST, note="电话13800138000")
    act("li", "reject", HUMILIATION)
    act("li", "comment", call_id=CALL, note="复核完毕")
    out = tmp_path / "reviews.jsonl"
    lines = [json.dumps(review_document(one, unmasked=True)) for one in store.reviews.all()]
    out.write_text(
        "\n".join([*lines, "", json.dumps(json.loads(lines[0]) | {"call_id": "gone", "id": "x1"})])
    )
    with open_store(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.save(threatening_call(CALL), fingerprint="f")
        desk = ReviewDesk(other)
        done = import_reviews(read_reviews(out), store=other, desk=desk)
        assert (done.added, done.known, done.unknown_calls) == (3, 0, ("gone",))
        assert other.reviews.of(CALL) == store.reviews.of(CALL)
        listed = other.listings.call(CALL)
        assert listed is not None
        assert listed.state == "in_review"
        assert import_reviews(read_reviews(out), store=other, desk=desk).known == 3


def test_words_and_notes_are_masked_unless_asked_otherwise(act: Act, store: Store) -> None:
    act("wang", "confirm", ARREST, note="电话13800138000")
    (review,) = store.reviews.all()
    assert "13800138000" not in json.dumps(review_document(review))
    assert "13800138000" in json.dumps(review_document(review, unmasked=True))


def test_a_note_may_hold_any_character(act: Act, store: Store, tmp_path: Path) -> None:
    act("li", "comment", call_id=CALL, note="第一段\u2028第二段\u0085完")
    out = tmp_path / "reviews.jsonl"
    (kept,) = store.reviews.all()
    line = json.dumps(review_document(kept, unmasked=True), ensure_ascii=False)
    out.write_text(f"\ufeff{line}\n", encoding="utf-8")
    (read,) = read_reviews(out)
    assert read.note == kept.note


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"schema": "Review/1"}',
        '{"schema": "Review/1", "id": 1, "call_id": "c", "action": "finish", "reviewer": "w",'
        ' "at": "2026-01-01T00:00:00+00:00"}',
        '{"schema": "Review/1", "id": "a", "call_id": "c", "action": "dance", "reviewer": "w",'
        ' "at": "2026-01-01T00:00:00+00:00"}',
        '{"schema": "Review/1", "id": "a", "call_id": "c", "action": "finish", "reviewer": "w",'
        ' "at": "2026-01-01T00:00:00"}',
    ],
)
def test_a_line_that_is_no_action_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(ReviewError, match="review_file_invalid") as raised:
        list(read_reviews(path))
    assert f"{path}:2" in str(raised.value)
