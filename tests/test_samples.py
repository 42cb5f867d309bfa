"""From sound to judgement: the sample calls with the real model, against what a careful listener expects.

The samples were written apart from the rules and then worked on together with them, so this test says that
the house stands, not how well it does on the calls of others.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.assembly import build_engine
from qa_pipeline.cli.accuracy import call_lines
from qa_pipeline.config import load_settings
from qa_pipeline.evaluation.comparison import Evaluation, evaluate
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.pipeline import inspect_calls
from qa_pipeline.reports.document import call_document
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Severity

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def evaluation(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """All sample calls, heard once and kept in a real store."""
    folder = tmp_path_factory.mktemp("samples")
    engine = build_engine(load_settings(data_folder=folder))
    samples = repository / "sample_audio"
    with open_store(f"sqlite:///{folder / 'qa.db'}") as store:
        inspections = list(inspect_calls(find_calls([samples]).sources, engine, transcripts=store))
    documents = [call_document(inspection, unmasked=True) for inspection in inspections]
    return evaluate(documents, read_labels(samples))


def test_every_sample_is_judged(evaluation: Evaluation) -> None:
    assert len(evaluation.calls) >= 20
    assert evaluation.unanswered == ()
    assert evaluation.call_type_right.rate == 1.0


def test_calls_that_reached_nobody_are_neither_scored_nor_flagged(evaluation: Evaluation) -> None:
    nobody = {call.call_id: call for call in evaluation.calls if call.status == "excluded"}
    assert set(nobody) == {"16_ring_back", "17_switched_off", "19_menu_and_music"}
    assert all(not call.false_hits and not call.false_doubts for call in nobody.values())


def test_every_fatal_violation_is_a_hit(evaluation: Evaluation) -> None:
    counts = evaluation.findings(severity=Severity.FATAL)
    assert counts.hits >= 10
    wrong = {call.call_id: list(call_lines(call)) for call in evaluation.calls if call.misses or call.doubts}
    assert counts.misses + counts.doubts == 0, wrong


def test_clean_calls_stay_clean(evaluation: Evaluation) -> None:
    clean = [call for call in evaluation.calls if call.clean]
    assert len(clean) >= 4
    assert {call.call_id: call.false_hits for call in clean if call.false_hits} == {}


def test_four_in_five_criteria_are_judged_right(evaluation: Evaluation) -> None:
    share = evaluation.criteria.right
    assert share.total > 150
    assert share.rate is not None
    assert share.rate >= 0.80, [line for call in evaluation.calls for line in call_lines(call)]


def test_the_first_clause_of_a_message_is_heard(evaluation: Evaluation) -> None:
    """Recognition passes over it in company, so it is heard again alone."""
    (message_left,) = (call for call in evaluation.calls if call.call_id == "18_voicemail")
    assert {name: answered for name, _, answered in message_left.criteria} == {
        "greeting": "met",
        "self_ident.org": "met",
    }


def test_recognition_is_what_it_was(evaluation: Evaluation) -> None:
    rate = evaluation.characters.rate
    assert rate is not None
    assert rate < 0.20
