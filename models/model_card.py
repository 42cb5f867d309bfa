"""What the training scripts have in common: their options, their figures and the cards these stand in."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from qa_pipeline.proportion import Proportion

NEVER = 2.0
"""A level that no probability reaches."""


def only_checks(description: str | None) -> bool:
    """Whether the command line asks to measure only, and to write nothing.

    Args:
        description: what the script says of itself.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="measure only, write nothing")
    return bool(parser.parse_args().check)


def lowest_level(grid: Any, probabilities: Any, true: Any, *, precision: float, cases: int) -> float:
    """The lowest level from which on there are enough cases and enough of them are right; else `NEVER`."""
    for level in grid:
        said = probabilities >= level
        if said.sum() < cases:
            break
        if true[said].mean() >= precision:
            return float(level)
    return NEVER


def share_of(share: Proportion, *, places: int = 0) -> str:
    """Count, rate and 95 % Wilson interval, with so many decimal places."""
    if share.rate is None or share.interval is None:
        return "none"
    low, high = share.interval
    rate, low_end, high_end = (f"{part:.{places}%}" for part in (share.rate, low, high))
    return f"{share.count}/{share.total} = {rate} ({low_end}-{high_end})"


def write_figures(card: Path, figures: str) -> None:
    """Put the figures between the card's two markers."""
    head, _, rest = card.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    _, _, tail = rest.partition("<!-- end of figures -->")
    card.write_text(f"{head}<!-- figures -->\n{figures}\n<!-- end of figures -->{tail}", encoding="utf-8")
