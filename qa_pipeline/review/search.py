"""Finding words in what was said: tokens for the store's index, phrases of a query, snippets of a hit.

The index holds each character with its neighbour. A query is the phrase of its own pairs, so two characters
or more are found wherever they stand, as a person expects of a search in Chinese; neither database's own word
splitting finds 起诉 in a sentence. What is indexed is masked first, so that no search tells a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_pipeline.language.normalization import normal_characters
from qa_pipeline.language.redaction import MASK
from qa_pipeline.reports.masking import Masking
from qa_pipeline.types import Inspection, Role, TimeSpan

_AROUND = 18
"""Characters shown on each side of a hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Where a query was found: the words, and the words before and behind."""

    utterance_id: str
    role: Role
    span: TimeSpan | None
    before: str
    found: str
    after: str


def search_words(inspection: Inspection) -> tuple[tuple[str, ...], ...]:
    """The tokens of each utterance as everybody may see it, and as it was most likely said.

    What is masked parts the words beside it.
    """
    masking = Masking(inspection)
    masked = (*masking.utterances.values(), *masking.likely.values())
    return tuple(
        tuple(pair for part in text.split(MASK) for pair in _pairs(_plain(part)[0], last=True))
        for text in masked
    )


def search_phrases(query: str) -> tuple[tuple[str, ...], ...]:
    """A query as phrases that must all be found; white space parts them."""
    phrases: list[tuple[str, ...]] = []
    for part in query.split():
        plain, _ = _plain(part)
        if len(plain) == 1:
            phrases.append((f"{plain}*",))
        elif plain:
            phrases.append(tuple(_pairs(plain, last=False)))
    return tuple(phrases)


def snippets(
    inspection: Inspection, query: str, *, unmasked: bool = False, at_most: int = 3
) -> tuple[Snippet, ...]:
    """The first places where a word of the query was said."""
    transcript = inspection.transcript
    wanted = [plain for plain, _ in map(_plain, query.split()) if plain]
    if transcript is None or not wanted:
        return ()
    seen, shown, found = Masking(inspection), Masking(inspection, unmasked), list[Snippet]()
    for said in transcript.utterances:
        # Masking is slow, so only what holds the words is masked, and looked through again.
        if _first(said.text, wanted) is not None:
            place, text = _first(seen.text(said.text), wanted), shown.text(said.text)
        elif said.likely is not None and _first(said.likely, wanted) is not None:
            place, text = _first(seen.likely[said.id], wanted), shown.likely[said.id]
        else:
            continue
        if place is not None:
            start, end = place
            found.append(
                Snippet(
                    utterance_id=said.id,
                    role=said.role,
                    span=said.span,
                    before=("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start],
                    found=text[start:end],
                    after=text[end : end + _AROUND] + ("…" if end + _AROUND < len(text) else ""),
                )
            )
        if len(found) == at_most:
            break
    return tuple(found)


def _first(text: str, wanted: Sequence[str]) -> tuple[int, int] | None:
    plain, offsets = _plain(text)
    for word in wanted:
        at = plain.find(word)
        if at >= 0:
            return offsets[at], offsets[at + len(word) - 1] + 1
    return None


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Normalised letters and digits alone, and where each stood in the text."""
    kept = [one for one in zip(*normal_characters(text), strict=True) if one[0].isalnum()]
    return "".join(character for character, _ in kept), [offset for _, offset in kept]


def _pairs(text: str, *, last: bool) -> Iterator[str]:
    """Each character with the next; with `last` the final one also alone, so that a single one is found."""
    for start in range(len(text) - 1):
        yield text[start : start + 2]
    if last and text:
        yield text[-1]
