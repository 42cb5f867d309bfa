"""Train the classifier of script elements from models/elements/training.jsonl and write its figures.

    python models/train_elements.py            # writes elements.skops, manifest.json and the card's table
    python models/train_elements.py --check    # measures only

Every figure is nested: the five outer folds are scored by models whose thresholds were chosen on inner folds,
so that no sentence helps to decide about itself. Takes about a minute on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from skops.io import dumps

from qa_pipeline.evaluation.proportion import Proportion
from qa_pipeline.language.classification import FEATURES, Features, features, predict_probabilities
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer

HERE = Path(__file__).parent
FOLDER = HERE / "elements"
CARD = HERE / "cards" / "elements.md"
NAME = "script-elements"
REVISION = "1"
SEED = 20240501
FOLDS = 5
REPEATS = 3
WORTH_SAYING = 0.6
"""F0.5 out of fold below which an element stays silent."""
SILENT = 1.01
CHECKED = "那我再跟您确认一次，月底之前，两千六百块，手机银行还，对吗"
"""A sentence outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The training sentences as the model sees them."""

    utterances: list[Features]
    labels: list[str]
    truth: Any


def read_corpus(tokenizer: Tokenizer) -> Corpus:
    """Read the training file and tell which sentence fulfils which element."""
    lines = (FOLDER / "training.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    labels = sorted({label for row in rows for label in row["labels"]})
    truth = np.array([[label in row["labels"] for label in labels] for row in rows], dtype=int)
    utterances = [features(tokenizer.tokenize(normalize(row["text"]).text)) for row in rows]
    return Corpus(utterances, labels, truth)


def fit(utterances: list[Features], truth: Any) -> dict[str, Any]:
    """Fit vectorisers and one logistic regression an element.

    min_df 2 drops what one sentence alone says; classes are balanced because an element has eight sentences
    among nine hundred. C was chosen among 1, 3, 10 and 30 by cross-validation, with little between them.
    """
    words = TfidfVectorizer(
        token_pattern=r"\S+", ngram_range=(1, 2), min_df=2, sublinear_tf=True, lowercase=False
    )
    characters = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True, lowercase=False
    )
    matrix = hstack(
        [
            words.fit_transform([utterance.words for utterance in utterances]),
            characters.fit_transform([utterance.characters for utterance in utterances]),
        ]
    ).tocsr()
    model = OneVsRestClassifier(
        LogisticRegression(C=3.0, class_weight="balanced", solver="liblinear", random_state=SEED)
    )
    return {"words": words, "characters": characters, "model": model.fit(matrix, truth)}


def out_of_fold(utterances: list[Features], truth: Any) -> Any:
    """Probabilities of every sentence from models that did not see it, over three ways to cut the folds."""
    probabilities = np.zeros(truth.shape)
    for repeat in range(REPEATS):
        for train, test in KFold(FOLDS, shuffle=True, random_state=SEED + repeat).split(utterances):
            fold = fit([utterances[index] for index in train], truth[train])
            probabilities[test] += predict_probabilities(fold, [utterances[index] for index in test])
    return probabilities / REPEATS


def choose_thresholds(probabilities: Any, truth: Any) -> list[float]:
    """For each element the threshold with the best F0.5: a false alarm asks a person to look in vain.

    An element that cannot be told well enough stays silent: its threshold is above every probability.
    """
    grid = np.linspace(0.2, 0.95, 76)
    chosen = []
    for column in range(truth.shape[1]):
        said = probabilities[:, column, None] >= grid
        true = truth[:, column, None] == 1
        right = (said & true).sum(axis=0)
        scores = 1.25 * right / np.maximum(1, said.sum(axis=0) + 0.25 * true.sum())
        best = int(np.argmax(scores))
        chosen.append(round(float(grid[best]), 2) if scores[best] >= WORTH_SAYING else SILENT)
    return chosen


def nested_decisions(corpus: Corpus) -> Any:
    """What the whole procedure, thresholds included, decides about sentences it never saw."""
    decisions = np.zeros(corpus.truth.shape, dtype=bool)
    for train, test in KFold(FOLDS, shuffle=True, random_state=SEED).split(corpus.utterances):
        utterances, truth = [corpus.utterances[index] for index in train], corpus.truth[train]
        thresholds = choose_thresholds(out_of_fold(utterances, truth), truth)
        probabilities = predict_probabilities(
            fit(utterances, truth), [corpus.utterances[index] for index in test]
        )
        decisions[test] = probabilities >= np.array(thresholds)
    return decisions


def table(corpus: Corpus, decisions: Any, thresholds: list[float]) -> str:
    """The figures as a Markdown table, each with its 95 % Wilson interval."""
    lines = [
        "| element | sentences | found (recall) | right among those said (precision) |",
        "|---|---|---|---|",
    ]
    all_found = all_right = Proportion(count=0, total=0)
    for column, label in enumerate(corpus.labels):
        said, true = decisions[:, column], corpus.truth[:, column] == 1
        right = int((said & true).sum())
        found, precise = (
            Proportion(count=right, total=int(true.sum())),
            Proportion(count=right, total=int(said.sum())),
        )
        all_found, all_right = all_found + found, all_right + precise
        lines.append(f"| {label} | {found.total} | {_share(found)} | {_share(precise)} |")
    lines.append(f"| **all** | {all_found.total} | {_share(all_found)} | {_share(all_right)} |")
    without = corpus.truth.sum(axis=1) == 0
    alarms = Proportion(count=int(decisions[without].any(axis=1).sum()), total=int(without.sum()))
    silent = [label for label, limit in zip(corpus.labels, thresholds, strict=True) if limit == SILENT]
    lines += [
        "",
        f"Sentences that fulfil nothing and raise a false alarm: {_share(alarms)}.",
        "",
        f"Silent in the stored model: {', '.join(silent)}.",
    ]
    return "\n".join(lines)


def _share(share: Proportion) -> str:
    if share.rate is None or share.interval is None:
        return "none said"
    low, high = share.interval
    return f"{share.count}/{share.total} = {share.rate:.0%} ({low:.0%}-{high:.0%})"


def write_artefact(corpus: Corpus, tokenizer: Tokenizer, thresholds: list[float]) -> None:
    """Train on everything, store artefact and manifest."""
    artefact = fit(corpus.utterances, corpus.truth) | {"labels": corpus.labels, "thresholds": thresholds}
    content = dumps(artefact, compression=8, compresslevel=9)  # 8: ZIP_DEFLATED
    (FOLDER / "elements.skops").write_bytes(content)
    checked = predict_probabilities(artefact, [features(tokenizer.tokenize(normalize(CHECKED).text))])[0]
    manifest = {
        "name": NAME,
        "revision": REVISION,
        "file": "elements.skops",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0",
        "features": FEATURES,
        "tokenizer": tokenizer.digest,
        "scikit-learn": sklearn.__version__,
        "checked": {
            "text": CHECKED,
            "probabilities": {
                label: round(float(value), 6) for label, value in zip(corpus.labels, checked, strict=True)
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
    tokenizer = Tokenizer()
    corpus = read_corpus(tokenizer)
    thresholds = choose_thresholds(out_of_fold(corpus.utterances, corpus.truth), corpus.truth)
    figures = table(corpus, nested_decisions(corpus), thresholds)
    print(figures)
    if not options.check:
        write_artefact(corpus, tokenizer, thresholds)
        write_figures(figures)


if __name__ == "__main__":
    main()
