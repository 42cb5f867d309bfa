"""Words: cut as the lexicon says, whatever the order of its lines, and silent about it."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import LEXICON, Tokenizer, load_lexicon

SENTENCES = [
    ("我是某某银行信用卡中心的催收专员，工号零零七八九。", "某某银行 信用卡中心 催收专员 工号"),
    ("不处理就爆通讯录。", "爆通讯录"),
    ("案件会移交法务部走法律程序。", "法务部 法律程序"),
    ("最低还款额是多少？", "最低还款额"),
    ("您下载我们APP或者去柜台都行。", "app 柜台"),
    ("律师函已经发出去了。", "律师函"),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.mark.parametrize(("raw", "words"), SENTENCES)
def test_words_of_the_field_stay_whole_and_carry_a_tag(tokenizer: Tokenizer, raw: str, words: str) -> None:
    tagged = {token.text for token in tokenizer.tokenize(normalize(raw).text) if token.tag}
    assert set(words.split()) <= tagged


TAGS = [("起诉", "court"), ("坐牢", "police"), ("手机银行", "channel"), ("逾期", "debt"), ("今天", "")]


@pytest.mark.parametrize(("word", "tag"), TAGS)
def test_tag(tokenizer: Tokenizer, word: str, tag: str) -> None:
    (token,) = tokenizer.tokenize(word)
    assert (token.text, token.tag) == (word, tag)


def test_nothing_gives_no_words(tokenizer: Tokenizer) -> None:
    assert tokenizer.tokenize("") == ()


@given(text=st.text(max_size=30))
@settings(max_examples=60)
def test_words_cover_the_text_without_a_gap(tokenizer: Tokenizer, text: str) -> None:
    tokens = tokenizer.tokenize(text)
    assert "".join(token.text for token in tokens) == text
    edge = 0
    for token in tokens:
        assert (token.start_char, text[token.start_char : token.end_char]) == (edge, token.text)
        edge = token.end_char


def test_the_order_of_lexicon_lines_changes_nothing(tokenizer: Tokenizer, tmp_path: Path) -> None:
    lines = LEXICON.read_text(encoding="utf-8").splitlines()
    random.Random(7).shuffle(lines)
    shuffled_file = tmp_path / "lexicon.txt"
    shuffled_file.write_text("\n".join(lines), encoding="utf-8")
    shuffled = Tokenizer(shuffled_file)
    assert shuffled.digest == tokenizer.digest
    for raw, _ in SENTENCES:
        text = normalize(raw).text
        assert shuffled.tokenize(text) == tokenizer.tokenize(text)


def test_two_tokenizers_do_not_share_words(tmp_path: Path, tokenizer: Tokenizer) -> None:
    file = tmp_path / "own.txt"
    file.write_text("催收专员工号 9000 identity\n", encoding="utf-8")
    own = Tokenizer(file)
    assert [token.text for token in own.tokenize("催收专员工号")] == ["催收专员工号"]
    assert [token.text for token in tokenizer.tokenize("催收专员工号")] == ["催收专员", "工号"]
    assert own.digest != tokenizer.digest


def test_every_word_of_the_packaged_lexicon_is_in_normal_form() -> None:
    words = load_lexicon(LEXICON)
    assert len(words) > 400
    assert [word for word in words if normalize(word).text != word] == []


BAD_LINES = [
    ("起诉 100", "expected word, frequency and category, found 2 fields"),
    ("起诉 100 court extra", "found 4 fields"),
    ("起诉 0 court", "must be a whole number above 0, not 0"),
    ("起诉 -3 court", "not -3"),
    ("起诉 many court", "not many"),
    ("起诉 ５ court", "not ５"),
    ("起诉 100 Court", "must be a lower-case name, not Court"),
    ("立案 10 court", "立案 is already in the lexicon"),
]


@pytest.mark.parametrize(("line", "problem"), BAD_LINES)
def test_a_bad_line_is_named_with_file_and_number(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "words.txt"
    file.write_text(f"# words\n立案 100 court\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Tokenizer(file)
    assert caught.value.code == "lexicon_invalid"
    assert "words.txt:3: " in str(caught.value)
    assert problem in str(caught.value)


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("起诉\n立案 1 court\n传票\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"words\.txt:1: .*words\.txt:3: "):
        Tokenizer(file)


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.txt") as caught:
        Tokenizer(tmp_path / "none.txt")
    assert caught.value.code == "lexicon_missing"


def test_first_use_is_silent_and_leaves_no_file(tmp_path: Path) -> None:
    program = (
        "from qa_pipeline.language.tokenization import Tokenizer\n"
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "Tokenizer().tokenize('我们会起诉')\n"
    )
    finished = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPYCACHEPREFIX": str(tmp_path / "fresh")},
        cwd=Path(__file__).parents[2],
    )
    assert (finished.stdout, finished.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_room_is_light_until_it_is_used() -> None:
    program = (
        "import sys, qa_pipeline.language.conversation\n"
        "print([name for name in ('jieba', 'pypinyin', 'opencc', 'sklearn', 'skops') if name in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert finished.stdout.strip() == "[]"


def test_no_handler_is_left_on_the_log() -> None:
    Tokenizer().tokenize("好")
    assert logging.getLogger("jieba").handlers == []
