"""A few of the thousand broken recordings of `benchmarks.mutations`: each has an outcome with a name."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.mutations import broken_files, outcome_of

NAMED = re.compile(r"audio_[a-z_]+|no speech|speech found")


def test_broken_recordings_have_named_outcomes(tmp_path: Path) -> None:
    outcomes = {broken.path.name: outcome_of(broken.path) for broken in broken_files(tmp_path, 64, seed=2)}
    assert {name: told for name, told in outcomes.items() if not NAMED.fullmatch(told)} == {}
    assert len(set(outcomes.values())) >= 4


def test_the_same_seed_breaks_the_same_way(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        for _ in broken_files(folder, 16, seed=5):
            pass
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
