"""Words of normalised text, with character offsets, from one tokenizer that nobody shares.

jieba keeps a hidden global tokenizer, writes a dictionary cache to the common temporary folder (and trusts
what it finds there) and logs to standard error. Here each `Tokenizer` owns its dictionary, builds it in
memory (0.6 s once a process, 0.2 s more than from a cache), and the log stays silent. Unknown words stay
single characters (no hidden Markov model): a guess about word edges is worse for a rule than none.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import Token, message

LEXICON = Path(__file__).with_name("lexicon.txt")

_TAG = re.compile(r"[a-z][a-z_]*")


class LexiconEntry(NamedTuple):
    """One word of the lexicon: how strongly it holds together, and its category."""

    frequency: int
    tag: str


def load_lexicon(path: Path) -> Mapping[str, LexiconEntry]:
    """Read a lexicon: lines of word, frequency and category; ``#`` starts a comment line.

    Raises:
        ConfigurationError: ``lexicon_invalid``, naming every bad line; ``lexicon_missing``.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigurationError(
            "lexicon_missing",
            message("The lexicon {path} cannot be read: {reason}.", path=path, reason=error.strerror),
        ) from error
    entries: dict[str, LexiconEntry] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        problem = _problem(fields, entries)
        if problem:
            problems.append(f"{path.name}:{number}: {problem}")
        else:
            entries[fields[0]] = LexiconEntry(int(fields[1]), fields[2])
    if problems:
        raise ConfigurationError(
            "lexicon_invalid",
            message("The lexicon {path} has bad lines: {problems}", path=path, problems="; ".join(problems)),
        )
    return MappingProxyType(entries)


def _problem(fields: list[str], entries: Mapping[str, LexiconEntry]) -> str | None:
    if len(fields) != 3:
        return f"expected word, frequency and category, found {len(fields)} fields"
    word, frequency, tag = fields
    if not frequency.isascii() or not frequency.isdigit() or int(frequency) == 0:
        return f"the frequency of {word} must be a whole number above 0, not {frequency}"
    if not _TAG.fullmatch(tag):
        return f"the category of {word} must be a lower-case name, not {tag}"
    if word in entries:
        return f"{word} is already in the lexicon"
    return None


class Tokenizer:
    """Cuts normalised text into words, with this field's words kept whole and tagged.

    Args:
        lexicon: file of words; the packaged one when None. The base dictionary is loaded at the first text.

    Raises:
        ConfigurationError: the lexicon is missing or has bad lines.
    """

    def __init__(self, lexicon: Path | None = None) -> None:
        self._entries = load_lexicon(lexicon or LEXICON)
        self._dictionary: Any = None

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides how text is cut."""
        content = [f"jieba {_jieba().__version__} no-hmm"]
        content += sorted(f"{word} {frequency} {tag}" for word, (frequency, tag) in self._entries.items())
        return hashlib.sha256("\n".join(content).encode()).hexdigest()

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """Words in order; together they cover the text without a gap."""
        if self._dictionary is None:
            self._dictionary = self._build()
        return tuple(
            Token(text=word, start_char=start, end_char=end, tag=self._tag(word))
            for word, start, end in self._dictionary.tokenize(text, HMM=False)
        )

    def _tag(self, word: str) -> str:
        entry = self._entries.get(word)
        return entry.tag if entry else ""

    def _build(self) -> Any:
        jieba = _jieba()
        dictionary = jieba.Tokenizer()
        dictionary.FREQ, dictionary.total = dictionary.gen_pfdict(dictionary.get_dict_file())
        dictionary.initialized = True
        for word, (frequency, _) in self._entries.items():
            dictionary.add_word(word, freq=frequency)
        return dictionary


@cache
def _jieba() -> Any:
    """The library, imported on first use, without its import-time noise.

    jieba 0.42.1 has invalid escapes in its patterns (a warning when it is first compiled) and imports
    pkg_resources where that exists (deprecated by setuptools).
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="invalid escape sequence", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="invalid escape sequence", category=SyntaxWarning)
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=DeprecationWarning)
        import jieba  # noqa: PLC0415

    jieba.default_logger.removeHandler(jieba.log_console)
    return jieba
