"""Train the ear for what customers say and write its figures.

    python models/train_customers.py            # writes customers.skops, manifest.json and the card's table
    python models/train_customers.py --check    # measures only

Small networks on the vectors of the encoder of ``models/violations``. It learns from
``customers/HAND/*.jsonl``; what agents say in the sentences of the other ears is not read. The level from
which on it is certain rests on sentences of hands that the measured model has not read. Needs torch; two
minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from meanings import GRID, Example, fit, write_meanings
from model_card import lowest_level, only_checks, share_of, write_figures
from train_violations import open_encoder

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import CustomerMeaning

HERE = Path(__file__).parent
FOLDER = HERE / "customers"
CARD = HERE / "cards" / "customers.md"
NAME = "customers-talk"
REVISION = "1"
MEANINGS = tuple(CustomerMeaning)
WEIGHT_MEANING = 2.0
WEIGHT_NEAR = 3.0
CERTAIN = 0.9
"""Share of right words from which on it is certain: of what other hands wrote, of which a third are traps; in
a call they are far between."""
CASES = 15
"""It takes so many cases at least."""
CHECKED = "娃他爸从脚手架上摔下来还躺着呢，哪有闲钱给你们"


def read_examples() -> list[Example]:
    """All that is learned from, each text once."""
    found = [
        Example(
            text=normalize(row["text"]).text,
            labels=tuple(row["labels"]),
            near=row.get("near"),
            hand=path.parent.name,
        )
        for path in sorted(FOLDER.glob("*/*.jsonl"))
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]
    return list({example.text: example for example in found}.values())


def _weight(example: Example, meaning: str) -> float:
    if meaning in example.labels:
        return WEIGHT_MEANING
    return WEIGHT_NEAR if example.near == meaning else 1.0


def heard_apart(vectors: Any, examples: Sequence[Example]) -> Any:
    """What every sentence is taken for by a model that has read nothing by its writer."""
    hands = np.array([one.hand for one in examples])
    probabilities = np.zeros((len(examples), len(MEANINGS)))
    for hand in np.unique(hands):
        read = np.flatnonzero(hands != hand)
        model = fit(vectors[read], [examples[row] for row in read], MEANINGS, _weight)
        apart = hands == hand
        probabilities[apart] = Perceptrons(model["head"]).chances(vectors[apart])
    return probabilities


def levels(probabilities: Any, true: Any) -> Any:
    """For each meaning the lowest level from which on so many are right that it is certain."""
    columns = zip(probabilities.T, true.T, strict=True)
    return np.array([lowest_level(GRID, *column, precision=CERTAIN, cases=CASES) for column in columns])


def table(probabilities: Any, true: Any, certain: Any) -> Iterator[str]:
    """The figures as a Markdown table, each with its 95 % Wilson interval."""
    yield "| meaning | certain from | found | right |"
    yield "|---|---|---|---|"
    for column, meaning in enumerate(MEANINGS):
        said, meant = probabilities[:, column] >= certain[column], true[:, column]
        right = int((said & meant).sum())
        found = share_of(Proportion(count=right, total=int(meant.sum())))
        precise = share_of(Proportion(count=right, total=int(said.sum())))
        level = f"{certain[column]:.2f}" if certain[column] <= 1 else "never"
        yield f"| {meaning} | {level} | {found} | {precise} |"


def data(examples: Sequence[Example]) -> str:
    """What is learned from, in a sentence."""
    meaning = sum(bool(one.labels) for one in examples)
    near = sum(one.near is not None for one in examples)
    hands = len({one.hand for one in examples})
    return (
        f"{len(examples):,} sentences by {hands} hands: {meaning:,} mean one of those below or several, "
        f"{near:,} only look like one."
    )


def main() -> None:
    """Measure, and unless told to check only, store."""
    checking = only_checks(__doc__)
    examples = read_examples()
    encoder = open_encoder()
    vectors = encoder.encode([one.text for one in examples])
    true = np.array([[meaning in one.labels for meaning in MEANINGS] for one in examples])
    probabilities = heard_apart(vectors, examples)
    certain = levels(probabilities, true)
    figures = "\n".join([data(examples), "", *table(probabilities, true, certain)])
    print(figures)
    if not checking:
        artefact = fit(vectors, examples, MEANINGS, _weight) | {"thresholds": certain, "certain": certain}
        write_meanings(artefact, encoder, FOLDER, name=NAME, revision=REVISION, checked=CHECKED)
        write_figures(CARD, figures)


if __name__ == "__main__":
    main()
