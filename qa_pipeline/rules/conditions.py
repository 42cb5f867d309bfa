"""What a condition of a pack finds in a passage.

A condition is compiled once into a check: a pure function from a hearing (a passage and what was heard in it)
to the matches found. No match means it does not hold; a match may carry doubts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from qa_pipeline.rules.acoustics import acoustic_check
from qa_pipeline.rules.case_data import metadata_check
from qa_pipeline.rules.combination import absent, either, every, near, repeated, said_near
from qa_pipeline.rules.doubts import FAR, GIVEN_UP, MAY_ACQUIT
from qa_pipeline.rules.figure_checks import entity_check, misstated_check, stated_check
from qa_pipeline.rules.grammar import (
    AcousticCondition,
    AllCondition,
    AnyCondition,
    Condition,
    CountCondition,
    EntityCondition,
    Leaf,
    MeantCondition,
    MetadataCondition,
    MisstatedCondition,
    NamedCondition,
    NearCondition,
    NotCondition,
    PhraseCondition,
    PromiseCondition,
    RegexCondition,
    SaidCondition,
    StatedCondition,
    Within,
    leaves,
)
from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.rules.names import named_check
from qa_pipeline.rules.passages import Mark, Passage
from qa_pipeline.rules.patterns import Search, Span, compile_pattern, find_all, match_at
from qa_pipeline.rules.phrases import Heard
from qa_pipeline.rules.predictions import meaning_check
from qa_pipeline.rules.readings import Repair
from qa_pipeline.types import MatchKind

_ALLOWED_MARK = {
    Within.CLAUSE: Mark.NONE,
    Within.SENTENCE: Mark.CLAUSE,
    Within.PASSAGE: Mark.SENTENCE,
}


def compile_condition(condition: Condition, words: Mapping[str, Sequence[str]]) -> Check:
    """The check that a condition describes.

    Args:
        words: the word lists of the pack, for ``@name``.
    """
    match condition:
        case NearCondition():
            parts = [compile_condition(part, words) for part in condition.near]
            check = near(
                parts,
                gap=condition.gap,
                ordered=condition.ordered,
                strongest=_ALLOWED_MARK[condition.within],
            )
        case CountCondition():
            check = repeated(compile_condition(condition.count, words), at_least=condition.at_least)
        case AllCondition():
            check = every([compile_condition(part, words) for part in condition.all])
        case AnyCondition():
            check = either([compile_condition(part, words) for part in condition.any])
        case NotCondition():
            check = absent(compile_condition(condition.not_, words))
        case _:
            check = _leaf_check(condition, words)
    return check


def _leaf_check(condition: Leaf, words: Mapping[str, Sequence[str]]) -> Check:
    match condition:
        case PhraseCondition():
            check = _phrase_check(condition, words)
        case RegexCondition():
            check = _regex_check(condition)
        case EntityCondition():
            check = entity_check(condition)
        case MeantCondition():
            check = meaning_check(condition.meant)
        case MetadataCondition():
            check = metadata_check(condition)
        case MisstatedCondition():
            check = misstated_check(condition)
        case NamedCondition():
            check = named_check(condition)
        case StatedCondition():
            check = stated_check(condition)
        case AcousticCondition():
            check = acoustic_check(condition)
        case PromiseCondition():
            check = _promise_check(condition)
        case SaidCondition():
            check = said_near(condition)
    return check


def expand(phrases: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Phrases with ``@name`` replaced by the words of that list, each once."""
    expanded = (words[phrase[1:]] if phrase.startswith("@") else (phrase,) for phrase in phrases)
    return tuple(dict.fromkeys(itertools.chain.from_iterable(expanded)))


def phrases_in(condition: Condition, words: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, bool]]:
    """Every phrase of a condition, and whether its sound counts there."""
    for _, leaf in leaves(condition):
        if isinstance(leaf, PhraseCondition):
            yield from ((phrase, leaf.phonetic) for phrase in expand(leaf.phrase, words))


def _phrase_check(condition: PhraseCondition, words: Mapping[str, Sequence[str]]) -> Check:
    wanted = frozenset(expand(condition.phrase, words))
    weak = frozenset({"pattern_weak"}) if condition.weak else frozenset()

    def check(hearing: Hearing) -> tuple[Match, ...]:
        if wanted.isdisjoint(hearing.phrases):
            return ()
        heard = (hit for phrase in wanted & hearing.phrases.keys() for hit in hearing.phrases[phrase])
        matches = (
            Match((_phrase_part(hit),), weak | _phrase_doubts(hit))
            for hit in heard
            if condition.phonetic or hit.kind is MatchKind.EXACT or hit.restored
        )
        return tuple(sorted(matches, key=lambda match: (match.start, -match.end, sorted(match.doubts))))

    return check


def _phrase_part(hit: Heard) -> Part:
    heard_as = None if hit.kind is MatchKind.EXACT else hit.phrase
    return Part(hit.start, hit.end, hit.kind, hit.distance, heard_as, restored=hit.restored)


def _phrase_doubts(hit: Heard) -> frozenset[str]:
    doubts = set()
    if hit.everyday:
        doubts.add("homophone_common_word")
    if hit.distance > FAR or hit.doubted:
        doubts.add("phonetic")
    return frozenset(doubts)


def _regex_check(condition: RegexCondition) -> Check:
    pattern = compile_pattern(condition.regex)
    exclude = None if condition.exclude is None else compile_pattern(condition.exclude)
    doubts = frozenset({"pattern_weak"}) if condition.weak else frozenset()

    allowed = _ALLOWED_MARK[condition.within]

    def search(text: str, passage: Passage) -> _Found:
        begun = find_all(pattern, text, overlapped=allowed < Mark.SENTENCE)
        cuts = [
            _before_mark(pattern, text, span, passage.first_mark(*span, above=allowed))
            for span in begun.found
        ]
        found = tuple(span for cut in cuts for span in cut.found)
        barred = find_all(exclude, text) if found and exclude is not None else Search()
        return _Found(
            spans=tuple(span for span in found if not any(_overlap(span, other) for other in barred.found)),
            doubts=frozenset({MAY_ACQUIT}) if barred.given_up else frozenset(),
            given_up=begun.given_up or any(cut.given_up for cut in cuts),
        )

    def check(hearing: Hearing) -> tuple[Match, ...]:
        passage, reading = hearing.passage, hearing.reading
        found = search(passage.text, passage)
        reread = _Found() if reading is None else search(reading.text, passage)
        matches = [
            Match((Part(start, end, MatchKind.PATTERN),), doubts | found.doubts) for start, end in found.spans
        ]
        for span in reread.spans:
            repairs = () if reading is None else reading.repaired(*span)
            if reading is not None and repairs and not any(_overlap(span, other) for other in found.spans):
                matches.append(_reread(reading.text, span, repairs, doubts | reread.doubts))
        if found.given_up or reread.given_up:
            whole = Part(0, len(passage.text), MatchKind.PATTERN)
            matches.append(Match((whole,), doubts | {GIVEN_UP}))
        return tuple(matches)

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a pattern and its exclude make of a text.

    Args:
        doubts: of each span.
        given_up: whether the pattern may match elsewhere too.
    """

    spans: tuple[Span, ...] = ()
    doubts: frozenset[str] = frozenset()
    given_up: bool = False


def _before_mark(pattern: regex.Pattern[str], text: str, span: Span, mark: int | None) -> Search:
    """The match, or what of the pattern also holds before the mark that it must not cross.

    A gap takes all it can get: "排队.{0,4}(最闲|正好)" reaches over the comma of "排队最闲了，正好有空"
    though it holds before it. A pattern that asks for an end (`$`) would take the cut for one.
    """
    if mark is None:
        return Search(found=(span,))
    return Search() if "$" in pattern.pattern else match_at(pattern, text, span[0], mark)


def _reread(text: str, span: Span, repairs: Sequence[Repair], doubts: frozenset[str]) -> Match:
    """A match that the letters hide."""
    start, end = span
    doubted = [repair for repair in repairs if repair.doubted]
    if doubted:
        everyday = any(repair.everyday for repair in doubted)
        doubts |= {"homophone_common_word" if everyday else "phonetic"}
    return Match((Part(start, end, MatchKind.PATTERN, heard_as=text[start:end], restored=True),), doubts)


def _promise_check(condition: PromiseCondition) -> Check:
    def check(hearing: Hearing) -> tuple[Match, ...]:
        promised = hearing.promised.get(condition.promise, frozenset())
        edges = [*hearing.passage.starts[1:], len(hearing.passage.text) + 1]
        whole = zip(hearing.passage.utterances, hearing.passage.starts, edges, strict=True)
        return tuple(
            Match((Part(start, end - 1, MatchKind.PATTERN),))
            for utterance, start, end in whole
            if utterance in promised
        )

    return check


def _overlap(span: Span, other: Span) -> bool:
    return span[0] < other[1] and other[0] < span[1]
