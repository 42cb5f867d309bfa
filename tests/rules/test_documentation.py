"""docs/rules.md names everything that a pack may use, and its rule of a house is one."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from qa_pipeline.rules.bench import check
from qa_pipeline.rules.grammar import CONDITION_KINDS, EntityKind, MetadataField
from qa_pipeline.rules.loader import PACKAGED, load_pack
from qa_pipeline.rules.schema import Ends, Scope
from tests.rules.calls import reader

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("kind", CONDITION_KINDS)
def test_every_condition_has_a_row_with_an_example(kind: str) -> None:
    (row,) = [row for row in ROWS if row.startswith(f"| `{kind}` |")]
    assert f"`{kind}: " in row


@pytest.mark.parametrize("kind", CONDITION_KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_option_of_a_condition_is_shown(kind: type) -> None:
    table = "\n".join(ROWS)
    for field in kind.model_fields:  # type: ignore[attr-defined]
        assert f"`{field.rstrip('_')}" in table, f"{field} of {kind.__name__} is not in the table"


@pytest.mark.parametrize("name", [*EntityKind, *MetadataField])
def test_every_entity_and_field_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE or f": {name}`" in PAGE


@pytest.mark.parametrize("field", [*Scope.model_fields, *Ends.model_fields])
def test_every_scope_is_named(field: str) -> None:
    assert any(f"`{field}" in row for row in ROWS)


def test_the_rule_of_the_house_stands_beside_the_packaged_ones(tmp_path: Path) -> None:
    section = PAGE.partition("## Your own rules")[2].partition("\n## ")[0]
    (written,) = re.findall(r"^    rules:\n(?: {4,}.*\n)+", section, re.MULTILINE)
    copied = Path(shutil.copytree(PACKAGED, tmp_path / "rules"))
    (copied / "violations" / "house.yaml").write_text(dedent(written), encoding="utf-8")

    pack = load_pack(copied)

    packaged = {rule.id for rule in load_pack().rules}
    (house,) = (rule for rule in pack.rules if rule.id not in packaged)
    alone = replace(pack, rules=(house,), case_rules=(), heard_otherwise=(), elements=())
    assert check(alone, reader=reader()) == ()
