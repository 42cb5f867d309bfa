"""Two-speaker calls made of known voices, so that who speaks when, and what, is known to the millisecond.

Every call is drawn by its number: pauses, overlaps, levels, noise, which channel is the agent's, what leaks
into the other channel, and in some a third voice (an announcement before anybody answers, a colleague who
takes over). All is 8 kHz mu-law. Nothing is kept: a call is made when it is needed, and always the same.
"""

from __future__ import annotations

import json
import wave
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, resample_poly, sosfilt

from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.types import TimeSpan

TELEPHONE_HZ = 8_000
AUDIO = frozenset({".wav", ".mp3", ".m4a", ".opus", ".flac"})
SEED = 20260402

MOST_TURNS = 8
"""Turns of each speaker in a call; at least five where there are as many."""

LEVEL = 0.05
"""Near -26 dB below full scale, what telephone speech is levelled to (ITU-T P.56)."""
LEVELS = (0.4, 1.6)
OVERLAPS = (0.0, 0.3)
WAITS = 0.04
NOISE_DB = (-62.0, -38.0)
BLEEDING = 0.4
BLEED_DB = (-32.0, -10.0)
BLEED_DELAY_MS = (0, 250)
THIRD_VOICE = 0.16
COPIES = 0.25
"""Of the calls on one channel, the share that is written as two copies of it."""

TEMPI = ((9, 10), (1, 1), (11, 10))
"""A voice played faster or slower is another voice to who tells voices apart (Yamamoto et al. 2019), so few
recorded speakers become three times as many."""

CHARACTER_MS = 210
_PUNCTUATION = frozenset(" ，。？！、；：,.?!;:…")

Samples = npt.NDArray[np.float32]


class Part(StrEnum):
    """Who somebody is in a made call."""

    AGENT = "agent"
    CUSTOMER = "customer"
    COLLEAGUE = "colleague"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Speech of one speaker, `TELEPHONE_HZ`, and the words said in it."""

    sound: Samples
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One character as it was said."""

    text: str
    span: TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn as it was really said.

    Args:
        spoken: where there is sound, pauses up to 300 ms bridged.
        level: how loud it is, relative to the others.
    """

    part: Part
    text: str
    spoken: tuple[TimeSpan, ...]
    letters: tuple[Letter, ...]
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A call in both of its versions.

    Args:
        sides: the agent's side and the other, clean: (2, samples).
        agent_channel: of the version on two channels.
        bleed_db: how loud one side is heard on the other's channel; None where nothing leaks.
        copies: the version on one channel is written twice.
    """

    name: str
    sides: Samples
    noise: Samples
    said: tuple[Said, ...]
    agent_channel: int
    bleed_db: float | None
    bleed_delay_ms: int
    copies: bool

    @property
    def third(self) -> Part | None:
        """The third voice, where there is one."""
        return next((one.part for one in self.said if one.part not in (Part.AGENT, Part.CUSTOMER)), None)

    @property
    def duration_ms(self) -> int:
        return int(self.sides.shape[1]) * 1000 // TELEPHONE_HZ

    def two_channels(self) -> Samples:
        """A speaker a channel, with what leaks: (2, samples)."""
        sound = self.sides.copy()
        if self.bleed_db is not None:
            delay = self.bleed_delay_ms * TELEPHONE_HZ // 1000
            dull = sosfilt(butter(2, 2_200, fs=TELEPHONE_HZ, output="sos"), self.sides[::-1])
            late = np.pad(dull, ((0, 0), (delay, 0)))[:, : sound.shape[1]]
            sound += (10 ** (self.bleed_db / 20) * late).astype(np.float32)
        sound += self.noise
        return coded(sound if self.agent_channel == 0 else sound[::-1])

    def one_channel(self) -> Samples:
        """Both speakers on one channel, or on two copies of it: (1 or 2, samples)."""
        mixed = coded(self.sides.sum(axis=0, keepdims=True) + self.noise[:1])
        return np.repeat(mixed, 2, axis=0) if self.copies else mixed


def write_wave(path: Path, sound: Samples) -> Path:
    """Write samples shaped (channels, samples) as 16-bit PCM at `TELEPHONE_HZ`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(TELEPHONE_HZ)
        file.writeframes((np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def coded(sound: Samples) -> Samples:
    """Through mu-law (G.711) and back."""
    clipped = np.clip(sound, -1, 1)
    steps = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    plain: Samples = (np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255).astype(np.float32)
    return plain


Turns = list[tuple[Part, Clip]]


def calls_of_samples(folder: Path, numbers: Iterable[int]) -> Iterator[MadeCall]:
    """Calls of the voices of labelled two-channel calls: each from the turns of one of them, mixed anew."""
    calls, announcements = sample_turns(folder)
    for number in numbers:
        rng = np.random.default_rng(SEED + number)
        name = list(calls)[number % len(calls)]
        stranger = calls[list(calls)[int(rng.integers(len(calls)))]][Part.AGENT]
        yield make_call(f"{name}/{number}", calls[name], rng, announcements, stranger)


def calls_of_speakers(
    data: Path, samples: Path, dialogues: Path, numbers: Iterable[int]
) -> Iterator[MadeCall]:
    """Calls of recorded speakers under the words of written dialogues, as long as the words take."""
    voices, talks = voices_of(data), list(talks_of(dialogues))
    _, announcements = sample_turns(samples)
    for number in numbers:
        rng = np.random.default_rng(SEED + 10_000 + number)
        chosen = [int(one) for one in rng.choice(len(voices), size=3, replace=False)]
        pools = [resample_poly(voices[one], *TEMPI[int(rng.integers(len(TEMPI)))]) for one in chosen]
        talk = talks[number % len(talks)]
        spoken = {
            part: [Clip(sound=_piece(pool, len(text), rng), text=text) for text in talk[part]]
            for part, pool in zip((Part.AGENT, Part.CUSTOMER), pools, strict=False)
        }
        other = talks[int(rng.integers(len(talks)))][Part.AGENT]
        stranger = [Clip(sound=_piece(pools[2], len(text), rng), text=text) for text in other]
        yield make_call(f"{chosen[0]}+{chosen[1]}/{number}", spoken, rng, announcements, stranger)


def sample_turns(folder: Path) -> tuple[dict[str, dict[Part, list[Clip]]], list[Clip]]:
    """The turns of each call with a speaker a channel, by call and part; and the announcements."""
    calls: dict[str, dict[Part, list[Clip]]] = {}
    announcements: list[Clip] = []
    for path in sorted(one for one in folder.iterdir() if one.suffix in AUDIO):
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        channel = sidecar["metadata"].get("agent_channel")
        blocks = [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)]
        sound = np.concatenate(blocks, axis=1)
        if sound.shape[0] < 2 or channel is None:
            continue
        parts: dict[Part, list[Clip]] = {Part.AGENT: [], Part.CUSTOMER: []}
        for one in sidecar["reference"]["utterances"]:
            own = sound[channel if one["role"] == "agent" else 1 - channel]
            cut = own[one["start_ms"] * 8 : one["end_ms"] * 8]
            parts[Part(one["role"])].append(Clip(sound=cut, text=one["text"]))
        if sidecar["expected"]["call_type"] == "no_contact":
            announcements += parts[Part.CUSTOMER]
        elif all(parts.values()):
            calls[path.stem] = parts
    return calls, announcements


def voices_of(folder: Path) -> list[Samples]:
    """All that each speaker of a manifest says, `TELEPHONE_HZ`."""
    speakers: dict[str, list[Samples]] = {}
    for _, line in numbered_lines(folder / "manifest.jsonl"):
        one = json.loads(line)
        blocks = [
            block.samples[0] for block in decode_blocks(folder / one["audio"], sampling_rate_hz=TELEPHONE_HZ)
        ]
        speakers.setdefault(one["speaker"], []).append(np.concatenate(blocks))
    return [_without_silence(np.concatenate(own)) for own in speakers.values()]


def talks_of(folder: Path) -> Iterator[dict[Part, list[str]]]:
    """What is said in each written dialogue of two people, by part."""
    for path in sorted(folder.glob("*.jsonl")):
        for _, line in numbered_lines(path):
            talk: dict[Part, list[str]] = {Part.AGENT: [], Part.CUSTOMER: []}
            for one in json.loads(line)["utterances"]:
                if one["role"] in tuple(talk):
                    talk[Part(one["role"])].append(one["text"])
            if min(map(len, talk.values())) >= 2:
                yield talk


def _without_silence(sound: Samples) -> Samples:
    """The sound with pauses of 300 ms at most: a piece of it is speech wherever it is cut."""
    edges = [(span.start_ms * 8, span.end_ms * 8) for span in _spoken(sound, 0)]
    return np.concatenate([sound[max(0, start - 400) : end + 400] for start, end in edges])


def _piece(pool: Samples, characters: int, rng: np.random.Generator) -> Samples:
    """Speech of a voice as long as so many characters take, repeated where there is too little."""
    length = max(1, characters) * CHARACTER_MS * TELEPHONE_HZ // 1000
    start = int(rng.integers(len(pool)))
    piece: Samples = np.resize(np.roll(pool, -start), length)
    return piece


def make_call(
    name: str,
    spoken: Mapping[Part, Sequence[Clip]],
    rng: np.random.Generator,
    announcements: Sequence[Clip],
    stranger: Sequence[Clip],
) -> MadeCall:
    """Lay turns out one after another: pauses, overlaps, waits, levels, noise, and perhaps a third voice."""
    queue = _queue(spoken, rng, announcements, stranger)
    gains = {part: rng.uniform(*LEVELS) for part in Part}
    overlaps = rng.uniform(*OVERLAPS)
    length = sum(len(clip.sound) for _, clip in queue) + (len(queue) * 2 + 60) * TELEPHONE_HZ
    sides = np.zeros((2, length), dtype=np.float32)
    at = int(rng.uniform(0.2, 2.0) * TELEPHONE_HZ)
    said: list[Said] = []
    for part, clip in queue:
        if said and rng.random() < overlaps and said[-1].part is not part:
            at = max(0, at - int(rng.uniform(0.2, 0.8) * TELEPHONE_HZ))
        else:
            at += int(rng.uniform(0.15, 1.2) * TELEPHONE_HZ)
        if rng.random() < WAITS:
            at += int(rng.uniform(3.0, 8.0) * TELEPHONE_HZ)
        level = max(float(np.sqrt((clip.sound**2).mean())), 1e-4)
        side = 0 if part in (Part.AGENT, Part.COLLEAGUE) else 1
        sides[side, at : at + len(clip.sound)] += clip.sound * (LEVEL * gains[part] / level)
        said.append(_said(part, clip, at * 1000 // TELEPHONE_HZ, gains[part]))
        at += len(clip.sound)
    sides = sides[:, : at + TELEPHONE_HZ]
    noise = rng.normal(0, 1, sides.shape)
    if rng.random() < 0.5:
        noise = sosfilt(butter(1, 400, fs=TELEPHONE_HZ, output="sos"), noise)
    noise *= 10 ** (rng.uniform(*NOISE_DB) / 20) / noise.std()
    return MadeCall(
        name=name,
        sides=sides,
        noise=noise.astype(np.float32),
        said=tuple(said),
        agent_channel=int(rng.integers(2)),
        bleed_db=float(rng.uniform(*BLEED_DB)) if rng.random() < BLEEDING else None,
        bleed_delay_ms=int(rng.integers(*BLEED_DELAY_MS)),
        copies=bool(rng.random() < COPIES),
    )


def _queue(
    spoken: Mapping[Part, Sequence[Clip]],
    rng: np.random.Generator,
    announcements: Sequence[Clip],
    stranger: Sequence[Clip],
) -> Turns:
    count = int(rng.integers(5, MOST_TURNS + 1))
    agent, customer = spoken[Part.AGENT][:count], spoken[Part.CUSTOMER][:count]
    turns: Turns = []
    for index in range(max(len(agent), len(customer))):
        for part, own in ((Part.AGENT, agent), (Part.CUSTOMER, customer)):
            turns += [(part, own[index])] if index < len(own) else []
    if rng.random() >= THIRD_VOICE:
        return turns
    if announcements and rng.random() < 0.5:
        return [(Part.ANNOUNCEMENT, announcements[int(rng.integers(len(announcements)))]), *turns]
    taken_over = len(turns) * 2 // 3
    others = iter(stranger)
    return turns[:taken_over] + [
        (Part.COLLEAGUE, next(others, clip)) if part is Part.AGENT else (part, clip)
        for part, clip in turns[taken_over:]
    ]


def _said(part: Part, clip: Clip, start_ms: int, level: float) -> Said:
    spoken = _spoken(clip.sound, start_ms)
    characters = [one for one in clip.text if one not in _PUNCTUATION]
    times = np.concatenate([np.arange(span.start_ms, span.end_ms, 10) for span in spoken])
    last = len(times) - 1
    edges = [int(times[index * last // max(1, len(characters))]) for index in range(len(characters))]
    ends = [*edges[1:], spoken[-1].end_ms]
    letters = (
        Letter(text=one, span=TimeSpan(start_ms=begin, end_ms=max(begin, min(end, begin + 400))))
        for one, begin, end in zip(characters, edges, ends, strict=True)
    )
    return Said(part=part, text=clip.text, spoken=tuple(spoken), letters=tuple(letters), level=level)


def _spoken(sound: Samples, start_ms: int) -> list[TimeSpan]:
    """Where a clean clip has sound, pauses up to 300 ms bridged."""
    frame = TELEPHONE_HZ // 100
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    level = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(level > 0.1 * np.sqrt((sound**2).mean()))
    spans: list[TimeSpan] = []
    for index in loud.tolist():
        begin, end = start_ms + index * 10, start_ms + index * 10 + 10
        if spans and begin - spans[-1].end_ms <= 300:
            spans[-1] = TimeSpan(start_ms=spans[-1].start_ms, end_ms=end)
        else:
            spans.append(TimeSpan(start_ms=begin, end_ms=end))
    return spans or [TimeSpan(start_ms=start_ms, end_ms=start_ms + 10)]
