"""`qa roles`: what it shows of a kept call, and what a swap does."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qa_pipeline.config import load_settings
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Role, RoleBasis, VoiceRole
from tests.builders import excluded_call, threatening_call
from tests.test_cli import keep, qa


def test_roles_of_a_call_are_shown() -> None:
    call = threatening_call()
    voices = (
        VoiceRole(voice=0, role=Role.AGENT, confidence=0.97, basis=RoleBasis.WORDS),
        VoiceRole(voice=1, role=Role.UNKNOWN, confidence=0.0, basis=RoleBasis.NOTHING),
    )
    keep(replace(call, voices=voices), excluded_call())
    shown = qa("roles", "show", call.call.call_id)
    assert shown.exit_code == 0
    assert re.search(r"^0 +Agent +97% +what is said", shown.stdout, re.MULTILINE)
    assert re.search(r"^1 +Unknown +not known", shown.stdout, re.MULTILINE)
    silent = qa("roles", "show", excluded_call().call.call_id)
    assert "No voices" in silent.stdout
    unclear = qa("roles", "swap", call.call.call_id)
    assert unclear.exit_code == 2
    assert "[roles_not_swappable]" in unclear.stderr
    assert "--agent VOICE" in unclear.stderr


@pytest.mark.model
def test_swapping_roles_scores_again() -> None:
    call = threatening_call()
    voices = tuple(
        VoiceRole(voice=voice, role=role, confidence=1.0, basis=RoleBasis.METADATA)
        for voice, role in enumerate((Role.AGENT, Role.CUSTOMER))
    )
    keep(replace(call, voices=voices))
    swapped = qa("roles", "swap", call.call.call_id, "--by", "组长")
    assert swapped.exit_code == 0
    assert re.search(r"^0 +Customer +100% +a person", swapped.stdout, re.MULTILINE)
    assert "组长 said that voice 1 is the agent's" in swapped.stdout
    with open_store(load_settings().store) as store:
        kept = store.inspection(call.call.call_id)
    assert kept is not None
    assert kept.transcript is not None
    assert kept.findings != call.findings
    assert {said.role for said in kept.transcript.utterances if said.channel == 1} == {Role.AGENT}
