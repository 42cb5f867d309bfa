"""What reading words as they were most likely said does to talk of other trades, where it can only do harm.

    python -m benchmarks.spelling --data DIR    # DIR/real_speech/manifest.jsonl, DIR/ordinary_dialogues.jsonl

Recorded sentences are heard over a telephone line (as in benchmarks.transcription) and compared with what was
said, as they were heard and as they are spelled. Ordinary customer service dialogues are read as if a
recogniser had been as sure of each character as it is of right ones: how many change, and which flags that
raises. What it does to collection calls is in docs/accuracy.md, "From sound". Six minutes on one core.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ordinary import FILE, sources
from benchmarks.transcription import calls_from_manifest
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.evaluation.cer import CharacterErrors, character_errors, total
from qa_pipeline.intake.transcripts import TranscriptSource
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.spelling import Speller
from qa_pipeline.pipeline import Engine, inspect_transcript
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.types import CallMetadata, TimeSpan, Transcript, Utterance, Word

RIGHT_CERTAINTY = 0.85
"""How sure Whisper base is of what it wrote rightly (`models/train_spelling.py`)."""
CHARACTER_MS = 250


def recorded(folder: Path, engine: Engine, speller: Speller) -> tuple[CharacterErrors, CharacterErrors]:
    """Errors in recorded speech, as it was heard and as it is spelled."""
    assert engine.recogniser is not None
    heard: list[CharacterErrors] = []
    spelled: list[CharacterErrors] = []
    with TemporaryDirectory() as work:
        calls = calls_from_manifest(folder, Path(work))
        recordings = [read_recording(Path(call.path), CallMetadata(call_id=call.path)) for call in calls]
        transcripts = {one.id: text for one, text in engine.recogniser.transcribe(recordings)}
        for call in calls:
            transcript = transcripts[call.path]
            assert isinstance(transcript, Transcript), transcript
            for channel, said in enumerate(call.references):
                own = [one for one in transcript.utterances if one.channel == channel]
                heard.append(character_errors(said, "".join(one.text for one in own)))
                read = "".join(speller.spell(one, normalize(one.text)).text for one in own)
                spelled.append(character_errors(said, read))
    return total(heard), total(spelled)


def as_recognised(utterance: Utterance) -> Utterance:
    """A given utterance as if every character had been heard, one after the other."""
    words = tuple(
        Word(
            text=character,
            span=TimeSpan(start_ms=CHARACTER_MS * place, end_ms=CHARACTER_MS * (place + 1)),
            probability=RIGHT_CERTAINTY,
        )
        for place, character in enumerate(utterance.text)
    )
    return replace(utterance, words=words)


def _recognised(source: TranscriptSource) -> TranscriptSource:
    utterances = tuple(map(as_recognised, source.transcript.utterances))
    return replace(source, transcript=replace(source.transcript, utterances=utterances))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"folder with real_speech/ and {FILE}")
    data = parser.parse_args().data
    engine, speller = build_engine(load_settings()), Speller.load()
    heard, spelled = recorded(data / "real_speech", engine, speller)
    for name, errors in (("heard", heard), ("spelled", spelled)):
        print(
            f"recorded speech, as {name}: {errors.rate or 0:.1%} ({errors.errors}/{errors.reference_length})"
        )
    changed, length, flags = 0, 0, Counter[tuple[str, str]]()
    begun = time.perf_counter()
    with TemporaryDirectory() as work:
        given = [_recognised(one) for one in sources(data / FILE, Path(work))]
    for said in (utterance for source in given for utterance in source.transcript.utterances):
        read = speller.spell(said, normalize(said.text))
        length += len(read.text)
        changed += sum(one != other for one, other in zip(read.text, read.heard or read.text, strict=True))
    seconds = time.perf_counter() - begun
    print(f"ordinary talk: {changed / length:.2%} of {length} characters changed")
    print(f"{length / seconds:.0f} characters a second")
    for source in given:
        flags.update(
            (one.outcome.value, one.severity.value) for one in inspect_transcript(source, engine).findings
        )
    for (outcome, severity), count in sorted(flags.items()):
        print(f"{outcome} {severity}: {count}")


if __name__ == "__main__":
    main()
