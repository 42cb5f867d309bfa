"""Findings on the same calls on two channels, exchanged channels, copies of a mix, and one channel.

    python -m benchmarks.versions                     # the sample calls, through the whole pipeline
    python -m benchmarks.versions --spoken SPOKEN     # and calls made by benchmarks.spoken
    python -m benchmarks.versions --write             # and puts the tables into docs/roles.md

Only the first version states the agent's channel. What is counted: reviewer's findings hit, hits no reviewer
made, what becomes of the findings that are missed, the share of speaking time whose role is right, wrong and
sure, or not told, and how near the times of quotes are to the truth (`benchmarks.quotes`). Taken are the
calls with words of both speakers, each on a channel.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.made_calls import AUDIO, TELEPHONE_HZ, write_wave
from benchmarks.pages import write_between
from benchmarks.quotes import Clause, clauses_of, compare
from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.pipeline import Engine, inspect_calls
from qa_pipeline.rules.doubts import SURE_ROLE
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import CallStatus, FindingOutcome, Inspection, Role

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "roles.md"

Samples = npt.NDArray[np.float32]

VERSIONS: dict[str, Callable[[Samples], Samples]] = {
    "two channels, stated": lambda sound: sound,
    "two channels, exchanged, none stated": lambda sound: sound[::-1],
    "two copies of a mix": lambda sound: np.repeat(sound.mean(axis=0, keepdims=True), 2, axis=0),
    "one channel": lambda sound: sound.mean(axis=0, keepdims=True),
}
STATED = "two channels, stated"


def two_channel_calls(folder: Path) -> list[Path]:
    """The labelled calls of a folder that have a speaker a channel, with words on both."""
    paths = sorted(one for one in folder.iterdir() if one.suffix in AUDIO)
    documents = {one: json.loads(one.with_suffix(".json").read_text(encoding="utf-8")) for one in paths}
    return [
        path
        for path, document in documents.items()
        if document["metadata"].get("agent_channel") is not None
        and {one["role"] for one in document["reference"]["utterances"]} == {"agent", "customer"}
    ]


def write_version(paths: Iterable[Path], folder: Path, version: str) -> None:
    """Calls in one version, with the sidecars an audit would find."""
    for path in paths:
        document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if version != STATED:
            document["metadata"]["agent_channel"] = None
        write_wave(folder / f"{path.stem}.wav", VERSIONS[version](_sound(path)))
        text = json.dumps(document, ensure_ascii=False)
        (folder / f"{path.stem}.json").write_text(text, encoding="utf-8")


def _sound(path: Path) -> Samples:
    blocks = [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)]
    return np.concatenate(blocks, axis=1)


def count(inspection: Inspection, document: dict[str, Any]) -> Counter[str]:
    """What one call adds to the sums of its version."""
    expected = {one["category"] for one in document["expected"]["findings"]}
    hit = {one.category for one in inspection.findings if one.outcome is FindingOutcome.HIT}
    asked = {one.category for one in inspection.findings} - hit
    missed = expected - hit
    reviewed = inspection.status is CallStatus.NEEDS_REVIEW
    sums = Counter(
        calls=1,
        expected=len(expected),
        hit=len(hit & expected),
        false=len(hit - expected),
        asked=len(missed & asked),
        reviewed=len(missed - asked) if reviewed else 0,
        lost=0 if reviewed else len(missed - asked),
    )
    for said in inspection.transcript.utterances if inspection.transcript else ():
        for one in document["reference"]["utterances"]:
            assert said.span is not None
            both = max(0, min(said.span.end_ms, one["end_ms"]) - max(said.span.start_ms, one["start_ms"]))
            if said.role is Role.UNKNOWN:
                sums["none_ms"] += both
            elif said.role.value == one["role"]:
                sums["right_ms"] += both
            else:
                sums["sure_wrong_ms" if said.role_confidence >= SURE_ROLE else "wrong_ms"] += both
    return sums


def clauses_in(path: Path, document: dict[str, Any]) -> list[Clause]:
    """The clauses of a call whose edges can be heard on its clean channels."""
    sound, agent = _sound(path), document["metadata"]["agent_channel"]
    return [
        clause
        for one in document["reference"]["utterances"]
        for clause in clauses_of(
            one["text"],
            sound[agent if one["role"] == "agent" else 1 - agent][one["start_ms"] * 8 : one["end_ms"] * 8],
            TELEPHONE_HZ,
            one["start_ms"],
        )
    ]


def measure(version: str, paths: Sequence[Path], engine: Engine) -> Counter[str]:
    """Inspect every call of a version from nothing."""
    sums: Counter[str] = Counter()
    by_id = {path.stem: path for path in paths}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_version(paths, folder, version)
        with open_store(f"sqlite:///{folder}/qa.db") as store:
            for inspection in inspect_calls(find_calls([folder]).sources, engine, transcripts=store):
                path = by_id[inspection.call.call_id]
                document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
                sums += count(inspection, document)
                said = inspection.transcript.utterances if inspection.transcript else ()
                sums += compare(clauses_in(path, document), said)
    return sums


def finding_row(calls: str, version: str, sums: Counter[str]) -> str:
    """One line of the table of findings."""
    spoken = max(1, sums["right_ms"] + sums["wrong_ms"] + sums["sure_wrong_ms"] + sums["none_ms"])
    shares = [f"{sums[kind] / spoken:.1%}" for kind in ("right_ms", "sure_wrong_ms", "wrong_ms", "none_ms")]
    found = [f"{sums['hit']} of {sums['expected']}", str(sums["false"])]
    missed = [str(sums[kind]) for kind in ("asked", "reviewed", "lost")]
    return _line(f"{sums['calls']} {calls}", version, *found, *missed, *shares)


def quote_row(calls: str, version: str, sums: Counter[str]) -> str:
    """One line of the table of quotes."""
    quotes = sums["quotes"]
    shares = [
        f"{sums[kind]}/{quotes} = {sums[kind] / max(1, quotes):.1%}"
        for kind in ("starts near", "ends near", "both near")
    ]
    return _line(f"{sums['calls']} {calls}", version, str(sums["clauses"]), *shares)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


FINDING_HEAD = (
    *("calls", "version", "findings hit", "hits nobody made"),
    *("missed: asked about", "missed: call sent to a person", "missed: lost"),
    *("role right", "wrong and sure", "wrong, unsure", "no role"),
)
QUOTE_HEAD = ("calls", "version", "clauses", "start within 0.5 s", "end within 0.5 s", "both")


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    return "\n".join([_line(*head), "|---" * len(head) + "|", *rows])


def main() -> None:
    """Measure, print, and write the tables into docs/roles.md when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spoken", type=Path, help="folder with calls made by benchmarks.spoken")
    parser.add_argument("--calls", type=int, help="take so many of each kind")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/roles.md")
    options = parser.parse_args()
    engine = build_engine(load_settings())
    kinds = {"samples": two_channel_calls(ROOT / "sample_audio")[: options.calls]}
    if options.spoken:
        kinds["other synthetic"] = two_channel_calls(options.spoken)[: options.calls]
    sums = {
        (name, version): measure(version, paths, engine)
        for name, paths in kinds.items()
        for version in VERSIONS
    }
    tables = {
        "versions": _table(FINDING_HEAD, (finding_row(*key, own) for key, own in sums.items())),
        "quotes": _table(QUOTE_HEAD, (quote_row(*key, own) for key, own in sums.items())),
    }
    print("\n\n".join(tables.values()))
    for name, table in tables.items() if options.write else ():
        write_between(PAGE, name, table)


if __name__ == "__main__":
    main()
