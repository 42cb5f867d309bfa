"""The settings made into working parts: the engine and the store that commands and flows share."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from qa_pipeline.errors import StoreError
from qa_pipeline.types import message

if TYPE_CHECKING:
    from qa_pipeline.config import Settings
    from qa_pipeline.language.conversation import Reader
    from qa_pipeline.pipeline import Engine
    from qa_pipeline.speech.asr import KnownSpeech
    from qa_pipeline.store.repository import Store


def ready_data_folder(folder: Path) -> None:
    """Make the data folder where there is none, for its owner alone: what lies there tells of persons.

    Raises:
        StoreError: code ``store_unwritable``; found before a model is loaded or a call is heard.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        told = message(
            "The data folder {folder} may not be written ({reason})."
            " Give your user write permission on it, or set QA_DATA_FOLDER to another place.",
            folder=folder,
            reason=error.strerror or type(error).__name__,
        )
        raise StoreError("store_unwritable", told) from error


def open_configured_store(settings: Settings) -> Store:
    """The store of these settings, made where there is none.

    Raises:
        StoreError: it cannot be used.
    """
    from qa_pipeline.store.repository import open_store

    return open_store(settings.store)


def build_reader() -> Reader:
    """What reads a transcript: the spelling, the ears for violations, elements, customers' talk and answers.

    Raises:
        ModelError: a classifier is missing or not the pinned one.
    """
    from qa_pipeline.language.answers import AnswerClassifier
    from qa_pipeline.language.conversation import Reader
    from qa_pipeline.language.meanings import MeaningClassifier
    from qa_pipeline.language.spelling import Speller
    from qa_pipeline.language.tokenization import Tokenizer
    from qa_pipeline.language.violations import ViolationClassifier

    violations = ViolationClassifier.load()
    return Reader(
        Tokenizer(),
        violations,
        MeaningClassifier.of_elements(violations.encoder),
        MeaningClassifier.of_customers(violations.encoder),
        AnswerClassifier.load(violations.encoder),
        spelling=Speller.load(),
    )


def build_engine(settings: Settings, *, hearing: bool = True, speech: KnownSpeech | None = None) -> Engine:
    """Everything that stays the same from call to call; the speech model itself is loaded on first use.

    Args:
        hearing: False where only kept or given words are judged; then no speech model is needed.
        speech: tells where the speech of a recording is, instead of the detector; for benchmarks.

    Raises:
        ModelError: the speech model or a classifier is missing or not the pinned one.
        RulePackError: the rule pack or a form cannot be used.
    """
    # Each import here is a second or more, and commands that print a help page need none of them.
    from qa_pipeline.language.speaker_roles import RoleClassifier
    from qa_pipeline.pipeline import Engine
    from qa_pipeline.rules.engine import RuleEngine
    from qa_pipeline.rules.loader import load_pack

    rules = RuleEngine(load_pack(settings.rule_pack))
    reader = build_reader()
    roles = RoleClassifier.load()
    if not hearing:
        return Engine(reader=reader, rules=rules, roles=roles)

    from qa_pipeline.speech.artifacts import ModelCatalogue
    from qa_pipeline.speech.asr import Transcriber
    from qa_pipeline.speech.diarization import Diarizer
    from qa_pipeline.speech.speakers import SpeakerModels
    from qa_pipeline.speech.vad import VadOptions
    from qa_pipeline.speech.whisper import AsrOptions

    model = ModelCatalogue.load().resolve(settings.model, data_folder=settings.data_folder)
    recogniser = Transcriber(
        model.folder,
        model.artifact,
        options=AsrOptions(),
        vad=VadOptions(),
        threads=settings.threads,
        diarizer=Diarizer(SpeakerModels.load()),
        speech=speech,
    )
    return Engine(reader=reader, rules=rules, recogniser=recogniser, roles=roles)
