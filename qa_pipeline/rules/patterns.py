"""Patterns of a pack over normalised text, each searched for no longer than a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import regex

TIMEOUT_S = 0.5
"""A thousand times what a sound pattern takes on a passage; only a pattern that explodes reaches it."""

TRIES = 2
"""A machine may stand still for a moment; a pattern that explodes does so again."""

Span = tuple[int, int]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a pattern matches in a text.

    Args:
        found: start and end of each match, in order.
        given_up: whether it took too long, so that it may match elsewhere too.
    """

    found: tuple[Span, ...] = ()
    given_up: bool = False


@cache
def compile_pattern(text: str) -> regex.Pattern[str]:
    """A pattern over normalised text; ``^`` and ``$`` also stand at the seams of a passage.

    Kept: a pack has more patterns than `regex` remembers, and its check compiles them too.

    Raises:
        regex.error: the text is no pattern.
    """
    return regex.compile(text, regex.MULTILINE)


def find_all(pattern: regex.Pattern[str], text: str, *, overlapped: bool = False) -> Search:
    """Where the pattern matches something; as far as it came, and a line in the log, when it takes too long.

    Args:
        overlapped: also what begins inside another match.
    """
    return _search(pattern, text, lambda: pattern.finditer(text, overlapped=overlapped, timeout=TIMEOUT_S))


def match_at(pattern: regex.Pattern[str], text: str, start: int, end: int) -> Search:
    """What of [start, end) the pattern matches from its start on, if it is something."""

    def matches() -> Iterator[regex.Match[str]]:
        found = pattern.match(text, start, end, timeout=TIMEOUT_S)
        if found is not None:
            yield found

    return _search(pattern, text[start:end], matches)


def _search(
    pattern: regex.Pattern[str], text: str, matches: Callable[[], Iterator[regex.Match[str]]]
) -> Search:
    found: list[Span] = []
    for _ in range(TRIES):
        found.clear()
        try:
            found.extend(match.span() for match in matches() if match.group())
        except TimeoutError:
            continue
        return Search(found=tuple(found))
    _logger.warning("pattern %s took over %s s on %d characters", pattern.pattern, TIMEOUT_S, len(text))
    return Search(found=tuple(found), given_up=True)
