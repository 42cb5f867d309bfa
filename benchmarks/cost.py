"""What each stage costs in processor seconds for an hour of audio, and how much memory a whole run takes.

    python -m benchmarks.cost            # ten sample calls, on two channels and on one
    python -m benchmarks.cost --write    # and puts the table into docs/roles.md

Each version is measured in a process of its own, stage after stage. Shares are of recognition: what it costs
to know who says what should be small beside hearing what is said.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from benchmarks.pages import write_between
from benchmarks.versions import two_channel_calls, write_version
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.pipeline import Engine, inspect_heard, with_roles
from qa_pipeline.speech.audio import decode_blocks, read_recording
from qa_pipeline.speech.bleed import without_bleed
from qa_pipeline.speech.characteristics import measure
from qa_pipeline.speech.diarization import Diarizer, exclusive
from qa_pipeline.speech.line_sounds import LineSounds
from qa_pipeline.speech.preparation import Preparation, channels_to_hear
from qa_pipeline.speech.speakers import SpeakerModels
from qa_pipeline.speech.vad import VadOptions, detect_speech
from qa_pipeline.types import Layout, Recording, SpeakerTurn, Transcript

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "roles.md"
CALLS = 10
MEASURED = {"two channels": "two channels, exchanged, none stated", "one channel": "one channel"}
RECOGNITION = "recognition"
STAGES = (
    *("reading and layout", "decoding", "cross-talk", "speech regions", "tones and music"),
    *("speakers by sound", RECOGNITION, "roles", "characteristics", "judgement"),
)


class Clock:
    """Processor seconds of this process, by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens within."""
        begin = process_time()
        yield
        self.seconds[name] += process_time() - begin


def measure_version(version: str) -> dict[str, Any]:
    """Every stage on every call of a version, in this process."""
    clock, audio_ms = Clock(), 0
    engine = build_engine(load_settings())
    diarizer = Diarizer(SpeakerModels.load())
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_version(two_channel_calls(ROOT / "sample_audio")[:CALLS], folder, version)
        for number, source in enumerate([None, *find_calls([folder]).sources]):
            # The first call is heard twice: loading models and rules is no part of an hour of audio.
            chosen = source or find_calls([folder]).sources[0]
            with clock.stage("reading and layout"):
                recording = read_recording(chosen.path, chosen.call)
            _measure_call(recording, engine, diarizer, clock)
            if number == 0:
                clock = Clock()
            else:
                audio_ms += recording.duration_ms
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": clock.seconds, "audio_ms": audio_ms, "peak_mib": peak_kib // 1024}


def _measure_call(recording: Recording, engine: Engine, diarizer: Diarizer, clock: Clock) -> None:
    with clock.stage("decoding"):
        blocks = [block.samples for block in decode_blocks(Path(recording.uri))]
    turns: tuple[SpeakerTurn, ...] = ()
    if recording.layout is Layout.STEREO:
        with clock.stage("cross-talk"):
            blocks = [without_bleed(samples) for samples in blocks]
    else:
        with clock.stage("speakers by sound"):
            turns = diarizer.turns(samples[0] for samples in blocks)
    for channel in channels_to_hear(recording):
        sounds = LineSounds(channel)
        for samples in blocks:
            with clock.stage("speech regions"):
                detect_speech(samples[channel], channel, 0, VadOptions())
            with clock.stage("tones and music"):
                sounds.add(samples[channel])
                sounds.heard()
    with clock.stage("preparation"):
        deque(Preparation(recording, VadOptions(), turns=exclusive(turns)).windows(), maxlen=0)
    assert engine.recogniser is not None
    with clock.stage("transcription"):
        ((_, transcript),) = engine.recogniser.transcribe([recording])
    assert isinstance(transcript, Transcript), transcript
    with clock.stage("roles"):
        given, _voices = with_roles(recording, transcript, engine.roles)
    with clock.stage("characteristics"):
        measure(given, recording)
    with clock.stage("judgement"):
        inspect_heard(recording, transcript, engine)


def costs(measured: dict[str, Any]) -> dict[str, float]:
    """Processor seconds for an hour of audio, by stage."""
    seconds = defaultdict[str, float](float, measured["seconds"])
    # Preparation runs within transcription, and tells speakers apart before.
    seconds[RECOGNITION] = seconds["transcription"] - seconds["preparation"] - seconds["speakers by sound"]
    return {stage: seconds[stage] * 3_600_000 / measured["audio_ms"] for stage in STAGES}


def table(versions: dict[str, dict[str, Any]]) -> str:
    """A row a stage, a column a version."""
    by_version = {name: costs(measured) for name, measured in versions.items()}
    lines = [f"| stage | {' | '.join(versions)} |", f"|---{'|---' * len(versions)}|"]
    lines += [_line(stage, *(f"{own[stage]:.1f}" for own in by_version.values())) for stage in STAGES]
    shares = [(sum(own.values()) - own[RECOGNITION]) / own[RECOGNITION] for own in by_version.values()]
    speakers = [
        sum(own[stage] for stage in ("cross-talk", "speakers by sound", "roles", "characteristics"))
        / own[RECOGNITION]
        for own in by_version.values()
    ]
    lines.append(_line("who says what, beside recognition", *(f"{share:.1%}" for share in speakers)))
    lines.append(_line("everything beside recognition", *(f"{share:.1%}" for share in shares)))
    lines.append(_line("most memory", *(f"{one['peak_mib']} MiB" for one in versions.values())))
    return "\n".join(lines)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and write the table into docs/roles.md when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", choices=MEASURED, help="measure one and print its sums as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/roles.md")
    options = parser.parse_args()
    if options.version:
        print(json.dumps(measure_version(MEASURED[options.version])))
        return
    command = [sys.executable, "-m", "benchmarks.cost", "--version"]
    text = table(
        {
            version: json.loads(
                subprocess.run([*command, version], check=True, capture_output=True, text=True).stdout
            )
            for version in MEASURED
        }
    )
    print(text)
    if options.write:
        write_between(PAGE, "costs", text)


if __name__ == "__main__":
    main()
