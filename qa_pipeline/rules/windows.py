"""Where in a call an element counts, and whether that stretch could be heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.schema import Ends, Window
from qa_pipeline.types import Role, SpeechRegion, TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidElement:
    """The passages in which an element was first and last said, and where in the first one its words end."""

    first: int
    last: int
    first_end: int


def at_ends(ends: Ends, heard: Listening, passage: Passage) -> bool:
    """Whether a passage stands at the beginning and at the end that are asked for."""
    return _at_start(ends, passage) and _at_end(ends, heard, passage)


def _at_start(ends: Ends, passage: Passage) -> bool:
    turns, seconds = ends.first_turns, ends.first_seconds
    if turns is None and seconds is None:
        return True
    span = passage.first.span
    in_time = seconds is not None and span is not None and span.start_ms < seconds * 1000
    return in_time or (turns is not None and passage.turn < turns)


def _at_end(ends: Ends, heard: Listening, passage: Passage) -> bool:
    turns, seconds = ends.last_turns, ends.last_seconds
    if turns is None and seconds is None:
        return True
    agent = [hearing.passage for hearing in heard.by(Role.AGENT)]
    last_turn = max((each.turn for each in agent), default=-1)
    end_ms = max((each.last.span.end_ms for each in agent if each.last.span), default=0)
    span = passage.last.span
    in_time = seconds is not None and span is not None and span.end_ms > end_ms - seconds * 1000
    return in_time or (turns is not None and passage.turn > last_turn - turns)


class CallWindow:
    """A window laid over one call.

    Args:
        said: by element id, for `before` and `after`; elements that were not said are left out.
        answered: whether the element also needs an answer; then it is not before what its own passage says.
    """

    def __init__(
        self, window: Window | None, heard: Listening, said: Mapping[str, SaidElement], *, answered: bool
    ) -> None:
        self._answered = answered
        self._window = window or Window()
        self._heard = heard
        self._said = said

    def __contains__(self, passage: Passage) -> bool:
        return self.holds(passage, 0)

    def holds(self, passage: Passage, start: int) -> bool:
        """Whether words of a passage that begin at `start` stand in the window."""
        return at_ends(self._window, self._heard, passage) and self._in_order(passage, start)

    def _in_order(self, passage: Passage, start: int) -> bool:
        before = [self._said[name] for name in self._window.before if name in self._said]
        after = [self._said[name].last for name in self._window.after if name in self._said]
        said = (passage.index + 1, 0) if self._answered else (passage.index, start)
        return all(said < (other.first, other.first_end) for other in before) and all(
            passage.index >= last for last in after
        )

    def inaudible(self) -> bool:
        """Whether some of the agent's talk in the window was not understood or not recorded."""
        transcript = self._heard.conversation.transcript
        if self._bounded_at_start() and self._starts_clipped(transcript.regions):
            return True
        stretch = self._stretch()
        return any(
            stretch is None or region.span.overlap_ms(stretch) > 0
            for region in self._of_agent(transcript.inaudible)
        )

    def _starts_clipped(self, regions: Iterable[SpeechRegion]) -> bool:
        """Whether the agent already speaks when the recording begins (within the detector's padding)."""
        return any(region.span.start_ms == 0 for region in self._of_agent(regions))

    def _of_agent(self, regions: Iterable[SpeechRegion]) -> list[SpeechRegion]:
        channels = {hearing.passage.first.channel for hearing in self._heard.by(Role.AGENT)}
        known = channels and None not in channels
        return [region for region in regions if not known or region.channel in channels]

    def _bounded_at_start(self) -> bool:
        return self._window.first_turns is not None or self._window.first_seconds is not None

    def _stretch(self) -> TimeSpan | None:
        """From the first to the last time a passage could count; None for the whole call."""
        spans = [
            (passage.first.span, passage.last.span)
            for passage in (hearing.passage for hearing in self._heard.by(Role.AGENT))
            if passage in self
        ]
        timed = [(first, last) for first, last in spans if first is not None and last is not None]
        if not timed:
            return None
        start = 0 if self._bounded_at_start() else min(first.start_ms for first, _ in timed)
        return TimeSpan(start_ms=start, end_ms=max(last.end_ms for _, last in timed))
