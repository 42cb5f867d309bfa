"""The Chinese catalogue: every sentence of the code is in it, says the same values, and is compiled."""

from __future__ import annotations

import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

KEYWORDS = {"_": None, "gettext": None, "message": None, "N_": None}


@pytest.fixture(scope="module")
def locale_folder(repository: Path) -> Path:
    return repository / "qa_pipeline" / "locale"


@pytest.fixture(scope="module")
def chinese(locale_folder: Path) -> Catalog:
    with (locale_folder / "zh_CN" / "LC_MESSAGES" / "qa_pipeline.po").open("rb") as file:
        return read_po(file, locale="zh_CN", abort_invalid=True)


@pytest.fixture(scope="module")
def extracted(repository: Path, locale_folder: Path) -> set[str]:
    with (locale_folder / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(repository), methods, options, keywords=KEYWORDS)
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def _placeholders(text: str) -> list[str]:
    return sorted(f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(text) if name is not None)


def test_code_and_templates_are_read(extracted: set[str]) -> None:
    assert {"Red line", "Call inspection report", "Scorecard of agent {agent}"} <= extracted


def test_every_sentence_has_a_chinese_one(extracted: set[str], chinese: Catalog) -> None:
    missing = sorted(text for text in extracted if not (chinese.get(text) and chinese.get(text).string))
    assert missing == [], "run the commands of qa_pipeline/locale/README.md and translate these"


def test_the_catalogue_holds_nothing_that_no_code_says(extracted: set[str], chinese: Catalog) -> None:
    assert sorted(entry.id for entry in chinese if entry.id and entry.id not in extracted) == []


def test_translations_hold_the_same_values(chinese: Catalog) -> None:
    different = [
        entry.id for entry in chinese if entry.id and _placeholders(entry.id) != _placeholders(entry.string)
    ]
    assert different == []


def test_nothing_is_left_to_guesswork(chinese: Catalog) -> None:
    assert [entry.id for entry in chinese if entry.fuzzy and entry.id] == []


def test_the_compiled_catalogue_is_in_step(locale_folder: Path, chinese: Catalog) -> None:
    buffer = io.BytesIO()
    write_mo(buffer, chinese)
    buffer.seek(0)
    with (locale_folder / "zh_CN" / "LC_MESSAGES" / "qa_pipeline.mo").open("rb") as file:
        compiled = read_mo(file)
    texts = {entry.id: entry.string for entry in compiled if entry.id}
    assert texts == {entry.id: entry.string for entry in read_mo(buffer) if entry.id}
