"""Quotes in their clauses."""

from __future__ import annotations

import pytest

from qa_pipeline.reports.quotation import LONGEST, quotation

IN_CLAUSES = [
    ("喂。你再不处理，我让人过去，打断你的腿。听见没？", "过去，打断", "我让人{过去，打断}你的腿"),
    ("您好，我是周明的同事。", "同事", "我是周明的{同事}"),
    # Recognised speech has spaces in place of marks; those between Latin letters part nothing.
    ("您好 你打开 APP STORE 下载", "STORE", "你打开 APP {STORE} 下载"),
    # A clause that is too long is cut around the words.
    (
        "这边跟您核对一下上个月的账单情况您的卡到今天还没有入账麻烦您今天下午四点以前通过手机银行处理一下",
        "没有入账",
        "…对一下上个月的账单情况您的卡到今天还{没有入账}麻烦您今天下午四点以前通过手机银行处…",
    ),
    (
        "没有入账麻烦您今天下午四点以前通过手机银行处理一下如果有困难的话也可以先跟我说一下原因",
        "没有入账",
        "{没有入账}麻烦您今天下午四点以前通过手机银行处理一下如果有困难的话也可以先跟我说一…",
    ),
    ("等着坐牢", "等着坐牢", "{等着坐牢}"),
]


@pytest.mark.parametrize(("text", "words", "expected"), IN_CLAUSES)
def test_words_are_shown_in_their_clauses(text: str, words: str, expected: str) -> None:
    start = text.index(words)
    shown = quotation(text, start, start + len(words))
    assert f"{shown.before}{{{shown.words}}}{shown.after}" == expected


def test_words_stay_whole_however_long_they_are() -> None:
    text = "一" * 3 + "二" * (LONGEST + 20) + "三" * 3
    shown = quotation(text, 3, LONGEST + 23)
    assert (shown.before, shown.words, shown.after) == ("…", "二" * (LONGEST + 20), "…")
