"""False alarms on ordinary talk: human customer-service dialogues without any violation.

    python -m benchmarks.ordinary --data DIR    # DIR/ordinary_dialogues.jsonl

A dialogue a line: `{"id", "turns": [{"role": "agent" | "customer", "text"}]}`. Every flag is false; each hit
is shown with its rule and words.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.pipeline import inspect_transcript
from qa_pipeline.reports.document import call_document

FILE = "ordinary_dialogues.jsonl"


def sources(path: Path, folder: Path) -> Iterator[TranscriptSource]:
    """The dialogues of a file as transcripts to score; `folder` takes them in that form."""
    rows = [json.loads(line) for _, line in numbered_lines(path)]
    calls = [{"call_id": row["id"], "metadata": {}, "utterances": row["turns"]} for row in rows]
    given = folder / FILE
    given.write_text("\n".join(json.dumps(call, ensure_ascii=False) for call in calls), encoding="utf-8")
    for source in transcripts_from(given):
        if isinstance(source, TranscriptSource):
            yield source


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    path = parser.parse_args().data / FILE
    engine = build_engine(load_settings(), hearing=False)
    turns, flags = 0, Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as folder:
        for source in sources(path, Path(folder)):
            document = call_document(inspect_transcript(source, engine), unmasked=True)
            turns += len(document["utterances"])
            for finding in document["findings"]:
                flags[finding["outcome"], finding["severity"]] += 1
                if finding["outcome"] == "hit":
                    print(shown(finding, document))
    print(f"{turns} turns")
    for (outcome, severity), count in sorted(flags.items()):
        print(f"{outcome} {severity}: {count}")
    grave = flags["hit", "fatal"] + flags["hit", "serious"]
    print(f"fatal or serious hits: {grave} (at most 2)")


def shown(finding: dict[str, Any], document: dict[str, Any]) -> str:
    """A false hit: its rule, its words, and the utterance around them."""
    texts = {utterance["id"]: utterance["text"] for utterance in document["utterances"]}
    said = texts.get(finding["utterance_id"], "")
    return f"{finding['severity']} {finding['rule_id']} ({finding['match']}): {finding['quote']} | {said}"


if __name__ == "__main__":
    main()
