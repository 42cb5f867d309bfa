"""Where quality is lost on the way from sound to judgement.

    python -m benchmarks.stages sample_audio
    python -m benchmarks.stages SPOKEN           # calls made by benchmarks.spoken

Every call is judged four times: from what was really said; from what was recognised where somebody really
speaks; with the regions of the detector; and end to end, with the speakers told by their words alone. Each
step shows what one stage costs: recognition, detection of speech, telling of roles.
Transcripts are kept in the configured data folder, so a second run hears nothing again.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from qa_pipeline.assembly import build_engine, open_configured_store, ready_data_folder
from qa_pipeline.config import load_settings
from qa_pipeline.evaluation.comparison import Evaluation, evaluate
from qa_pipeline.evaluation.labels import CallLabels, read_labels
from qa_pipeline.intake.folder import CallSource, find_calls
from qa_pipeline.intake.metadata import metadata_document
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.pipeline import Engine, TranscriptCache, inspect_calls, inspect_transcript
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.document import call_document
from qa_pipeline.speech.vad import VadOptions
from qa_pipeline.types import Layout, Recording, Role, Severity, SpeechRegion, TimeSpan

GIVEN = "what was said, who said it"
TOLD = "what was heard, where and who spoke"
HEARD = "what was heard, who said it"
ALONE = "what was heard, speakers by their words"


def measure_stages(folder: Path) -> Mapping[str, Evaluation]:
    """The four judgements of the labelled calls of a folder."""
    settings = load_settings()
    ready_data_folder(settings.data_folder)
    engine = build_engine(settings)
    labels = read_labels(folder)
    told = build_engine(settings, speech=ReferenceSpeech(labels))
    sources = [source for source in find_calls([folder]).sources if source.call.call_id in labels]
    unnamed = [replace(source, call=replace(source.call, agent_channel=None)) for source in sources]
    with open_configured_store(settings) as store:
        return {
            GIVEN: _from_text(sources, labels, engine),
            TOLD: _from_sound(sources, labels, told, store),
            HEARD: _from_sound(sources, labels, engine, store),
            ALONE: _from_sound(unnamed, labels, engine, store),
        }


@dataclass(frozen=True)
class ReferenceSpeech:
    """Where somebody speaks, by the labels: what an errorless detector of speech would find."""

    labels: Mapping[str, CallLabels]

    def __call__(self, recording: Recording) -> tuple[SpeechRegion, ...] | None:
        """The regions of a recording; None where it is not known which channel is whose, or not when."""
        channels = {Role.AGENT: 0, Role.CUSTOMER: 0}
        if recording.layout is Layout.STEREO:
            agent = recording.call.agent_channel
            if agent is None:
                return None
            channels = {Role.AGENT: agent, Role.CUSTOMER: 1 - agent}
        regions: list[SpeechRegion] = []
        for said in self.labels[recording.id].reference:
            if said.start_ms is None or said.end_ms is None:
                return None
            regions += _regions(channels[said.role], said.start_ms, min(said.end_ms, recording.duration_ms))
        return tuple(sorted(regions, key=lambda region: region.span))


def _regions(channel: int, start_ms: int, end_ms: int) -> Iterator[SpeechRegion]:
    """An utterance in as many equal regions as fit a window of recognition."""
    count = -(-(end_ms - start_ms) // VadOptions().max_region_ms)
    edges = (
        [start_ms + (end_ms - start_ms) * index // count for index in range(count + 1)] if count > 0 else []
    )
    for low, high in itertools.pairwise(edges):
        yield SpeechRegion(channel=channel, span=TimeSpan(start_ms=low, end_ms=high), probability=1.0)


def stage_lines(stages: Mapping[str, Evaluation]) -> Iterator[str]:
    """A Markdown table, a stage a row."""
    yield (
        "| judged from | character errors | as most likely said | fatal: precision | found as hit"
        " | with uncertain | criteria right | uncertain |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for stage, evaluation in stages.items():
        fatal = evaluation.findings(severity=Severity.FATAL)
        rates = (evaluation.characters.rate, evaluation.likely_characters.rate)
        cells = [
            stage,
            *("-" if rate is None else f"{rate:.1%}" for rate in rates),
            *map(shown_shortly, (fatal.precision, fatal.recall, fatal.recall_with_doubts)),
            *map(shown_shortly, (evaluation.criteria.right, evaluation.criteria.uncertain)),
        ]
        yield f"| {' | '.join(cells)} |"


def shown_shortly(share: Proportion) -> str:
    """A table cell without the interval."""
    return "-" if share.rate is None else f"{share.rate:.1%} ({share.count}/{share.total})"


def _from_text(sources: Sequence[CallSource], labels: Mapping[str, CallLabels], engine: Engine) -> Evaluation:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reference.jsonl"
        lines = [
            json.dumps(
                {
                    "call_id": source.call.call_id,
                    "metadata": metadata_document(source.call),
                    "utterances": [
                        utterance.model_dump(mode="json", exclude_none=True)
                        for utterance in labels[source.call.call_id].reference
                    ],
                },
                ensure_ascii=False,
            )
            for source in sources
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        inspections = [
            inspect_transcript(source, engine)
            for source in transcripts_from(path)
            if isinstance(source, TranscriptSource)
        ]
    return evaluate((call_document(one, unmasked=True) for one in inspections), labels)


def _from_sound(
    sources: Sequence[CallSource], labels: Mapping[str, CallLabels], engine: Engine, store: TranscriptCache
) -> Evaluation:
    inspections = inspect_calls(sources, engine, transcripts=store)
    return evaluate((call_document(one, unmasked=True) for one in inspections), labels)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="recordings with labelled sidecars")
    stages = measure_stages(parser.parse_args().folder)
    print(f"{len(stages[GIVEN].calls)} calls")
    print("\n".join(stage_lines(stages)))


if __name__ == "__main__":
    main()
