"""Train the ear for script elements and write its figures.

    python models/train_elements.py            # writes elements.skops, manifest.json and the card's table
    python models/train_elements.py --check    # measures only

Small networks on the vectors of the encoder of ``models/violations``. It learns from
``elements/training.jsonl`` and every ``elements/wordings*.jsonl``; violations serve as talk that fulfils
nothing. Levels rest on sentences of hands that neither the encoder nor the measured model has read, and on
labelled dialogues (tests/corpus and models/dialogues), from which it learns nothing. Needs torch; some
minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from meanings import GRID, Example, fit, write_meanings
from model_card import NEVER, only_checks, share_of, write_figures
from sentences import CORPUS, DEVELOPMENT, DIALOGUES, NONE, UNREAD, read_sentences
from train_violations import open_encoder

from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.language.stretches import Clauses
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import AgentMeaning

HERE = Path(__file__).parent
FOLDER = HERE / "elements"
CARD = HERE / "cards" / "elements.md"
NAME = "script-elements"
REVISION = "3"
DEBT_TOLD = AgentMeaning.DEBT_TOLD.value
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
    DEBT_TOLD,
)
"""Elements that are told by what is meant, while figures and names are the rules' to tell; and what may be
told only to the debtor."""
TELL_DEBT = frozenset({"purpose", "amount", "overdue_days"})
"""Elements that tell a debt wherever they are fulfilled ..."""
TELL_NONE = frozenset(
    {
        "greeting",
        "self_ident.org",
        "self_ident.agent",
        "recording_notice",
        "identity_verification",
        "tp.neutral_purpose",
        "tp.relation_check",
        "tp.non_disclosure_reply",
        "wn.apology_removal",
        "wn.confirm_number",
    }
)
"""... and those that tell none; of the others nobody said whether they do."""
TELLING = frozenset({"disclosure.third_party", "disclosure.unverified"})
"""Violations that consist in telling a debt."""
EVERY = 5
"""One violation in so many is read: they are many, and all they teach here is what fulfils nothing."""
WEIGHT_FULFILLING = 3.0
WEIGHT_NEAR = 3.0
WEIGHT_VIOLATION = 0.3
WEIGHT_LOOKS_TELLING = 1.5
WEIGHT_TELLS_NONE = 0.5
CERTAIN = 0.95
"""Share of right decisions in dialogues from which on an element counts as met ..."""
CERTAIN_SENTENCES = 0.75
"""... and in sentences, of which every third is there to mislead ..."""
ACCUSES = 0.9
"""... or half, of a meaning that is a violation where it stands."""
ASKS = 0.85
"""Share of right decisions in both from which on a person is asked where it is never certain."""
CASES = 10
"""It takes so many cases at least."""
CHECKED = "您别太上火，这笔钱您看哪阵子手头能松快些"
"""A sentence outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Probabilities and what is true, element by element; in dialogues only where a label says so."""

    probabilities: Any
    true: Any
    known: Any


def read_examples() -> list[Example]:
    """All that is learned from, each text once."""
    found = [
        Example(normalize(row["text"]).text, _labels(row["labels"]), row.get("near"), hand=path.stem)
        for path in (FOLDER / "training.jsonl", *sorted(FOLDER.glob("wordings*.jsonl")))
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]
    violations = [one for one in read_sentences() if one.label != NONE]
    found += [Example(one.text, (), violation=True, hand=one.hand) for one in violations[::EVERY]]
    told = [one for one in violations if one.label in TELLING]
    found += [Example(one.text, (DEBT_TOLD,), violation=True, hand=one.hand) for one in told]
    return list({example.text: example for example in reversed(found)}.values())[::-1]


def _labels(elements: Sequence[str]) -> tuple[str, ...]:
    """What an utterance means that fulfils these elements."""
    return (*elements, DEBT_TOLD) if TELL_DEBT.intersection(elements) else tuple(elements)


def weight_of(example: Example, element: str) -> float:
    """What an example counts for an element."""
    if element == DEBT_TOLD:
        return _weight_of_telling(example)
    if (example.labels == (DEBT_TOLD,) and not example.violation) or example.near == DEBT_TOLD:
        return 0.0  # nobody said which elements it fulfils
    if element in example.labels:
        return WEIGHT_FULFILLING
    if example.near == element:
        return WEIGHT_NEAR
    return WEIGHT_VIOLATION if example.violation else 1.0


def _weight_of_telling(example: Example) -> float:
    if DEBT_TOLD in example.labels:
        return 1.0
    if example.near == DEBT_TOLD:
        return WEIGHT_LOOKS_TELLING
    return WEIGHT_TELLS_NONE if TELL_NONE.intersection(example.labels) else 0.0


def heard_apart(vectors: Any, examples: Sequence[Example]) -> Decisions:
    """What a model that has read nothing by `UNREAD` hands makes of their sentences."""
    unread = np.array([one.hand in UNREAD for one in examples])
    read = [one for one in examples if one.hand not in UNREAD]
    head = fit(vectors[~unread], read, MEANT, weight_of)["head"]
    probabilities = Perceptrons(head).chances(vectors[unread])
    heard = [one for one in examples if one.hand in UNREAD]
    true = np.array([[element in one.labels for element in MEANT] for one in heard])
    known = np.array([[weight_of(one, element) > 0 for element in MEANT] for one in heard])
    return Decisions(probabilities, true, known)


def in_dialogues(head: Perceptrons, encoder: SentenceEncoder) -> Decisions:
    """What is made of dialogues that may be read: the loudest turn, where an element is met or missed."""
    probabilities, true, known = [], [], []
    for folder in (*sorted(DIALOGUES.iterdir()), *(CORPUS / name for name in DEVELOPMENT)):
        for path in sorted(folder.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                call = json.loads(line)
                expected = call["expected"]["criteria"]
                if not expected:
                    continue
                texts = [
                    text
                    for turn in call["utterances"]
                    if turn["role"] == "agent"
                    for text in _read(turn["text"])
                ]
                probabilities.append(head.chances(encoder.encode(texts)).max(axis=0))
                expected |= {DEBT_TOLD: _debt_told(call["expected"])}
                true.append([expected.get(element) == "met" for element in MEANT])
                known.append([expected.get(element) in {"met", "missed"} for element in MEANT])
    return Decisions(np.array(probabilities), np.array(true), np.array(known))


def _debt_told(expected: Mapping[str, Any]) -> str:
    """Whether the agent tells the debt anywhere in a labelled call; nothing of it is labelled as such."""
    categories = {finding["category"] for finding in expected["findings"]}
    verdicts = {expected["criteria"].get(element) for element in TELL_DEBT}
    if categories & TELLING or verdicts & {"met", "partial"}:
        return "met"
    doubtful = categories & {"third_party.collect", "accuracy.amount"}
    return "not_applicable" if doubtful or expected["call_type"] in {"right_party", "inbound"} else "missed"


def _read(raw: str) -> list[str]:
    cut = Clauses.of(raw, normalize(raw))
    return [window.of(cut.text) for window in cut.windows()]


def levels(sentences: Decisions, dialogues: Decisions) -> tuple[Any, Any]:
    """For each element from which level on it asks, and from which on it is certain."""
    columns = range(len(MEANT))
    in_talk = np.array([_lowest([dialogues], column, CERTAIN) for column in columns])
    least = [ACCUSES if label == DEBT_TOLD else CERTAIN_SENTENCES for label in MEANT]
    in_sentences = np.array([_lowest([sentences], column, least[column]) for column in columns])
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
                share_of(Proportion(count=right, total=int(true.sum()))),
                share_of(Proportion(count=right, total=int(said.sum()))),
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


def main() -> None:
    """Measure, and unless told to check only, store."""
    checking = only_checks(__doc__)
    examples = read_examples()
    encoder = open_encoder()
    vectors = encoder.encode([one.text for one in examples])
    shipped = fit(vectors, examples, MEANT, weight_of)
    sentences, dialogues = heard_apart(vectors, examples), in_dialogues(Perceptrons(shipped["head"]), encoder)
    asks, certain = levels(sentences, dialogues)
    figures = "\n".join([data(examples), "", *table(sentences, dialogues, asks, certain)])
    print(figures)
    if not checking:
        artefact = shipped | {"thresholds": asks, "certain": certain}
        write_meanings(artefact, encoder, FOLDER, name=NAME, revision=REVISION, checked=CHECKED)
        write_figures(CARD, figures)


if __name__ == "__main__":
    main()
