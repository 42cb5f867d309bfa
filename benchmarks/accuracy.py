"""How right the judgement is on dialogues by other hands, written to docs/accuracy.md.

    python -m benchmarks.accuracy                               # the development dialogues, shown only
    python -m benchmarks.accuracy --data DIR --audio dev2=SPOKEN    # ordinary talk, numbers, spoken calls too
    python -m benchmarks.accuracy --write ...                   # the sealed ones too, and docs/accuracy.md

The sealed dialogues are for releases: their errors are never read, only these counts. Texts are given, so
recognition has no part in these figures; the spoken calls (`benchmarks.spoken`) show what it costs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import goals
from benchmarks.numbers import cases, shares
from benchmarks.ordinary import sources
from benchmarks.stages import HEARD, measure_stages, stage_lines
from qa_pipeline import __version__
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.evaluation.comparison import Evaluation, evaluate
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.evaluation.tables import by_criterion
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
recognition errors come on top; what one channel and unknown roles change is in [roles.md](roles.md).

The **sealed** dialogues were written by another hand than the rules and are never looked at; only these
counts are. They are what to expect on talk that the rules have not seen. The **dev** dialogues are for
developing: rules were mended by their errors, so their figures flatter the software, and so do those on
**dev2** and **dev7** to **dev10**, each by yet other hands and read later than the others. The errors on
**dev11** have not been read but for three wrong hits. First, blind measures of each stand in
tests/corpus/README.md. A criterion is a script element of the score sheet; it is right when judged as
labelled, and uncertain is not right.

What is judged from sound was developed on the spoken calls of dev2, dev9 and dev10. Of the sealed spoken
calls no words were read, but their counts were seen meanwhile, and one level was chosen with them in view.
"""


def category_lines(evaluation: Evaluation) -> Iterator[str]:
    """Each category with how often it was found and how often a hit was right, the least found first."""
    yield "<details><summary>Each category</summary>"
    yield ""
    yield "| category | said directly, hit | evasive, hit | evasive, with uncertain | right hits |"
    yield "|---|---|---|---|---|"
    found = {name: evaluation.findings(category=name) for name in evaluation.categories}
    for name in sorted(found, key=lambda one: found[one].recall.rate or 0.0):
        direct = evaluation.findings(category=name, manner="direct")
        evasive = evaluation.findings(category=name, manner="evasive")
        shares = (direct.recall, evasive.recall, evasive.recall_with_doubts, found[name].precision)
        yield f"| `{name}` | {' | '.join(f'{one.count} of {one.total}' for one in shares)} |"
    yield ""
    yield "</details>"
    yield ""


def confusion_lines(evaluation: Evaluation) -> Iterator[str]:
    """Each criterion with what it was taken for, the weakest first, and the call types."""
    yield "<details><summary>Each criterion</summary>"
    yield ""
    yield "| criterion | right | expected, judged otherwise |"
    yield "|---|---|---|"
    tables = [(name, table) for name, table in by_criterion(evaluation).items() if table.right.total]
    for name, table in sorted(tables, key=lambda one: one[1].right.rate or 0.0):
        yield f"| `{name}` | {shown(table.right)} | {_mistaken(table.confusion)} |"
    yield ""
    yield f"Call types, expected and judged otherwise: {_mistaken(evaluation.call_type_confusion) or 'none'}."
    yield ""
    yield "</details>"
    yield ""


def _mistaken(confusion: Counter[Any]) -> str:
    return ", ".join(
        f"{expected} as {answered or 'nothing'} {count}"
        for (expected, answered), count in confusion.most_common()
        if expected != answered
    )


def ordinary_lines(engine: Engine, path: Path) -> Iterator[str]:
    """Flags on talk of ordinary customer service, all of them without cause."""
    found: Counter[tuple[str, str]] = Counter()
    dialogues = turns = 0
    with TemporaryDirectory() as folder:
        for source in sources(path, Path(folder)):
            dialogues, turns = dialogues + 1, turns + len(source.transcript.utterances)
            found.update(
                (finding.severity.value, finding.outcome.value)
                for finding in inspect_transcript(source, engine).findings
            )
    yield f"## Ordinary customer service: {dialogues} dialogues, {turns} turns"
    yield ""
    yield "Talk of other trades by other hands, without a violation: every flag is false."
    yield ""
    yield "| | hit | uncertain |"
    yield "|---|---|---|"
    for severity in (Severity.FATAL, Severity.SERIOUS, Severity.MINOR):
        yield f"| {severity} | {found[severity, 'hit']} | {found[severity, 'uncertain']} |"
    yield ""


def number_lines(path: Path) -> Iterator[str]:
    """Spoken numbers, amounts and dates read right."""
    yield "## Numbers"
    yield ""
    yield "Test tables of WeTextProcessing, cn2an and JioNLP (`python -m benchmarks.numbers --data DIR`)."
    yield ""
    for kind, share in shares(list(cases(path))).items():
        yield f"* {kind}: {shown(share)}"
    yield ""


def audio_lines(name: str, folder: Path) -> Iterator[str]:
    """Where quality is lost on calls spoken from a set of dialogues."""
    stages = measure_stages(folder)
    evaluation = stages[HEARD]
    yield f"## From sound: {len(evaluation.calls)} spoken calls of {name}"
    yield ""
    yield f"Every third dialogue of {name}, spoken by synthetic voices over a noisy 8 kHz line"
    yield "(`python -m benchmarks.spoken`), heard by Whisper base (`python -m benchmarks.stages`). Judged is"
    yield "what was most likely said ([decision 16](decisions/0016-spelling.md))."
    yield ""
    yield from stage_lines(stages)
    yield ""
    yield f"* Call type right: {shown(evaluation.call_type_right)}"
    yield f"* Clean calls sent to review: {shown(evaluation.clean_reviewed)}"
    yield ""
    yield from goals.goal_lines(goals.HEARD, evaluation)
    yield from goals.loss_lines(goals.HEARD, stages, HEARD)


def sealed_lines(engine: Engine) -> Iterator[str]:
    """What is reached on the sealed dialogues beside what is to be reached, and by which part."""
    parts = {name: measure(part, CORPUS / "sealed") for name, part in goals.parts_of(engine).items()}
    yield "## Goals"
    yield ""
    yield "What is to be reached on the sealed dialogues, and what is:"
    yield ""
    yield from goals.goal_lines(goals.GIVEN, parts["both"])
    yield "Which part of the judgement finds it there:"
    yield ""
    yield from goals.part_lines(parts)
    yield from table("sealed", parts["both"])


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
    yield f"* Criteria judged right, of those that apply: {shown(evaluation.criteria.right)}"
    yield f"* Criteria left uncertain: {shown(evaluation.criteria.uncertain)}"
    yield f"* Call type right: {shown(evaluation.call_type_right)}"
    yield f"* Clean calls sent to review: {shown(evaluation.clean_reviewed)}"
    yield f"* Uncertain findings a call: {evaluation.uncertain_per_call or 0:.2f}"
    yield ""
    yield from category_lines(evaluation)
    yield from confusion_lines(evaluation)


def _named_folder(argument: str) -> tuple[str, Path]:
    name, _, folder = argument.partition("=")
    return name, Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--write", action="store_true", help="measure the sealed dialogues and write the page"
    )
    parser.add_argument("--data", type=Path, help="folder with ordinary_dialogues.jsonl and numbers.jsonl")
    parser.add_argument(
        "--audio",
        type=_named_folder,
        action="append",
        default=[],
        metavar="SET=FOLDER",
        help="a set of dialogues and the folder of its calls made by benchmarks.spoken; again for more",
    )
    arguments = parser.parse_args()
    write = arguments.write
    engine = build_engine(load_settings(), hearing=False)
    names = [path.name for path in sorted(CORPUS.iterdir()) if any(path.glob("*.jsonl"))]
    sections = {
        name: "\n".join(table(name, measure(engine, CORPUS / name))) for name in names if name != "sealed"
    }
    if write:
        sections = {"sealed": "\n".join(sealed_lines(engine))} | sections
    for name, folder in arguments.audio:
        sections[f"{name} from sound"] = "\n".join(audio_lines(name, folder))
    if arguments.data:
        sections["ordinary"] = "\n".join(ordinary_lines(engine, arguments.data / "ordinary_dialogues.jsonl"))
        sections["numbers"] = "\n".join(number_lines(arguments.data / "numbers.jsonl"))
    text = "\n".join(sections.values())
    print(text)
    if write:
        pack = engine.rules.pack
        introduction = INTRODUCTION.format(version=__version__, pack=f"{pack.id} {pack.digest[:12]}")
        PAGE.write_text(f"{introduction}\n{text.rstrip()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
