"""Train the ear for answers and write its figures.

    python models/train_answers.py            # writes answers.skops, manifest.json and the card's table
    python models/train_answers.py --check    # measures only

Small networks on two vectors of the encoder of ``models/violations``: of what the agent says and of what the
other side said before. It learns from ``answers/HAND`` and ``dialogues``, and from the sentences of the other
ears, each set after one that it may answer. Levels rest on dialogues of hands that the measured model has not
read, and on the development dialogues (tests/corpus), from which it learns nothing. Needs torch; ten minutes
on one core.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from meanings import GRID, Example, fit, write_artefact
from model_card import lowest_level, only_checks, share_of, write_figures
from sentences import DIALOGUES, NONE, Turn, lessons, read_sentences, read_turns, turns_in
from train_customers import read_examples as read_customers
from train_elements import read_examples as read_elements
from train_violations import open_encoder

from qa_pipeline.language.answers import FEATURES, exchange_vectors
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.language.stretches import Clauses
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import AgentMeaning, CustomerMeaning

HERE = Path(__file__).parent
FOLDER = HERE / "answers"
CARD = HERE / "cards" / "answers.md"
NAME = "answers"
REVISION = "1"
VIOLATIONS = {
    "harassment.refusal_ignored": AgentMeaning.PRESSES_ON,
    "third_party.harass": AgentMeaning.PRESSES_ON,
    "disclosure.third_party": AgentMeaning.DEBT_CONFIRMED,
}
"""What a violation is as an answer; whom it is said to is the rules' to tell."""
MEANINGS = tuple(sorted(set(VIOLATIONS.values())))
ANSWERED = {
    "harassment.refusal_ignored": (CustomerMeaning.INCONVENIENT, CustomerMeaning.ASKED_TO_STOP),
    "third_party.harass": (CustomerMeaning.ASKED_TO_STOP,),
    "disclosure.third_party": (CustomerMeaning.ASKS_WHY,),
    "tp.stop_respect": (CustomerMeaning.ASKED_TO_STOP,),
    "wn.apology_removal": (CustomerMeaning.ASKED_TO_STOP,),
    "refusal_close": (CustomerMeaning.INCONVENIENT, CustomerMeaning.ASKED_TO_STOP),
    "follow_up": (CustomerMeaning.INCONVENIENT,),
    "tp.non_disclosure_reply": (CustomerMeaning.ASKS_WHY,),
    "tp.neutral_purpose": (CustomerMeaning.ASKS_WHY,),
    "tp.relay_request": (CustomerMeaning.ASKS_WHY, CustomerMeaning.ASKED_TO_STOP),
}
"""What sentences of the other ears may be said in answer to: violations, and script elements, which are none
there."""
UNREAD = frozenset({"answers_d", "answers_f", "answers_h", "answers_k"})
"""Hands whose dialogues the measured model has not read."""
WEIGHT_WRITTEN_FOR_IT = 2.0
CERTAIN = 0.85
"""Share of right turns from which on it is certain; triggers and exemptions of the pack come on top."""
ASKS = 0.5
"""... from which on a person is asked."""
FLOOR = 0.5
"""It is certain of nothing below, whatever those say of so few cases."""
CASES = 15
"""It takes so many cases at least."""
CHECKED = ("我在菜场呢，手上都是鱼，晚点讲", "鱼又跑不了，你把哪天交钱讲了")
"""An exchange outside the training data; its probabilities are stored so that another release of a library
that computes otherwise is noticed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How turns are heard, each by its best window, and what they are; columns are `MEANINGS`.

    A turn that is another violation is left out where it is not what is asked for: whether it also presses
    nobody has said.
    """

    probabilities: Any
    true: Any
    known: Any

    def at(self, column: int) -> tuple[Any, Any]:
        """Probabilities of one meaning, and whether it is true, of the turns of which that is known."""
        known = self.known[:, column]
        return self.probabilities[known, column], self.true[known, column]


def read_examples() -> tuple[list[Example], list[str]]:
    """All that is learned from, and what each answers."""
    found = {(answered, one.text): one for answered, one in _paired()}
    for folder in (*sorted(DIALOGUES.iterdir()), *_hands()):
        for turn in turns_in(folder):
            for words, label in lessons(turn):
                meant = () if label == NONE or label not in VIOLATIONS else (VIOLATIONS[label].value,)
                found[turn.answered, words] = Example(words, meant, hand=folder.name)
    return list(found.values()), [answered for answered, _ in found]


def _paired() -> Iterator[tuple[str, Example]]:
    """Sentences that the other ears learn from, each after one that it may answer, drawn by chance."""
    draw = random.Random(0)
    said: dict[str, list[str]] = defaultdict(list)
    for customer in read_customers():
        for meaning in customer.labels:
            said[meaning].append(customer.text)
    for sentence in read_sentences():
        kind = sentence.near if sentence.label == NONE else sentence.label
        if kind in VIOLATIONS:
            meant = () if sentence.label == NONE else (VIOLATIONS[kind].value,)
            before = draw.choice(said[draw.choice(ANSWERED[kind])])
            yield before, Example(sentence.text, meant, hand=sentence.hand)
    for element in read_elements():
        for kind in element.labels:
            if kind in ANSWERED:
                before = draw.choice(said[draw.choice(ANSWERED[kind])])
                yield before, Example(element.text, (), hand=element.hand)


def _hands() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.is_dir())


def weight_of(example: Example, meaning: str) -> float:
    """What an example counts for a meaning."""
    del meaning
    return WEIGHT_WRITTEN_FOR_IT if example.hand.startswith(f"{FOLDER.name}_") else 1.0


def heard(head: dict[str, Any], encoder: SentenceEncoder, turns: Sequence[Turn]) -> Heard:
    """How turns are heard."""
    texts, answered, owners = [], [], []
    for index, turn in enumerate(turns):
        cut = Clauses.of(turn.raw, normalize(turn.raw))
        for window in cut.windows():
            texts.append(window.of(cut.text))
            answered.append(turn.answered)
            owners.append(index)
    probabilities = np.zeros((len(turns), len(MEANINGS)))
    chances = Perceptrons(head).chances(exchange_vectors(encoder, answered, texts))
    np.maximum.at(probabilities, owners, chances)
    meant = [{VIOLATIONS[one] for one in turn.findings if one in VIOLATIONS} for turn in turns]
    true = np.array([[meaning in one for meaning in MEANINGS] for one in meant])
    lawful = np.array([not turn.findings for turn in turns])
    return Heard(probabilities, true, true | lawful[:, None])


def lowest(measured: Sequence[Heard], column: int, precision: float) -> float:
    """The lowest level from which on enough turns are right in all that was measured together."""
    probabilities, true = map(np.concatenate, zip(*(one.at(column) for one in measured), strict=True))
    return lowest_level(GRID, probabilities, true, precision=precision, cases=CASES)


def table(measured: Sequence[Heard], asks: Any, certain: Any) -> Iterator[str]:
    """The figures as a Markdown table, each with its 95 % Wilson interval."""
    yield "| meaning | asks from | certain from | unread hands: found | right | development: found | right |"
    yield "|---|---|---|---|---|---|---|"
    for column, meaning in enumerate(MEANINGS):
        cells = []
        for one in measured:
            probabilities, true = one.at(column)
            said = probabilities >= certain[column]
            right = int((said & true).sum())
            cells += [
                share_of(Proportion(count=right, total=int(true.sum()))),
                share_of(Proportion(count=right, total=int(said.sum()))),
            ]
        yield f"| {meaning} | {asks[column]:.2f} | {certain[column]:.2f} | {' | '.join(cells)} |"


def data(examples: Sequence[Example]) -> str:
    """What is learned from, in a sentence."""
    dialogues = sum(
        len(path.read_text(encoding="utf-8").splitlines()) for path in sorted(FOLDER.glob("*/*.jsonl"))
    )
    counts = [f"{sum(one.labels == (meaning.value,) for one in examples):,}" for meaning in MEANINGS]
    told = ", ".join(f"{count} are `{meaning}`" for count, meaning in zip(counts, MEANINGS, strict=True))
    return (
        f"{dialogues:,} dialogues by {len(_hands())} hands beside those of `models/dialogues`: "
        f"{len(examples):,} stretches of turns, of which {told}."
    )


def main() -> None:
    """Measure, and unless told to check only, store."""
    checking = only_checks(__doc__)
    examples, answered = read_examples()
    encoder = open_encoder()
    vectors = exchange_vectors(encoder, answered, [one.text for one in examples])
    known = np.array([one.hand not in UNREAD for one in examples])
    apart = fit(vectors[known], [one for one in examples if one.hand not in UNREAD], MEANINGS, weight_of)
    shipped = fit(vectors, examples, MEANINGS, weight_of)
    unread = [turn for folder in _hands() if folder.name in UNREAD for turn in turns_in(folder)]
    measured = heard(apart["head"], encoder, unread), heard(shipped["head"], encoder, read_turns())
    columns = range(len(MEANINGS))
    certain = np.array([max(lowest(measured, column, CERTAIN), FLOOR) for column in columns])
    asks = np.minimum([lowest(measured, column, ASKS) for column in columns], certain)
    figures = "\n".join([data(examples), "", *table(measured, asks, certain)])
    print(figures)
    if not checking:
        before, words = (normalize(text).text for text in CHECKED)
        write_artefact(
            shipped | {"thresholds": asks, "certain": certain},
            FOLDER,
            name=NAME,
            revision=REVISION,
            features=FEATURES,
            checked="：".join(CHECKED),
            vectors=exchange_vectors(encoder, [before], [words]),
        )
        write_figures(CARD, figures)


if __name__ == "__main__":
    main()
