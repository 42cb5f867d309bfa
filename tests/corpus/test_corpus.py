"""The corpora are what they claim: of the stated shape, sealed where sealed, foreign to what is measured."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz import process
from rapidfuzz.distance import Indel

from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.language.normalization import normalize
from qa_pipeline.rules.grammar import leaves
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.rules.passages import plain_address

CORPUS = Path(__file__).parent
SETS = {
    "dev": 80,
    "dev2": 80,
    "dev7": 80,
    "dev8": 80,
    "dev9": 80,
    "dev10": 80,
    "dev11": 80,
    "sealed": 80,
}
"""Each set and the least dialogues it must hold."""
LONG_ENOUGH = 10
"""Shorter sentences are small talk that anybody says in the same words."""
TOO_NEAR = 0.85
COPIED = 8
"""So many characters in a row in a pattern and a dialogue were copied; fewer are idiom."""


def dialogues(name: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted((CORPUS / name).glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def sentences(name: str) -> list[str]:
    texts = {normalize(turn["text"]).text for dialogue in dialogues(name) for turn in dialogue["utterances"]}
    return sorted(text for text in texts if len(text) >= LONG_ENOUGH)


def made_from(repository: Path) -> dict[str, str]:
    """Every sentence that rules carry or a model was trained on, with where it stands."""
    found = {}
    pack = load_pack()
    for rule in pack.rules:
        for example in (*rule.examples.hit, *rule.examples.uncertain, *rule.examples.miss):
            lines = [line.text for line in example.dialogue] if example.dialogue else [example.text or ""]
            found.update(dict.fromkeys(lines, rule.id))
    for element in pack.elements:
        for example in (*element.examples.met, *element.examples.partial, *element.examples.miss):
            lines = [line.text for line in example.dialogue] if example.dialogue else [example.text or ""]
            found.update(dict.fromkeys(lines, element.id))
    for path in sorted((repository / "models").rglob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            said = [turn for turn in row.get("utterances", [row]) if turn.get("role") != "customer"]
            found.update((turn["text"], path.name) for turn in said)
    normalised = {normalize(text).text: place for text, place in found.items()}
    return {text: place for text, place in normalised.items() if len(text) >= LONG_ENOUGH}


@pytest.mark.parametrize("name", SETS)
def test_labels_can_be_read_and_quotes_stand_in_their_utterance(name: str) -> None:
    labels = read_labels(CORPUS / name)
    assert len(labels) == len(dialogues(name)) >= SETS[name]
    categories = set(load_pack().header.categories)
    for call in labels.values():
        for finding in call.expected.findings:
            assert finding.category in categories
            assert finding.utterance is not None
            assert finding.quote
            assert finding.quote in call.reference[finding.utterance].text


@pytest.mark.parametrize(("name", "least"), [("dev", 3), ("sealed", 4)])
def test_every_category_is_there_often_enough(name: str, least: int) -> None:
    counted = Counter(
        finding["category"] for dialogue in dialogues(name) for finding in dialogue["expected"]["findings"]
    )
    assert {category for category, count in counted.items() if count < least} == set()
    assert len(counted) == 41


def test_the_seal_is_whole() -> None:
    content = b"".join(path.read_bytes() for path in sorted((CORPUS / "sealed").glob("*.jsonl")))
    assert (
        hashlib.sha256(content).hexdigest() == (CORPUS / "sealed/DIGEST").read_text(encoding="utf-8").strip()
    )


@pytest.mark.parametrize("name", SETS)
def test_no_sentence_was_used_to_make_what_it_measures(name: str, repository: Path) -> None:
    used = made_from(repository)
    assert len(used) > 3000
    texts, sources = sentences(name), list(used)
    nearness = process.cdist(
        texts, sources, scorer=Indel.normalized_similarity, score_cutoff=TOO_NEAR, dtype=np.float32
    )
    # The texts of sealed dialogues stay unread: only where they come too near is told.
    near = sorted({used[sources[column]] for _, column in zip(*np.nonzero(nearness), strict=True)})
    assert near == []


def written_in(value: object) -> Iterator[str]:
    """The strings of a part of a pack."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from written_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from written_in(part)


def patterns_of_the_pack() -> dict[str, str]:
    """Every run of characters that a phrase, a pattern or a cue spells out, with where it stands."""
    pack = load_pack()
    conditions = {
        **{rule.id: rule.condition for rule in pack.rules},
        **{trigger.id: trigger.condition for trigger in pack.header.triggers},
        **{element.id: element.met for element in pack.elements},
        **{f"{one.id} (partial)": one.partial for one in pack.elements if one.partial is not None},
        **{f"{one.id} (ear)": one.meant_where for one in pack.elements if one.meant_where is not None},
    }
    parts: dict[str, object] = {
        name: [leaf.model_dump(mode="json") for _, leaf in leaves(condition)]
        for name, condition in conditions.items()
    }
    parts |= {one.id: one.model_dump(mode="json", exclude={"title"}) for one in pack.header.exemptions}
    parts |= {f"words {name}": words for name, words in pack.header.words.items()}
    parts |= {f"near misses of {one.id}": one.near_misses for one in pack.elements}
    return {
        run: name
        for name, part in parts.items()
        for text in written_in(part)
        for run in re.findall(f"[\u4e00-\u9fff]{{{COPIED},}}", plain_address(text))
    }


@pytest.mark.parametrize("name", ["dev", "dev2", "dev7", "dev8", "dev9", "dev10"])
def test_no_pattern_spells_out_what_a_dialogue_says(name: str) -> None:
    # The sets by whose errors rules were mended; nothing could be copied from others, and a failure would
    # tell what they say.
    patterns = patterns_of_the_pack()
    assert len(patterns) > 100
    said = "\n".join(plain_address(text) for text in sentences(name))
    assert {place: run for run, place in patterns.items() if run in said} == {}
