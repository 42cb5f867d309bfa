"""Text that a recogniser invents: on silence, on noise, out of its own prompt, or by going in circles."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass

from rapidfuzz import fuzz

VERSION = 1
"""Raised when a filter changes, since it then changes transcripts."""

NO_SPEECH_PROBABILITY = 0.6
NO_SPEECH_LOGPROB = -1.0
"""Above the first and below the second a segment is silence (Radford et al. 2022, section 4.5)."""

MAX_COMPRESSION_RATIO = 2.4
"""Text that deflates better than this repeats itself (same source); Chinese talk lies between 0.6 and 1.6."""

MAX_CHARS_PER_SECOND = 14.0
"""Nobody speaks faster; the fastest news readers reach 6 to 8 syllables a second."""

_INVENTED = re.compile(
    r"(?:請|请)不吝(?:點|点)(?:贊|赞|讚)|(?:訂|订)(?:閱|阅)\W{0,2}(?:轉|转)(?:發|发)|(?:明鏡|明镜)(?:與|与|需要)"
    r"|字幕(?:由|提供|製作|制作|志愿|志願|組|组|by|:|：)|中文字幕|(?:謝謝|谢谢|感謝|感谢)(?:您的)?(?:觀看|观看|收看|收聽|收听)"
    r"|Amara\.?org|(?:優優|优优)(?:獨播|独播)|YoYo Television|(?:詞曲|词曲|作詞|作词)\W|李宗盛|MING PAO"
    r"|(?:下集|下期)(?:再見|再见)|Thank(?:s| you) for watching",
    re.IGNORECASE,
)
"""Credits and sign-offs of subtitled video, the training material, which Whisper writes over silence; they
come traditional as well as simplified. None is something an agent or a customer says on a collection call."""

_SENTENCE_END = re.compile(r"[。！？!?\n]")
_LOOP = re.compile(
    r"(?P<one>.)(?P=one){7,}|(?P<short>.{2,3}?)(?P=short){5,}|(?P<long>.{4,20}?)(?P=long){3,}", re.DOTALL
)
"""A phrase four times running, a pair six times, one character eight times: 对对对对 is still talk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What is known of a text besides its characters.

    Args:
        duration_ms: of the speech it was taken from.
        no_speech_prob: of its window, 0..1.
        avg_logprob: mean over its characters.
        prompt: the initial prompt given, or an empty string.
    """

    duration_ms: int
    no_speech_prob: float
    avg_logprob: float
    prompt: str = ""


def compression_ratio(text: str) -> float:
    """How many times smaller the text deflates; high for text that repeats itself."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def is_invented(text: str, suspicion: Suspicion) -> bool:
    """Whether the whole text is to go: silence by Whisper's figures, an echo of the prompt, or too fast."""
    if suspicion.no_speech_prob > NO_SPEECH_PROBABILITY and suspicion.avg_logprob < NO_SPEECH_LOGPROB:
        return True
    if _echoes(text, suspicion.prompt):
        return True
    seconds = max(suspicion.duration_ms, 1) / 1000
    return len(text) > max(6, math.ceil(MAX_CHARS_PER_SECOND * seconds))


def invented_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Half-open ranges of characters to drop: sentences of subtitle credits, and loops but for one turn."""
    ranges = [_sentence_around(text, match.start(), match.end()) for match in _INVENTED.finditer(text)]
    for match in _LOOP.finditer(text):
        unit = next(group for group in match.groups() if group is not None)
        ranges.append((match.start() + len(unit), match.end()))
    return tuple(sorted(set(ranges)))


def goes_in_circles(text: str) -> bool:
    """Whether the text is mostly repetition, by loops or by compression."""
    return _LOOP.search(text) is not None or compression_ratio(text) > MAX_COMPRESSION_RATIO


def _echoes(text: str, prompt: str) -> bool:
    heard = re.sub(r"\W", "", text)
    given = re.sub(r"\W", "", prompt)
    if len(heard) < 4 or not given:
        return False
    return fuzz.partial_ratio(heard, given) >= 85 and len(heard) <= 1.2 * len(given)


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    return (before[-1] if before else 0, after.end() if after else len(text))
