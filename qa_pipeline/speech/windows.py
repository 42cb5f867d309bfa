"""Speech of one channel of one call, packed into windows of 30 s, and the way back of times.

Whisper's encoder costs the same for one second and for thirty, so regions share a window; never those of
two channels or two calls, since utterances of the quieter speaker then get lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_pipeline.types import SpeechRegion

WINDOW_MS = 30_000
GAP_MS = 200
"""Silence between regions in a window. Measured on telephone speech: with none the model runs sentences
together and loses some (24 % character errors against 18 %); half a second only takes room."""

_SAMPLES_PER_MS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRegion:
    """A region and where it begins in its window."""

    region: SpeechRegion
    offset_ms: int

    @property
    def end_ms(self) -> int:
        """Where it ends in its window."""
        return self.offset_ms + self.region.span.duration_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Regions of one channel of one call, in order of time, with `GAP_MS` of silence before each."""

    placed: tuple[PlacedRegion, ...]

    @classmethod
    def of(cls, region: SpeechRegion) -> Window:
        """A window with one region alone."""
        return cls(placed=(_first(region),))

    @property
    def duration_ms(self) -> int:
        return self.placed[-1].end_ms

    def place_of(self, window_ms: int) -> int:
        """Index of the region a time of the window lies in, or lies nearest to."""
        return min(
            range(len(self.placed)),
            key=lambda index: max(
                self.placed[index].offset_ms - window_ms, window_ms - self.placed[index].end_ms, 0
            ),
        )

    def recording_ms(self, window_ms: int, index: int) -> int:
        """The time in the recording of a time of the window, kept within the region of that index."""
        placed = self.placed[index]
        within = min(max(window_ms - placed.offset_ms, 0), placed.region.span.duration_ms)
        return placed.region.span.start_ms + within


def pack(regions: Iterable[SpeechRegion]) -> tuple[Window, ...]:
    """Fill windows with the regions of one speaker on one channel, in order.

    Raises:
        ValueError: regions of more than one channel or speaker, or a region longer than a window.
    """
    windows: list[Window] = []
    placed: list[PlacedRegion] = []
    offset = 0
    voice: tuple[int, int | None] | None = None
    for region in regions:
        own = (region.channel, region.speaker)
        if voice is not None and own != voice:
            raise ValueError(f"regions of (channel, speaker) {voice} and {own} may not share windows")
        voice = own
        if region.span.duration_ms > WINDOW_MS:
            raise ValueError(f"a region of {region.span.duration_ms} ms does not fit a window")
        if placed and offset + region.span.duration_ms > WINDOW_MS:
            windows.append(Window(placed=tuple(placed)))
            placed = []
        placed.append(PlacedRegion(region=region, offset_ms=offset) if placed else _first(region))
        offset = placed[-1].end_ms + GAP_MS
    if placed:
        windows.append(Window(placed=tuple(placed)))
    return tuple(windows)


def _first(region: SpeechRegion) -> PlacedRegion:
    """A region at the beginning of a window, after a gap: without, the model skips what is said first."""
    return PlacedRegion(region=region, offset_ms=min(GAP_MS, WINDOW_MS - region.span.duration_ms))


def assemble(window: Window, pieces: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """The window's sound, 16 kHz, from the sound of each of its regions."""
    sound = np.zeros(window.duration_ms * _SAMPLES_PER_MS, dtype=np.float32)
    for placed, piece in zip(window.placed, pieces, strict=True):
        at = placed.offset_ms * _SAMPLES_PER_MS
        length = min(len(piece), placed.region.span.duration_ms * _SAMPLES_PER_MS)
        sound[at : at + length] = piece[:length]
    return sound
