"""Checks made of checks and of what was said elsewhere: near, count, said, all, any, not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from qa_pipeline.rules.doubts import GIVEN_UP
from qa_pipeline.rules.grammar import SaidCondition
from qa_pipeline.rules.matches import Check, Hearing, Match, Said
from qa_pipeline.rules.passages import Mark, Passage


def near(checks: Sequence[Check], *, gap: int, ordered: bool, strongest: Mark) -> Check:
    """Holds where all checks match close together.

    Args:
        gap: characters at most between one part and the next.
        ordered: whether the parts stand in the order given.
        strongest: the strongest mark that may stand between one part and the next.
    """
    orders = [tuple(range(len(checks)))] if ordered else list(itertools.permutations(range(len(checks))))

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found: list[tuple[Match, ...]] = []
        for part in checks:
            matches = part(hearing)
            if not matches:
                return ()
            found.append(matches)
        chains = (
            chain
            for order in orders
            for first in found[order[0]]
            if (
                chain := _chain(
                    (first,), [found[step] for step in order[1:]], gap, strongest, hearing.passage
                )
            )
        )
        return _distinct([*map(_joined, chains), *_undecided(found)])

    return check


def _undecided(found: Iterable[Sequence[Match]]) -> Iterator[Match]:
    """The parts as one doubted match, where a pattern was given up and may hold at any words."""
    given_up = [next((one for one in matches if GIVEN_UP in one.doubts), None) for matches in found]
    if any(given_up):
        yield _joined([given or matches[0] for given, matches in zip(given_up, found, strict=True)])


def _chain(
    begun: tuple[Match, ...],
    rest: Sequence[tuple[Match, ...]],
    gap: int,
    strongest: Mark,
    passage: Passage,
) -> tuple[Match, ...] | None:
    """The tightest way to go on from the matches begun, each next one at most `gap` characters on."""
    if not rest:
        return begun
    reached = begun[-1].end
    following = sorted(
        (
            match
            for match in rest[0]
            if 0 <= match.start - reached <= gap
            and passage.strongest_mark(reached - 1, match.start + 1) <= strongest
        ),
        key=lambda match: (match.start, len(match.doubts), match.end),
    )
    for match in following:
        whole = _chain((*begun, match), rest[1:], gap, strongest, passage)
        if whole is not None:
            return whole
    return None


def every(checks: Sequence[Check]) -> Check:
    """Holds where all checks match in the passage; a match of the first is joined with the nearest others."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found: list[tuple[Match, ...]] = []
        for part in checks:
            matches = part(hearing)
            if not matches:
                return ()
            found.append(matches)
        anchored = [matches for matches in found if any(match.parts for match in matches)]
        wordless = [min(matches, key=_fewest_doubts) for matches in found if matches not in anchored]
        if not anchored:
            return (_joined(wordless),)
        first, *others = anchored
        return _distinct(
            _joined([anchor, *(_nearest(anchor, matches) for matches in others), *wordless])
            for anchor in first
        )

    return check


def _nearest(anchor: Match, matches: Sequence[Match]) -> Match:
    def rank(match: Match) -> tuple[int, int]:
        gap = (
            max(match.start - anchor.end, anchor.start - match.end, 0) if match.parts and anchor.parts else 0
        )
        return len(match.doubts), gap

    return min(matches, key=rank)


def repeated(inner: Check, *, at_least: int) -> Check:
    """Holds where the check matches so many times at different words; the matches are joined."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found = inner(hearing)
        apart: list[Match] = []
        for match in sorted(found, key=lambda one: (one.start, one.end)):
            if not apart or match.start >= apart[-1].end:
                apart.append(match)
        return (_joined(apart),) if len(apart) >= at_least else tuple(_undecided([found]))

    return check


def said_near(condition: SaidCondition) -> Check:
    """Holds, with the trigger's doubts, where one of the triggers was said so near to the passage."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        passage = hearing.passage
        near_enough = (
            said
            for name in condition.said
            for said in hearing.said.get(name, ())
            if _in_order(said, passage, condition) and _close(said, passage, condition)
        )
        return _distinct(Match(doubts=said.doubts) for said in near_enough)

    return check


def _in_order(said: Said, passage: Passage, condition: SaidCondition) -> bool:
    if condition.order == "before":
        return said.passage <= passage.index
    return condition.order == "either" or said.passage >= passage.index


def _close(said: Said, passage: Passage, condition: SaidCondition) -> bool:
    if condition.turns is not None and abs(said.order - passage.order) > condition.turns:
        return False
    if condition.seconds is None or said.span is None or passage.span is None:
        return True
    gap_ms = max(passage.span.start_ms - said.span.end_ms, said.span.start_ms - passage.span.end_ms)
    return gap_ms <= condition.seconds * 1000


def either(checks: Sequence[Check]) -> Check:
    """Holds where one check at least matches."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        return _distinct(match for part in checks for match in part(hearing))

    return check


def absent(inner: Check) -> Check:
    """Holds where the check does not match; with the doubts of a match that is doubted."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        matches = inner(hearing)
        if not matches:
            return (Match(),)
        least = min(matches, key=_fewest_doubts)
        return (Match(doubts=least.doubts),) if least.doubts else ()

    return check


def _fewest_doubts(match: Match) -> tuple[int, list[str]]:
    return len(match.doubts), sorted(match.doubts)


def _joined(matches: Sequence[Match]) -> Match:
    parts = sorted(
        {part for match in matches for part in match.parts}, key=lambda part: (part.start, part.end)
    )
    return Match(tuple(parts), frozenset().union(*(match.doubts for match in matches)))


def _distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(dict.fromkeys(matches))
