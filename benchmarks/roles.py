"""How well speakers are told apart and named, on calls made of known voices.

    python -m benchmarks.roles                                  # sample voices, 200 calls, both versions
    python -m benchmarks.roles --data FOLDER --spoken SPOKEN    # and voices no threshold was chosen on
    python -m benchmarks.roles ... --write                      # and puts the tables into docs/roles.md

Each call (`benchmarks.made_calls`) is written with a speaker a channel, the channel of the agent not stated,
and on one channel (or two copies of it), and goes the product's way from the file to the roles. Its words
are what was really said with errors put in (`benchmarks.reference_hearing`); `--whisper N` lets the model
hear the first N calls of each kind instead. FOLDER holds manifest.jsonl and recorded speech, SPOKEN calls
made by `benchmarks.spoken`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from benchmarks.made_calls import (
    MadeCall,
    Part,
    calls_of_samples,
    calls_of_speakers,
    write_wave,
)
from benchmarks.pages import write_between
from benchmarks.reference_hearing import ReferenceHearing
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.language.speaker_roles import RoleClassifier
from qa_pipeline.pipeline import Recogniser, with_roles
from qa_pipeline.proportion import Proportion
from qa_pipeline.rules.doubts import SURE_ROLE
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.speech.diarization import Diarizer
from qa_pipeline.speech.speakers import SpeakerModels
from qa_pipeline.types import CallMetadata, Layout, Role, SpeakerTurn, Transcript

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "roles.md"
CALLS = 200
COLLAR_MS = 250
"""Time around each change of the reference that is not counted, as the NIST evaluations do."""

WRONG_SHARE = 0.2
"""A call is wrong and sure where this share of its speech is surely somebody else's."""

TWO_CHANNELS, ONE_CHANNEL = "two channels", "one channel"

_FINE = {
    Part.AGENT: frozenset({Role.AGENT}),
    Part.CUSTOMER: frozenset({Role.CUSTOMER}),
    # Who takes over is an agent too; no role is fine for both, the other side's is not.
    Part.COLLEAGUE: frozenset({Role.AGENT, Role.UNKNOWN}),
    Part.ANNOUNCEMENT: frozenset({Role.CUSTOMER, Role.UNKNOWN}),
}
_PARTS = tuple(Part)
Frames = npt.NDArray[np.bool_]


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over calls; times in frames of 10 ms."""

    calls: Counter[str] = field(default_factory=Counter)
    speech: Counter[str] = field(default_factory=Counter)
    third: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    worst: list[tuple[float, str]] = field(default_factory=list)


def measure(
    calls: Iterable[MadeCall], recogniser: Recogniser, classifier: RoleClassifier
) -> dict[str, Tally]:
    """Hear both versions of every call, tell the roles, and compare with the making of the call."""
    tallies = {TWO_CHANNELS: Tally(), ONE_CHANNEL: Tally()}
    with TemporaryDirectory() as folder:
        for number, call in enumerate(calls):
            for version, tally in tallies.items():
                sound = call.two_channels() if version == TWO_CHANNELS else call.one_channel()
                path = write_wave(Path(folder) / f"{number}.wav", sound)
                recording = read_recording(path, CallMetadata(call_id=f"{number}"))
                if isinstance(recogniser, ReferenceHearing):
                    recogniser.know(recording.id, call)
                ((_, heard),) = recogniser.transcribe([recording])
                if not isinstance(heard, Transcript):
                    raise heard
                given, _ = with_roles(recording, heard, classifier)
                stereo = recording.layout is Layout.STEREO
                compare(tally, call, given, stereo=stereo)
                if not stereo:
                    add_errors(tally, call, heard, given)
    return tallies


def compare(tally: Tally, call: MadeCall, transcript: Transcript, *, stereo: bool) -> None:
    """Add the roles of one call to the sums."""
    length = call.duration_ms // 10 + 1
    truth = _truth(call, length)
    counted = _away_from_changes(call, length)
    alone = truth & (truth.sum(axis=1) == 1)[:, np.newaxis] & counted[:, np.newaxis]
    own = Counter[str]()
    for index, part in enumerate(_PARTS):
        channel = None
        if stereo:
            agents = part in (Part.AGENT, Part.COLLEAGUE)
            channel = call.agent_channel if agents else 1 - call.agent_channel
        roles, sure = _roles_heard(transcript, channel, length)
        for name, frames in _sorted(part, alone[:, index], roles, sure):
            (own if part in (Part.AGENT, Part.CUSTOMER) else tally.third)[name] += frames
    tally.speech += own
    tally.calls["all"] += 1
    tally.calls[f"third {call.third}"] += call.third is not None
    verdict = _verdict(own)
    tally.calls[verdict] += 1
    tally.worst.append((1 - own["right"] / max(1, own.total()), f"{call.name} {verdict}"))
    if stereo:
        doubled = _doubled(call, transcript, truth, length)
        tally.speech["doubled"] += doubled


def _sorted(
    part: Part, frames: Frames, roles: npt.NDArray[np.int64], sure: Frames
) -> Iterator[tuple[str, int]]:
    """How many of the frames have which kind of role."""
    codes = list(Role)
    right = np.isin(roles, [codes.index(role) for role in _FINE[part]])
    unheard = roles < 0
    nobody = (roles == codes.index(Role.UNKNOWN)) & ~right
    wrong = ~right & ~unheard & ~nobody
    yield "right", int((frames & right).sum())
    yield "unheard", int((frames & unheard).sum())
    yield "nobody's", int((frames & nobody).sum())
    yield "wrong, unsure", int((frames & wrong & ~sure).sum())
    yield "wrong, sure", int((frames & wrong & sure).sum())
    yield "right, unsure", int((frames & right & ~sure).sum())


def _verdict(own: Counter[str]) -> str:
    heard = max(1, own["right"] + own["nobody's"] + own["wrong, sure"] + own["wrong, unsure"])
    if own["wrong, sure"] >= WRONG_SHARE * heard:
        return "wrong and sure"
    return "right" if own["right"] >= (1 - WRONG_SHARE) * heard else "not told"


def _roles_heard(
    transcript: Transcript, channel: int | None, length: int
) -> tuple[npt.NDArray[np.int64], Frames]:
    """The role of each frame as the transcript gives it, -1 where nothing was heard, and if it is sure."""
    roles, sure = np.full(length, -1), np.zeros(length, dtype=bool)
    said = [one for one in transcript.utterances if channel is None or one.channel == channel]
    # Where two utterances lie over each other the shorter one has the time, as in the exclusive view.
    for one in sorted(said, key=lambda one: one.span.duration_ms if one.span else 0, reverse=True):
        assert one.span is not None
        place = slice(one.span.start_ms // 10, one.span.end_ms // 10 + 1)
        roles[place], sure[place] = list(Role).index(one.role), one.role_confidence >= SURE_ROLE
    return roles, sure


def _doubled(call: MadeCall, transcript: Transcript, truth: Frames, length: int) -> int:
    """Frames with words on the channel of a side that is silent while the other speaks."""
    doubled = 0
    sides = (truth[:, [0, 2]].any(axis=1), truth[:, [1, 3]].any(axis=1))
    for side, spoken in enumerate(sides):
        channel = call.agent_channel if side == 0 else 1 - call.agent_channel
        heard = np.zeros(length, dtype=bool)
        for one in transcript.utterances:
            if one.channel == channel:
                for word in one.words:
                    heard[word.span.start_ms // 10 : word.span.end_ms // 10 + 1] = True
        doubled += int((heard & ~spoken & sides[1 - side]).sum())
    return doubled


def _truth(call: MadeCall, length: int) -> Frames:
    active = np.zeros((length, len(_PARTS)), dtype=bool)
    for said in call.said:
        for span in said.spoken:
            active[span.start_ms // 10 : span.end_ms // 10, _PARTS.index(said.part)] = True
    return active


def _away_from_changes(call: MadeCall, length: int) -> Frames:
    counted = np.ones(length, dtype=bool)
    for span in (span for said in call.said for span in said.spoken):
        for edge in (span.start_ms, span.end_ms):
            counted[max(0, (edge - COLLAR_MS) // 10) : (edge + COLLAR_MS) // 10] = False
    return counted


def _frames(turns: Sequence[SpeakerTurn], length: int) -> Frames:
    active = np.zeros((length, max((turn.speaker for turn in turns), default=0) + 1), dtype=bool)
    for turn in turns:
        active[turn.span.start_ms // 10 : turn.span.end_ms // 10, turn.speaker] = True
    return active


def add_errors(tally: Tally, call: MadeCall, heard: Transcript, given: Transcript) -> None:
    """Add missed, false and confused speech of one call, by sound alone and with the words."""
    length = call.duration_ms // 10 + 1
    counted = _away_from_changes(call, length)
    truth = _truth(call, length)[counted]
    by_sound, by_both = (_frames(one.turns, length)[counted] for one in (heard, given))
    spoken, found = truth.sum(axis=1), by_sound.sum(axis=1)
    tally.errors["speech"] += int(spoken.sum())
    tally.errors["missed"] += int(np.maximum(0, spoken - found).sum())
    tally.errors["false"] += int(np.maximum(0, found - spoken).sum())
    tally.errors["by sound"] += _confused(truth, by_sound)
    tally.errors["with words"] += _confused(truth, by_both)


def _confused(truth: Frames, found: Frames) -> int:
    """Speech under the wrong voice, each voice taken for the part that fits best (Hungarian method)."""
    together = truth.T.astype(int) @ found.astype(int)
    rows, columns = linear_sum_assignment(together, maximize=True)
    right = (truth[:, rows] & found[:, columns]).sum(axis=1)
    return int((np.minimum(truth.sum(axis=1), found.sum(axis=1)) - right).sum())


def role_row(voices: str, version: str, tally: Tally) -> str:
    """One line of the table of roles."""
    speech = tally.speech
    heard = sum(speech[kind] for kind in ("right", "nobody's", "wrong, unsure", "wrong, sure"))
    kinds = ("right", "nobody's", "wrong, unsure", "wrong, sure")
    shares = [f"{speech[kind] / max(1, heard):.1%}" for kind in kinds]
    calls = [
        _share(tally.calls[kind], tally.calls["all"]) for kind in ("right", "not told", "wrong and sure")
    ]
    return _line(voices, version, *calls, *shares)


def error_row(voices: str, tally: Tally) -> str:
    """One line of the table of diarization errors."""
    errors = tally.errors
    speech = max(1, errors["speech"])
    shares = [errors[kind] / speech for kind in ("missed", "false", "by sound", "with words")]
    missed, false, by_sound, with_words = shares
    third, wrong = tally.third.total() - tally.third["right, unsure"], tally.third["wrong, sure"]
    return _line(
        voices,
        str(tally.calls["all"]),
        f"{missed + false + by_sound:.1%}",
        f"{missed + false + with_words:.1%}",
        *(f"{share:.1%}" for share in shares),
        f"{tally.calls['third announcement']} and {tally.calls['third colleague']}",
        f"{wrong / third:.1%}" if third else "none",
    )


def _share(count: int, total: int) -> str:
    share = Proportion(count=count, total=total)
    if share.rate is None or share.interval is None:
        return "none"
    low, high = share.interval
    return f"{count}/{total} ({low:.1%}-{high:.1%})"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(*cells: str) -> str:
    return f"{_line(*cells)}\n{'|---' * len(cells)}|"


ROLE_HEAD = _head(
    *("voices", "version", "calls right", "not told", "wrong and sure"),
    *("speech with its role", "with none", "wrong, unsure", "wrong, sure"),
)
ERROR_HEAD = _head(
    *("voices", "calls", "error rate by sound", "with words"),
    *("missed", "false", "confused by sound", "with words"),
    *("announcements and colleagues", "of their speech surely on the wrong side"),
)


def main() -> None:
    """Measure, print, and write the tables into docs/roles.md when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with manifest.jsonl and recorded speech")
    parser.add_argument("--spoken", type=Path, help="folder with calls made by benchmarks.spoken")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of each kind of voices")
    parser.add_argument("--whisper", type=int, metavar="N", help="let the model hear N calls of each kind")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/roles.md")
    options = parser.parse_args()
    numbers = range(options.whisper or options.calls)
    samples, dialogues = ROOT / "sample_audio", ROOT / "tests" / "corpus" / "dev2"
    kinds: dict[str, Iterator[MadeCall]] = {"samples": calls_of_samples(samples, numbers)}
    if options.spoken:
        kinds["other synthetic"] = calls_of_samples(options.spoken, numbers)
    if options.data:
        kinds["recorded"] = calls_of_speakers(options.data, samples, dialogues, numbers)
    classifier = RoleClassifier.load()
    recogniser: Recogniser = ReferenceHearing(Diarizer(SpeakerModels.load()))
    if options.whisper:
        engine = build_engine(load_settings())
        assert engine.recogniser is not None
        recogniser = engine.recogniser
    tallies = {name: measure(calls, recogniser, classifier) for name, calls in kinds.items()}
    roles = [
        role_row(name, version, tally) for name, both in tallies.items() for version, tally in both.items()
    ]
    errors = [error_row(name, both[ONE_CHANNEL]) for name, both in tallies.items()]
    tables = {"roles": "\n".join([ROLE_HEAD, *roles]), "errors": "\n".join([ERROR_HEAD, *errors])}
    if options.whisper:
        tables = {"heard roles": tables["roles"]}
    for name, both in tallies.items():
        for version, tally in both.items():
            worst = sorted(tally.worst, reverse=True)[:5]
            least = ", ".join(f"{call} {1 - wrong:.0%}" for wrong, call in worst)
            print(f"{name}, {version}: least speech with its role in {least}")
    print("\n\n".join(tables.values()))
    for name, table in tables.items() if options.write else ():
        write_between(PAGE, name, table)


if __name__ == "__main__":
    main()
