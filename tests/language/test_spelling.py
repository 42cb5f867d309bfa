"""What was most likely said: what is put right, what stays, and that figures never change.

No sentence stands in the training data or the corpus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from qa_pipeline.language.ngrams import ORDER, START, CharacterNgrams, appended, symbols
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.spelling import Speller
from qa_pipeline.types import Alternative, NormalizedText, Role, TimeSpan, Utterance, Word

SURE, UNSURE, LOST = 0.97, 0.6, 0.3


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.load()


def recognised(
    heard: str, said: str | None = None, *, certainty: float = UNSURE, nearly: Mapping[str, Alternative] = {}
) -> Utterance:
    """An utterance of one word a character; the recogniser was unsure of those that were not said.

    Args:
        nearly: what it nearly wrote instead of a character.
    """
    pairs = zip(heard, said or heard, strict=True)
    words = tuple(
        Word(
            text=character,
            span=TimeSpan(start_ms=200 * place, end_ms=200 * place + 200),
            probability=SURE if character == meant else certainty,
            alternatives=((nearly[character],),) if character in nearly else (),
        )
        for place, (character, meant) in enumerate(pairs)
    )
    return Utterance(
        id="u1", role=Role.AGENT, role_confidence=1.0, channel=0, span=None, text=heard, words=words
    )


def spelled(speller: Speller, utterance: Utterance) -> NormalizedText:
    return speller.spell(utterance, normalize(utterance.text))


MISHEARD = [
    ("麻烦您核对一下征件号的末尾", "麻烦您核对一下证件号的末尾"),
    ("这笔款子已经与期半个多月了", "这笔款子已经逾期半个多月了"),
    ("到时候会如时上报正信系统", "到时候会如实上报征信系统"),
    ("我的公号是后面那串数", "我的工号是后面那串数"),
    ("没还清的话法西照样要算的", "没还清的话罚息照样要算的"),
    ("您这个消费带什么时候还的上", "您这个消费贷什么时候还得上"),
    ("那我帮您保备一下延期的诉求", "那我帮您报备一下延期的诉求"),
    ("委约金是按合同收的", "违约金是按合同收的"),
    ("本次通话会有录因请您知悉", "本次通话会有录音请您知悉"),
    ("再这么拖就让你们村里人都来看看老赖常什么样", "再这么拖就让你们村里人都来看看老赖长什么样"),
    ("这通店话是打给您本人核实的", "这通电话是打给您本人核实的"),
]


@pytest.mark.parametrize(("heard", "said"), MISHEARD)
def test_what_was_misheard_is_spelled_as_it_was_said(speller: Speller, heard: str, said: str) -> None:
    assert spelled(speller, recognised(heard, said)).text == said


ORDINARY = [
    "您语气好一点咱们慢慢说",
    "我预期下个月能发奖金",
    "附近商场里就有我们的网点",
    "他在部队里当过几年兵",
    "我同时给您登记两个号码",
    "孩子的功课落下了不少",
    "水果店的生意这阵子不错",
    "他们厂子专做汽车零件",
    "您先把药吃了歇一会儿",
    "这趟火车晚点了四十分钟",
    "老家那边正赶上收麦子",
    "麻烦把空调温度调低一点",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_what_was_well_heard_stays(speller: Speller, text: str) -> None:
    assert spelled(speller, recognised(text)) == normalize(text)


def figures_of(text: str) -> list[str]:
    """The figures of a text, each at its place."""
    return [
        character if character in "0123456789零一二三四五六七八九十百千万两" else "" for character in text
    ]


@pytest.mark.parametrize("heard", [
    "您一共欠了三千四百块",
    "应还金额是4860块钱",
    "已经逾期是七天了",
    "尾号是六六八八对吧",
    "一下午都在忙",
    "事实上没有人不还",
    "就是说呢",
])  # fmt: skip
def test_figures_neither_change_nor_come(speller: Speller, heard: str) -> None:
    found = spelled(speller, recognised(heard, "？" * len(heard), certainty=LOST)).text

    assert figures_of(found) == figures_of(heard)


@pytest.mark.parametrize(("heard", "nearly", "likely"), [
    # Of another sound, which nothing but the recogniser tells.
    ("您这个月能花多少", {"花": ("还", 0.4)}, "您这个月能还多少"),
    ("这通电话会有录印", {"印": ("音", 0.6)}, "这通电话会有录音"),
    ("您这个月能花多少", {}, "您这个月能花多少"),
    # Improbable words stay unheard, however nearly they were written.
    ("您这个月能花多少", {"花": ("葱", 0.9)}, "您这个月能花多少"),
    # Figures neither change nor come.
    ("您欠了四千块", {"四": ("十", 5.0)}, "您欠了四千块"),
    ("咱们是这样的", {"是": ("十", 5.0)}, "咱们是这样的"),
])  # fmt: skip
def test_what_was_nearly_written_may_have_been_said(
    speller: Speller, heard: str, nearly: Mapping[str, Alternative], likely: str
) -> None:
    assert spelled(speller, recognised(heard, nearly=nearly)).text == likely


def test_alternatives_belong_to_the_characters_of_the_text(speller: Speller) -> None:
    word = Word(
        text=" 录印，",
        span=TimeSpan(start_ms=0, end_ms=900),
        probability=UNSURE,
        alternatives=((), (), (("音", 0.6),), ()),
    )
    before = recognised("这通电话会有")
    utterance = replace(before, text=before.text + word.text, words=(*before.words, word))

    assert spelled(speller, utterance).text == "这通电话会有录音"


def test_the_way_back_to_the_transcript_stays(speller: Speller) -> None:
    utterance = recognised("嗯，与期了，对部队？", "嗯，逾期了，对不对？")
    heard = normalize(utterance.text)
    found = speller.spell(utterance, heard)

    assert found.text == "嗯逾期了对不对"
    assert found.heard == heard.text == "嗯与期了对部队"
    assert found.offsets == heard.offsets
    assert len(found.syllables) == len(found.text)
    assert found.respelled(1, 3)
    assert not found.respelled(0, 1)
    assert not heard.respelled(0, 7)


def test_a_given_transcript_is_read_as_it_stands(speller: Speller) -> None:
    given = Utterance(
        id="u1", role=Role.AGENT, role_confidence=1.0, channel=None, span=None, text="您这笔款与期了"
    )

    assert spelled(speller, given) == normalize("您这笔款与期了")


@pytest.mark.parametrize("text", ["", "……", "OK", "喂", "e和a", "A组O型n项"])
def test_letters_and_little_are_no_trouble(speller: Speller, text: str) -> None:
    letters = [one for one in normalize(text).text if one.isascii()]
    found = spelled(speller, recognised(text, "？" * len(text), certainty=LOST)).text

    assert [one for one in found if one.isascii()] == letters
    assert len(found) == len(normalize(text).text)


def test_a_surer_recogniser_is_believed_more(speller: Speller) -> None:
    heard, said = "厂里的公前都没发", "厂里的工钱都没发"
    (unsure, sure) = (spelled(speller, recognised(heard, said, certainty=one)) for one in (LOST, SURE))

    assert unsure.text == said
    assert sure.text == heard


@pytest.mark.parametrize(("text", "known"), [
    ("三百块", "00块"),
    ("300块", "000块"),
    ("5号", "0号"),
    ("等一下", "等一下"),
    ("幺三八", "000"),
])  # fmt: skip
def test_figures_are_alike_to_the_model(text: str, known: str) -> None:
    assert symbols(text) == known


@pytest.mark.parametrize("before", ["", "逾", "请问您是", "本次通", "垃"])
def test_probabilities_add_up(speller: Speller, before: str) -> None:
    ngrams: CharacterNgrams = speller.ngrams
    context = np.array([START])
    for character in before:
        context = appended(context, np.array([ngrams.number(character)]))
    every = np.arange(2, ngrams.size)
    known = float(np.exp(-ngrams.costs(context, every)).sum())

    assert 0.98 < known <= 1.002  # stored in half precision; the rest is of characters nobody wrote


def test_longer_contexts_tell_more(speller: Speller) -> None:
    ngrams = speller.ngrams
    after = ngrams.number("期")
    contexts = [np.array([START]), np.array([ngrams.number("逾")])]
    alone, overdue = (float(ngrams.costs(context, np.array([after]))[0, 0]) for context in contexts)

    assert overdue < 0.5 < alone
    assert ORDER == 4
