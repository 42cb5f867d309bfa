"""Train the model of how calls are worded, by which what was heard is spelled.

    python models/train_spelling.py            # writes spelling.skops, manifest.json and the card's table
    python models/train_spelling.py --check    # measures what is stored

Counts the characters of all that is written for training: dialogues, both sides, and the sentences of the
ears; and of the words of jieba's dictionary, so that what other trades say is known to be words too. A minute
on one core.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from artefacts import packed, store
from model_card import only_checks, share_of, write_figures
from sentences import CORPUS, DEVELOPMENT

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.ngrams import BITS, ORDER, START, symbols
from qa_pipeline.language.normalization import NUMBER_CHARACTERS, normalize
from qa_pipeline.language.phonetics import NEAR_COST, substitution_cost, syllables
from qa_pipeline.language.spelling import Speller
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import NormalizedText

HERE = Path(__file__).parent
FOLDER = HERE / "spelling"
CARD = HERE / "cards" / "spelling.md"
SOURCES = ("dialogues", "violations/training", "elements", "customers")
NAME = "collection-spelling"
REVISION = "1"
KNOWN_FROM = 20
"""How often a word of the dictionary stands in its own corpus, at least; rarer ones are names mostly."""
DICTIONARY_WEIGHT = 0.3
"""What a word of the dictionary counts, times the logarithm of its count: less than once read, mostly."""
SELDOM = 1.9
"""N-grams of three characters and more that count less are left out: three in four, and half a point of
errors."""
DISCOUNT = 0.75
"""What is taken from each count for what was not read; as is usual."""
SPOKEN_FROM = 3
"""A character stands for another only if it was read so often: no rare names are put in."""
MISHEARD = 0.2
"""Share of characters that Whisper base gets wrong on a bad line, about."""
RIGHT_CERTAINTY, WRONG_CERTAINTY = 0.85, 0.62
"""How sure it is of what it wrote rightly and wrongly: means over 6,600 characters of spoken calls."""
SEED = 1
CHARACTERS = 8_000
"""How many characters the unseen is shared among: about as many as 通用规范汉字表 (2013) has."""

Counts = list[dict[str, Counter[str]]]
"""By length of the context and context, how often each character followed."""


def read_texts() -> Iterator[str]:
    """All that is written for training, as it was written."""
    for source in SOURCES:
        for path in sorted((HERE / source).rglob("*.jsonl")):
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                yield from (said["text"] for said in row.get("utterances", [row]))


def read_dictionary() -> Iterator[tuple[str, float]]:
    """The words of jieba's dictionary, and what each counts."""
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        word, times, _ = line.split(" ")
        if len(word) > 1 and int(times) >= KNOWN_FROM and re.fullmatch("[\u4e00-\u9fff]+", word):
            yield word, DICTIONARY_WEIGHT * math.log10(int(times))


def count() -> tuple[Counts, dict[str, Counter[str]]]:
    """N-grams, and how often each syllable was written with each character."""
    counts: Counts = [defaultdict(Counter) for _ in range(ORDER)]
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for text in read_texts():
        read = normalize(text)
        _add(counts, "^" + symbols(read.text), 1.0, first=1)
        for character, sound in zip(read.text, read.syllables, strict=True):
            if "\u4e00" <= character <= "\u9fff" and character not in NUMBER_CHARACTERS:
                written[sound][character] += 1
    for word, weight in read_dictionary():
        _add(counts, symbols(word), weight, first=0)
    return counts, written


def _add(counts: Counts, text: str, weight: float, *, first: int) -> None:
    for end in range(first, len(text)):
        for length in range(min(ORDER, end + 1)):
            counts[length][text[end - length : end]][text[end]] += weight


def ngrams_of(counts: Counts) -> dict[str, Any]:
    """The arrays of `CharacterNgrams`: Kneser and Ney's probabilities (1995), interpolated.

    After a shorter context a character is the more probable the more different characters stood before: 圾 is
    frequent, but after 垃 alone.
    """
    counted = _continued(counts)
    characters = "".join(sorted(counts[0][""]))
    number = {character: index for index, character in enumerate(characters, start=2)} | {"^": START}
    followed = counted[0][""]
    whole = sum(followed.values())
    unseen = len(followed) * DISCOUNT / whole / CHARACTERS
    shorter = {("", one): max(followed[one] - DISCOUNT, 0) / whole + unseen for one in characters}
    logs = [unseen, unseen, *(shorter["", character] for character in characters)]
    arrays: dict[str, Any] = {"characters": characters, "logs_1": _logs(logs)}
    for length in range(1, ORDER):
        left: dict[str, float] = {}
        found: dict[tuple[str, str], float] = {}
        for context, every in counted[length].items():
            often = counts[length][context]
            kept = {last: n for last, n in every.items() if length == 1 or often[last] > SELDOM}
            if not kept:
                continue
            whole = sum(every.values())
            left[context] = 1 - sum(max(n - DISCOUNT, 0) for n in kept.values()) / whole
            # What is kept here was kept with the shorter context, too: it is no rarer there.
            for last, n in kept.items():
                below = left[context] * shorter[context[1:], last]
                found[context, last] = max(n - DISCOUNT, 0) / whole + below
        shorter = found
        arrays |= _table(f"contexts_{length}", f"backoffs_{length}", left, number)
        grams = {context + last: share for (context, last), share in found.items()}
        arrays |= _table(f"keys_{length + 1}", f"logs_{length + 1}", grams, number)
    return arrays


def _continued(counts: Counts) -> Counts:
    """What counts of each n-gram: of the longest how often it was read, of others after how many characters.

    Nothing stands before the beginning of an utterance, so what follows it counts as it was read.
    """
    continued: Counts = [defaultdict(Counter) for _ in counts]
    for length in range(ORDER - 1):
        for context, every in counts[length + 1].items():
            for last, n in every.items():
                continued[length][context[1:]][last] += min(1.0, n)
        for context, every in counts[length].items():
            if context.startswith("^"):
                continued[length][context] = every
    return [*continued[:-1], counts[-1]]


def _table(keys: str, logs: str, shares: dict[str, float], number: dict[str, int]) -> dict[str, Any]:
    """Sorted keys, each less the one before it (so they are stored in a third of the place), and logs."""
    rows = sorted(
        (sum(number[one] << BITS * place for place, one in enumerate(reversed(gram))), share)
        for gram, share in shares.items()
    )
    sorted_keys = np.array([key for key, _ in rows], np.int64)
    return {keys: np.diff(sorted_keys, prepend=0), logs: _logs([share for _, share in rows])}


def _logs(shares: Sequence[float]) -> Any:
    return np.log(np.array(shares)).astype(np.float16)


def sounds_of(written: dict[str, Counter[str]]) -> dict[str, dict[str, str]]:
    """For each syllable the characters that are spelled so, and those of near syllables."""
    usual = {
        sound: "".join(character for character, times in found.most_common() if times >= SPOKEN_FROM)
        for sound, found in sorted(written.items())
    }
    return {
        sound: {
            "same": same,
            "near": "".join(
                near for other, near in usual.items() if substitution_cost(sound, other) == NEAR_COST
            ),
        }
        for sound, same in usual.items()
        if same
    }


def read_development() -> Iterator[NormalizedText]:
    """What both sides say in the development dialogues, from which nothing is learned."""
    for folder in DEVELOPMENT:
        for path in sorted((CORPUS / folder).glob("*.jsonl")):
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                yield from (normalize(said["text"]) for said in row["utterances"])


def misheard(read: NormalizedText, alike: dict[str, str], chance: random.Random) -> str:
    """The text with one character in five as another of its syllable, as a recogniser errs."""
    return "".join(
        chance.choice(alike[sound])
        if character in alike.get(sound, "") and chance.random() < MISHEARD
        else character
        for character, sound in zip(read.text, read.syllables, strict=True)
    )


def figures(model: StoredModel) -> str:
    """How much of what is misheard is put right, and how much of what was right is not left so."""
    speller, chance = Speller(model), random.Random(SEED)
    alike = {sound: found["same"] for sound, found in model.artefact["sounds"].items()}
    kept, restored, right, wrong = 0, 0, 0, 0
    for read in read_development():
        heard = misheard(read, alike, chance)
        hits = [one == other for one, other in zip(read.text, heard, strict=True)]
        certainties = [RIGHT_CERTAINTY if hit else WRONG_CERTAINTY for hit in hits]
        spelled = speller.most_likely(heard, syllables(heard), certainties)
        for said, hit, written in zip(read.text, hits, spelled, strict=True):
            right, wrong = right + hit, wrong + (not hit)
            kept, restored = kept + (hit and said == written), restored + (not hit and said == written)
    rows = (
        ("misheard characters put right", Proportion(count=restored, total=wrong)),
        ("well heard characters left as they are", Proportion(count=kept, total=right)),
    )
    lines = [f"| {name} | {share_of(share, places=1)} |" for name, share in rows]
    return "\n".join(["| in the development dialogues | |", "|---|---|", *lines])


def main() -> None:
    """Count and store, unless only asked to measure; measure what is stored."""
    only_measured = only_checks(__doc__)
    if not only_measured:
        counts, written = count()
        content = packed({"ngrams": ngrams_of(counts), "sounds": sounds_of(written)})
        store(content, FOLDER, name=NAME, revision=REVISION)
    told = figures(StoredModel.open(FOLDER))
    print(told)
    if not only_measured:
        write_figures(CARD, told)


if __name__ == "__main__":
    main()
