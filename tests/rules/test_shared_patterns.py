"""Patterns that a pack names once: put in where they are used, and what is wrong told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.grammar import RegexCondition
from qa_pipeline.rules.loader import PACKAGED, RulePack, load_pack
from qa_pipeline.rules.shared_patterns import REFERENCE, read_patterns
from qa_pipeline.rules.sources import sheet_of
from tests.rules.calls import write_pack

pytestmark = pytest.mark.usefixtures("english")

RULE = """
rules:
  - id: threat.family.reach
    category: threat.arrest
    version: 1
    title: 以家人相威胁
    rationale: 家人与债务无关
    severity: fatal
    basis: [{kind: law, cite: 刑法, grade: text}]
    condition:
      regex: '(?&kin).{0,4}躲不掉'
      exclude: ['没有躲不掉', '(?&kin)说']
    exemptions: [negation]
    examples:
      hit: [你老婆躲不掉]
      miss: [{text: 你躲不掉, why: 没有家人}]
"""
PATTERNS = """\
patterns:
  child: 儿子|女儿
  kin:
    - 老婆|老公
    - (?&child)
"""


def pack_folder(folder: Path, *, rules: str = RULE, patterns: str = PATTERNS) -> Path:
    write_pack(folder, rules=rules)
    (folder / "patterns.yaml").write_text(patterns, encoding="utf-8")
    return folder


def condition(pack: RulePack) -> RegexCondition:
    (rule,) = pack.rules
    assert isinstance(rule.condition, RegexCondition)
    return rule.condition


def test_a_pattern_is_put_in_whole_where_its_name_stands(tmp_path: Path) -> None:
    found = condition(load_pack(pack_folder(tmp_path)))

    assert found.regex == "(?:老婆|老公|(?:儿子|女儿)).{0,4}躲不掉"
    assert found.exclude == "没有躲不掉|(?:老婆|老公|(?:儿子|女儿))说"


def test_the_digest_is_that_of_the_pattern_written_out(tmp_path: Path) -> None:
    whole = RULE.replace("(?&kin)", "(?:老婆|老公|(?:儿子|女儿))")
    changed = PATTERNS.replace("女儿", "闺女")
    shared = load_pack(pack_folder(tmp_path / "a")).digest

    assert load_pack(write_pack(tmp_path / "b", rules=whole)).digest == shared
    assert load_pack(pack_folder(tmp_path / "c", patterns=changed)).digest != shared


@pytest.mark.parametrize(("rules", "patterns", "expected"), [
    (RULE.replace("(?&kin).", "(?&kim)."), PATTERNS, [
        "violations/rules.yaml:10: unknown pattern kim; did you mean kin?",
    ]),
    (RULE, PATTERNS.replace("(?&child)", "(?&children)"), [
        "patterns.yaml:3: unknown pattern children; did you mean child?",
    ]),
    # Only what stands before it is known to a pattern.
    (RULE, "patterns:\n  kin: 老婆|(?&child)\n  child: 儿子\n", ["patterns.yaml:2: unknown pattern child"]),
    (RULE, PATTERNS.replace("老公", "老(公"), [
        "patterns.yaml:3: not a regular expression: missing ) at position 16",
    ]),
    (RULE, PATTERNS.replace("patterns:", "patterms:"), [
        "patterns.yaml:1: patterns is missing",
        "patterns.yaml:1: unknown key patterms; did you mean patterns?",
    ]),
    (RULE, "", ["patterns.yaml:1: the file is empty"]),
])  # fmt: skip
def test_what_is_wrong_is_told_where_it_stands(
    tmp_path: Path, rules: str, patterns: str, expected: list[str]
) -> None:
    with pytest.raises(RulePackError) as raised:
        load_pack(pack_folder(tmp_path, rules=rules, patterns=patterns))

    assert sorted(str(raised.value).splitlines()[1:]) == sorted(expected)


def test_a_sheet_shows_the_patterns_that_an_entry_names(tmp_path: Path) -> None:
    folder = pack_folder(tmp_path)

    sheet = sheet_of(load_pack(folder), folder, "threat.family.reach")

    assert sheet.patterns == (("kin", "老婆|老公|(?:儿子|女儿)"),)


def test_the_packaged_pack_uses_each_of_its_patterns() -> None:
    patterns, problems = read_patterns(PACKAGED)
    written = "".join(path.read_text(encoding="utf-8") for path in PACKAGED.rglob("*.yaml"))

    assert problems == ()
    assert patterns
    assert set(REFERENCE.findall(written)) == set(patterns)
