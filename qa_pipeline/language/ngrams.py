"""How probable a character is after the ones before it: n-grams with back-off, as sorted arrays.

A back-off model as in the ARPA format (Katz 1987): what was not seen after a long context has the
probability it has after a shorter one, times what that context leaves to the unseen. The probabilities
themselves are Kneser and Ney's (1995); `models/train_spelling.py` counts and stores them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from qa_pipeline.language.normalization import NUMBER_CHARACTERS

_FIGURE = re.compile(f"[{''.join(sorted(NUMBER_CHARACTERS))}]{{2,}}|[0-9]")

BITS = 13
"""Of a character's number in a key; four characters fit one integer of 64 bits."""

ORDER = 4
"""Characters of the longest n-gram."""

UNKNOWN, START = 0, 1
"""The numbers of any character that the model does not know, and of the beginning of an utterance."""


class CharacterNgrams:
    """A trained model of characters.

    Args:
        arrays: `characters`, the known ones in one string, the first of them number 2; of each order n from 2
            on `keys_n`, the n-grams as sorted integers, each less the one before it, and `logs_n`, their log
            probabilities; of each length n of a context `contexts_n`, likewise, and `backoffs_n`; `logs_1`,
            a log probability for each number. Logs are natural.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays

    def number(self, symbol: str) -> int:
        """The number of a character, as `symbols` gives it."""
        return self._numbers.get(symbol, UNKNOWN)

    @property
    def size(self) -> int:
        """One more than the highest number."""
        return len(self._single)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {character: number for number, character in enumerate(self._arrays["characters"], start=2)}

    def costs(self, contexts: Any, characters: Any) -> Any:
        """How improbable characters are after contexts: negative log probabilities.

        Args:
            contexts: integers, each of three characters' numbers, the last one lowest.
            characters: numbers.

        Returns:
            An array of contexts by characters.
        """
        logs = np.broadcast_to(self._single[characters], (len(contexts), len(characters))).copy()
        for length in range(1, ORDER):
            context = contexts & ((1 << BITS * length) - 1)
            backoffs, known = self._backoffs[length].of(context)
            if not known.any():
                break
            seen, found = self._seen[length].of((context[:, None] << BITS) | characters)
            logs = np.where(found, seen, logs + np.where(known, backoffs, 0)[:, None])
        return -logs

    @cached_property
    def _single(self) -> Any:
        return self._arrays["logs_1"].astype(np.float32)

    @cached_property
    def _seen(self) -> Mapping[int, _Table]:
        return {n - 1: self._table(f"keys_{n}", f"logs_{n}") for n in range(2, ORDER + 1)}

    @cached_property
    def _backoffs(self) -> Mapping[int, _Table]:
        return {n: self._table(f"contexts_{n}", f"backoffs_{n}") for n in range(1, ORDER)}

    def _table(self, keys: str, values: str) -> _Table:
        return _Table(np.cumsum(self._arrays[keys], dtype=np.int64), self._arrays[values].astype(np.float32))


def symbols(text: str) -> str:
    """The characters by which the model knows a normalised text: 0 for each of a figure's, however written.

    三百块 and 300块 are alike to it; a single 一 is no figure, 一下 is a word.
    """
    return _FIGURE.sub(lambda found: "0" * len(found.group()), text)


def appended(contexts: Any, characters: Any) -> Any:
    """The contexts after one more character each."""
    kept = contexts & ((1 << BITS * (ORDER - 2)) - 1)
    return (kept << BITS) | characters


class _Table:
    """Values by key, keys sorted."""

    def __init__(self, keys: Any, values: Any) -> None:
        self._keys, self._values = keys, values

    def of(self, asked: Any) -> tuple[Any, Any]:
        """The values of the keys that are asked for, and which of these there are."""
        places = np.searchsorted(self._keys, asked)
        places[places == len(self._keys)] = 0
        return self._values[places], self._keys[places] == asked
