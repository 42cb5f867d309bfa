"""Every look at a call stands in the audit log, by whatever address it came; one look is one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from qa_pipeline.review.listing import listing_of
from qa_pipeline.speech.audio import sha256_of_recording
from qa_pipeline.store.repository import Store
from qa_pipeline.web import deps
from tests.builders import threatening_call
from tests.web.conftest import SignedIn

CALL = "looked/at"


@pytest.fixture
def call(store: Store, repository: Path) -> str:
    """A call with sound that can be played."""
    made = threatening_call(CALL)
    assert made.recording is not None
    path = repository / "sample_audio" / "03_threats_reported.wav"
    sound = replace(made.recording, uri=str(path), sha256=sha256_of_recording(path))
    store.save(replace(made, recording=sound), fingerprint="f", listing=listing_of(made))
    return CALL


def looks(store: Store) -> list[tuple[str, str]]:
    return [(one.action, one.detail) for one in store.accounts.audit_log(subject=CALL)][::-1]


@pytest.mark.parametrize(
    ("name", "address", "action", "detail", "lines"),
    [
        ("qa_lead", "/calls/{}", "call.view", "", 2),
        ("qa_lead", "/calls/{}?unmasked=1", "call.view", "unmasked", 2),
        ("reviewer", "/calls/{}?unmasked=1", "call.view", "", 2),
        ("qa_lead", "/parts/{}?unmasked=1", "call.view", "unmasked", 1),
        ("reviewer", "/parts/{}?unmasked=1", "call.view", "", 1),
        ("reviewer", "/peaks/{}", "call.listen", "", 1),
        ("reviewer", "/audio/{}", "call.listen", "", 1),
        ("reviewer", "/api/v1/calls/{}", "call.view", "", 2),
        ("reviewer", "/api/v1/reviews/{}", "call.view", "", 2),
    ],
)
def test_a_look_is_noted(
    signed_in: SignedIn,
    store: Store,
    call: str,
    name: str,
    address: str,
    action: str,
    detail: str,
    lines: int,
) -> None:
    client = signed_in(name)
    for _ in range(2):
        assert client.get(address.format(call)).status_code == 200
    assert looks(store) == [(action, detail)] * lines


def test_what_is_shown_after_an_action_is_a_look(signed_in: SignedIn, store: Store, call: str) -> None:
    client = signed_in("qa_lead")
    for number in range(2):
        note = {"id": f"{number:024}", "note": "再听一遍"}
        assert client.post(f"/comment/{call}?unmasked=1", data=note).status_code == 200
    assert looks(store) == [("review.comment", ""), ("call.view", "unmasked"), ("review.comment", "")]


def test_the_look_of_another_person_and_a_later_one_are_noted(
    signed_in: SignedIn, store: Store, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("reviewer", "compliance", "reviewer"):
        signed_in(name).get(f"/audio/{call}", headers={"Range": "bytes=100-200"})
    assert looks(store) == [("call.listen", "")] * 2
    monkeypatch.setattr(deps, "ONE_LOOK", timedelta(0))
    signed_in("reviewer").get(f"/audio/{call}")
    assert looks(store) == [("call.listen", "")] * 3
