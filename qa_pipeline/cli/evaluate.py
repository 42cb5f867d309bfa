"""`qa evaluate`: how right results are, against labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_pipeline.cli.console import check_file
from qa_pipeline.i18n import gettext as _


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
    json: Annotated[
        Path | None, typer.Option("--json", metavar="OUT.json", help=_("Write the figures as JSON."))
    ] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help=_("Also say of each call what is wrong; not for sealed labels."))
    ] = False,
) -> None:
    """Compare results with labels: character errors, findings, criteria, call types, with intervals."""
    from qa_pipeline.evaluation.comparison import evaluate as compare
    from qa_pipeline.evaluation.labels import read_labels
    from qa_pipeline.evaluation.results import read_results
    from qa_pipeline.evaluation.summary import call_lines, figures, summary_lines

    if json is not None:
        check_file(json)
    evaluation = compare(read_results(results), read_labels(labels))
    for line in summary_lines(evaluation):
        typer.echo(line)
    if calls:
        for call in evaluation.calls:
            typer.echo("\n".join(call_lines(call)))
    if json is not None:
        json.write_text(figures(evaluation), encoding="utf-8")
