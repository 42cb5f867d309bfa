"""An entry as written: each row is an id, where it stands and how its text begins and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.loader import PACKAGED, RulePack, load_pack
from qa_pipeline.rules.sources import sheet_of
from qa_pipeline.types import Severity
from tests.rules.calls import write_pack

RULES = """\
rules:
  # about prison
  - id: threat.arrest.prison
    category: threat.arrest
    version: 1
    title: 以坐牢相威胁
    rationale: 逾期是民事纠纷
    severity: serious
    basis: &law
      - {kind: law, cite: 刑法, grade: text}
    condition: {phrase: ["@prison"]}  # or worse
    exemptions: [negation, quotation]
    examples: {hit: [等着坐牢], miss: [{text: 您好, why: 问候}]}

  # about tone
  - id: service.tone.shout
    category: service.tone
    version: 1
    title: 语气
    rationale: 礼貌
    severity: minor
    basis: *law
    condition: {phrase: [吵死了]}
    examples: {hit: [吵死了], miss: [{text: 您好, why: 问候}]}
"""
ELEMENTS = """\
elements:
  - {id: greeting, version: 1, title: 问候, rationale: 礼貌, applies: {right_party: required},
     basis: [{kind: practice, cite: 规范, grade: seed}], met: {phrase: [您好]},
     examples: {met: [您好], miss: [{text: 喂, why: 没有}]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path, rules=RULES, elements=ELEMENTS)


@pytest.fixture
def pack(folder: Path) -> RulePack:
    return load_pack(folder)


@pytest.mark.parametrize(("name", "place", "first", "last"), [
    (
        "threat.arrest.prison",
        "violations/rules.yaml:3",
        "id: threat.arrest.prison",
        "examples: {hit: [等着坐牢], miss: [{text: 您好, why: 问候}]}",
    ),
    (
        "service.tone.shout",
        "violations/rules.yaml:16",
        "id: service.tone.shout",
        "examples: {hit: [吵死了], miss: [{text: 您好, why: 问候}]}",
    ),
    (
        "greeting",
        "elements/elements.yaml:2",
        "{id: greeting, version: 1, title: 问候, rationale: 礼貌, applies: {right_party: required},",
        " examples: {met: [您好], miss: [{text: 喂, why: 没有}]}}",
    ),
    ("question", "pack.yaml:21", "id: question", "outcome: doubtful"),
    (
        "hardship",
        "pack.yaml:27",
        "{id: hardship, title: 困难, condition: {phrase: [手头紧, 失业]}}",
        "{id: hardship, title: 困难, condition: {phrase: [手头紧, 失业]}}",
    ),
])  # fmt: skip
def test_an_entry_is_shown_as_written(
    pack: RulePack, folder: Path, name: str, place: str, first: str, last: str
) -> None:
    source = sheet_of(pack, folder, name).source

    lines = source.text.splitlines()
    assert (str(source.location), lines[0], lines[-1]) == (place, first, last)


def test_comments_within_an_entry_stay(pack: RulePack, folder: Path) -> None:
    text = sheet_of(pack, folder, "threat.arrest.prison").source.text
    assert 'condition: {phrase: ["@prison"]}  # or worse' in text.splitlines()


def test_what_an_entry_names_stands_with_it(pack: RulePack, folder: Path) -> None:
    sheet = sheet_of(pack, folder, "threat.arrest.prison")

    assert [(each.id, each.text.splitlines()[0]) for each in sheet.exemptions] == [
        ("negation", "id: negation"),
        ("quotation", "id: quotation"),
    ]
    assert sheet.words == (("prison", ("坐牢", "蹲监狱")),)
    assert (sheet.title, sheet.severity) == ("以坐牢相威胁", Severity.SERIOUS)


def test_a_basis_named_by_an_anchor_is_resolved(pack: RulePack, folder: Path) -> None:
    assert [basis.cite for basis in sheet_of(pack, folder, "service.tone.shout").basis] == ["刑法"]


@pytest.mark.parametrize(("wrong", "right"), [
    ("threat.arrest.prision", "threat.arrest.prison"),
    ("greting", "greeting"),
    ("negate", "negation"),
])  # fmt: skip
def test_an_unknown_name_brings_the_nearest(pack: RulePack, folder: Path, wrong: str, right: str) -> None:
    with pytest.raises(RulePackError, match="entry_unknown") as caught:
        sheet_of(pack, folder, wrong)
    assert right in str(caught.value)


def test_every_entry_of_the_packaged_pack_can_be_shown() -> None:
    pack = load_pack()
    for name in (pack.rules[0].id, pack.rules[-1].id, pack.elements[-1].id, pack.heard_otherwise[-1].id):
        assert sheet_of(pack, PACKAGED, name).source.text.startswith(f"id: {name}")
