"""Fit the head and the thresholds of the second ear to its encoder, and write their figures.

    python models/train_violations.py            # writes head, manifest and figures
    python models/train_violations.py --check    # measures only

Thresholds and figures rest on words of people whom nothing has read: `UNREAD` hands are heard by encoder and
head that know nothing by them, and nothing is fitted to the development dialogues (tests/corpus). The head
that ships is fitted to all sentences, and to what agents say in models/dialogues. Needs torch
(``models/requirements.txt``), which stays out of the product; some minutes on one core. The encoder is made
by ``tune_encoder.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from artefacts import packed, store
from model_card import NEVER, lowest_level, only_checks, write_figures
from perceptrons import joined, train
from sentences import NONE, UNREAD, Sentence, Turn, read_sentences, read_spoken, read_turns
from violation_figures import data, in_dialogues, table

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.language.stretches import Clauses, Window
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import FEATURES, heard
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.rules.schema import Example
from qa_pipeline.rules.trials import Certainty

HERE = Path(__file__).parent
FOLDER = HERE / "violations"
CARD = HERE / "cards" / "violations.md"
NAME = "violations"
REVISION = "4"
BESIDE = ("encoder.onnx", "pieces.json")
TUNED_HEAD = FOLDER / "tuned_head.npz"
NEAR_WEIGHT = 1.5
"""What a hard negative counts beside a plain sentence: a person who looks in vain stops looking."""
SPOKEN_WEIGHT = 4.0
"""What a turn of a dialogue counts: few, and as talk really runs."""
WORTH_ASKING = 0.5
"""Share of right alarms among those of a category that its threshold must reach with other hands."""
ASKED_CLEAN_CALLS = 0.05
"""Share of clean development calls in which it may speak up at all."""
CERTAIN = 0.8
"""Share of right words from which on the pack may let a category hit: of what other hands wrote, of which a
third are traps; in the development dialogues no lawful turn may be among them (docs/decisions/0013) ..."""
CERTAIN_FROM = 0.4
"""It is certain of nothing below, whatever those say of so few cases (docs/decisions/0015)."""
CASES = 15
"""... seen in so many cases at least."""
GRID = np.round(np.arange(0.1, 0.96, 0.01), 2)
CHECKED = "您要是再这么躲着，我让村口小卖部的人都知道您这点事"
"""A sentence outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What some texts were taken for, and what they are; column k is label k."""

    probabilities: Any
    true: Any


def open_encoder() -> SentenceEncoder:
    """The encoder that `tune_encoder.py` stored."""
    graph, pieces = ((FOLDER / name).read_bytes() for name in BESIDE)
    return SentenceEncoder(graph, pieces)


def fit(vectors: Any, sentences: Sequence[Sentence], labels: Sequence[str]) -> Perceptrons:
    """The head: what is none comes first, then the labels.

    What only looks like a category is a class of its own, which means none. Networks that are fitted to the
    stored encoder stand beside the one that it was tuned with, which has not read `UNREAD` hands.
    """
    kinds = [one.near or NONE if one.label == NONE else one.label for one in sentences]
    told = [(one.label, kind) for one, kind in zip(sentences, kinds, strict=True)]
    classes = sorted(set(told))
    meanings = [NONE, *labels]
    arrays = train(
        vectors,
        classes=[classes.index(one) for one in told],
        weights=[_weight(one) for one in sentences],
        means=[meanings.index(label) for label, _ in classes],
    )
    return Perceptrons(joined(arrays, tuned_head(classes)))


def _weight(sentence: Sentence) -> float:
    if sentence.near:
        return NEAR_WEIGHT
    return SPOKEN_WEIGHT if sentence.spoken else 1.0


def tuned_head(classes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The head that learned with the encoder.

    Raises:
        ValueError: it knows other classes than the sentences have.
    """
    stored = dict(np.load(TUNED_HEAD))
    if [tuple(kind) for kind in stored.pop("kinds").tolist()] != list(classes):
        raise ValueError(f"{TUNED_HEAD} knows other classes: python models/tune_encoder.py")
    return stored


def heard_apart(
    encoder: SentenceEncoder, vectors: Any, sentences: Sequence[Sentence], labels: Sequence[str]
) -> tuple[list[Sentence], Any, Any]:
    """What the sentences of `UNREAD` hands are taken for by a head that has read nothing by them.

    Args:
        vectors: of the sentences.

    Returns:
        Those sentences, and of each the probabilities of the labels, by the whole and weighed with its parts.
    """
    known = np.array([one.hand not in UNREAD for one in sentences])
    head = fit(vectors[known], [one for one in sentences if one.hand not in UNREAD], labels)
    unread = [one for one in sentences if one.hand in UNREAD]
    clauses = []
    for one in unread:
        text = normalize(one.raw)
        clauses.append(Clauses.of(one.raw, text).parts(Window(0, len(text.text))))
    return unread, *heard(head, encoder, [one.text for one in unread], clauses)


def measured_turns(
    head: Perceptrons, encoder: SentenceEncoder, turns: Sequence[Turn], labels: Sequence[str]
) -> Measured:
    """How turns are heard, each by its best window."""
    texts, clauses, owners = [], [], []
    for index, turn in enumerate(turns):
        cut = Clauses.of(turn.raw, normalize(turn.raw))
        for window in cut.windows():
            texts.append(window.of(cut.text))
            clauses.append(cut.parts(window))
            owners.append(index)
    _, weighed = heard(head, encoder, texts, clauses)
    probabilities = np.zeros((len(turns), len(labels)))
    np.maximum.at(probabilities, owners, weighed)
    return Measured(probabilities, np.array([[label in turn.findings for label in labels] for turn in turns]))


def acquitted(turns: Sequence[Turn], dialogues: Measured, labels: Sequence[str]) -> Any:
    """Which lawful turns the rule pack acquits of which labels, however certain the classifier is."""
    pack, reader = load_pack(), Reader(Tokenizer())
    free = np.zeros_like(dialogues.true)
    for charge in (one for one in pack.heard_otherwise if one.meaning is None):
        column = labels.index(charge.category)
        certain = Certainty(pack, charge, reader)
        loud = (dialogues.probabilities[:, column] >= GRID[0]) & ~dialogues.true.any(axis=1)
        for row in np.flatnonzero(loud):
            free[row, column] = not certain.judge(Example(text=turns[row].raw), turns[row].call_type)
    return free


def thresholds_of(
    others: Measured, dialogues: Measured, turns: Sequence[Turn], acquitted: Any
) -> tuple[Any, Any]:
    """For each category from where on it asks, and from where on it is certain.

    It asks where enough of what it says of sentences by other hands is right, but not below the floor under
    all categories that keeps clean calls clean. It is certain where hardly anything is wrong any more in
    those sentences, and nothing that is no violation is taken for one in the development dialogues unless the
    rule pack acquits it.

    Args:
        acquitted: turns by labels.
    """
    limits = np.array([_lowest(column, WORTH_ASKING, 1) for column in _columns(others)])
    called = np.array([turn.call for turn in turns])
    clean = sorted({turn.call for turn in turns if turn.clean_call})
    loudest = [
        np.where(dialogues.probabilities >= limits, dialogues.probabilities, 0)[called == call].max()
        for call in clean
    ]
    floor = next((level for level in GRID if np.mean(np.array(loudest) >= level) <= ASKED_CLEAN_CALLS), NEVER)
    asks = np.maximum(limits, floor)
    both = Measured(
        np.vstack([others.probabilities, dialogues.probabilities]), np.vstack([others.true, dialogues.true])
    )
    certain = np.array([_lowest(column, CERTAIN, CASES) for column in _columns(both)])
    lawful = ~dialogues.true.any(axis=1)[:, None] & ~acquitted
    loudest_wrong = np.where(lawful, dialogues.probabilities, 0).max(axis=0)
    certain = np.max([certain, asks, np.ceil(100 * loudest_wrong) / 100], axis=0).clip(min=CERTAIN_FROM)
    return asks, np.where(certain <= 1, certain, NEVER)


def _columns(measured: Measured) -> Iterator[tuple[Any, Any]]:
    return zip(measured.probabilities.T, measured.true.T, strict=True)


def _lowest(column: tuple[Any, Any], precision: float, cases: int) -> float:
    """The lowest level from which on there are enough cases and enough of them are right.

    Of a category that the others did not write about nothing is known: then it is the floor's to decide.
    """
    probabilities, true = column
    if not true.any():
        return float(GRID[0]) if cases == 1 else NEVER
    return lowest_level(GRID, probabilities, true, precision=precision, cases=cases)


def write_artefact(artefact: dict[str, Any], encoder: SentenceEncoder) -> None:
    """Store artefact and manifest."""
    beside = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in BESIDE}
    head = Perceptrons(artefact["head"])
    (checked,) = head.probabilities(encoder.encode([normalize(CHECKED).text]))[:, 1:]
    store(
        packed(artefact | {"beside": beside}),
        FOLDER,
        name=NAME,
        revision=REVISION,
        licence="Apache-2.0; the encoder's weights are derived from multilingual-e5-small (MIT)",
        beside=beside,
        features=FEATURES,
        **{"scikit-learn": sklearn.__version__},
        checked={
            "text": CHECKED,
            "probabilities": {
                label: round(float(value), 6)
                for label, value in zip(artefact["labels"], checked, strict=True)
            },
        },
    )


def main() -> None:
    """Measure, and unless told to check only, store."""
    checking = only_checks(__doc__)
    sentences, turns = read_sentences(), read_turns()
    labels = sorted({sentence.label for sentence in sentences} - {NONE})
    sentences += read_spoken(labels)
    encoder = open_encoder()
    vectors = encoder.encode([one.text for one in sentences])
    unread, _, apart = heard_apart(encoder, vectors, sentences, labels)
    others = Measured(apart, np.array([[one.label == label for label in labels] for one in unread]))
    shipped = fit(vectors, sentences, labels)
    ours = measured_turns(shipped, encoder, turns, labels)
    asks, certain = thresholds_of(others, ours, turns, acquitted(turns, ours, labels))
    figures = "\n".join(
        [
            data(sentences),
            "",
            *table(labels, others, asks, certain),
            "",
            *in_dialogues(labels, ours, turns, asks, certain),
        ]
    )
    print(figures)
    if not checking:
        artefact = {"labels": labels, "head": dict(shipped.arrays), "thresholds": asks, "certain": certain}
        write_artefact(artefact, encoder)
        write_figures(CARD, figures)


if __name__ == "__main__":
    main()
