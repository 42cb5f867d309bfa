"""Train the classifier of roles from models/roles/training and write its figures.

    python models/train_roles.py            # writes roles.skops, manifest.json and the card's table
    python models/train_roles.py --check    # measures only

An agent's turns are those written for it (`agent.txt`), the sentences that fulfil script elements, and those
that violate; a customer's are `customer.txt`. The development dialogues are not trained on. They chose one
figure, `CERTAINTY_OF_A_STEP`; the second set chose none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from artefacts import packed, store
from model_card import only_checks, share_of, write_figures
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.speaker_roles import (
    FEATURES,
    RoleClassifier,
    Turn,
    decided,
    turn_matrix,
    turn_odds,
    turn_of,
)
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import ArtifactRef, CallMetadata, Role

HERE = Path(__file__).parent
FOLDER = HERE / "roles"
CARD = HERE / "cards" / "roles.md"
CORPUS = HERE.parent / "tests" / "corpus"
NAME = "speaker-roles"
REVISION = "1"
SEED = 20260401
_shown = partial(share_of, places=1)
EVERY = 20
"""One in so many violating sentences: with all of them an unknown word alone would speak for the agent."""
CHECKED = "您好，我是贷后中心的，工号三三零九，您这笔钱打算哪天处理"
"""A sentence outside the training data; a library that computes otherwise shows by its score."""


def training_turns() -> tuple[list[Turn], Any]:
    """Every training sentence, and 1 where an agent says it."""
    agent = [*_lines(FOLDER / "training" / "agent.txt"), *_elements(), *_violations()]
    customer = list(_lines(FOLDER / "training" / "customer.txt"))
    turns = [turn_of(text) for text in (*agent, *customer)]
    return turns, np.array([1] * len(agent) + [0] * len(customer))


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if line)


def _elements() -> Iterator[str]:
    for line in _lines(HERE / "elements" / "training.jsonl"):
        row = json.loads(line)
        if row["labels"]:
            yield row["text"]


def _violations() -> Iterator[str]:
    for path in sorted((HERE / "violations" / "training").glob("*.*.jsonl")):
        rows = [json.loads(line)["text"] for line in _lines(path)]
        yield from rows[::EVERY]


def fit(turns: list[Turn], truth: Any) -> dict[str, Any]:
    """Fit vectorisers and the regression; classes are balanced, since agents have more sentences."""
    characters = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, lowercase=False
    )
    syllables = TfidfVectorizer(
        token_pattern=r"\S+", ngram_range=(1, 2), min_df=2, sublinear_tf=True, lowercase=False
    )
    characters.fit([turn.characters for turn in turns])
    syllables.fit([turn.syllables for turn in turns])
    parts = {"characters": characters, "syllables": syllables}
    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=1000, random_state=SEED)
    model.fit(turn_matrix(parts, turns), truth)
    return parts | {
        "weights": model.coef_[0].astype("float32"),
        "intercept": float(model.intercept_[0]),
    }


def turn_accuracy(turns: list[Turn], truth: Any) -> tuple[Proportion, Proportion]:
    """Shares of agent's and customer's sentences that a model which did not see them gets right."""
    right = np.zeros(len(turns), dtype=bool)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=SEED).split(turns, truth):
        model = fit([turns[index] for index in train], truth[train])
        odds = np.array(turn_odds(model, [turns[index] for index in test]))
        right[test] = (odds > 0) == (truth[test] == 1)
    return tuple(
        Proportion(count=int(right[truth == role].sum()), total=int((truth == role).sum())) for role in (1, 0)
    )  # type: ignore[return-value]


def call_figures(classifier: RoleClassifier, folder: Path) -> tuple[Proportion, Proportion, Proportion]:
    """Calls of two voices whose roles are right, not told, and wrong though claimed."""
    right = silent = wrong = total = 0
    for path in sorted(folder.glob("*.jsonl")):
        for line in _lines(path):
            said: dict[int, list[str]] = {}
            for utterance in json.loads(line)["utterances"]:
                said.setdefault(0 if utterance["role"] == "agent" else 1, []).append(utterance["text"])
            if len(said) < 2:
                continue
            total += 1
            agent = decided(classifier.scores(said, CallMetadata(call_id="call")))[0]
            right += agent.role is Role.AGENT
            wrong += agent.role is Role.CUSTOMER
            silent += agent.role is Role.UNKNOWN
    return tuple(Proportion(count=count, total=total) for count in (right, silent, wrong))  # type: ignore[return-value]


def table(turns: list[Turn], truth: Any, classifier: RoleClassifier) -> str:
    """The figures as Markdown, each with its 95 % Wilson interval."""
    agent, customer = turn_accuracy(turns, truth)
    lines = [
        "| single sentences, out of fold | right |",
        "|---|---|",
        f"| an agent's | {_shown(agent)} |",
        f"| a customer's | {_shown(customer)} |",
        "",
        "| calls of two voices, from their text alone | right | not told | wrong though claimed |",
        "|---|---|---|---|",
    ]
    lines.extend(
        f"| `{name}` | " + " | ".join(map(_shown, call_figures(classifier, CORPUS / name))) + " |"
        for name in ("dev", "dev2")
    )
    return "\n".join(lines)


def main() -> None:
    """Measure, and unless told to check only, store."""
    checking = only_checks(__doc__)
    turns, truth = training_turns()
    content = packed(fit(turns, truth))
    sha256 = hashlib.sha256(content).hexdigest()
    reference = ArtifactRef(name=NAME, revision=REVISION, sha256=sha256)
    model = StoredModel(content, FOLDER / "roles.skops", reference)
    figures = table(turns, truth, RoleClassifier(model))
    print(figures)
    if checking:
        return
    store(
        content,
        FOLDER,
        name=NAME,
        revision=REVISION,
        features=FEATURES,
        **{"scikit-learn": sklearn.__version__},
        checked={"text": CHECKED, "odds": round(turn_odds(model.artefact, [turn_of(CHECKED)])[0], 5)},
    )
    write_figures(CARD, figures)


if __name__ == "__main__":
    main()
