"""Cross-talk: one speaker's voice that leaks, softer and a little later, into the other speaker's channel.

Left in, it becomes a second utterance with the other role. Where a channel is far softer than the other and
its sound is, shifted, the other's sound, it is silenced; where both speak, or nothing leaks, every sample
stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE_HZ = 16_000
WINDOW = RATE_HZ // 2
MOST_DELAY = RATE_HZ * 3 // 10
"""An echo from the far end comes back within 300 ms on telephone lines (ITU-T G.131 asks for far less)."""

SOFTER_DB = 8.0
"""What leaks is at least so much softer than its source; two speakers of one call seldom differ as much."""

SAME_SOUND = 0.5
"""Correlation, after the best shift, from which a soft window is the other's sound; two voices that have
nothing to do with each other stay below it even at their best shift (docs/roles.md)."""

OWN_VOICE_DB = 6.0
"""A frame this much louder than the leak would be has a voice of its own."""

_FRAME = RATE_HZ // 50
_SILENCE = 1e-8


@dataclass(frozen=True, slots=True)
class _Leak:
    """How the other channel is heard on this one: `delay` samples later, `gain` times as strong."""

    delay: int
    gain: float


def without_bleed(samples: Samples) -> Samples:
    """Two channels with what leaks between them silenced; other layouts, and clean ones, as they are.

    Args:
        samples: (channels, samples), 16 kHz.
    """
    if samples.shape[0] != 2:
        return samples
    cleaned = samples
    for number in (0, 1):
        own, other = samples[number], samples[1 - number]
        for start in range(0, samples.shape[1], WINDOW):
            window = slice(start, min(start + WINDOW, samples.shape[1]))
            leak = _leak(own[window], other, start)
            if leak is not None:
                if cleaned is samples:
                    cleaned = samples.copy()
                _silence(cleaned[number], own, other, window, leak)
    return cleaned


def _leak(own: Samples, other: Samples, start: int) -> _Leak | None:
    """How the other channel leaks into this window, if its sound is the other's."""
    first = max(0, start - MOST_DELAY)
    source = other[first : start + len(own)]
    near = source[-len(own) :]
    own_energy = float((own**2).mean())
    if own_energy < _SILENCE or float((near**2).mean()) < _SILENCE:
        return None
    if 10 * np.log10(float((source**2).mean()) / own_energy) < SOFTER_DB:
        return None
    from scipy.signal import correlate  # noqa: PLC0415 - slow to import

    products = correlate(source, own, mode="valid", method="fft")
    energies = _moving_energy(source, len(own))
    likeness = np.abs(products) / np.sqrt(np.maximum(energies, _SILENCE) * own_energy * len(own))
    best = int(likeness.argmax())
    if likeness[best] < SAME_SOUND:
        return None
    delay = start - first - best
    return _Leak(delay=delay, gain=float(abs(products[best]) / max(energies[best], _SILENCE)))


def _silence(cleaned: Samples, own: Samples, other: Samples, window: slice, leak: _Leak) -> None:
    """Silence the frames in which nothing but the leak is heard."""
    for start in range(window.start, window.stop, _FRAME):
        end = min(start + _FRAME, window.stop)
        source = other[max(0, start - leak.delay) : max(0, end - leak.delay)]
        leaked = leak.gain**2 * float((source**2).mean()) if len(source) else 0.0
        heard = float((own[start:end] ** 2).mean())
        if heard <= leaked * 10 ** (OWN_VOICE_DB / 10):
            cleaned[start:end] = 0.0


def _moving_energy(samples: Samples, length: int) -> npt.NDArray[np.float64]:
    sums = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    moving: npt.NDArray[np.float64] = sums[length:] - sums[:-length]
    return moving
