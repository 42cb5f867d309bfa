"""`qa score`: calls given as transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_pipeline.cli.console import check_file, output
from qa_pipeline.cli.documents import STANDARD_OUTPUT, documents_to
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import CallMetadata, CallStatus, Inspection, Severity

_EXAMPLE = '{"call_id": "1", "utterances": [{"role": "agent", "text": "..."}]}'


def score(
    transcripts: Annotated[
        Path,
        typer.Argument(
            metavar="TRANSCRIPTS.jsonl",
            help=_(
                "One call a line: {example}; metadata and times may be added, docs/transcripts.md has all."
            ).format(example=_EXAMPLE),
        ),
    ],
    json: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="OUT.jsonl", help=_("Write one document a call; - for standard output.")
        ),
    ] = None,
    fail_on: Annotated[
        Severity | None,
        typer.Option("--fail-on", help=_("End with status 3 when a flag is this severe or worse.")),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers in what is written."))
    ] = False,
) -> None:
    """Judge and score; nothing is kept in the store, and no speech model is needed."""
    from qa_pipeline.assembly import build_engine
    from qa_pipeline.cli.summary import RunTable
    from qa_pipeline.config import load_settings
    from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
    from qa_pipeline.pipeline import inspect_transcript

    settings = load_settings()
    if json is not None and json != STANDARD_OUTPUT:
        check_file(json)
    sources = transcripts_from(transcripts, timezone=settings.timezone)
    engine = build_engine(settings, hearing=False)
    table = RunTable()
    with documents_to(json, unmasked=unmasked) as documents:
        for source in sources:
            if isinstance(source, TranscriptSource):
                inspection = inspect_transcript(source, engine)
            else:
                inspection = Inspection(
                    call=CallMetadata(call_id=source.call_id),
                    uri=None,
                    status=CallStatus.FAILED,
                    failure=source.failure,
                )
            documents.write(inspection)
            table.add(inspection)
    table.print(output(to_stderr=json == STANDARD_OUTPUT))
    raise typer.Exit(table.exit_status(fail_on))
