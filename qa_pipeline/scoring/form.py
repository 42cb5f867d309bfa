"""A score sheet as data: blocks, criteria and their weights, deductions, caps and grades."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qa_pipeline.errors import RulePackError
from qa_pipeline.i18n import render
from qa_pipeline.rules.document import Document, Problem, read_document
from qa_pipeline.rules.grammar import Text
from qa_pipeline.rules.schema import Count, Identifier
from qa_pipeline.rules.validation import validate
from qa_pipeline.types import CallType, Finding, Grade, MatchKind, message

PACKAGED = Path(__file__).parent / "forms"
Points = Annotated[float, Field(gt=0, le=100)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class FormMode(StrEnum):
    """POINTS gives a score and a grade, PASS_FAIL only says whether everything checked was in order."""

    POINTS = "points"
    PASS_FAIL = "pass_fail"  # noqa: S105


class FindingMatcher(_Model):
    """Findings a criterion is judged by.

    Args:
        match: only findings made by this means; None takes those no other criterion names by their means.
    """

    category: Identifier
    match: MatchKind | None = None


class Criterion(_Model):
    """One line of the sheet.

    Args:
        id: of the script element it stands for, or its own where it is judged by findings.
        partial_points: for a half-fulfilled criterion; half the weight when not stated.
        replaces: criteria that do not apply when this one does.
        findings: what it is judged by instead of an element: met while there is none.
        missed_from: so many findings leave nothing, fewer the partial points; a serious one leaves nothing.
        absorbs: findings that cost points here deduct nothing more.
        needs_times: not applicable where times and roles of the talk are not known.
    """

    id: Identifier
    title: Text
    weight: Points
    partial_points: Points | None = None
    replaces: tuple[Identifier, ...] = ()
    findings: tuple[FindingMatcher, ...] = ()
    missed_from: Count = 1
    absorbs: bool = False
    needs_times: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.partial_points is not None and self.partial_points >= self.weight:
            raise ValueError("partial_points must be less than weight")
        if not self.findings and (self.missed_from > 1 or self.absorbs or self.needs_times):
            raise ValueError("missed_from, absorbs and needs_times belong to a criterion with findings")
        return self


class Block(_Model):
    """Criteria under one heading."""

    id: Identifier
    title: Text
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class DeductionRule(_Model):
    """What each violation of one severity costs: `points`, all together `at_most`; a cap on the score."""

    points: Points
    at_most: Points
    score_at_most: Points | None = None


class Deductions(_Model):
    """Deductions by severity; a fatal violation makes the score 0 on every form."""

    serious: DeductionRule
    minor: DeductionRule


class Form(_Model):
    """The score sheet of one call type.

    Args:
        version: to be changed with every change of content; part of each result's provenance.
        minimum_base: a call with fewer points applicable and decided is not scored.
        grades: from how many points each grade is given.
    """

    id: Identifier
    version: Text
    call_type: CallType
    title: Text
    mode: FormMode
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    minimum_base: Points | None = None
    deductions: Deductions | None = None
    grades: dict[Grade, Annotated[float, Field(ge=0, le=100)]] = Field(default_factory=dict)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(criterion for block in self.blocks for criterion in block.criteria)

    @property
    def digest(self) -> str:
        """sha256 of what the form says, not of how it is written."""
        content = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def title_of(self, criterion_id: str) -> str:
        """The title of a criterion; its id where the form has none of this name, as an older version may."""
        return next((one.title for one in self.criteria if one.id == criterion_id), criterion_id)

    def criterion_of(self, finding: Finding) -> Criterion | None:
        """The criterion that is judged by this finding: named by its means first, else by category alone."""
        for match in (finding.match, None):
            wanted = FindingMatcher(category=finding.category, match=match)
            for criterion in self.criteria:
                if wanted in criterion.findings:
                    return criterion
        return None

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [criterion.id for criterion in self.criteria]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"criteria stand here twice: {', '.join(twice)}")
        weights = {criterion.id: criterion.weight for criterion in self.criteria}
        for criterion in self.criteria:
            unknown = [one for one in criterion.replaces if one not in weights]
            if unknown:
                raise ValueError(f"{criterion.id} replaces unknown criteria: {', '.join(unknown)}")
            if criterion.replaces and criterion.weight != sum(weights[one] for one in criterion.replaces):
                raise ValueError(f"{criterion.id} must weigh as much as the criteria it replaces")
        if self.mode is FormMode.POINTS:
            self._check_points()
        return self

    def _check_points(self) -> None:
        total = sum(criterion.weight for criterion in self.criteria if not criterion.replaces)
        if total != 100:
            raise ValueError(f"the weights must add up to 100, they add up to {total:g}")
        if self.minimum_base is None or self.deductions is None:
            raise ValueError("a form with points needs minimum_base and deductions")
        if min(self.grades.values(), default=1) > 0:
            raise ValueError("the lowest grade must begin at 0")


def load_form(call_type: CallType, *, folder: Path | None = None) -> Form:
    """The form for a call type, ``<call_type>.yaml`` in a folder of forms, by default the packaged ones.

    Raises:
        RulePackError: ``form_missing``, or ``form_invalid``; the message lists every problem with its line.
    """
    folder = PACKAGED if folder is None else folder
    path = folder / f"{call_type}.yaml"
    if not path.is_file():
        told = message(
            "{folder} has no form {name}; a folder of forms needs one for each call type",
            folder=folder,
            name=path.name,
        )
        raise RulePackError("form_missing", told)
    document, problems = read_document(path, file=path.name)
    form: Form | None = None
    if document is not None:
        form, invalid = validate(document, Form)
        problems += invalid
        if form is not None and form.call_type is not call_type:
            problems += (_wrong_call_type(document, path.name),)
    if form is None or problems:
        listed = "\n".join(f"{problem.location} {render(problem.message)}" for problem in problems)
        raise RulePackError("form_invalid", message("{folder}:\n{problems}", folder=folder, problems=listed))
    return form


def _wrong_call_type(document: Document, file: str) -> Problem:
    told = message("call_type must be the one the file {file} is named after", file=file)
    return Problem(location=document.locate(("call_type",)), message=told)
