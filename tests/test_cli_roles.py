"""`qa roles`: what it shows of a kept call, and what a swap does."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qa_pipeline.config import load_settings
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import ReviewAction, ReviewState, Role, RoleBasis, VoiceRole
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


@pytest.mark.model
def test_a_swap_stands_in_the_queue_and_in_the_history_as_one_at_the_desk_does() -> None:
    call = threatening_call()
    voices = tuple(
        VoiceRole(voice=voice, role=role, confidence=1.0, basis=RoleBasis.METADATA)
        for voice, role in enumerate((Role.AGENT, Role.CUSTOMER))
    )
    kept = replace(call, voices=voices)
    keep(kept)
    with open_store(load_settings().store) as store:
        store.listings.list_call(kept, listing_of(kept))
    call_id = call.call.call_id
    unknown = qa("roles", "swap", call_id, "--agent", "7", "--by", "组长")
    assert unknown.exit_code == 2
    assert "[voice_unknown]" in unknown.stderr
    with open_store(load_settings().store) as store:
        assert store.reviews.of(call_id) == ()
        assert store.role_corrections([call_id]) == {}
    assert qa("roles", "swap", call_id, "--by", "组长").exit_code == 0
    with open_store(load_settings().store) as store:
        (exchange,) = store.reviews.of(call_id)
        listed, swapped = store.listings.call(call_id), store.inspection(call_id)
    assert (exchange.action, exchange.reviewer) == (ReviewAction.SWAP_ROLES, "组长")
    assert listed is not None
    assert listed.state is ReviewState.IN_REVIEW
    assert swapped is not None
    assert {flag.category for flag in listed.flags} == {one.category for one in swapped.findings}


def test_three_voices_are_shown_with_what_each_says_and_what_it_rests_on() -> None:
    call = threatening_call()
    assert call.transcript is not None
    said = call.transcript.utterances
    apart = [replace(one, channel=0, speaker=number % 3) for number, one in enumerate(said)]
    voices = (
        VoiceRole(voice=0, role=Role.UNKNOWN, confidence=0.0, basis=RoleBasis.NOTHING),
        VoiceRole(voice=1, role=Role.CUSTOMER, confidence=0.99, basis=RoleBasis.WORDS),
        VoiceRole(voice=2, role=Role.AGENT, confidence=0.98, basis=RoleBasis.WORDS),
    )
    keep(replace(call, transcript=replace(call.transcript, utterances=tuple(apart)), voices=voices))
    shown = qa("roles", "show", call.call.call_id).stdout
    for line in (
        r"^0 +Unknown +not known .*喂，是周",
        r"^1 +Customer +99% +what is said .*是我，你哪位",
        r"^2 +Agent +98% +what is said .*我这边是青禾",
    ):
        assert re.search(line, shown, re.MULTILINE), shown
