"""Where quality is lost on the way from sound to judgement.

    python -m benchmarks.stages sample_audio
    python -m benchmarks.stages SPOKEN           # calls made by benchmarks.spoken

Every call is judged three times: from what was really said, from what was recognised with the true speakers,
and end to end with the speakers told by their words alone. Each step shows what the stage before it costs.
Transcripts are kept in the configured data folder, so a second run hears nothing again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
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
from qa_pipeline.types import Severity

GIVEN = "what was said, who said it"
HEARD = "what was heard, who said it"
ALONE = "what was heard, speakers by their words"


def measure_stages(folder: Path) -> Mapping[str, Evaluation]:
    """The three judgements of the labelled calls of a folder."""
    settings = load_settings()
    ready_data_folder(settings.data_folder)
    engine = build_engine(settings)
    labels = read_labels(folder)
    sources = [source for source in find_calls([folder]).sources if source.call.call_id in labels]
    unnamed = [replace(source, call=replace(source.call, agent_channel=None)) for source in sources]
    with open_configured_store(settings) as store:
        return {
            GIVEN: _from_text(sources, labels, engine),
            HEARD: _from_sound(sources, labels, engine, store),
            ALONE: _from_sound(unnamed, labels, engine, store),
        }


def stage_lines(stages: Mapping[str, Evaluation]) -> Iterator[str]:
    """A Markdown table, a stage a row."""
    yield (
        "| judged from | character errors | fatal: precision | found as hit | with uncertain"
        " | criteria right | uncertain |"
    )
    yield "|---|---|---|---|---|---|---|"
    for stage, evaluation in stages.items():
        fatal = evaluation.findings(severity=Severity.FATAL)
        rate = evaluation.characters.rate
        cells = [
            stage,
            "-" if rate is None else f"{rate:.1%}",
            *map(_shown, (fatal.precision, fatal.recall, fatal.recall_with_doubts)),
            *map(_shown, (evaluation.criteria_right, evaluation.criteria_uncertain)),
        ]
        yield f"| {' | '.join(cells)} |"


def _shown(share: Proportion) -> str:
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
