"""How fast a conversation is read and judged: language and rules together, on one core.

    python -m benchmarks.reading

The dialogues of the development set stand in for a call centre's; each is read and judged as a whole, and the
time is shared out over its utterances. Loading the pack and the models is not counted: it happens once.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.pipeline import Engine
from qa_pipeline.speech.characteristics import measure
from qa_pipeline.types import Conversation

CORPUS = Path(__file__).parents[1] / "tests/corpus/dev"
WARM_UP = 5


def _read(engine: Engine, source: TranscriptSource) -> Conversation:
    characteristics = measure(source.transcript, None)
    return engine.reader.read(source.call, None, source.transcript, characteristics)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="of which the fastest counts (default 3)")
    rounds = parser.parse_args().rounds
    engine = build_engine(load_settings(), hearing=False)
    sources = [
        source
        for path in sorted(CORPUS.glob("*.jsonl"))
        for source in transcripts_from(path)
        if isinstance(source, TranscriptSource)
    ]
    utterances = sum(len(source.transcript.utterances) for source in sources)
    for source in sources[:WARM_UP]:
        engine.rules.judge(_read(engine, source))
    fastest: dict[str, float] = {}
    for _ in range(rounds):
        begin = time.process_time()
        conversations = [_read(engine, source) for source in sources]
        read = time.process_time()
        for conversation in conversations:
            engine.rules.judge(conversation)
        judged = time.process_time()
        for stage, seconds in (
            ("language", read - begin),
            ("rules", judged - read),
            ("both", judged - begin),
        ):
            fastest[stage] = min(seconds, fastest.get(stage, seconds))
    print(f"{len(sources)} dialogues, {utterances} utterances")
    for stage, seconds in fastest.items():
        print(f"{stage}: {utterances / seconds:.0f} utterances a second")


if __name__ == "__main__":
    main()
