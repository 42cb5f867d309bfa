"""The figures of the second ear, as its card shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from model_card import share_of
from sentences import NONE, Sentence, Turn

from qa_pipeline.proportion import Proportion

if TYPE_CHECKING:
    from train_violations import Measured


def data(lessons: Sequence[Sentence]) -> str:
    """What is learned from, in two sentences."""
    sentences = [one for one in lessons if not one.spoken]
    violating = [one for one in sentences if one.label != NONE]
    evasive = sum(one.manner == "evasive" for one in violating)
    near = sum(one.near is not None for one in sentences)
    return (
        f"{len(sentences):,} sentences: {len(violating):,} violate, {evasive:,} of "
        f"them evasively; {near:,} are hard negatives that share words or theme with a category; "
        f"{len(sentences) - len(violating) - near:,} are ordinary talk. "
        f"Beside them {len(lessons) - len(sentences):,} turns of dialogues."
    )


def table(labels: Sequence[str], others: Measured, asks: Any, certain: Any) -> Iterator[str]:
    """The figures by category as a Markdown table."""
    yield "| category | asks from | heard (recall) | right among those (precision) | certain from | right |"
    yield "|---|---|---|---|---|---|"
    sums = [Proportion(count=0, total=0)] * 3
    for index, label in enumerate(labels):
        probabilities, true = others.probabilities[:, index], others.true[:, index]
        said, sure = probabilities >= asks[index], probabilities >= certain[index]
        right = int((said & true).sum())
        shares = [
            Proportion(count=right, total=int(true.sum())),
            Proportion(count=right, total=int(said.sum())),
            Proportion(count=int((sure & true).sum()), total=int(sure.sum())),
        ]
        sums = [total + share for total, share in zip(sums, shares, strict=True)]
        levels = [f"{level:.2f}" if level <= 1 else "never" for level in (asks[index], certain[index])]
        found, precise, safe = map(share_of, shares)
        yield f"| {label} | {levels[0]} | {found} | {precise} | {levels[1]} | {safe} |"
    found, precise, safe = map(share_of, sums)
    yield f"| **all** | | {found} | {precise} | | {safe} |"


def in_dialogues(
    labels: Sequence[str], dialogues: Measured, turns: Sequence[Turn], asks: Any, certain: Any
) -> Iterator[str]:
    """The figures on the development dialogues, in sentences."""
    yield f"In the {len({turn.call for turn in turns})} development dialogues, without any rule:"
    yield ""
    for what, levels in (("It asks", asks), ("It is certain", certain)):
        said = dialogues.probabilities >= levels
        for manner in ("direct", "evasive"):
            heard = [
                bool(said[index, labels.index(category)])
                for index, turn in enumerate(turns)
                for category, how in turn.findings.items()
                if category in labels and how == manner
            ]
            share = share_of(Proportion(count=sum(heard), total=len(heard)))
            yield f"* {what} about {share} of the violations in {manner} words."
        right, every = int((said & dialogues.true).sum()), int(said.sum())
        clean = {turn.call for turn in turns if turn.clean_call}
        loud = {turn.call for turn, row in zip(turns, said, strict=True) if turn.clean_call and row.any()}
        yield f"* Of what it says then, {share_of(Proportion(count=right, total=every))} is right."
        yield f"* Clean calls in which it does: {share_of(Proportion(count=len(loud), total=len(clean)))}."
