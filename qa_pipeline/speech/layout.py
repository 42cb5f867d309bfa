"""How the speakers lie on the channels: a stereo file may carry one voice mix twice."""

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


@dataclass(slots=True)
class ChannelComparison:
    """Sums over a recording that tell whether its first two channels are copies of each other."""

    _energy: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    _cross: float = 0.0

    def add(self, samples: npt.NDArray[np.float32]) -> None:
        """Take in samples shaped (channels, samples); files with one channel are left alone."""
        if samples.shape[0] < 2:
            return
        left, right = samples[0], samples[1]
        self._energy += (float(left @ left), float(right @ right))
        self._cross += float(left @ right)

    def layout(self, num_channels: int) -> Layout:
        """MONO for one channel, DUAL_MONO for copies, STEREO otherwise, silence included."""
        if num_channels < 2:
            return Layout.MONO
        quiet, loud = sorted(self._energy.tolist())
        if quiet <= 0.0 or 10 * np.log10(loud / quiet) > SAME_SIGNAL_GAIN_DB:
            return Layout.STEREO
        same = self._cross**2 / (quiet * loud) >= SAME_SIGNAL_COHERENCE
        return Layout.DUAL_MONO if same else Layout.STEREO
