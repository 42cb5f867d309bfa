"""How right the judgement is on dialogues by other hands, written to docs/accuracy.md.

    python -m benchmarks.accuracy            # the development dialogues, shown only
    python -m benchmarks.accuracy --write    # the sealed ones too, and docs/accuracy.md

The sealed dialogues are for releases: their errors are never read, only these counts. Texts are given, so
recognition has no part in these figures; `benchmarks.transcription` measures that.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from qa_pipeline import __version__
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.evaluation.comparison import Evaluation, evaluate
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.pipeline import Engine, inspect_transcript
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.document import call_document
from qa_pipeline.types import Severity

REPOSITORY = Path(__file__).parents[1]
CORPUS = REPOSITORY / "tests/corpus"
PAGE = REPOSITORY / "docs/accuracy.md"

INTRODUCTION = """\
# Accuracy

Written by `python -m benchmarks.accuracy --write`; version {version}, rule pack {pack}.

Figures are shares with counts and the 95 % Wilson interval. A category counts once a call. "Hit" may cost an
agent points; "with uncertain" adds what is only shown to a person. Texts are given as they were written, so
recognition errors come on top.

The **sealed** dialogues were written by another hand than the rules and are never looked at; only these
counts are. They are what to expect on talk that the rules have not seen. The **dev** dialogues are for
developing: rules were mended by their errors, so their figures flatter the software. The **dev2** dialogues,
by yet other hands, are for developing too; no rule has been mended by them so far.
"""


def measure(engine: Engine, folder: Path) -> Evaluation:
    """Judge every dialogue of a folder and compare it with its labels."""
    documents = [
        call_document(inspect_transcript(source, engine), unmasked=True)
        for path in sorted(folder.glob("*.jsonl"))
        for source in transcripts_from(path)
        if isinstance(source, TranscriptSource)
    ]
    return evaluate(documents, read_labels(folder))


def shown(share: Proportion) -> str:
    """A table cell."""
    if share.rate is None or share.interval is None:
        return "-"
    return (
        f"{share.rate:.1%} ({share.count}/{share.total}; {share.interval[0]:.1%} to {share.interval[1]:.1%})"
    )


def table(name: str, evaluation: Evaluation) -> Iterator[str]:
    """A section of the page."""
    yield f"## {name}: {len(evaluation.calls)} dialogues"
    yield ""
    yield "| | precision of hits | found as hit | found, with uncertain |"
    yield "|---|---|---|---|"
    for severity in (Severity.FATAL, Severity.SERIOUS, Severity.MINOR):
        counts = evaluation.findings(severity=severity)
        yield (
            f"| {severity} | {shown(counts.precision)} | {shown(counts.recall)} "
            f"| {shown(counts.recall_with_doubts)} |"
        )
        direct = evaluation.findings(severity=severity, manner="direct")
        evasive = evaluation.findings(severity=severity, manner="evasive")
        yield f"| ... said directly | | {shown(direct.recall)} | {shown(direct.recall_with_doubts)} |"
        yield f"| ... evasive | | {shown(evasive.recall)} | {shown(evasive.recall_with_doubts)} |"
    yield ""
    yield f"* Criteria judged right, of those that apply: {shown(evaluation.criteria_right)}"
    yield f"* Criteria left uncertain: {shown(evaluation.criteria_uncertain)}"
    yield f"* Call type right: {shown(evaluation.call_type_right)}"
    yield f"* Clean calls sent to review: {shown(evaluation.clean_reviewed)}"
    yield f"* Uncertain findings a call: {evaluation.uncertain_per_call or 0:.2f}"
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--write", action="store_true", help="measure the sealed dialogues and write the page"
    )
    write = parser.parse_args().write
    engine = build_engine(load_settings(), hearing=False)
    names = [path.name for path in sorted(CORPUS.iterdir()) if any(path.glob("*.jsonl"))]
    sections = {
        name: "\n".join(table(name, measure(engine, CORPUS / name)))
        for name in sorted(names, key="sealed".__ne__)
        if write or name != "sealed"
    }
    text = "\n".join(sections.values())
    print(text)
    if write:
        pack = engine.rules.pack
        introduction = INTRODUCTION.format(version=__version__, pack=f"{pack.id} {pack.digest[:12]}")
        PAGE.write_text(f"{introduction}\n{text.rstrip()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
