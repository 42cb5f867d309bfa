"""Actions go out as JSON Lines and come back the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa_pipeline.errors import ReviewError
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.exchange import import_reviews, read_reviews, review_documents
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import Place, Severity
from tests.builders import threatening_call
from tests.review.conftest import ARREST, CALL, HUMILIATION, Act


def test_what_goes_out_comes_back(act: Act, store: Store, tmp_path: Path) -> None:
    act("wang", "confirm", ARREST, note="电话13800138000")
    act("li", "reject", HUMILIATION)
    act("li", "comment", call_id=CALL, note="复核完毕")
    out = tmp_path / "reviews.jsonl"
    lines = [json.dumps(one) for one in review_documents(store, unmasked=True)]
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
    part = Place(utterance_id="u0004", quote="幺三八零零幺三八")
    act("wang", "add", place=part, category="abuse.humiliation", severity=Severity.MINOR)
    act("wang", "confirm", ARREST, note="周明的电话13800138000")
    for unmasked, words in {
        True: ("幺三八零零幺三八", "周明的电话13800138000"),
        False: ("********", "周*的电话***********"),
    }.items():
        added, verdict = review_documents(store, unmasked=unmasked)
        assert (added["place"]["quote"], verdict["note"]) == words


def test_words_that_stand_nowhere_any_more_are_masked_alone(act: Act, store: Store) -> None:
    place = Place(utterance_id="u0001", quote="是周明吗")
    act("wang", "add", place=place, category="abuse.humiliation", severity=Severity.MINOR)
    call = threatening_call(CALL)
    store.save(replace(call, transcript=None, findings=()), fingerprint="g")
    (added,) = review_documents(store)
    assert added["place"]["quote"] == "是周*吗"


def test_a_note_may_hold_any_character(act: Act, store: Store, tmp_path: Path) -> None:
    act("li", "comment", call_id=CALL, note="第一段\u2028第二段\u0085完")
    out = tmp_path / "reviews.jsonl"
    (kept,) = store.reviews.all()
    (document,) = review_documents(store)
    line = json.dumps(document, ensure_ascii=False)
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
