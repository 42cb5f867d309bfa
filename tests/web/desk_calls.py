"""The sample calls on a desk: really judged, from the turns that were spoken, with the sound beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from qa_pipeline.config import Settings
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.intake.transcripts import TranscriptSource
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.speaker_roles import RoleClassifier
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.pipeline import Engine, inspect_calls, inspect_transcript
from qa_pipeline.review.listing import listing_of
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import DeskRole
from tests.builders import MODEL_LINES, THREAT_LINES, failed_call, metadata, transcript, unknown_roles_call
from tests.test_pipeline import ReferenceRecogniser
from tests.web.conftest import add_account

VIOLENCE, LONG = "05_violence_family", "2026-03/long/long_talk"

SAMPLES = (
    "01_model_promise",
    "03_threats_reported",
    "05_violence_family",
    "06_false_police",
    "07_false_lawyer",
    "09_third_party",
    "10_private_payment",
)


def engine() -> Engine:
    """The whole engine, but that it is told what was said."""
    return Engine(
        reader=Reader(Tokenizer(), ViolationClassifier.load()),
        rules=RuleEngine(load_pack()),
        recogniser=ReferenceRecogniser(),
        roles=RoleClassifier.load(),
    )


def fill(store: Store, folder: Path, names: Iterable[str] = SAMPLES) -> None:
    """Judge sample calls, a long one given as text, one that failed, and one without roles; list them all."""
    judge = engine()
    sources = [one for one in find_calls([folder]).sources if one.path.stem in names]
    for inspection in inspect_calls(sources, judge, transcripts=store):
        store.save(inspection, fingerprint="f", listing=listing_of(inspection))
    call = metadata(LONG, agent_id="3258", agent_name="吴涛", team="二组")
    lines = (THREAT_LINES + MODEL_LINES[2:]) * 14
    said = replace(transcript(lines, call_id=call.call_id), options_digest="given", asr=None)
    for inspection in (
        inspect_transcript(TranscriptSource(call=call, transcript=said), judge),
        failed_call("08_broken"),
        unknown_roles_call("05_mono"),
    ):
        store.save(inspection, fingerprint="f", listing=listing_of(inspection))


@contextmanager
def sample_desk(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    """A store of one's own with those calls, and an account for each role.

    The agent made one of the calls, the supervisor leads that agent's team; `second` is another reviewer.
    """
    kept = Path(settings.store.removeprefix("sqlite:///"))
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(judged, kept)
    with open_store(settings.store) as store:
        for role in DeskRole:
            staff_number = "3258" if role is DeskRole.AGENT else None
            team = "二组" if role in (DeskRole.AGENT, DeskRole.SUPERVISOR) else None
            add_account(store, role, password_hash=password_hash, agent_id=staff_number, team=team)
        add_account(store, DeskRole.REVIEWER, "second", password_hash=password_hash)
        yield store
