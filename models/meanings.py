"""What the ears for what is meant have in common (elements, customers, answers): data, networks, artefact.

Small networks on the vectors of the encoder of ``models/violations``, stored with skops.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artefacts import packed, store
from perceptrons import train_any

from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.meanings import FEATURES
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.perceptron import Perceptrons

ENCODER = Path(__file__).parent / "violations" / "encoder.onnx"
GRID = np.round(np.arange(0.3, 0.96, 0.01), 2)


@dataclass(frozen=True, slots=True)
class Example:
    """A training sentence, normalised.

    Args:
        near: the meaning that it only looks like.
        violation: whether it comes from the sentences of the ear for violations.
        hand: who wrote it.
    """

    text: str
    labels: tuple[str, ...]
    near: str | None = None
    violation: bool = False
    hand: str = ""


def fit(
    vectors: Any,
    examples: Sequence[Example],
    meanings: Sequence[str],
    weight: Callable[[Example, str], float],
) -> dict[str, Any]:
    """Networks that tell which of the meanings a sentence has.

    Args:
        weight: what an example counts for a meaning.
    """
    has = [[meaning in one.labels for meaning in meanings] for one in examples]
    weights = [[weight(one, meaning) for meaning in meanings] for one in examples]
    return {"labels": [str(meaning) for meaning in meanings], "head": train_any(vectors, has, weights)}


def write_meanings(
    artefact: dict[str, Any],
    encoder: SentenceEncoder,
    folder: Path,
    *,
    name: str,
    revision: str,
    checked: str,
) -> None:
    """Store artefact and manifest of an ear that reads one turn by itself; see `write_artefact`."""
    write_artefact(
        artefact,
        folder,
        name=name,
        revision=revision,
        features=FEATURES,
        checked=checked,
        vectors=encoder.encode([normalize(checked).text]),
    )


def write_artefact(
    artefact: dict[str, Any],
    folder: Path,
    *,
    name: str,
    revision: str,
    features: str,
    checked: str,
    vectors: Any,
) -> None:
    """Store artefact and manifest.

    Args:
        features: how utterances are presented to it.
        checked: a sentence outside the training data; its probabilities are stored so that another release of
            a library that computes otherwise is noticed.
        vectors: the one row that it is presented as.
    """
    (row,) = Perceptrons(artefact["head"]).chances(vectors)
    store(
        packed(artefact),
        folder,
        name=name,
        revision=revision,
        features=features,
        encoder=hashlib.sha256(ENCODER.read_bytes()).hexdigest(),
        checked={
            "text": checked,
            "probabilities": {
                label: round(float(value), 6) for label, value in zip(artefact["labels"], row, strict=True)
            },
        },
    )
