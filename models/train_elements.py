"""Train the ear for script elements and write its figures.

    python models/train_elements.py            # writes elements.skops, manifest.json and the card's table
    python models/train_elements.py --check    # measures only

One logistic regression an element on the vectors of the encoder of ``models/violations``. It learns from
``elements/training.jsonl`` and every ``elements/wordings*.jsonl``; violations serve as talk that fulfils
nothing. Levels rest on sentences out of fold and on the development dialogues (tests/corpus), which it has
not read. Some minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sentences import CORPUS, DEVELOPMENT, NONE, read_sentences
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from skops.io import dumps
from train_violations import open_encoder

from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.script_elements import FEATURES, element_probabilities
from qa_pipeline.language.stretches import windows
from qa_pipeline.proportion import Proportion

HERE = Path(__file__).parent
FOLDER = HERE / "elements"
ENCODER = HERE / "violations" / "encoder.onnx"
CARD = HERE / "cards" / "elements.md"
NAME = "script-elements"
REVISION = "3"
SEED = 20240501
FOLDS = 5
STRENGTH = 0.01
"""C of the regressions, as for violations: the vectors are wide and the sentences few."""
MEANT = (
    "ability_enquiry",
    "complaint_channel",
    "consequence_notice",
    "empathy",
    "follow_up",
    "reason_enquiry",
    "refusal_close",
    "solution_offer",
    "tp.neutral_purpose",
    "tp.non_disclosure_reply",
    "tp.relation_check",
    "tp.relay_request",
    "tp.stop_respect",
    "wn.apology_removal",
    "wn.confirm_number",
)
"""Elements that are told by what is meant; figures and names are the rules' to tell."""
EVERY = 5
"""One violation in so many is read: they are many, and all they teach here is what fulfils nothing."""
WEIGHT_FULFILLING = 3.0
WEIGHT_NEAR = 3.0
WEIGHT_VIOLATION = 0.3
CERTAIN = 0.95
"""Share of right decisions in dialogues from which on an element counts as met ..."""
CERTAIN_SENTENCES = 0.75
"""... and in sentences, of which every third is there to mislead."""
ASKS = 0.85
"""Share of right decisions in both from which on a person is asked where it is never certain."""
CASES = 10
"""It takes so many cases at least."""
NEVER = 2.0
GRID = np.round(np.arange(0.3, 0.96, 0.01), 2)
CHECKED = "您别太上火，这笔钱您看哪阵子手头能松快些"
"""A sentence outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Example:
    """A training sentence, normalised.

    Args:
        near: the element that it only looks like.
        violation: whether it comes from the sentences of the ear for violations.
    """

    text: str
    labels: tuple[str, ...]
    near: str | None = None
    violation: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """Probabilities and what is true, element by element; in dialogues only where a label says so."""

    probabilities: Any
    true: Any
    known: Any


def read_examples() -> list[Example]:
    """All that is learned from, each text once."""
    rows = [
        json.loads(line)
        for path in (FOLDER / "training.jsonl", *sorted(FOLDER.glob("wordings*.jsonl")))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    found = [Example(normalize(row["text"]).text, tuple(row["labels"]), row.get("near")) for row in rows]
    violations = [one for one in read_sentences() if one.label != NONE]
    found += [Example(one.text, (), violation=True) for one in violations[::EVERY]]
    return list({example.text: example for example in reversed(found)}.values())[::-1]


def fit(vectors: Any, examples: Sequence[Example]) -> dict[str, Any]:
    """A scale for the vectors and one regression an element."""
    scale = StandardScaler().fit(vectors)
    scaled = scale.transform(vectors)
    models = []
    for element in MEANT:
        targets = np.array([element in one.labels for one in examples], dtype=int)
        weights = np.array([_weight(one, element) for one in examples])
        regression = LogisticRegression(C=STRENGTH, max_iter=500)
        models.append(regression.fit(scaled, targets, sample_weight=weights))
    return {"labels": list(MEANT), "scale": scale, "models": models}


def _weight(example: Example, element: str) -> float:
    if element in example.labels:
        return WEIGHT_FULFILLING
    if example.near == element:
        return WEIGHT_NEAR
    return WEIGHT_VIOLATION if example.violation else 1.0


def out_of_fold(vectors: Any, examples: Sequence[Example]) -> Decisions:
    """What is made of every sentence by a model that did not read it."""
    probabilities = np.zeros((len(examples), len(MEANT)))
    for train, test in KFold(FOLDS, shuffle=True, random_state=SEED).split(vectors):
        model = fit(vectors[train], [examples[index] for index in train])
        probabilities[test] = element_probabilities(model, vectors[test])
    true = np.array([[element in one.labels for element in MEANT] for one in examples])
    return Decisions(probabilities, true, np.ones_like(true))


def in_dialogues(artefact: dict[str, Any], encoder: SentenceEncoder) -> Decisions:
    """What is made of every development dialogue: the loudest turn, where an element is met or missed."""
    probabilities, true, known = [], [], []
    for folder in DEVELOPMENT:
        for path in sorted((CORPUS / folder).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                call = json.loads(line)
                expected = call["expected"]["criteria"]
                texts = [
                    text
                    for turn in call["utterances"]
                    if turn["role"] == "agent"
                    for text in _read(turn["text"])
                ]
                probabilities.append(element_probabilities(artefact, encoder.encode(texts)).max(axis=0))
                true.append([expected.get(element) == "met" for element in MEANT])
                known.append([expected.get(element) in {"met", "missed"} for element in MEANT])
    return Decisions(np.array(probabilities), np.array(true), np.array(known))


def _read(raw: str) -> list[str]:
    text = normalize(raw)
    return [window.of(text.text) for window in windows(raw, text)]


def levels(sentences: Decisions, dialogues: Decisions) -> tuple[Any, Any]:
    """For each element from which level on it asks, and from which on it is certain."""
    columns = range(len(MEANT))
    in_talk = np.array([_lowest([dialogues], column, CERTAIN) for column in columns])
    in_sentences = np.array([_lowest([sentences], column, CERTAIN_SENTENCES) for column in columns])
    certain = np.maximum(in_talk, in_sentences)
    asks = np.array([_lowest([sentences, dialogues], column, ASKS) for column in columns])
    return np.where(certain <= 1, certain, asks), certain


def _lowest(measured: Sequence[Decisions], column: int, precision: float) -> float:
    for level in GRID:
        said = [(one.probabilities[:, column] >= level) & one.known[:, column] for one in measured]
        right = sum(
            int((heard & one.true[:, column]).sum()) for heard, one in zip(said, measured, strict=True)
        )
        every = sum(int(heard.sum()) for heard in said)
        if every < CASES:
            break
        if right >= precision * every:
            return float(level)
    return NEVER


def table(sentences: Decisions, dialogues: Decisions, asks: Any, certain: Any) -> Iterator[str]:
    """The figures as a Markdown table, each with its 95 % Wilson interval."""
    yield "| element | asks from | certain from | sentences: found | right | dialogues: found | right |"
    yield "|---|---|---|---|---|---|---|"
    for column, element in enumerate(MEANT):
        cells = []
        for one in (sentences, dialogues):
            said = (one.probabilities[:, column] >= certain[column]) & one.known[:, column]
            true = one.true[:, column]
            right = int((said & true).sum())
            cells += [
                _share(Proportion(count=right, total=int(true.sum()))),
                _share(Proportion(count=right, total=int(said.sum()))),
            ]
        limits = [f"{level:.2f}" if level <= 1 else "never" for level in (asks[column], certain[column])]
        yield f"| {element} | {' | '.join([*limits, *cells])} |"


def data(examples: Sequence[Example]) -> str:
    """What is learned from, in a sentence."""
    written = [one for one in examples if not one.violation]
    meant = sum(any(label in MEANT for label in one.labels) for one in written)
    near = sum(one.near is not None for one in written)
    return (
        f"{len(written):,} sentences written for script elements: {meant:,} fulfil one of those below, "
        f"{near:,} only look like one; and {len(examples) - len(written):,} violations."
    )


def _share(share: Proportion) -> str:
    if share.rate is None or share.interval is None:
        return "none said"
    low, high = share.interval
    return f"{share.count}/{share.total} = {share.rate:.0%} ({low:.0%}-{high:.0%})"


def write_artefact(artefact: dict[str, Any], encoder: SentenceEncoder) -> None:
    """Store artefact and manifest."""
    content = dumps(artefact, compression=8, compresslevel=9)  # 8: ZIP_DEFLATED
    (FOLDER / "elements.skops").write_bytes(content)
    checked = element_probabilities(artefact, encoder.encode([normalize(CHECKED).text]))[0]
    manifest = {
        "name": NAME,
        "revision": REVISION,
        "file": "elements.skops",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0",
        "features": FEATURES,
        "encoder": hashlib.sha256(ENCODER.read_bytes()).hexdigest(),
        "scikit-learn": sklearn.__version__,
        "checked": {
            "text": CHECKED,
            "probabilities": {
                label: round(float(value), 6) for label, value in zip(MEANT, checked, strict=True)
            },
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (FOLDER / "manifest.json").write_text(text, encoding="utf-8")


def write_figures(figures: str) -> None:
    """Put the table between the card's two markers."""
    card = CARD.read_text(encoding="utf-8")
    head, _, rest = card.partition("<!-- figures -->\n")
    _, _, tail = rest.partition("<!-- end of figures -->")
    CARD.write_text(f"{head}<!-- figures -->\n{figures}\n<!-- end of figures -->{tail}", encoding="utf-8")


def main() -> None:
    """Measure, and unless told to check only, store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="measure only, write nothing")
    options = parser.parse_args()
    examples = read_examples()
    encoder = open_encoder()
    vectors = encoder.encode([one.text for one in examples])
    shipped = fit(vectors, examples)
    sentences, dialogues = out_of_fold(vectors, examples), in_dialogues(shipped, encoder)
    asks, certain = levels(sentences, dialogues)
    figures = "\n".join([data(examples), "", *table(sentences, dialogues, asks, certain)])
    print(figures)
    if not options.check:
        write_artefact(shipped | {"thresholds": asks, "certain": certain}, encoder)
        write_figures(figures)


if __name__ == "__main__":
    main()
