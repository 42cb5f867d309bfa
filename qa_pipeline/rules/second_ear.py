"""What the classifier heard beside the rules: what of it stands, and one finding of one act.

The rules come first: they name the wording. What the classifier alone is certain of is a hit, unless a rule
names the same words as another violation. What it hears only faintly is worth no call to a reviewer, but a
line in one that is opened anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_pipeline.rules.doubts import FAINT
from qa_pipeline.rules.findings import Occurrence, overlap
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.schema import Charge
from qa_pipeline.rules.second_opinion import Opinion, opinion_on
from qa_pipeline.types import Finding, FindingOutcome, Role, Severity

GRAVE = frozenset({Severity.FATAL, Severity.SERIOUS})
"""A hit as bad as this brings a call before a reviewer."""

Found = tuple[Charge, Sequence[Occurrence]]
"""A charge and all that was found of it."""

Act = tuple[str, tuple[Role, int]]
"""A category in a turn of a speaker: what counts as one violation."""


def beside(ruled: Sequence[Found], otherwise: Sequence[Found]) -> Iterator[Found]:
    """What the classifier found, as it stands beside what the rules found."""
    named = [(charge.category, one) for charge, found in ruled for one in found if one.sure]
    heard = [
        (charge, [replace(one, doubts=one.doubts | _named_otherwise(charge, one, named)) for one in found])
        for charge, found in otherwise
    ]
    held = [(charge, one) for charge, found in (*ruled, *heard) for one in found if not one.acquitted]
    opened = any(one.sure and charge.severity in GRAVE for charge, one in held)
    known = {charge.category for charge, one in held if FAINT not in one.doubts}
    for charge, found in heard:
        worth_a_line = opened and charge.category not in known
        yield charge, [one for one in found if worth_a_line or FAINT not in one.doubts]


def _named_otherwise(
    charge: Charge, heard: Occurrence, named: Sequence[tuple[str, Occurrence]]
) -> frozenset[str]:
    """The doubt that a rule is sure of another category in these words, and the classifier hears that, too.

    Of five such hits of the classifier in the development dialogues none was right.
    """
    for category, found in named:
        if found.passage.index != heard.passage.index or not overlap(found.match, heard.match):
            continue
        heard_too = opinion_on(found.match, found.passage, category) is not Opinion.UNHEARD
        if category != charge.category and heard_too:
            return frozenset({"named_otherwise"})
    return frozenset()


def gravest(ruled: Sequence[Found]) -> Iterator[Found]:
    """What the rules found and nothing acquits, but words in which two rules find the same category once.

    Of the two the sure one stands, then the graver, then the pack's first.
    """
    ranked = sorted(
        ((charge, one) for charge, found in ruled for one in found if not one.acquitted),
        key=lambda held: (not held[1].sure, -held[0].severity.rank),
    )
    taken: list[tuple[Charge, Occurrence]] = []
    for charge, one in ranked:
        if not any(_same_words(charge, one, other, better) for other, better in taken):
            taken.append((charge, one))
    for charge, _ in ruled:
        yield charge, [one for by, one in taken if by.id == charge.id]


def _same_words(charge: Charge, one: Occurrence, other: Charge, better: Occurrence) -> bool:
    same = charge.category == other.category and charge.id != other.id
    return same and one.passage.index == better.passage.index and overlap(one.match, better.match)


def one_of_an_act(
    ruled: Sequence[Finding], otherwise: Sequence[Finding], heard: Listening
) -> Iterator[Finding]:
    """The findings of the rules and of the classifier, one of a category in a turn.

    The rules' come first. Only where they merely suspect what the classifier is certain of, its hit stands in
    their place.
    """
    utterances = heard.conversation.transcript.utterances
    turns = {
        utterances[position].id: (hearing.passage.role, hearing.passage.turn)
        for hearing in heard.hearings
        for position in hearing.passage.utterances
    }

    def acts(finding: Finding) -> set[Act]:
        return {(finding.category, turns[part.utterance_id]) for part in finding.evidence}

    def hits(findings: Sequence[Finding]) -> set[Act]:
        return {act for one in findings if one.outcome is FindingOutcome.HIT for act in acts(one)}

    certain = hits(otherwise) - hits(ruled)
    kept = [one for one in ruled if not acts(one) <= certain]
    known = {act for one in kept for act in acts(one)}
    yield from kept
    yield from (one for one in otherwise if not acts(one) <= known)
