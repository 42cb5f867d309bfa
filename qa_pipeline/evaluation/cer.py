"""Character error rate: the field's measure of recognition for languages written without spaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.numerals import bounds, is_one_by_one, pattern

_READ_OUT = str.maketrans("零〇一二三四五六七八九幺", "001234567891")


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterErrors:
    """Counts of errors; rates of several texts come from the sums, never from a mean of rates."""

    substitutions: int
    deletions: int
    insertions: int
    reference_length: int

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors for each reference character, may exceed 1; None without reference characters."""
        return self.errors / self.reference_length if self.reference_length else None


def character_errors(reference: str, hypothesis: str) -> CharacterErrors:
    """Compare two texts after the normaliser of the rules: punctuation and script do not count.

    Numbers are compared by value, since 三千六百八十 and 3680 are the same words to every reader.
    """
    expected, heard = _comparable(reference), _comparable(hypothesis)
    kinds = [operation.tag for operation in Levenshtein.editops(expected, heard)]
    return CharacterErrors(
        substitutions=kinds.count("replace"),
        deletions=kinds.count("delete"),
        insertions=kinds.count("insert"),
        reference_length=len(expected),
    )


def _comparable(text: str) -> str:
    return pattern().sub(lambda match: _digits(match.group()), normalize(text).text)


def _digits(numeral: str) -> str:
    """The number in digits; as it stands where it is a range, a code or only looks like a number."""
    if is_one_by_one(numeral):
        return numeral.translate(_READ_OUT)
    values = None if numeral.isdecimal() else bounds(numeral)
    if values is None or values[0] != values[1]:
        return numeral
    whole, _, fraction = f"{values[0]:f}".partition(".")
    return f"{whole}.{fraction}".rstrip("0").rstrip(".") if fraction else whole


def total(errors: Iterable[CharacterErrors]) -> CharacterErrors:
    """The sum over texts."""
    counted = tuple(errors)
    return CharacterErrors(
        substitutions=sum(one.substitutions for one in counted),
        deletions=sum(one.deletions for one in counted),
        insertions=sum(one.insertions for one in counted),
        reference_length=sum(one.reference_length for one in counted),
    )
