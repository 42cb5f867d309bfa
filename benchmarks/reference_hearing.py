"""Recognition that needs no model: what was really said in each region, misheard as Whisper mishears.

Decoding, layout, cross-talk, voice activity, speakers, the cutting of regions and the making of utterances
are the product's own; only the words come from the making of the call. Half of Whisper's errors on telephone
Mandarin are homophones (character errors 20 %, in toneless syllables 11 %), the rest other characters and
lost ones, so the same are put in here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.made_calls import Letter, MadeCall, Part, Said
from qa_pipeline.errors import CallError
from qa_pipeline.language.phonetics import syllables
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.diarization import Diarizer, exclusive
from qa_pipeline.speech.preparation import BLOCK_MS, Preparation
from qa_pipeline.speech.utterances import RegionText, cleaned, utterances_from
from qa_pipeline.speech.vad import VadOptions
from qa_pipeline.types import (
    ArtifactRef,
    Layout,
    Recording,
    SpeakerTurn,
    SpeechRegion,
    Transcript,
    Word,
)

ERRORS = (0.08, 0.28)
"""Share of the characters of a call that are misheard."""

LOST = 0.2
"""Of the errors, characters that are lost; half are homophones, the rest any other character."""

HEARD_LEAK_DB = -22.0
"""A leak softer than this is speech to the detector at most, not to recognition."""


class ReferenceHearing:
    """Hears made calls, which it knows by the name of their recording; a `pipeline.Recogniser`.

    Args:
        seconds: CPU time of telling speakers apart and of the rest of the way to regions, counted up.
    """

    artifact = ArtifactRef(name="reference", revision="1", sha256="0" * 64)
    options_digest = "reference"

    def __init__(self, diarizer: Diarizer) -> None:
        self._diarizer = diarizer
        self._calls: dict[str, MadeCall] = {}
        self.seconds = {"speakers": 0.0, "regions": 0.0}

    def know(self, recording_id: str, call: MadeCall) -> None:
        """Take in what is said in a recording."""
        self._calls[recording_id] = call

    def transcribe(
        self, recordings: Iterable[Recording]
    ) -> Iterator[tuple[Recording, Transcript | CallError]]:
        """See `pipeline.Recogniser`."""
        for recording in recordings:
            yield recording, self._transcript(recording, self._calls.pop(recording.id))

    def _transcript(self, recording: Recording, call: MadeCall) -> Transcript:
        begin = process_time()
        turns: tuple[SpeakerTurn, ...] = ()
        if recording.layout is not Layout.STEREO:
            blocks = decode_blocks(Path(recording.uri), block_ms=BLOCK_MS)
            turns = self._diarizer.turns(block.samples[0] for block in blocks)
        told = process_time()
        preparation = Preparation(recording, VadOptions(), turns=exclusive(turns))
        regions = [placed.region for sound in preparation.windows() for placed in sound.window.placed]
        self.seconds["speakers"] += told - begin
        self.seconds["regions"] += process_time() - told
        rng = np.random.default_rng(len(call.said) + call.duration_ms)
        misheard = {id(said): _misheard(said.letters, rng.uniform(*ERRORS), rng) for said in call.said}
        texts = [
            cleaned(RegionText(region=one, words=_words(one, call, misheard, recording), no_speech_prob=0.01))
            for one in regions
        ]
        return Transcript(
            recording_id=recording.id,
            language="zh",
            utterances=utterances_from(texts, join_turns=True),
            asr=self.artifact,
            options_digest=self.options_digest,
            regions=tuple(sorted(regions, key=lambda region: (region.span, region.channel))),
            turns=turns,
        )


def _words(
    region: SpeechRegion, call: MadeCall, misheard: dict[int, list[Letter]], recording: Recording
) -> tuple[Word, ...]:
    """What recognition makes of a region: of two who speak at once the louder, a leak where nobody speaks."""
    own = [said for said in call.said if _on_channel(said, region, call, recording)]
    leaked = [said for said in call.said if said not in own] if _leaks(call, recording) else []
    within = _within(own, region, misheard)
    for said, letter in _within(leaked, region, misheard):
        if not any(letter.span.overlap_ms(other.span) for _, other in within):
            within.append((said, letter))
    within.sort(key=lambda pair: pair[1].span)
    heard = [
        letter
        for said, letter in within
        if not any(
            other.span.overlap_ms(letter.span) > letter.span.duration_ms // 2 and louder.level > said.level
            for louder, other in within
            if louder is not said
        )
    ]
    return tuple(Word(text=one.text, span=one.span, probability=0.8) for one in heard)


def _on_channel(said: Said, region: SpeechRegion, call: MadeCall, recording: Recording) -> bool:
    if recording.layout is not Layout.STEREO:
        return True
    agents = said.part in (Part.AGENT, Part.COLLEAGUE)
    return region.channel == (call.agent_channel if agents else 1 - call.agent_channel)


def _leaks(call: MadeCall, recording: Recording) -> bool:
    return recording.layout is Layout.STEREO and call.bleed_db is not None and call.bleed_db > HEARD_LEAK_DB


def _within(
    said: Iterable[Said], region: SpeechRegion, misheard: dict[int, list[Letter]]
) -> list[tuple[Said, Letter]]:
    return [
        (one, letter)
        for one in said
        for letter in misheard[id(one)]
        if region.span.start_ms <= (letter.span.start_ms + letter.span.end_ms) // 2 < region.span.end_ms
    ]


def _misheard(letters: Sequence[Letter], share: float, rng: np.random.Generator) -> list[Letter]:
    heard = []
    for letter in letters:
        if rng.random() >= share:
            heard.append(letter)
            continue
        kind = rng.random()
        if kind < LOST:
            continue
        others = _SOUNDS[_sound(letter.text)] if kind < LOST + 0.5 else _CHARACTERS
        text = others[int(rng.integers(len(others)))] if others else letter.text
        heard.append(Letter(text=text, span=letter.span))
    return heard


def _sound(character: str) -> str:
    return syllables(character)[0]


def _by_sound() -> dict[str, list[str]]:
    sounds: dict[str, list[str]] = defaultdict(list)
    for character in _CHARACTERS:
        sounds[_sound(character)].append(character)
    return sounds


# The commonest 3755 characters, as GB 2312 lists them by sound.
_CHARACTERS = [
    bytes((row, column)).decode("gb2312") for row in range(0xB0, 0xD7) for column in range(0xA1, 0xFA)
]
_SOUNDS = _by_sound()
