"""`qa evaluate`: how right results are, against labels."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qa_pipeline.cli.console import check_file
from qa_pipeline.i18n import gettext as _


class Format(StrEnum):
    """How the evaluation is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def evaluate(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS.jsonl", help=_("What qa audit or qa score wrote with --json."))
    ],
    labels: Annotated[
        Path,
        typer.Option(
            "--labels", metavar="DIR", help=_("Folder with labelled calls: sidecars or JSON lines.")
        ),
    ],
    form: Annotated[
        Format, typer.Option("--format", help=_("As lines, as a JSON document, or as one web page."))
    ] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Write to this file, not to the terminal."))
    ] = None,
    calls: Annotated[
        bool,
        typer.Option(
            "--calls", help=_("Also say of each call what is wrong (text only); not for sealed labels.")
        ),
    ] = False,
) -> None:
    """Compare results with labels: character errors, findings, criteria, call types, with intervals."""
    import json

    from qa_pipeline.cli.accuracy import call_lines, summary_lines
    from qa_pipeline.evaluation.comparison import evaluate as compare
    from qa_pipeline.evaluation.document import evaluation_document
    from qa_pipeline.evaluation.labels import read_labels
    from qa_pipeline.evaluation.results import read_results

    if out is not None:
        check_file(out)
    evaluation = compare(read_results(results), read_labels(labels))
    match form:
        case Format.TEXT:
            lines = list(summary_lines(evaluation))
            if calls:
                lines += [line for call in evaluation.calls for line in call_lines(call)]
            text = "\n".join(lines)
        case Format.JSON:
            text = json.dumps(evaluation_document(evaluation), ensure_ascii=False, indent=1)
        case Format.HTML:
            from qa_pipeline.reports.evaluation import evaluation_page

            text = evaluation_page(evaluation_document(evaluation)).rstrip("\n")
    if out is None:
        typer.echo(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")
