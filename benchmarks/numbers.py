"""How many spoken numbers, amounts and dates are read right, on the test tables of three public libraries.

    python -m benchmarks.numbers --data DIR      # DIR holds numbers.jsonl

Each line of numbers.jsonl is one case of WeTextProcessing, cn2an or JioNLP: `text`, `label`, `set`, `class`.
The tables are not ours and stay outside the repository.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.language.amounts import Amount, find_amounts
from qa_pipeline.language.dates import find_dates
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.numerals import NUMERAL, bounds
from qa_pipeline.proportion import Proportion

_WRITTEN_MONEY = re.compile(r"([^\d.]+)([\d.]+)(?:[~-]([\d.]+))?")
_WRITTEN_DATE = re.compile(r"(\d{4})[年/](\d{2})/(\d{2})")
_CALLED = datetime(2026, 1, 15, 10, 0)  # noqa: DTZ001  these dates name their year


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text with whether it was read right."""

    kind: str
    text: str
    right: bool


def cases(path: Path) -> Iterator[Case]:
    """The cases that fall to us: money, numbers of a sum or a count, dates with day and year."""
    for _, line in numbered_lines(path):
        entry = json.loads(line)
        text, label = entry["text"], entry["label"]
        match entry["set"], entry["class"]:
            case "itn_wetext", "money" if not label.startswith(("一", "二")):
                yield Case(kind="money, spoken", text=text, right=_one_amount(text, *_written_money(label)))
            case "jionlp_money", _:
                yield Case(
                    kind="money, spoken and written", text=text, right=_one_amount(text, *_limits(label))
                )
            case "jionlp_money_extract", _:
                yield Case(kind="money in a sentence", text=text, right=_places(text) == _labelled(label))
            case "itn_cn2an", "self.normal_data_dict" | "self.strict_data_dict" | "self.smart_data_dict":
                if isinstance(label, int | float) and label >= 0 and len(text) > 1:
                    yield _counted(text, Decimal(str(label)))
            case "itn_wetext", "date":
                if written := _WRITTEN_DATE.fullmatch(label):
                    yield Case(kind="dates", text=text, right=_day(text) == written.groups())


def _counted(text: str, value: Decimal) -> Case:
    if set(text) & set("元圆"):
        return Case(kind="money, spoken", text=text, right=_one_amount(text, value, value))
    return Case(kind="numbers", text=text, right=_number(text) == value)


def _written_money(label: str) -> tuple[Decimal, Decimal]:
    """The limits of ¥1.25, £7~8, or ₽15-6, which is 15 to 16."""
    found = _WRITTEN_MONEY.fullmatch(label)
    if found is None:
        raise ValueError(f"no amount: {label}")
    low, high = found[2], found[3] or found[2]
    return Decimal(low), Decimal(high if len(high) >= len(low) else low[: -len(high)] + high)


def _limits(label: list[dict[str, Any]]) -> tuple[Decimal, Decimal]:
    number = label[0]["num"]
    low, high = number if isinstance(number, list) else (number, number)
    return Decimal(low), Decimal(high)


def _one_amount(text: str, low: Decimal, high: Decimal) -> bool:
    """Whether the text names one amount with these limits, to the cent."""
    cent = Decimal("0.01")
    return [(one.low.quantize(cent), one.high.quantize(cent)) for one in _amounts(text)] == [
        (low.quantize(cent), high.quantize(cent))
    ]


def _amounts(text: str) -> tuple[Amount, ...]:
    return find_amounts(normalize(text).text)


def _places(text: str) -> list[str]:
    """The amounts as they stand in the text."""
    normalized = normalize(text)
    return [
        _plain(text[normalized.offsets[one.start_char] : normalized.offsets[one.end_char - 1] + 1])
        for one in find_amounts(normalized.text)
    ]


def _labelled(label: list[list[dict[str, Any]]]) -> list[str]:
    return [_plain(one["text"]) for one in label[0]]


def _plain(text: str) -> str:
    return re.sub(r"[\s()（）含]", "", text)


def _number(text: str) -> Decimal | None:
    normalized = normalize(text).text
    found = re.fullmatch(NUMERAL, normalized)
    limits = bounds(normalized) if found else None
    return limits[0] if limits and limits[0] == limits[1] else None


def _day(text: str) -> tuple[str, ...] | None:
    days = [one.day for one in find_dates(normalize(text).text, _CALLED)]
    if len(days) != 1 or days[0] is None:
        return None
    return tuple(days[0].strftime("%Y %m %d").split())


def shares(found: list[Case]) -> dict[str, Proportion]:
    """The share read right, by kind."""
    kinds = dict.fromkeys(case.kind for case in found)
    return {
        kind: Proportion(
            count=sum(case.right for case in found if case.kind == kind),
            total=sum(case.kind == kind for case in found),
        )
        for kind in kinds
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with numbers.jsonl")
    parser.add_argument("--wrong", action="store_true", help="show each text that was read wrongly")
    arguments = parser.parse_args()
    found = list(cases(arguments.data / "numbers.jsonl"))
    for kind, share in shares(found).items():
        print(f"{kind}: {share.rate or 0:.1%} ({share.count}/{share.total})")
        for case in found:
            if arguments.wrong and case.kind == kind and not case.right:
                print(f"  {case.text}")


if __name__ == "__main__":
    main()
