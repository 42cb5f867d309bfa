"""How right the results on labelled calls are: `python -m benchmarks.samples OUT.jsonl [LABELS]`.

`OUT.jsonl` comes from `qa audit sample_audio --json OUT.jsonl`; LABELS is the folder with the sidecars,
sample_audio unless given. The sample calls were written together with the first rules, so these figures show
that the house works, not how well it will do on calls of others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from qa_pipeline.evaluation.comparison import evaluate
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.evaluation.summary import shown, summary_lines


def main(results: Path, labels: Path) -> None:
    documents = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    evaluation = evaluate(documents, read_labels(labels))
    print(*summary_lines(evaluation), sep="\n")
    for call in evaluation.calls:
        rate = call.characters.rate if call.characters else None
        named = {
            "missed": call.misses,
            "only uncertain": call.doubts,
            "flagged without cause": call.false_hits,
            "uncertain without cause": call.false_doubts,
        }
        told = "; ".join(
            f"{what}: {', '.join(sorted(category for category, _ in found))}"
            for what, found in named.items()
            if found
        )
        errors = "-" if rate is None else f"{rate:.1%}"
        print(f"{call.call_id}: character errors {errors}; {told or 'findings right'}")
        wrong = [
            f"{name} {expected}->{answered}"
            for name, expected, answered in call.criteria
            if expected != answered
        ]
        if wrong:
            print(f"    {', '.join(wrong)}")
    print(f"all criteria that apply: {shown(evaluation.criteria_right)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "sample_audio"))
