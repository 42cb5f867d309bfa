"""Speak labelled dialogues as stereo telephone calls, to measure what is left when texts must be heard.

A tool for maintainers. It needs the environment of the sample calls (sample_audio/README.md):

    venv-samples/bin/python -m benchmarks.spoken tests/corpus/dev2 --out SPOKEN --limit 12
    qa audit SPOKEN --json spoken.jsonl
    qa evaluate spoken.jsonl --labels SPOKEN

Voices, pitch, tempo, level, band and noise are drawn by the name of the dialogue and differ from those of
sample_audio. Every third dialogue of a set is taken, in order of their names. A call that is there already is
left as it is, and synthesised clips are cached, so a run that was cut goes on where it stopped. Made for one
folder outside the repository: the calls are big and can be made again.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from qa_pipeline.json_lines import numbered_lines
from sample_audio.make_samples import (
    SYNTHESIS_HZ,
    TELEPHONE_HZ,
    PlacedTurn,
    Samples,
    Synthesiser,
    Turn,
    mix_channels,
    write_audio,
)

SEED = 20_261_128
EVERY = 3
VOICES = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
TEMPO = (0.92, 1.18)
PITCH = (0.9, 1.1)
PITCH_STEPS = 40
LEVEL_DBFS = (-27.0, -18.0)
BAND_LOW_HZ = (220, 340)
BAND_HIGH_HZ = (3_000, 3_500)
NOISE_DBFS = (-52.0, -40.0)
PAUSE_MS = (200, 1_100)
LEAD_IN_MS = 500
LONGEST_PIECE = 36
"""Characters synthesised at once: the model drops words of a long breath."""

_CLAUSE = re.compile(r"[，。！？；、,.!?;\s]+")
# 还 is huán where something is paid and hái where it means "still"; the synthesiser guesses the second.
_PAID = re.compile(
    "还(?=款|清|上|了|不[上起]|起|进|掉|钱|最低|全额|一部分|[一二两三四五六七八九十几多]*[百千万])|(?<=[该应先能没要来去再])还"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How one side of a call sounds."""

    mix: Mapping[str, float]
    tempo: float
    pitch: float
    level_dbfs: float
    band_hz: tuple[int, int]


def draw_speaker(chance: np.random.Generator) -> Speaker:
    """A speaker by chance."""
    rows = chance.choice(VOICES, size=2, replace=False)
    share = round(float(chance.uniform(0.25, 0.75)), 2)
    return Speaker(
        mix={str(rows[0]): share, str(rows[1]): round(1 - share, 2)},
        tempo=round(float(chance.uniform(*TEMPO)), 2),
        pitch=float(chance.uniform(*PITCH)),
        level_dbfs=float(chance.uniform(*LEVEL_DBFS)),
        band_hz=(int(chance.integers(*BAND_LOW_HZ)), int(chance.integers(*BAND_HIGH_HZ))),
    )


def speak(text: str, role: str, speaker: Speaker, synthesiser: Synthesiser) -> Samples:
    """One utterance at TELEPHONE_HZ, piece by piece."""
    breath = np.zeros(SYNTHESIS_HZ // 8, dtype=np.float32)
    parts: list[Samples] = []
    for piece in pieces(text):
        parts += [synthesiser.speak(piece, role), breath]
    audio = resample_poly(np.concatenate(parts[:-1]), round(PITCH_STEPS / speaker.pitch), PITCH_STEPS)
    band = butter(3, speaker.band_hz, btype="bandpass", fs=SYNTHESIS_HZ, output="sos")
    narrow = resample_poly(sosfiltfilt(band, audio), TELEPHONE_HZ, SYNTHESIS_HZ)
    voiced = narrow[np.abs(narrow) > 0.01]
    gain = 10 ** (speaker.level_dbfs / 20) / max(float(np.sqrt(np.mean(voiced**2))), 1e-6)
    return np.asarray(np.clip(narrow * gain, -0.95, 0.95), dtype=np.float32)


def pieces(text: str) -> Iterator[str]:
    """The text in stretches of whole clauses, each short enough to be synthesised."""
    held = ""
    for clause in filter(None, _CLAUSE.split(text)):
        if held and len(held) + len(clause) > LONGEST_PIECE:
            yield held
            held = ""
        held = f"{held}，{clause}" if held else clause
    if held:
        yield held


def lay_out(
    dialogue: Mapping[str, Any], speakers: Mapping[str, Speaker], synthesiser: Synthesiser
) -> tuple[PlacedTurn, ...]:
    """Speak the utterances of a dialogue one after another."""
    pauses = _chance(dialogue, "pauses")
    placed: list[PlacedTurn] = []
    for said in dialogue["utterances"]:
        role, text = said["role"], said["text"]
        pause = int(pauses.integers(*PAUSE_MS)) if placed else LEAD_IN_MS
        placed.append(
            PlacedTurn(
                turn=Turn(role=role, text=text, spoken=_PAID.sub("环", text), gap_ms=pause),
                start_ms=(placed[-1].end_ms if placed else 0) + pause,
                samples=speak(_PAID.sub("环", text), role, speakers[role], synthesiser),
            )
        )
    return tuple(placed)


def _chance(dialogue: Mapping[str, Any], purpose: str) -> np.random.Generator:
    return np.random.default_rng([SEED, *f"{dialogue['call_id']} {purpose}".encode()])


def line_noise(shape: tuple[int, ...], chance: np.random.Generator) -> Samples:
    """Rumbling room noise on both channels, each at a level of its own."""
    slope = butter(1, 400, btype="lowpass", fs=TELEPHONE_HZ, output="sos")
    noise = sosfiltfilt(slope, chance.standard_normal(shape), axis=1)
    levels = 10 ** (chance.uniform(*NOISE_DBFS, size=(shape[0], 1)) / 20)
    return np.asarray(noise / np.std(noise, axis=1, keepdims=True) * levels, dtype=np.float32)


def make_call(
    dialogue: Mapping[str, Any], voices: dict[str, Any], synthesiser: Synthesiser, out: Path
) -> None:
    """Write the recording and, last, its sidecar: a call with a sidecar is whole."""
    call_id, chance = dialogue["call_id"], _chance(dialogue, "line")
    speakers = {role: draw_speaker(_chance(dialogue, role)) for role in ("agent", "customer")}
    voices.update({role: {"mix": one.mix, "speed": one.tempo} for role, one in speakers.items()})
    agent_channel = int(chance.integers(2))
    placed = lay_out(dialogue, speakers, synthesiser)
    channels = mix_channels(placed, agent_channel, chance)
    channels = np.clip(channels + line_noise(channels.shape, chance), -0.99, 0.99)
    write_audio(channels, "pcm_mulaw", None, out / f"{call_id}.wav")
    record = {
        "metadata": {**dialogue["metadata"], "call_id": call_id, "agent_channel": agent_channel},
        "reference": {
            "utterances": [
                {
                    "role": place.turn.role,
                    "start_ms": place.start_ms,
                    "end_ms": place.end_ms,
                    "text": place.turn.text,
                }
                for place in placed
            ]
        },
        "expected": dialogue["expected"],
    }
    sidecar = out / f"{call_id}.json"
    part = sidecar.with_suffix(".part")
    part.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.rename(sidecar)


def every_third(folder: Path) -> list[dict[str, Any]]:
    """Every third dialogue of a set, by name: a third that nobody chose."""
    lines = (line for path in sorted(folder.glob("*.jsonl")) for _, line in numbered_lines(path))
    dialogues = sorted(map(json.loads, lines), key=lambda dialogue: dialogue["call_id"])
    return dialogues[::EVERY]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, help="folder with dialogues, one a line of *.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="folder for the calls")
    parser.add_argument("--limit", type=int, help="make so many of them, spread over the set")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    voices: dict[str, Any] = {}
    synthesiser = Synthesiser(voices, arguments.out / ".clips")
    third = every_third(arguments.corpus)
    count = len(third) if arguments.limit is None else min(arguments.limit, len(third))
    for dialogue in (third[place * len(third) // count] for place in range(count)):
        if not (arguments.out / f"{dialogue['call_id']}.json").exists():
            make_call(dialogue, voices, synthesiser, arguments.out)
            print(dialogue["call_id"], flush=True)


if __name__ == "__main__":
    main()
