"""Checks across a pack that no single file can answer.

Names that refer to nothing, ids used twice, patterns that do not compile, conditions without any words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import regex
from pydantic import BaseModel

from qa_pipeline.rules.document import Document, Path_, Problem
from qa_pipeline.rules.grammar import (
    Condition,
    PhraseCondition,
    PromiseCondition,
    RegexCondition,
    SaidCondition,
    leaves,
    points_at_words,
)
from qa_pipeline.rules.patterns import compile_pattern
from qa_pipeline.rules.schema import (
    CaseRule,
    Charge,
    Element,
    Exemption,
    HeardOtherwise,
    PackHeader,
    Rule,
    Trigger,
    Window,
    is_pattern,
)
from qa_pipeline.rules.validation import unknown_name
from qa_pipeline.types import Message, message

Entry_co = TypeVar("Entry_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[Entry_co]):
    """An entry of a pack and where it stands."""

    document: Document
    path: Path_
    entry: Entry_co

    def problem(self, path: Path_, text: Message) -> Problem:
        """A problem with the part of the entry at this path."""
        return Problem(location=self.document.locate((*self.path, *path)), message=text)


def check_integrity(
    *,
    header: Placed[PackHeader],
    exemptions: Sequence[Placed[Exemption]],
    triggers: Sequence[Placed[Trigger]],
    rules: Sequence[Placed[Rule]],
    elements: Sequence[Placed[Element]],
    heard_otherwise: Sequence[Placed[HeardOtherwise]] = (),
    case_rules: Sequence[Placed[CaseRule]] = (),
) -> list[Problem]:
    """Every problem across the files of a pack whose files are each well formed.

    Args:
        header: with the exemptions and triggers of all files.
    """
    pack = header.entry
    names = _Names(
        categories=list(pack.categories),
        words=list(pack.words),
        exemptions=[exemption.entry.id for exemption in exemptions],
        triggers=[trigger.entry.id for trigger in triggers],
        ladder=[step.id for step in pack.ladder],
        elements=[element.entry.id for element in elements],
    )
    problems = list(_header_problems(header, names))
    for exemption in exemptions:
        problems += _exemption_problems(exemption, names)
    for trigger in triggers:
        problems += _trigger_problems(trigger, names)
    for group in (exemptions, triggers):
        problems += _taken(group)
    for rule in rules:
        problems += _charge_problems(rule, names)
        path = ("condition",)
        problems += _condition_problems(rule, path, rule.entry.condition, names, promises=False)
    for charge in heard_otherwise:
        problems += _charge_problems(charge, names)
    for case_rule in case_rules:
        problems += _charge_problems(case_rule, names)
        problems += _case_problems(case_rule, names)
    for element in elements:
        problems += _element_problems(element, names)
    problems += _duplicates([*rules, *case_rules, *heard_otherwise, *elements])
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    categories: Sequence[str]
    words: Sequence[str]
    exemptions: Sequence[str]
    triggers: Sequence[str]
    ladder: Sequence[str]
    elements: Sequence[str]


def _header_problems(header: Placed[PackHeader], names: _Names) -> Iterator[Problem]:
    pack = header.entry
    for index, name in enumerate(names.ladder):
        if name in names.ladder[:index]:
            yield header.problem(("ladder", index, "id"), _taken_id(name))
    for name, words in pack.words.items():
        for index, word in enumerate(words):
            if word.startswith("@"):
                yield header.problem(
                    ("words", name, index), message("a word list cannot use another word list")
                )
    for field in ("agreement", "provocation"):
        yield from _unknown(header, (field,), "trigger", filter(None, [getattr(pack, field)]), names.triggers)
    for index, step in enumerate(pack.ladder):
        yield from _unknown(header, ("ladder", index, "after"), "trigger", step.after or (), names.triggers)
        beside = ("ladder", index, "beside")
        yield from _unknown(header, beside, "category", step.beside or (), names.categories)


def _trigger_problems(trigger: Placed[Trigger], names: _Names) -> Iterator[Problem]:
    entry = trigger.entry
    yield from _condition_problems(trigger, ("condition",), entry.condition, names, promises=False)
    not_before = names.triggers[names.triggers.index(entry.id) :]
    for step, leaf in leaves(entry.condition):
        for name in leaf.said if isinstance(leaf, SaidCondition) else ():
            if name in not_before:
                text = "a trigger can ask only for triggers that stand before it; move {name} up"
                yield trigger.problem(("condition", *step, "said"), message(text, name=name))
    yield from _unknown(trigger, ("until",), "trigger", entry.until, names.triggers)


def _taken(entries: Sequence[Placed[Exemption]] | Sequence[Placed[Trigger]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for placed in entries:
        if placed.entry.id in seen:
            yield placed.problem(("id",), _taken_id(placed.entry.id))
        seen.add(placed.entry.id)


def _taken_id(entry_id: str) -> Message:
    return message("the id {id} is taken; ids are unique in a pack", id=entry_id)


def _charge_problems(rule: Placed[Charge], names: _Names) -> Iterator[Problem]:
    entry = rule.entry
    yield from _unknown(rule, ("category",), "category", [entry.category], names.categories)
    yield from _unknown(rule, ("exemptions",), "exemption", entry.exemptions, names.exemptions)
    yield from _unknown(rule, ("ladder",), "step of the ladder", entry.ladder, names.ladder)
    for field in ("answers", "after", "until", "about"):
        yield from _unknown(rule, ("scope", field), "trigger", getattr(entry.scope, field), names.triggers)


def _case_problems(rule: Placed[CaseRule], names: _Names) -> Iterator[Problem]:
    clock = rule.entry.case.clock
    yield from _unknown(rule, ("hinted_by",), "trigger", rule.entry.hinted_by, names.triggers)
    if clock is not None:
        path = ("case", "clock", "agreed_by")
        yield from _unknown(rule, path, "trigger", clock.agreed_by, names.triggers)


def _element_problems(element: Placed[Element], names: _Names) -> Iterator[Problem]:
    entry = element.entry
    for index, occasion in enumerate(entry.when):
        known = {"trigger": names.triggers, "element": names.elements, "no_element": names.elements}
        for key, name in occasion.model_dump(exclude_none=True, exclude={"promise"}).items():
            yield from _unknown(element, ("when", index, key), key.removeprefix("no_"), [name], known[key])
    for field in ("excused_by", "customer_agreement"):
        yield from _unknown(element, (field,), "trigger", getattr(entry, field), names.triggers)
    if entry.acknowledgement is not None:
        for field in ("by", "unless"):
            named = getattr(entry.acknowledgement, field)
            yield from _unknown(element, ("acknowledgement", field), "trigger", named, names.triggers)
    window = entry.window or Window()
    for field in ("before", "after"):
        yield from _unknown(element, ("window", field), "element", getattr(window, field), names.elements)
    yield from _condition_problems(element, ("met",), entry.met, names, promises=True)
    if entry.partial is not None:
        yield from _condition_problems(element, ("partial",), entry.partial, names, promises=True)
    if entry.meant_where is not None:
        yield from _condition_problems(element, ("meant_where",), entry.meant_where, names, promises=False)
    yield from _word_list_problems(element, ("near_misses",), entry.near_misses, names)


def _condition_problems(
    placed: Placed[BaseModel], path: Path_, condition: Condition, names: _Names, *, promises: bool
) -> Iterator[Problem]:
    if not points_at_words(condition):
        text = message(
            "the condition could hold without any words; put `not` and `metadata` inside `all` beside words"
        )
        yield placed.problem(path, text)
    for step, leaf in leaves(condition):
        here = (*path, *step)
        match leaf:
            case PhraseCondition():
                yield from _word_list_problems(placed, (*here, "phrase"), leaf.phrase, names)
            case RegexCondition():
                yield from _pattern_problems(placed, (*here, "regex"), leaf.regex)
                if leaf.exclude is not None:
                    yield from _pattern_problems(placed, (*here, "exclude"), leaf.exclude)
            case SaidCondition():
                yield from _unknown(placed, (*here, "said"), "trigger", leaf.said, names.triggers)
            case PromiseCondition() if not promises:
                yield placed.problem(
                    here, message("`promise` is for elements; a promise to pay is no violation")
                )


def _exemption_problems(exemption: Placed[Exemption], names: _Names) -> Iterator[Problem]:
    cues, unless = exemption.entry.cues, exemption.entry.unless
    for path, entries in (
        (("cues", "before"), cues.before),
        (("cues", "after"), cues.after),
        (("cues", "around"), cues.around),
        (("unless", "around"), unless.around),
    ):
        yield from _cue_problems(exemption, path, entries, names)


def _cue_problems(
    placed: Placed[BaseModel], path: Path_, entries: Sequence[str], names: _Names
) -> Iterator[Problem]:
    yield from _word_list_problems(placed, path, entries, names)
    for index, entry in enumerate(entries):
        if is_pattern(entry):
            yield from _pattern_problems(placed, (*path, index), entry[1:-1])


def _pattern_problems(placed: Placed[BaseModel], path: Path_, pattern: str) -> Iterator[Problem]:
    try:
        compiled = compile_pattern(pattern)
    except regex.error as error:
        yield placed.problem(path, message("not a regular expression: {reason}", reason=error))
        return
    if compiled.match("") is not None:
        text = "the regular expression matches an empty text, so it would match everywhere"
        yield placed.problem(path, message(text))


def _word_list_problems(
    placed: Placed[BaseModel], path: Path_, phrases: Sequence[str], names: _Names
) -> Iterator[Problem]:
    used = [phrase[1:] for phrase in phrases if phrase.startswith("@")]
    yield from _unknown(placed, path, "word list", used, names.words)


def _unknown(
    placed: Placed[BaseModel], path: Path_, what: str, used: Iterable[str], known: Sequence[str]
) -> Iterator[Problem]:
    for name in used:
        if name not in known:
            yield placed.problem(path, unknown_name(what, name, known))


def _duplicates(entries: Sequence[Placed[Charge] | Placed[Element]]) -> Iterator[Problem]:
    first: dict[str, Placed[Charge] | Placed[Element]] = {}
    for placed in entries:
        taken = first.setdefault(placed.entry.id, placed)
        if taken is not placed:
            where = taken.document.locate((*taken.path, "id"))
            text = "the id {id} is taken, see {where}; ids are unique in a pack"
            yield placed.problem(("id",), message(text, id=placed.entry.id, where=where))
