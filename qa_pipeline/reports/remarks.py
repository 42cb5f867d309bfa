"""What is odd about a recording and nobody would notice otherwise, in words."""

from __future__ import annotations

from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import Layout, Recording


def remarks(recording: Recording) -> tuple[str, ...]:
    """The remarks on a recording; none where it is an ordinary one."""
    return tuple(_remarks(recording))


def _remarks(recording: Recording) -> list[str]:
    found = []
    if recording.silent_channels:
        numbers = ", ".join(str(channel) for channel in recording.silent_channels)
        found.append(_("silent throughout: channel {channels}").format(channels=numbers))
    if recording.layout is Layout.DUAL_MONO:
        found.append(_("both channels carry the same sound: treated as mono"))
    if recording.num_channels > 1 and recording.reading.channels:
        numbers = ", ".join(str(channel) for channel in recording.reading.channels)
        found.append(_("heard of its channels: {channels}").format(channels=numbers))
    if recording.promised_ms is not None:
        found.append(_("cut off: the missing end counts as inaudible"))
    if recording.reading.raw is None and recording.reading.sampling_rate_hz is not None:
        rate = recording.reading.sampling_rate_hz
        found.append(_("sampling rate of the metadata taken: {rate} Hz").format(rate=rate))
    return found
