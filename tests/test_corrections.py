"""Who speaks: told by words, put right by a person, and never heard again for it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from qa_pipeline.corrections import correct_roles, other_voice
from qa_pipeline.errors import ConfigurationError, ReviewError, StoreError
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.speaker_roles import RoleClassifier
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.pipeline import Engine, inspect_calls
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import list_calls
from qa_pipeline.review.roles import perform
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import FindingOutcome, Inspection, Review, ReviewAction, Role, RoleBasis
from tests.builders import excluded_call
from tests.test_pipeline import ReferenceRecogniser

THREAT = "05_violence_family"
AGENT, CUSTOMER, UNKNOWN = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN


@pytest.fixture(scope="module")
def rules() -> RuleEngine:
    return RuleEngine(load_pack())


@pytest.fixture
def recogniser() -> ReferenceRecogniser:
    return ReferenceRecogniser()


@pytest.fixture
def engine(rules: RuleEngine, recogniser: ReferenceRecogniser) -> Engine:
    return Engine(reader=Reader(Tokenizer()), rules=rules, recogniser=recogniser, roles=RoleClassifier.load())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/qa.db")


@pytest.fixture
def call(tmp_path: Path, repository: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    for suffix in (".wav", ".json"):
        shutil.copy(repository / "sample_audio" / f"{THREAT}{suffix}", folder)
    return folder / f"{THREAT}.wav"


def inspect(call: Path, engine: Engine, store: Store) -> Inspection:
    found = store.role_corrections([call.stem])
    latest = {call_id: said[-1] for call_id, said in found.items()}
    sources = find_calls([call.parent]).sources
    (inspection,) = inspect_calls(sources, engine, transcripts=store, corrections=latest)
    store.save(inspection, fingerprint="f")
    return inspection


def correct(inspection: Inspection, agent_voice: int, *, by: str, engine: Engine, store: Store) -> Inspection:
    corrected = correct_roles(inspection, agent_voice, by=by, engine=engine)
    store.save_role_correction(corrected.correction)
    store.save(corrected.inspection, fingerprint=corrected.fingerprint)
    return corrected.inspection


def state_channel(call: Path, channel: int | None) -> None:
    sidecar = call.with_suffix(".json")
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    document["metadata"]["agent_channel"] = channel
    sidecar.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def roles(inspection: Inspection) -> dict[int, tuple[Role, RoleBasis]]:
    return {voice.voice: (voice.role, voice.basis) for voice in inspection.voices}


def hits(inspection: Inspection) -> set[str]:
    return {one.category for one in inspection.findings if one.outcome is FindingOutcome.HIT}


def test_without_a_stated_channel_the_words_tell_and_the_judgement_is_the_same(
    call: Path, engine: Engine, store: Store, recogniser: ReferenceRecogniser
) -> None:
    stated = inspect(call, engine, store)
    state_channel(call, None)
    told = inspect(call, engine, store)
    assert roles(stated) == {0: (AGENT, RoleBasis.METADATA), 1: (CUSTOMER, RoleBasis.METADATA)}
    assert roles(told) == {0: (AGENT, RoleBasis.WORDS), 1: (CUSTOMER, RoleBasis.WORDS)}
    assert hits(told) == hits(stated) >= {"threat.violence", "threat.family"}
    assert recogniser.heard == [THREAT]


def test_a_channel_that_the_words_contradict_accuses_nobody(call: Path, engine: Engine, store: Store) -> None:
    inspect(call, engine, store)
    state_channel(call, 1)
    contradicted = inspect(call, engine, store)
    assert roles(contradicted) == {
        0: (UNKNOWN, RoleBasis.CONTRADICTED),
        1: (UNKNOWN, RoleBasis.CONTRADICTED),
    }
    assert hits(contradicted) == set()
    assert "role_unknown" in contradicted.review_reasons
    assert {"threat.violence", "threat.family"} <= {one.category for one in contradicted.findings}


def test_exchanged_roles_are_kept_with_who_and_when_and_judged_without_hearing_again(
    call: Path, engine: Engine, store: Store, recogniser: ReferenceRecogniser
) -> None:
    right = inspect(call, engine, store)
    assert "threat.violence" in hits(right)
    wrong = correct(right, other_voice(right), by="甲", engine=engine, store=store)
    assert roles(wrong) == {0: (CUSTOMER, RoleBasis.PERSON), 1: (AGENT, RoleBasis.PERSON)}
    assert "threat.violence" not in {one.category for one in wrong.findings}
    assert store.inspection(THREAT) == wrong
    again = correct(wrong, other_voice(wrong), by="乙", engine=engine, store=store)
    assert hits(again) == hits(right)
    said = store.role_corrections([THREAT])[THREAT]
    assert [(one.agent_voice, one.corrected_by) for one in said] == [(1, "甲"), (0, "乙")]
    assert said[0].corrected_at <= said[1].corrected_at
    assert recogniser.heard == [THREAT]


def test_an_exchange_is_taken_back_to_what_held_before(call: Path, engine: Engine, store: Store) -> None:
    right = inspect(call, engine, store)
    list_calls(store)
    desk = ReviewDesk(store)
    wang = Reviewer(name="wang")

    def do(kind: ReviewAction, target: str = "") -> ReviewedCall:
        said = action(THREAT, kind, "wang", target=target)
        return perform(said, wang, desk=desk, store=store, engine=lambda: engine)

    first = do(ReviewAction.SWAP_ROLES).history[-1]
    second = do(ReviewAction.SWAP_ROLES, "0").history[-1]
    with pytest.raises(ReviewError, match="review_not_allowed"):
        do(ReviewAction.WITHDRAW, first.id)
    back = do(ReviewAction.WITHDRAW, second.id)
    assert roles(back.inspection) == {0: (CUSTOMER, RoleBasis.PERSON), 1: (AGENT, RoleBasis.PERSON)}
    back = do(ReviewAction.WITHDRAW, first.id)
    assert roles(back.inspection) == roles(right)
    assert hits(back.inspection) == hits(right)
    said = store.role_corrections([THREAT])[THREAT]
    assert [one.agent_voice for one in said] == [1, 0, 1, None]
    assert roles(inspect(call, engine, store)) == roles(right)
    assert [one.action for one in back.actions] == []


@pytest.fixture
def exchange(call: Path, engine: Engine, store: Store) -> Callable[..., ReviewedCall]:
    """Exchanges the speakers of an inspected call; the same `said` is the same action sent again."""
    inspect(call, engine, store)
    list_calls(store)

    def do(said: Review | None = None, *, meanwhile: Callable[[], object] = tuple) -> ReviewedCall:
        def judge() -> Engine:
            meanwhile()
            return engine

        said = said or action(THREAT, ReviewAction.SWAP_ROLES, "wang")
        return perform(said, Reviewer(name=said.reviewer), desk=ReviewDesk(store), store=store, engine=judge)

    return do


def spoken(store: Store) -> list[tuple[int | None, str]]:
    said = store.role_corrections([THREAT]).get(THREAT, ())
    return [(one.agent_voice, one.corrected_by) for one in said]


def test_an_exchange_is_kept_with_its_judgement_or_not_at_all_and_sent_again(
    exchange: Callable[..., ReviewedCall], store: Store, tmp_path: Path
) -> None:
    said = action(THREAT, ReviewAction.SWAP_ROLES, "wang")
    before = store.inspection(THREAT)
    database = sqlite3.connect(tmp_path / "qa.db")
    database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON inspections BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises(StoreError):
        exchange(said)
    assert (store.reviews.of(THREAT), spoken(store), store.inspection(THREAT)) == ((), [], before)
    database.execute("DROP TRIGGER full")
    database.close()
    after = exchange(said)
    assert roles(after.inspection) == {0: (CUSTOMER, RoleBasis.PERSON), 1: (AGENT, RoleBasis.PERSON)}
    assert store.inspection(THREAT) == after.inspection
    assert store.listings.call(THREAT).state == "in_review"  # type: ignore[union-attr]
    assert spoken(store) == [(1, "wang")]


def test_an_exchange_sent_twice_at_once_is_done_once(
    exchange: Callable[..., ReviewedCall], store: Store
) -> None:
    said = action(THREAT, ReviewAction.SWAP_ROLES, "wang")
    exchange(said, meanwhile=lambda: exchange(said))
    assert [one.id for one in store.reviews.of(THREAT)] == [said.id]
    assert spoken(store) == [(1, "wang")]


def test_an_exchange_past_another_one_is_told(exchange: Callable[..., ReviewedCall], store: Store) -> None:
    other = action(THREAT, ReviewAction.SWAP_ROLES, "li")
    with pytest.raises(ReviewError, match="review_conflict"):
        exchange(meanwhile=lambda: exchange(other))
    assert [one.reviewer for one in store.reviews.of(THREAT)] == ["li"]
    assert spoken(store) == [(1, "li")]


def test_the_next_audit_keeps_to_a_correction_and_does_no_work_for_it(
    call: Path, engine: Engine, store: Store
) -> None:
    first = inspect(call, engine, store)
    corrected = correct(first, 1, by="甲", engine=engine, store=store)
    (correction,) = store.role_corrections([THREAT])[THREAT]
    assert first.recording is not None
    fingerprint = engine.fingerprint(first.recording.sha256, first.call, call, correction)
    assert store.fingerprints([THREAT]) == {THREAT: fingerprint}
    assert fingerprint != engine.fingerprint(first.recording.sha256, first.call, call)
    assert inspect(call, engine, store) == corrected


def test_what_cannot_be_corrected_says_why(call: Path, engine: Engine, store: Store) -> None:
    inspection = inspect(call, engine, store)
    with pytest.raises(ConfigurationError) as error:
        correct(inspection, 7, by="甲", engine=engine, store=store)
    assert error.value.code == "voice_unknown"
    with pytest.raises(ConfigurationError) as error:
        correct(excluded_call(), 0, by="甲", engine=engine, store=store)
    assert error.value.code == "call_without_voices"
    with pytest.raises(ConfigurationError) as error:
        other_voice(excluded_call())
    assert error.value.code == "roles_not_swappable"
    assert store.role_corrections([THREAT]) == {}
