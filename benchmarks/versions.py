"""Findings on the same calls on two channels, exchanged channels, copies of a mix, and one channel.

    python -m benchmarks.versions            # ten sample calls, four versions, through the whole pipeline
    python -m benchmarks.versions --write    # and puts the table into docs/roles.md

Only the first version states the agent's channel. What is counted: reviewer's findings hit, hits no reviewer
made, findings that are missed but asked about, and the share of speaking time whose role is right, wrong and
sure, or not told.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import wave
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.pipeline import Engine, inspect_calls
from qa_pipeline.rules.doubts import SURE_ROLE
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import FindingOutcome, Inspection, Role

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "roles.md"
TELEPHONE_HZ = 8_000
CALLS = 10

Samples = npt.NDArray[np.float32]

VERSIONS: dict[str, Callable[[Samples], Samples]] = {
    "two channels, stated": lambda sound: sound,
    "two channels, exchanged, none stated": lambda sound: sound[::-1],
    "two copies of a mix": lambda sound: np.repeat(sound.mean(axis=0, keepdims=True), 2, axis=0),
    "one channel": lambda sound: sound.mean(axis=0, keepdims=True),
}
STATED = "two channels, stated"


def write_version(folder: Path, version: str) -> None:
    """The sample calls in one version, with the sidecars an audit would find."""
    paths = sorted(one for one in (ROOT / "sample_audio").iterdir() if one.suffix in {".wav", ".mp3"})
    for path in paths[:CALLS]:
        document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if version != STATED:
            document["metadata"]["agent_channel"] = None
        blocks = [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)]
        sound = VERSIONS[version](np.concatenate(blocks, axis=1))
        with wave.open(str(folder / f"{path.stem}.wav"), "wb") as file:
            file.setnchannels(sound.shape[0])
            file.setsampwidth(2)
            file.setframerate(TELEPHONE_HZ)
            file.writeframes((np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes())
        text = json.dumps(document, ensure_ascii=False)
        (folder / f"{path.stem}.json").write_text(text, encoding="utf-8")


def count(inspection: Inspection, sidecar: Path) -> Counter[str]:
    """What one call adds to the sums of its version."""
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    expected = {one["category"] for one in document["expected"]["findings"]}
    hit = {one.category for one in inspection.findings if one.outcome is FindingOutcome.HIT}
    asked = {one.category for one in inspection.findings} - hit
    sums = Counter(
        expected=len(expected),
        hit=len(hit & expected),
        false=len(hit - expected),
        asked=len((expected - hit) & asked),
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


def measure(version: str, engine: Engine) -> Counter[str]:
    """Inspect every call of a version from nothing."""
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_version(folder, version)
        with open_store(f"sqlite:///{folder}/qa.db") as store:
            for inspection in inspect_calls(find_calls([folder]).sources, engine, transcripts=store):
                sums += count(inspection, folder / f"{inspection.call.call_id}.json")
    return sums


def row(version: str, sums: Counter[str]) -> str:
    """One line of the table."""
    spoken = max(1, sums["right_ms"] + sums["wrong_ms"] + sums["sure_wrong_ms"] + sums["none_ms"])
    shares = [f"{sums[kind] / spoken:.1%}" for kind in ("right_ms", "sure_wrong_ms", "wrong_ms", "none_ms")]
    found = [f"{sums['hit']} of {sums['expected']}", str(sums["false"]), str(sums["asked"])]
    return "| " + " | ".join([version, *found, *shares]) + " |"


HEAD = """| version | findings hit | hits nobody made | missed but asked about | role right | wrong and sure | wrong, unsure | no role |
|---|---|---|---|---|---|---|---|"""  # noqa: E501


def main() -> None:
    """Measure, print, and write the table into docs/roles.md when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the table into docs/roles.md")
    options = parser.parse_args()
    engine = build_engine(load_settings())
    table = "\n".join([HEAD, *(row(version, measure(version, engine)) for version in VERSIONS)])
    print(table)
    if options.write:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- versions -->\n")
        _, _, tail = rest.partition("<!-- end of versions -->")
        PAGE.write_text(f"{head}<!-- versions -->\n{table}\n<!-- end of versions -->{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
