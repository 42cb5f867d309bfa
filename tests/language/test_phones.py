"""Telephone numbers: in one piece, in groups and read out; never a part of a longer number."""

from __future__ import annotations

import pytest

from qa_pipeline.language.normalization import normalize, quote
from qa_pipeline.language.phones import find_phones

PHONES = [
    # words, as quoted, number
    ("打13800138000", "13800138000", "13800138000"),
    ("打幺三八零零幺三八零零零", "幺三八零零幺三八零零零", "13800138000"),
    ("138 0013 8000", "138 0013 8000", "13800138000"),
    ("1380-013-8000", "1380-013-8000", "13800138000"),
    ("幺三八，零零幺三，八零零零", "幺三八，零零幺三，八零零零", "13800138000"),
    ("客服4008208888", "4008208888", "4008208888"),
    ("客服400-820-8888", "400-820-8888", "4008208888"),
    ("客服400 8208 888", "400 8208 888", "4008208888"),
    ("客服4008-208-888", "4008-208-888", "4008208888"),
    ("四零零，八二零，八八八八", "四零零，八二零，八八八八", "4008208888"),
    ("客服400-820-8888，24小时在线", "400-820-8888", "4008208888"),
    ("01065551234", "01065551234", "01065551234"),
    ("010-65551234", "010-65551234", "01065551234"),
    ("(0755) 8655-1234", "0755) 8655-1234", "075586551234"),
    ("零二一，五五五五，一二三四", "零二一，五五五五，一二三四", "02155551234"),
    ("打95588", "95588", "95588"),
    ("打12378", "12378", "12378"),
]


@pytest.mark.parametrize(("raw", "words", "number"), PHONES)
def test_a_phone(raw: str, words: str, number: str) -> None:
    normalized = normalize(raw)
    (phone,) = find_phones(normalized.text)
    assert phone.number == number
    assert quote(raw, normalized, phone.start_char, phone.end_char) == words


NONE = [
    "尾号6688，4300元",
    "6222 0212 3456 7890 123",
    "6222-0212-3456-7890",
    "还2000-3000",
    "2024-06-01",
    "工号0045",
    "138001380001",
    "",
]


@pytest.mark.parametrize("raw", NONE)
def test_no_phone(raw: str) -> None:
    assert find_phones(normalize(raw).text) == ()
