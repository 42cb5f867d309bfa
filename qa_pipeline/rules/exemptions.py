"""What acquits: quotation, negation, question, lawful notice.

A reviewer decides in this order (domain 1.0): who speaks, which is settled before anything is matched; then
what the words around the match make of it. An exemption holds when one of its cues bears on the match and
none of its `unless` cues does: "不是我吓唬你" has a 不是 and introduces a threat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import regex

from qa_pipeline.rules.conditions import expand
from qa_pipeline.rules.doubts import GIVEN_UP
from qa_pipeline.rules.matches import Match, Part
from qa_pipeline.rules.passages import Passage, plain_address
from qa_pipeline.rules.patterns import Search, compile_pattern, find_all
from qa_pipeline.rules.phrases import plain
from qa_pipeline.rules.readings import Reading
from qa_pipeline.rules.schema import Cues, Exemption, is_pattern
from qa_pipeline.types import MatchKind


class Verdict(IntEnum):
    """What an exemption makes of a match, the more it acquits the higher."""

    NOT_EXEMPT = 0
    DOUBTFUL = 1
    ACQUITTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict on a match, and where it comes from.

    Args:
        exemption: the one that holds; None where none does, or none is known to.
        cue: the characters [start, end) of the passage that are its cue.
        past_a_pause: whether a doubtful one is doubted only for a pause between the cue and the match.
    """

    verdict: Verdict
    exemption: Exemption | None = None
    cue: tuple[int, int] | None = None
    past_a_pause: bool = False


_NOT_EXEMPT = Decision(verdict=Verdict.NOT_EXEMPT)
_UNDECIDED = Decision(verdict=Verdict.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class _CueSet:
    """Cues of one position: plain words and patterns."""

    words: tuple[str, ...]
    patterns: tuple[regex.Pattern[str], ...]

    def find(self, text: str) -> Search:
        """Where a cue stands in a plain text."""
        words = (span for word in self.words for span in _places(word, text))
        searches = [find_all(pattern, text) for pattern in self.patterns]
        return Search(
            found=(*words, *(span for search in searches for span in search.found)),
            given_up=any(search.given_up for search in searches),
        )


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeardCues:
    """Where cues of each position stand in a passage.

    Args:
        given_up: whether a pattern took too long, so that more may stand there.
    """

    before: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...]
    around: tuple[tuple[int, int], ...]
    given_up: bool


@dataclass(frozen=True, slots=True)
class _CompiledCues:
    before: _CueSet
    after: _CueSet
    around: _CueSet
    reach: int

    def find(self, sentence: str, begin: int) -> _HeardCues:
        """Where cues stand in the plain sentence that begins there in its passage."""
        searches = [cues.find(sentence) for cues in (self.before, self.after, self.around)]
        before, after, around = (
            tuple((begin + start, begin + end) for start, end in search.found) for search in searches
        )
        given_up = any(search.given_up for search in searches)
        return _HeardCues(before=before, after=after, around=around, given_up=given_up)


class ExemptionJudge:
    """Decides one exemption for matches.

    Args:
        breaks: words that end the reach of a cue ("但是").
        words: the word lists of the pack.
    """

    def __init__(
        self, exemption: Exemption, *, breaks: Sequence[str], words: Mapping[str, Sequence[str]]
    ) -> None:
        self.exemption = exemption
        self._breaks = tuple(map(plain, breaks))
        self._cues = _compile(exemption.cues, words)
        self._unless = _cue_set(exemption.unless.around, words)

    def decide(self, match: Match, passage: Passage, reading: Reading | None = None) -> Decision:
        """Whether the words around the match acquit it, as heard or as most likely said.

        Doubtful, without a cue, where a pattern took too long to say.
        """
        if not match.parts:
            return _NOT_EXEMPT
        texts = [passage.letters] if reading is None else [passage.letters, plain_address(reading.text)]
        decisions = (self._decide(match, passage, text) for text in texts)
        return max(decisions, key=lambda decision: decision.verdict)

    def _decide(self, match: Match, passage: Passage, text: str) -> Decision:
        low, high = passage.sentence(match.start, match.end)
        heard = self._cues.find(text[low:high], low)
        decisions = (
            self._unless_cancelled(verdict, cue, match, passage)
            for verdict, cue in self._bearing(match, passage, heard)
            if verdict is not Verdict.NOT_EXEMPT
        )
        best = max(decisions, key=lambda decision: decision.verdict, default=_NOT_EXEMPT)
        return _UNDECIDED if best.verdict is Verdict.NOT_EXEMPT and heard.given_up else best

    def _bearing(
        self, match: Match, passage: Passage, heard: _HeardCues
    ) -> Iterator[tuple[Verdict, tuple[int, int]]]:
        """What each cue in the sentence says, and where it stands in the passage."""
        for cue in heard.around:
            yield Verdict.ACQUITTED, cue
        for cue in heard.before:
            if any(_spans(part, cue) for part in match.parts):
                yield Verdict.ACQUITTED, cue
            following = [part.start for part in match.parts if part.start > cue[0]]
            if following:
                edge = min(following)
                yield self._over((min(cue[1], edge), edge), min(cue[1], edge), passage), cue
        for cue in heard.after:
            if cue[0] >= match.end:
                yield self._over((match.end, cue[0]), cue[0], passage), cue

    def _over(self, gap: tuple[int, int], cue: int, passage: Passage) -> Verdict:
        """What a cue at one edge of a gap says about the match at the other.

        A mark ends its bearing; only a mark right at the cue ("不会，坐牢") may be a mere pause.
        """
        start, end = gap
        if end - start > self._cues.reach or self._broken(passage.letters[start:end]):
            return Verdict.NOT_EXEMPT
        marks = [index for index in range(max(start, 1), end + 1) if passage.marks[index]]
        if not marks or self.exemption.across_clauses:
            return Verdict.ACQUITTED
        return Verdict.DOUBTFUL if all(abs(mark - cue) <= 1 for mark in marks) else Verdict.NOT_EXEMPT

    def _unless_cancelled(
        self, verdict: Verdict, cue: tuple[int, int], match: Match, passage: Passage
    ) -> Decision:
        """What a bearing cue decides, unless the words around it and the match show that it only looks like
        the exemption.

        What bears over commas is cancelled in the whole sentence, else in the clauses of cue and match.
        """
        start, end = min(cue[0], match.start), max(cue[1], match.end)
        stretch = passage.sentence if self.exemption.across_clauses else passage.clauses
        low, high = stretch(start, end)
        cancelling = self._unless.find(passage.letters[low:high])
        if cancelling.found:
            return _NOT_EXEMPT
        past_a_pause = verdict is Verdict.DOUBTFUL
        if cancelling.given_up or GIVEN_UP in match.doubts or self.exemption.outcome == "doubtful":
            verdict, past_a_pause = Verdict.DOUBTFUL, False
        return Decision(verdict=verdict, exemption=self.exemption, cue=cue, past_a_pause=past_a_pause)

    def _broken(self, gap: str) -> bool:
        return any(word in gap for word in self._breaks)


def _spans(part: Part, cue: tuple[int, int]) -> bool:
    """Whether a pattern has swallowed the cue ("我们不会去你家堵门" as one match)."""
    return part.kind is MatchKind.PATTERN and part.start < cue[0] and cue[1] < part.end


def decide_all(
    judges: Sequence[ExemptionJudge], match: Match, passage: Passage, reading: Reading | None = None
) -> Decision:
    """The most favourable decision of several exemptions, the first of equals."""
    decisions = (judge.decide(match, passage, reading) for judge in judges)
    return max(decisions, key=lambda decision: decision.verdict, default=_NOT_EXEMPT)


def _compile(cues: Cues, words: Mapping[str, Sequence[str]]) -> _CompiledCues:
    return _CompiledCues(
        before=_cue_set(cues.before, words),
        after=_cue_set(cues.after, words),
        around=_cue_set(cues.around, words),
        reach=cues.reach,
    )


def _cue_set(entries: Sequence[str], words: Mapping[str, Sequence[str]]) -> _CueSet:
    plain_words = [entry for entry in entries if not is_pattern(entry)]
    return _CueSet(
        words=tuple(map(plain, expand(plain_words, words))),
        patterns=tuple(compile_pattern(entry[1:-1]) for entry in entries if is_pattern(entry)),
    )
