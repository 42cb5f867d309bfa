"""What the judgement is to reach beside what it reaches, and which part of it falls short."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.stages import shown_shortly
from qa_pipeline.evaluation.comparison import Evaluation
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.meanings import MeaningClassifier
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.pipeline import Engine
from qa_pipeline.proportion import Proportion
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import make_pack
from qa_pipeline.types import Severity

FATAL, SERIOUS = Severity.FATAL, Severity.SERIOUS


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what it is to be.

    Args:
        most: whether it is to stay at or below the goal; else it is to be at or above.
    """

    figure: str
    goal: float
    of: Callable[[Evaluation], Proportion | float | None]
    most: bool = False

    def line(self, evaluation: Evaluation) -> str:
        """A row of a Markdown table; by the figure itself, not by the end of its interval."""
        goal = f"{self.goal:.0%}" if isinstance(self.of(evaluation), Proportion) else f"{self.goal}"
        reached = {None: "-", True: "yes", False: "no"}[self.reached(evaluation)]
        told = self.told(evaluation)
        return f"| {self.figure} | {'at most' if self.most else 'at least'} {goal} | {told} | {reached} |"

    def reached(self, evaluation: Evaluation) -> bool | None:
        """Whether the goal is reached; None where nothing is measured."""
        measured = self.of(evaluation)
        value = measured.rate if isinstance(measured, Proportion) else measured
        if value is None:
            return None
        return value <= self.goal if self.most else value >= self.goal

    def told(self, evaluation: Evaluation) -> str:
        """The figure as a table cell."""
        measured = self.of(evaluation)
        if isinstance(measured, Proportion):
            return shown_shortly(measured)
        return "-" if measured is None else f"{measured:.2f}"


GIVEN = (
    Goal("fatal: precision of hits", 0.95, lambda all_: all_.findings(severity=FATAL).precision),
    Goal("... said directly, hit", 0.95, lambda all_: all_.findings(severity=FATAL, manner="direct").recall),
    Goal("... evasive, hit", 0.7, lambda all_: all_.findings(severity=FATAL, manner="evasive").recall),
    Goal(
        "... evasive, hit or uncertain",
        0.85,
        lambda all_: all_.findings(severity=FATAL, manner="evasive").recall_with_doubts,
    ),
    Goal("serious: precision of hits", 0.9, lambda all_: all_.findings(severity=SERIOUS).precision),
    Goal("... hit", 0.85, lambda all_: all_.findings(severity=SERIOUS).recall),
    Goal("criteria right", 0.93, lambda all_: all_.criteria.right),
    Goal("criteria uncertain", 0.08, lambda all_: all_.criteria.uncertain, most=True),
    Goal("clean calls sent to review", 0.15, lambda all_: all_.clean_reviewed, most=True),
    Goal("uncertain findings a call", 0.5, lambda all_: all_.uncertain_per_call, most=True),
)
"""Of dialogues whose texts are given."""

HEARD = (
    Goal("fatal: precision of hits", 0.95, lambda all_: all_.findings(severity=FATAL).precision),
    Goal("... said directly, hit", 0.9, lambda all_: all_.findings(severity=FATAL, manner="direct").recall),
    Goal("criteria right", 0.88, lambda all_: all_.criteria.right),
    Goal("clean calls sent to review", 0.25, lambda all_: all_.clean_reviewed, most=True),
)
"""Of calls heard by Whisper base, two channels."""


def goal_lines(goals: Sequence[Goal], evaluation: Evaluation) -> Iterator[str]:
    """The goals as a Markdown table."""
    yield "| figure | goal | reached | |"
    yield "|---|---|---|---|"
    yield from (goal.line(evaluation) for goal in goals)
    yield ""


def loss_lines(goals: Sequence[Goal], stages: Mapping[str, Evaluation], judged: str) -> Iterator[str]:
    """The figures that miss their goal, at every stage, as a Markdown table: where each is lost.

    Args:
        judged: the stage that the goals are for.
    """
    missed = [goal for goal in goals if goal.reached(stages[judged]) is False]
    if not missed:
        return
    yield "Where what is missed is lost:"
    yield ""
    yield f"| judged from | {' | '.join(goal.figure for goal in missed)} |"
    yield f"|---|{'---|' * len(missed)}"
    for stage, evaluation in stages.items():
        yield f"| {stage} | {' | '.join(goal.told(evaluation) for goal in missed)} |"
    yield ""


def parts_of(engine: Engine) -> Mapping[str, Engine]:
    """The rules without the second ear, the ear without the rules, and both."""
    ear = ViolationClassifier.load()
    meanings = (MeaningClassifier.of_elements(ear.encoder), MeaningClassifier.of_customers(ear.encoder))
    pack = engine.rules.pack
    charges = make_pack(
        header=pack.header, rules=[], elements=[], locations={}, heard_otherwise=pack.heard_otherwise
    )
    return {
        "rules alone": replace(engine, reader=Reader(Tokenizer(), *meanings)),
        "second ear alone": replace(engine, rules=RuleEngine(charges)),
        "both": engine,
    }


def part_lines(parts: Mapping[str, Evaluation]) -> Iterator[str]:
    """What each part finds, as a Markdown table."""
    yield (
        "| judged by | fatal: precision | direct, hit | evasive, hit | evasive, with uncertain"
        " | serious: precision | hit |"
    )
    yield "|---|---|---|---|---|---|---|"
    for part, evaluation in parts.items():
        evasive = evaluation.findings(severity=FATAL, manner="evasive")
        serious = evaluation.findings(severity=SERIOUS)
        shares = (
            evaluation.findings(severity=FATAL).precision,
            evaluation.findings(severity=FATAL, manner="direct").recall,
            evasive.recall,
            evasive.recall_with_doubts,
            serious.precision,
            serious.recall,
        )
        yield f"| {' | '.join([part, *map(shown_shortly, shares)])} |"
    yield ""
