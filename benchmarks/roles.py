"""How well speakers are told apart and named, on calls made of known voices.

    python -m benchmarks.roles                                  # the sample voices, 200 calls
    python -m benchmarks.roles --data FOLDER --write            # and voices no threshold was chosen on

Each call is two speakers of the sample calls (an agent's and a customer's turns of one call, so that the
words fit the roles) or, with `--data`, two speakers of FOLDER/manifest.jsonl: pauses, overlaps, noise and
levels vary by a seed, at 8 kHz mu-law. No recognition runs: who speaks is measured against the making of the
call, and roles are told from the reference words that lie under each speaker's turns. Read speech of FOLDER
has no roles, so there each speaker is given the words of a sample call, laid over his own sound.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from qa_pipeline.language.speaker_roles import RoleClassifier
from qa_pipeline.proportion import Proportion
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.diarization import Diarizer
from qa_pipeline.speech.speakers import SpeakerModels
from qa_pipeline.types import CallMetadata, Role, SpeakerTurn, TimeSpan, Transcript, Utterance

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "roles.md"
RATE_HZ = 16_000
TELEPHONE_HZ = 8_000
CALLS = 200
SEED = 20260402
COLLAR_MS = 250
"""Time around each change of the reference that is not counted, as the NIST evaluations do."""

MOST_TURNS = 12
"""Turns of each speaker in a call; at least five where the sample call has them."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Speech of one speaker, 8 kHz, and the words that are said in his place."""

    sound: Samples
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One made call.

    Args:
        turns: who really speaks when; speaker 0 is the agent.
        texts: the words of each turn.
    """

    name: str
    sound: Samples
    turns: tuple[SpeakerTurn, ...]
    texts: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over calls."""

    calls: int = 0
    speech_ms: int = 0
    missed_ms: int = 0
    false_ms: int = 0
    confused_ms: int = 0
    role_right_ms: int = 0
    role_wrong_ms: int = 0
    role_none_ms: int = 0
    calls_right: int = 0
    calls_silent: int = 0
    calls_wrong: int = 0
    seconds: float = 0.0
    audio_ms: int = 0
    worst: list[tuple[float, str]] = field(default_factory=list)

    @property
    def error_rate(self) -> float:
        """Diarization error rate: missed, false and confused speech in the speech of the reference."""
        return (self.missed_ms + self.false_ms + self.confused_ms) / max(1, self.speech_ms)


def sample_turns(folder: Path) -> dict[str, dict[str, list[Clip]]]:
    """The turns of each sample call that has two speakers on two channels, by call and role."""
    calls: dict[str, dict[str, list[Clip]]] = {}
    for path in sorted(one for one in folder.iterdir() if one.suffix in {".wav", ".mp3"}):
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        channel = sidecar["metadata"].get("agent_channel")
        said = sidecar["reference"]["utterances"]
        if channel is None or {one["role"] for one in said} != {"agent", "customer"}:
            continue
        blocks = [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)]
        sound = np.concatenate(blocks, axis=1)
        if sound.shape[0] < 2:
            continue
        roles: dict[str, list[Clip]] = {"agent": [], "customer": []}
        for one in said:
            own = sound[channel if one["role"] == "agent" else 1 - channel]
            cut = own[one["start_ms"] * 8 : one["end_ms"] * 8]
            roles[one["role"]].append(Clip(sound=cut, text=one["text"]))
        calls[path.stem] = roles
    return calls


def voices_of(folder: Path) -> list[list[Samples]]:
    """The sounds of each speaker of a manifest, 8 kHz, those with most speech first."""
    speakers: dict[str, list[Samples]] = {}
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        blocks = [
            block.samples[0] for block in decode_blocks(folder / one["audio"], sampling_rate_hz=TELEPHONE_HZ)
        ]
        speakers.setdefault(one["speaker"], []).append(np.concatenate(blocks))
    return sorted(speakers.values(), key=lambda own: -sum(map(len, own)))


def sample_scenes(folder: Path, count: int) -> Iterator[Scene]:
    """Calls of the sample voices: each from the turns of one sample call, varied by its number."""
    calls = sample_turns(folder)
    for number in range(count):
        name = list(calls)[number % len(calls)]
        yield make_scene(f"{name}/{number}", calls[name], np.random.default_rng(SEED + number))


def unseen_scenes(data: Path, folder: Path, count: int) -> Iterator[Scene]:
    """Calls of two other voices, cut to turns, under the words of a sample call."""
    calls, voices = sample_turns(folder), voices_of(data)
    for number in range(count):
        rng = np.random.default_rng(SEED + 10_000 + number)
        pair = rng.choice(len(voices), size=2, replace=False)
        name = list(calls)[number % len(calls)]
        roles = {}
        for role, voice in zip(("agent", "customer"), pair, strict=True):
            pool = np.concatenate(voices[int(voice)])
            roles[role] = [
                Clip(sound=_piece(pool, len(clip.sound), rng), text=clip.text) for clip in calls[name][role]
            ]
        yield make_scene(f"{pair[0]}+{pair[1]}/{number}", roles, rng)


def _piece(pool: Samples, length: int, rng: np.random.Generator) -> Samples:
    """Speech of a voice as long as a turn, or as long as the voice has any."""
    length = min(length, len(pool))
    start = int(rng.integers(0, len(pool) - length + 1))
    return pool[start : start + length]


def make_scene(name: str, roles: dict[str, list[Clip]], rng: np.random.Generator) -> Scene:
    """Lay the turns of two speakers out in turn: pauses, overlaps, levels, noise, filter, mu-law."""
    queue = []
    first = int(rng.integers(5, MOST_TURNS + 1))
    agent, customer = roles["agent"][:first], roles["customer"][:first]
    for index in range(max(len(agent), len(customer))):
        queue += [(speaker, own[index]) for speaker, own in ((0, agent), (1, customer)) if index < len(own)]
    gains = rng.uniform(0.5, 1.5, size=2)
    overlap_share = rng.uniform(0.0, 0.3)
    length = sum(len(clip.sound) for _, clip in queue) + len(queue) * TELEPHONE_HZ * 2 + TELEPHONE_HZ * 12
    sound = np.zeros(length, dtype=np.float32)
    at = int(rng.uniform(0.2, 2.0) * TELEPHONE_HZ)
    turns, texts = [], []
    for speaker, clip in queue:
        if turns and rng.random() < overlap_share:
            at = max(0, at - int(rng.uniform(0.2, 0.8) * TELEPHONE_HZ))
        else:
            at += int(rng.uniform(0.15, 1.2) * TELEPHONE_HZ)
        if rng.random() < 0.04:
            at += int(rng.uniform(3.0, 8.0) * TELEPHONE_HZ)
        level = max(float(np.sqrt((clip.sound**2).mean())), 1e-4)
        sound[at : at + len(clip.sound)] += clip.sound * (0.08 * gains[speaker] / level)
        turns += [
            SpeakerTurn(speaker=speaker, span=span, confidence=1.0)
            for span in _spoken(clip.sound, at * 1000 // TELEPHONE_HZ)
        ]
        texts += [clip.text] + [""] * (len(turns) - len(texts) - 1)
        at += len(clip.sound)
    sound = sound[: at + TELEPHONE_HZ]
    noise_db = rng.uniform(-62, -38)
    sound += rng.normal(0, 10 ** (noise_db / 20), len(sound)).astype(np.float32)
    return Scene(name=name, sound=_telephone(sound), turns=tuple(turns), texts=tuple(texts))


def _spoken(sound: Samples, start_ms: int) -> list[TimeSpan]:
    """Where a clean clip has sound, pauses up to 300 ms bridged: the truth of who speaks when."""
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


def _telephone(sound: Samples) -> Samples:
    """Through mu-law and up to 16 kHz, as the pipeline hears it."""
    clipped = np.clip(sound, -1, 1)
    coded = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    plain = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    heard: Samples = resample_poly(plain, RATE_HZ // TELEPHONE_HZ, 1).astype(np.float32)
    return heard


def measure(scenes: Iterator[Scene], diarizer: Diarizer, classifier: RoleClassifier) -> Tally:
    """Diarize every scene, tell its roles by the words under each voice, and compare with the truth."""
    tally = Tally()
    for scene in scenes:
        begin = time.process_time()
        turns = diarizer.turns([scene.sound])
        tally.seconds += time.process_time() - begin
        tally.audio_ms += len(scene.sound) * 1000 // RATE_HZ
        tally.calls += 1
        _add(tally, scene, turns, _roles(scene, turns, classifier))
    return tally


def _roles(scene: Scene, turns: Sequence[SpeakerTurn], classifier: RoleClassifier) -> dict[int, Role]:
    """Roles of the voices found, from the reference words that lie mostly under each."""
    utterances = []
    for number, (turn, text) in enumerate(zip(scene.turns, scene.texts, strict=True)):
        if not text:
            continue
        under: dict[int, int] = {}
        for found in turns:
            under[found.speaker] = under.get(found.speaker, 0) + found.span.overlap_ms(turn.span)
        if any(under.values()):
            voice = max(under, key=lambda one: under[one])
            utterances.append(
                Utterance(
                    id=f"u{number}",
                    role=Role.UNKNOWN,
                    role_confidence=0.0,
                    channel=0,
                    span=turn.span,
                    text=text,
                    speaker=voice,
                )
            )
    said = Transcript(
        recording_id=scene.name, language="zh", utterances=tuple(utterances), asr=None, options_digest=""
    )
    voices = classifier.roles(said, CallMetadata(call_id=scene.name))
    return {voice.voice: voice.role for voice in voices}


def _add(tally: Tally, scene: Scene, turns: Sequence[SpeakerTurn], roles: dict[int, Role]) -> None:
    """Count frames of 10 ms."""
    length = len(scene.sound) * 100 // RATE_HZ + 1
    truth = _frames(scene.turns, length, 2)
    found = _frames(turns, length, max((turn.speaker for turn in turns), default=0) + 2)
    counted = np.ones(length, dtype=bool)
    for turn in scene.turns:
        for edge in (turn.span.start_ms, turn.span.end_ms):
            counted[max(0, (edge - COLLAR_MS) // 10) : (edge + COLLAR_MS) // 10] = False
    truth, found = truth[counted], found[counted]
    spoken, heard = truth.sum(axis=1), found.sum(axis=1)
    together = truth.T.astype(int) @ found.astype(int)
    pairs = [(one, other) for one in range(found.shape[1]) for other in range(found.shape[1]) if one != other]
    agent, customer = max(pairs, key=lambda pair: together[0, pair[0]] + together[1, pair[1]])
    right = (truth & found[:, [agent, customer]]).sum(axis=1)
    tally.speech_ms += 10 * int(spoken.sum())
    tally.missed_ms += 10 * int(np.maximum(0, spoken - heard).sum())
    tally.false_ms += 10 * int(np.maximum(0, heard - spoken).sum())
    confused = int((np.minimum(spoken, heard) - right).sum())
    tally.confused_ms += 10 * confused
    tally.worst.append((confused / max(1, int(spoken.sum())), scene.name))
    wanted = (Role.AGENT, Role.CUSTOMER)
    for voice in range(found.shape[1]):
        role = roles.get(voice, Role.UNKNOWN)
        for speaker in (0, 1):
            time_ms = 10 * int(together[speaker, voice])
            if role is Role.UNKNOWN:
                tally.role_none_ms += time_ms
            elif role is wanted[speaker]:
                tally.role_right_ms += time_ms
            else:
                tally.role_wrong_ms += time_ms
    named = roles.get(agent, Role.UNKNOWN)
    tally.calls_right += named is Role.AGENT
    tally.calls_silent += named is Role.UNKNOWN
    tally.calls_wrong += named is Role.CUSTOMER


def _frames(turns: Sequence[SpeakerTurn], length: int, speakers: int) -> npt.NDArray[np.bool_]:
    active = np.zeros((length, speakers), dtype=bool)
    for turn in turns:
        active[turn.span.start_ms // 10 : turn.span.end_ms // 10, turn.speaker] = True
    return active


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    named = max(1, tally.role_right_ms + tally.role_wrong_ms + tally.role_none_ms)
    shares = (
        tally.error_rate,
        tally.missed_ms / max(1, tally.speech_ms),
        tally.false_ms / max(1, tally.speech_ms),
        tally.confused_ms / max(1, tally.speech_ms),
        tally.role_right_ms / named,
        tally.role_none_ms / named,
    )
    calls = [
        _share(count, tally.calls) for count in (tally.calls_right, tally.calls_silent, tally.calls_wrong)
    ]
    cost = tally.seconds * 3_600_000 / max(1, tally.audio_ms)
    cells = [name, str(tally.calls), *(f"{share:.1%}" for share in shares), *calls, f"{cost:.0f}"]
    return "| " + " | ".join(cells) + " |"


def _share(count: int, total: int) -> str:
    share = Proportion(count=count, total=total)
    if share.rate is None or share.interval is None:
        return "none"
    low, high = share.interval
    return f"{count}/{total} ({low:.1%}-{high:.1%})"


COLUMNS = (
    "voices",
    "calls",
    "error rate",
    "missed",
    "false",
    "confused",
    "speech with its role",
    "speech without",
    "roles right",
    "not told",
    "wrong though claimed",
    "CPU s an hour",
)
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def main() -> None:
    """Measure, print, and write the table into docs/roles.md when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with manifest.jsonl and recorded speech")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of each kind of voices")
    parser.add_argument("--write", action="store_true", help="put the table into docs/roles.md")
    options = parser.parse_args()
    diarizer, classifier = Diarizer(SpeakerModels.load()), RoleClassifier.load()
    samples = ROOT / "sample_audio"
    tallies = {"sample calls": measure(sample_scenes(samples, options.calls), diarizer, classifier)}
    if options.data is not None:
        unseen = unseen_scenes(options.data, samples, options.calls)
        tallies["other voices"] = measure(unseen, diarizer, classifier)
    table = "\n".join([HEAD, *(row(name, tally) for name, tally in tallies.items())])
    print(table)
    for name, tally in tallies.items():
        print(name, "most confused:", sorted(tally.worst, reverse=True)[:5])
    if options.write:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- figures -->\n")
        _, _, tail = rest.partition("<!-- end of figures -->")
        PAGE.write_text(f"{head}<!-- figures -->\n{table}\n<!-- end of figures -->{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
