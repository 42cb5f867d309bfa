"""Train the classifier of violations from models/violations/training/ and write its figures.

    python models/train_violations.py            # writes violations.skops, manifest.json and the card's table
    python models/train_violations.py --check    # measures only

Probabilities behind thresholds and figures are out of fold: no sentence helps to decide about itself. The
development dialogues (tests/corpus/dev) set one figure, the floor under all thresholds, and are not trained
on. Takes some minutes on one core.
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
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from skops.io import dumps

from qa_pipeline.evaluation.proportion import Proportion
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import (
    FEATURES,
    Window,
    violation_matrix,
    violation_probabilities,
    windows,
)

HERE = Path(__file__).parent
FOLDER = HERE / "violations"
ORDINARY = HERE / "elements" / "training.jsonl"
DEVELOPMENT = HERE.parent / "tests" / "corpus" / "dev"
CARD = HERE / "cards" / "violations.md"
NAME = "violations"
REVISION = "1"
SEED = 20240501
FOLDS = 4
NEAR_WEIGHT = 1.5
"""What a hard negative counts beside a plain sentence: a person who looks in vain stops looking."""
PRECISE = 0.5
"""Share of right alarms, out of fold, that a category's threshold must reach. A third of the training
sentences are hard negatives; in calls they are rarer."""
ASKED_CLEAN_CALLS = 0.05
"""Share of clean development calls in which it may speak up at all."""
SILENT = 1.01
GRID = np.linspace(0.2, 0.95, 76)
CHECKED = "您要是再这么躲着，我让村口小卖部的人都知道您这点事"
"""A sentence outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The training sentences as the model sees them; target 0 is no violation, k + 1 is label k."""

    sentences: list[Window]
    labels: list[str]
    targets: Any
    weights: Any


def read_corpus(tokenizer: Tokenizer) -> Corpus:
    """Read the training files; utterances that fulfil a script element are ordinary too."""
    rows = [
        json.loads(line)
        for path in sorted((FOLDER / "training").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    ordinary = [json.loads(line) for line in ORDINARY.read_text(encoding="utf-8").splitlines()]
    rows += [{"text": row["text"], "label": "none"} for row in ordinary if row["labels"]]
    labels = sorted({row["label"] for row in rows} - {"none"})
    targets = np.array([0 if row["label"] == "none" else labels.index(row["label"]) + 1 for row in rows])
    weights = np.array([NEAR_WEIGHT if "near" in row else 1.0 for row in rows])
    return Corpus([whole(row["text"], tokenizer) for row in rows], labels, targets, weights)


def whole(text: str, tokenizer: Tokenizer) -> Window:
    """A sentence as one window."""
    normalized = normalize(text)
    return Window(
        start=0,
        end=len(normalized.text),
        words=" ".join(token.text for token in tokenizer.tokenize(normalized.text)),
        characters=normalized.text,
        syllables=" ".join(normalized.syllables),
    )


def fit(corpus: Corpus, chosen: Any) -> dict[str, Any]:
    """Fit vectorisers and one multinomial logistic regression to the chosen sentences.

    Compared by cross-validation with one regression a category and with characters up to three: mean average
    precision 0.36 against 0.33. min_df 3 and weights in half precision keep the artefact small.
    """
    sentences = [corpus.sentences[index] for index in chosen]
    settings: dict[str, dict[str, Any]] = {
        "words": {"token_pattern": r"\S+", "ngram_range": (1, 2)},
        "characters": {"analyzer": "char", "ngram_range": (1, 2)},
        "syllables": {"token_pattern": r"\S+", "ngram_range": (2, 3)},
    }
    artefact: dict[str, Any] = {"labels": corpus.labels}
    for kind, options in settings.items():
        vectoriser = TfidfVectorizer(
            min_df=3, sublinear_tf=True, lowercase=False, dtype=np.float32, **options
        )
        artefact[kind] = vectoriser.fit([getattr(sentence, kind) for sentence in sentences])
    model = LogisticRegression(C=5.0, max_iter=60, tol=1e-3)
    model.fit(
        violation_matrix(artefact, sentences), corpus.targets[chosen], sample_weight=corpus.weights[chosen]
    )
    return artefact | {
        "weights": model.coef_.astype(np.float16),
        "intercepts": model.intercept_.astype(np.float32),
    }


def out_of_fold(corpus: Corpus) -> Any:
    """Probabilities of every sentence from a model that did not see it."""
    probabilities = np.zeros((len(corpus.sentences), len(corpus.labels)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(corpus.targets, corpus.targets):
        held_out = [corpus.sentences[index] for index in test]
        probabilities[test] = violation_probabilities(fit(corpus, train), held_out)
    return probabilities


def lowest_floor(artefact: dict[str, Any], tokenizer: Tokenizer, limits: Any) -> float:
    """The lowest floor under the limits with which few enough clean development calls are asked about."""
    asked: list[Any] = []
    for path in sorted(DEVELOPMENT.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            if call["expected"]["findings"]:
                continue
            read: list[Window] = []
            for said in call["utterances"]:
                if said["role"] == "agent":
                    text = normalize(said["text"])
                    read += windows(said["text"], text, tokenizer.tokenize(text.text))
            probabilities = violation_probabilities(artefact, read)
            asked.append(np.where(probabilities >= limits, probabilities, 0).max())
    for floor in GRID:
        if np.mean([highest >= floor for highest in asked]) <= ASKED_CLEAN_CALLS:
            return float(floor)
    return SILENT


def precise_limits(probabilities: Any, targets: Any) -> Any:
    """For each category the lowest threshold from which on enough of what is said is right."""
    limits = []
    for column in range(probabilities.shape[1]):
        said = probabilities[:, column, None] >= GRID
        right = (said & (targets == column + 1)[:, None]).sum(axis=0)
        enough = right >= PRECISE * np.maximum(1, said.sum(axis=0))
        limits.append(float(GRID[np.argmax(enough)]) if enough.any() else SILENT)
    return np.array(limits)


def table(corpus: Corpus, probabilities: Any, thresholds: Any) -> str:
    """The figures as a Markdown table, each with its 95 % Wilson interval."""
    lines = [
        "| category | threshold | found (recall) | right among those said (precision) |",
        "|---|---|---|---|",
    ]
    all_found = all_right = Proportion(count=0, total=0)
    for column, label in enumerate(corpus.labels):
        said, true = probabilities[:, column] >= thresholds[column], corpus.targets == column + 1
        right = int((said & true).sum())
        found = Proportion(count=right, total=int(true.sum()))
        precise = Proportion(count=right, total=int(said.sum()))
        all_found, all_right = all_found + found, all_right + precise
        lines.append(f"| {label} | {thresholds[column]:.2f} | {_share(found)} | {_share(precise)} |")
    lines.append(f"| **all** | | {_share(all_found)} | {_share(all_right)} |")
    asked = (probabilities >= thresholds).any(axis=1)
    for what, chosen in (
        ("Ordinary sentences", (corpus.targets == 0) & (corpus.weights == 1)),
        ("Hard negatives", corpus.weights > 1),
    ):
        alarms = Proportion(count=int(asked[chosen].sum()), total=int(chosen.sum()))
        lines += ["", f"{what} that raise a false alarm: {_share(alarms)}."]
    violating = corpus.targets > 0
    caught = Proportion(count=int(asked[violating].sum()), total=int(violating.sum()))
    lines += ["", f"Violating sentences taken for some violation, this or another: {_share(caught)}."]
    return "\n".join(lines)


def _share(share: Proportion) -> str:
    if share.rate is None or share.interval is None:
        return "none said"
    low, high = share.interval
    return f"{share.count}/{share.total} = {share.rate:.0%} ({low:.0%}-{high:.0%})"


def write_artefact(artefact: dict[str, Any], tokenizer: Tokenizer) -> None:
    """Store artefact and manifest."""
    content = dumps(artefact, compression=8, compresslevel=9)  # 8: ZIP_DEFLATED
    (FOLDER / "violations.skops").write_bytes(content)
    checked = violation_probabilities(artefact, [whole(CHECKED, tokenizer)])[0]
    manifest = {
        "name": NAME,
        "revision": REVISION,
        "file": "violations.skops",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0",
        "features": FEATURES,
        "tokenizer": tokenizer.digest,
        "scikit-learn": sklearn.__version__,
        "checked": {
            "text": CHECKED,
            "probabilities": {
                label: round(float(value), 6)
                for label, value in zip(artefact["labels"], checked, strict=True)
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
    probabilities = out_of_fold(corpus)
    limits = precise_limits(probabilities, corpus.targets)
    artefact = fit(corpus, np.arange(len(corpus.sentences)))
    floor = lowest_floor(artefact, tokenizer, limits)
    thresholds = np.maximum(limits, floor)
    figures = table(corpus, probabilities, thresholds)
    print(f"floor {floor:.2f}", figures, sep="\n")
    if not options.check:
        write_artefact(artefact | {"thresholds": thresholds}, tokenizer)
        write_figures(figures)


if __name__ == "__main__":
    main()
