"""`qa scorecard`: one agent over a period."""

from __future__ import annotations


def scorecard() -> None:
    raise SystemExit
