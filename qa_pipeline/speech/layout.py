"""How the speakers lie on the channels: copies of one voice mix, silent channels, and more than two."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qa_pipeline.types import Layout

SAME_SIGNAL_COHERENCE = 0.95
"""Share of energy two channels must have in common to be one signal. Copies that went through a joint-stereo
codec keep above 0.99; two speakers who only leak into each other's line stay below 0.6."""

SAME_SIGNAL_GAIN_DB = 6.0
"""Copies differ little in level. A line on which only an echo of the other speaker is heard is coherent
too, but far quieter, and is still a channel of its own."""

SILENT_DBFS = -50.0
"""A channel whose loudest tenth of a second stays below this carries nobody: telephone speech lies near -25
dBFS, line noise and what leaks of the other side near -60."""

_PART_SAMPLES = 1_024


@dataclass(slots=True)
class ChannelComparison:
    """Sums over a recording that tell how its channels relate."""

    _gram: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    _loudest: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def num_channels(self) -> int:
        """Of the file."""
        return len(self._loudest)

    def add(self, samples: npt.NDArray[np.float32]) -> None:
        """Take in samples shaped (channels, samples)."""
        if not self.num_channels:
            self._gram = np.zeros((samples.shape[0], samples.shape[0]))
            self._loudest = np.zeros(samples.shape[0])
        self._gram += samples @ samples.T
        for start in range(0, samples.shape[1], _PART_SAMPLES):
            part = samples[:, start : start + _PART_SAMPLES]
            # Over a full part, so that the click at the end of a file is no speech.
            power = np.einsum("cs,cs->c", part, part) / _PART_SAMPLES
            self._loudest = np.maximum(self._loudest, power)

    def silent(self) -> tuple[int, ...]:
        """Channels on which nothing is heard, of a file on which something is."""
        quiet = self._loudest < 10 ** (SILENT_DBFS / 10)
        return () if quiet.all() else tuple(int(channel) for channel in np.flatnonzero(quiet))

    def loudest(self) -> tuple[int, ...]:
        """The channels worth hearing, at most two, in the order of the file."""
        silent = self.silent()
        heard = [channel for channel in range(self.num_channels) if channel not in silent]
        energy = self._gram.diagonal()
        return tuple(sorted(sorted(heard, key=lambda channel: -energy[channel])[:2]))

    def layout(self, channels: tuple[int, ...]) -> Layout:
        """MONO for one channel, DUAL_MONO for two copies, STEREO otherwise."""
        if len(channels) < 2:
            return Layout.MONO
        first, second = channels[:2]
        quiet, loud = sorted((float(self._gram[first, first]), float(self._gram[second, second])))
        if quiet <= 0.0 or 10 * np.log10(loud / quiet) > SAME_SIGNAL_GAIN_DB:
            return Layout.STEREO
        same = float(self._gram[first, second]) ** 2 / (quiet * loud) >= SAME_SIGNAL_COHERENCE
        return Layout.DUAL_MONO if same else Layout.STEREO
