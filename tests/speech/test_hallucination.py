"""Invented text is dropped; what people say on the telephone stays."""

from __future__ import annotations

import pytest

from qa_pipeline.speech.hallucination import (
    Suspicion,
    compression_ratio,
    goes_in_circles,
    invented_ranges,
    is_invented,
)

PROMPT = "以下是普通话的电话录音。"


def kept(text: str) -> str:
    dropped = {index for start, end in invented_ranges(text) for index in range(start, end)}
    return "".join(character for index, character in enumerate(text) if index not in dropped)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", ""),
        ("請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", ""),
        ("字幕由Amara.org社区提供", ""),
        ("字幕志愿者 杨茜茜", ""),
        ("中文字幕志願者 李宗盛", ""),
        ("好的我明天还。请不吝点赞订阅", "好的我明天还。"),
        ("谢谢观看", ""),
        ("谢谢您的理解 祝您生活愉快", "谢谢您的理解 祝您生活愉快"),
        ("您可以在手机银行订阅账单提醒", "您可以在手机银行订阅账单提醒"),
        ("短信里的字幕看不清", "短信里的字幕看不清"),
        ("对对对对", "对对对对"),
        ("喂喂喂喂喂", "喂喂喂喂喂"),
        ("哈哈哈哈哈哈哈哈哈哈哈哈", "哈"),
        ("我知道我知道我知道", "我知道我知道我知道"),
        ("还款还款还款还款还款还款还款", "还款"),
        ("请您尽快还款请您尽快还款请您尽快还款请您尽快还款请您尽快还款", "请您尽快还款"),
        ("先说一句请您尽快还款请您尽快还款请您尽快还款请您尽快还款好吧", "先说一句请您尽快还款好吧"),
        ("", ""),
    ],
)
def test_kept_text(text: str, expected: str) -> None:
    assert kept(text) == expected


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("好的", {}, False),
        ("好的", {"no_speech_prob": 0.9, "avg_logprob": -1.4}, True),
        ("好的", {"no_speech_prob": 0.9, "avg_logprob": -0.3}, False),
        ("好的", {"no_speech_prob": 0.1, "avg_logprob": -1.4}, False),
        ("以下是普通话的电话录音", {"prompt": PROMPT}, True),
        ("普通话的电话录音。", {"prompt": PROMPT}, True),
        ("以下是普通話的電話錄音", {"prompt": ""}, False),
        ("电话", {"prompt": PROMPT}, False),
        ("以下是普通话的电话录音，通话会录音，我是银行的", {"prompt": PROMPT, "duration_ms": 5_000}, False),
        ("我在跟您确认一下", {"duration_ms": 1_500}, False),
        ("我在跟您确认一下到账的时间是明天下午五点钟之前吗", {"duration_ms": 900}, True),
        ("嗯好的好的", {"duration_ms": 300}, False),
    ],
)
def test_whole_texts(text: str, changes: dict[str, float | str], expected: bool) -> None:
    usual = {"duration_ms": 2_000, "no_speech_prob": 0.05, "avg_logprob": -0.3, "prompt": ""}
    assert is_invented(text, Suspicion(**{**usual, **changes})) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("您的信用卡三月四号到期，到今天逾期十二天，应还总额三千六百八十元。", False),
        ("我们会如实报送征信的" * 12, True),
        ("啊" * 40, True),
    ],
)
def test_circles(text: str, expected: bool) -> None:
    assert goes_in_circles(text) is expected


def test_compression_ratio_of_talk_is_low() -> None:
    talk = "先生您好，我是信用卡中心的，本次通话有录音，请问是本人吗？麻烦您报一下身份证后四位，我核对一下。"
    assert compression_ratio("") == 0.0
    assert 0.5 < compression_ratio(talk) < 1.6 < compression_ratio(talk * 5)
