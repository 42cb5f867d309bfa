"""Loading packs: what is wrong is named with file, line and the nearest known name, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.loader import load_pack
from tests.rules.calls import HEADER, make_pack, rule, write_pack

pytestmark = pytest.mark.usefixtures("english")

RULE = """
rules:
  - id: threat.arrest.prison
    category: threat.arrest
    version: 1
    title: 以坐牢相威胁
    rationale: 逾期是民事纠纷
    severity: fatal
    basis: [{kind: law, cite: 刑法, grade: text}]
    condition:
      any:
        - phrase: ["@prison"]
        - near: [{phrase: [进去]}, {regex: "蹲.年"}]
    exemptions: [negation]
    examples:
      hit: [等着坐牢]
      miss: [{text: 不会坐牢, why: 否定}]
"""
ELEMENT = """
elements:
  - id: greeting
    version: 1
    title: 问候
    rationale: 礼貌
    basis: [{kind: practice, cite: 规范, grade: seed}]
    applies: {right_party: required}
    window: {first_turns: 2}
    met: {phrase: [您好]}
    examples: {met: [您好], miss: [{text: 喂, why: 没有问候}]}
"""


def problems(folder: Path) -> list[str]:
    with pytest.raises(RulePackError) as raised:
        load_pack(folder)
    assert raised.value.code == "rule_pack_invalid"
    return str(raised.value).splitlines()[1:]


def test_a_sound_pack_loads(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, rules=RULE, elements=ELEMENT))

    assert (pack.id, pack.version) == ("small", "1")
    assert [found.id for found in pack.rules] == ["threat.arrest.prison"]
    assert [found.id for found in pack.elements] == ["greeting"]
    assert str(pack.locations["threat.arrest.prison",]) == "violations/rules.yaml:2"
    assert str(pack.locations["threat.arrest.prison", "hit", 0]) == "violations/rules.yaml:15"
    assert str(pack.locations["greeting", "miss", 0]) == "elements/elements.yaml:10"


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("severity: fatal", "severty: fatal", [
        "violations/rules.yaml:2: rules.0.severity is missing",
        "violations/rules.yaml:7: unknown key severty; did you mean severity?",
    ]),
    ("severity: fatal", "severity: deadly", [
        "violations/rules.yaml:7: rules.0.severity: Input should be 'fatal', 'serious', 'minor' or 'info'",
    ]),
    ("    title: 以坐牢相威胁\n", "    title: 以坐牢相威胁\n    title: 又一个\n", [
        "violations/rules.yaml:6: title stands here twice, first on line 5; keep one",
    ]),
    ('phrase: ["@prison"]', 'phrse: ["@prison"]', [
        "violations/rules.yaml:11: unknown kind of condition phrse; did you mean phrase?",
    ]),
    ('phrase: ["@prison"]', 'phrase: ["@prisn"]', [
        "violations/rules.yaml:11: unknown word list prisn; did you mean prison?",
    ]),
    ('phrase: ["@prison"]', 'phrase: ["@prison"]\n          phonetix: true', [
        "violations/rules.yaml:12: unknown key phonetix; did you mean phonetic?",
    ]),
    ('phrase: ["@prison"]', 'phrase: 坐牢', [
        "violations/rules.yaml:11: rules.0.condition.any.0.phrase: Input should be a valid array",
    ]),
    ('phrase: ["@prison"]', 'phrase: [12378]', [
        "violations/rules.yaml:11: rules.0.condition.any.0.phrase.0: Input should be a valid string",
    ]),
    ('phrase: ["@prison"]', 'not: {phrase: [坐牢]}', [
        "violations/rules.yaml:9: the condition could hold without any words; "
        "put `not` and `metadata` inside `all` beside words",
    ]),
    ('phrase: ["@prison"]', 'promise: date', [
        "violations/rules.yaml:11: `promise` is for elements; a promise to pay is no violation",
    ]),
    ("蹲.年", "蹲(年", [
        "violations/rules.yaml:12: not a regular expression: missing ) at position 3",
    ]),
    ("蹲.年", "(蹲年)?", [
        "violations/rules.yaml:12: the regular expression matches an empty text, "
        "so it would match everywhere",
    ]),
    ("category: threat.arrest", "category: threat.arest", [
        "violations/rules.yaml:3: unknown category threat.arest; did you mean threat.arrest?",
    ]),
    ("[negation]", "[negation, quote]", ["violations/rules.yaml:13: unknown exemption quote"]),
    ("[{text: 不会坐牢, why: 否定}]", "[不会坐牢]", [
        "violations/rules.yaml:16: rules.0.examples.miss.0: say why this must not match",
    ]),
    ("hit: [等着坐牢]", "hit: []", [
        "violations/rules.yaml:14: rules.0.examples: "
        "give an example that is found, in hit or, for a weak rule, in uncertain",
    ]),
    ("id: threat.arrest.prison", "id: greeting", [
        "elements/elements.yaml:2: the id greeting is taken, see violations/rules.yaml:2; "
        "ids are unique in a pack",
    ]),
])  # fmt: skip
def test_a_faulty_rule_is_named(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in RULE
    assert problems(write_pack(tmp_path, rules=RULE.replace(old, new), elements=ELEMENT)) == expected


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("window: {first_turns: 2}", "window: {before: [amuont], after: [greeting]}", [
        "elements/elements.yaml:8: unknown element amuont",
    ]),
    ("{right_party: required}", "{right_party: conditional}", [
        "elements/elements.yaml:2: elements.0: `when` goes with a call type that is conditional",
    ]),
    ("{right_party: required}", "{right_party: conditional}\n    when: [{trigger: hardshp}]", [
        "elements/elements.yaml:8: unknown trigger hardshp; did you mean hardship?",
    ]),
    ("window: {first_turns: 2}", "window: {first_turns: 0}", [
        "elements/elements.yaml:8: elements.0.window.first_turns: "
        "Input should be greater than or equal to 1",
    ]),
    ("window: {first_turns: 2}", "customer_agreement: [yes]", [
        "elements/elements.yaml:8: unknown trigger yes",
    ]),
])  # fmt: skip
def test_a_faulty_element_is_named(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in ELEMENT
    assert problems(write_pack(tmp_path, rules=RULE, elements=ELEMENT.replace(old, new))) == expected


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("agreement: agrees", "agreement: agree", [
        "pack.yaml:6: unknown trigger agree; did you mean agrees?",
    ]),
    ("lifts: minor, to: serious", "lifts: fatal, to: serious", [
        "pack.yaml:30: ladder.0: a step of the ladder leads up: `to` must be worse than `lifts`",
    ]),
    ("{phrase: [手头紧, 失业]}", "{all: [{phrase: [手头紧]}, {said: [agrees, hardship]}]}", [
        "pack.yaml:27: a trigger can ask only for triggers that stand before it; move hardship up",
    ]),
    ("repeated: 3", "repeated: 3, call_types: [third_party]", [
        "pack.yaml:30: ladder.0: give exactly one of repeated, call_types, after, beside",
    ]),
    ("id: quotation", "id: negation", [
        "pack.yaml:17: the id negation is taken; ids are unique in a pack",
    ]),
    ("/有没有人.*吗/", "/有没有人.*(吗/", [
        "pack.yaml:23: not a regular expression: missing ) at position 8",
    ]),
    ("[坐牢, 蹲监狱]", "['@prison']", ["pack.yaml:8: a word list cannot use another word list"]),
    ("language: zh", "language: [zh", ["pack.yaml:4: not valid YAML: while parsing a flow sequence"]),
])  # fmt: skip
def test_a_faulty_header_is_named(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in HEADER
    found = problems(write_pack(tmp_path, header=HEADER.replace(old, new)))
    if "not valid YAML" in expected[0]:
        assert re.match(r"pack\.yaml:\d+: not valid YAML: ", found[0])
    else:
        assert found == expected


def test_every_problem_is_listed_in_order(tmp_path: Path) -> None:
    faulty = RULE.replace("severity: fatal", "severity: bad").replace("version: 1", "version: one")

    found = problems(write_pack(tmp_path, rules=faulty, elements=ELEMENT.replace("met:", "mett:", 1)))

    assert [line.partition(": ")[0] for line in found] == [
        "elements/elements.yaml:2",
        "elements/elements.yaml:9",
        "violations/rules.yaml:4",
        "violations/rules.yaml:7",
    ]


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_is_named(tmp_path: Path, text: str) -> None:
    folder = write_pack(tmp_path)
    (folder / "violations" / "none.yaml").write_text(text, encoding="utf-8")

    assert problems(folder) == ["violations/none.yaml:1: the file is empty"]


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / "violations" / "gbk.yaml").write_bytes("rules: [坐牢]".encode("gbk"))

    assert problems(folder) == ["violations/gbk.yaml:1: not UTF-8 text"]


def test_a_folder_without_a_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulePackError) as raised:
        load_pack(tmp_path)

    assert raised.value.code == "rule_pack_missing"
    assert str(tmp_path) in str(raised.value)


@pytest.mark.parametrize(("text", "value"), [
    ("no", "no"), ("on", "on"), ("08:00", "08:00"), ("2025-01-01", "2025-01-01"), ("0123", "0123"),
])  # fmt: skip
def test_words_stay_words(tmp_path: Path, text: str, value: str) -> None:
    header = HEADER.replace("[坐牢, 蹲监狱]", f"[{text}]")

    pack = load_pack(write_pack(tmp_path, header=header))

    assert pack.header.words["prison"] == (value,)


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    original = load_pack(write_pack(tmp_path / "a", rules=RULE, elements=ELEMENT))
    reordered = RULE.replace("    title: 以坐牢相威胁\n", "").replace(
        "    severity: fatal\n", "    severity: fatal  # a comment\n    title: 以坐牢相威胁\n"
    )
    moved = write_pack(tmp_path / "b", rules=reordered, elements=ELEMENT)
    (moved / "violations" / "rules.yaml").rename(moved / "violations" / "other.yaml")
    changed = write_pack(tmp_path / "c", rules=RULE.replace("蹲.年", "蹲..年"), elements=ELEMENT)

    assert load_pack(moved).digest == original.digest
    assert load_pack(changed).digest != original.digest


def test_the_order_of_rules_does_not_change_the_digest(tmp_path: Path) -> None:
    first, second = rule(), rule(id="threat.arrest.other")

    one = make_pack(tmp_path / "a", rules=[first, second])
    other = make_pack(tmp_path / "b", rules=[second, first])

    assert one.digest == other.digest


def test_the_order_of_exemptions_and_triggers_does_not_change_the_digest(tmp_path: Path) -> None:
    negation, trigger = HEADER.index("  - id: negation"), HEADER.index("  - {id: agrees")
    quotation, section = HEADER.index("  - id: quotation"), HEADER.index("triggers:")
    hardship, ladder = HEADER.index("  - {id: hardship"), HEADER.index("ladder:")
    turned = "".join(
        HEADER[start:end]
        for start, end in (
            (0, negation),
            *((quotation, section), (negation, quotation)),
            (section, trigger),
            *((hardship, ladder), (trigger, hardship)),
            (ladder, None),
        )
    )
    one = load_pack(write_pack(tmp_path / "a", rules=RULE))
    other = load_pack(write_pack(tmp_path / "b", header=turned, rules=RULE))

    assert one.header.exemptions != other.header.exemptions
    assert one.header.triggers != other.header.triggers
    assert one.digest == other.digest


def test_exemptions_and_triggers_may_have_files_of_their_own(tmp_path: Path) -> None:
    together = write_pack(tmp_path / "a", rules=RULE, elements=ELEMENT)
    apart = write_pack(tmp_path / "b", rules=RULE, elements=ELEMENT)
    text = (apart / "pack.yaml").read_text(encoding="utf-8")
    exemptions, triggers, ladder = (
        text.index(f"{section}:") for section in ("exemptions", "triggers", "ladder")
    )
    (apart / "pack.yaml").write_text(text[:exemptions] + text[ladder:], encoding="utf-8")
    (apart / "exemptions.yaml").write_text(text[exemptions:triggers], encoding="utf-8")
    (apart / "triggers.yaml").write_text(text[triggers:ladder], encoding="utf-8")

    assert load_pack(apart).digest == load_pack(together).digest

    (apart / "triggers.yaml").write_text(
        text[triggers:ladder].replace("[手头紧, 失业]", '["@nobody"]'), encoding="utf-8"
    )
    assert problems(apart) == ["triggers.yaml:3: unknown word list nobody"]
