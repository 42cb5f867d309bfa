"""The sentence encoder: what is near in meaning is near, and nothing depends on what else is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.resources import models_folder

VIOLATIONS = models_folder() / "violations"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(
        (VIOLATIONS / "encoder.onnx").read_bytes(), (VIOLATIONS / "pieces.json").read_bytes()
    )


def _likeness(encoder: SentenceEncoder, *texts: str) -> Any:
    vectors = encoder.encode(texts)
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


NEAR = [
    ("我们会派人去你家里等你", "我会叫几个兄弟到你家门口守着", "您的账单这个月二十号出来"),
    ("请问您什么时候方便还款", "您看哪一天可以把钱还上", "你这种人就是没有良心"),
    ("这件事我会告诉你们领导", "你单位的同事马上都会知道", "您可以在手机银行上操作"),
]


@pytest.mark.parametrize(("one", "like", "other"), NEAR)
def test_what_means_the_same_is_nearer(encoder: SentenceEncoder, one: str, like: str, other: str) -> None:
    likeness = _likeness(encoder, one, like, other, "今天天气不错", "嗯好的")
    assert likeness[0, 1] > likeness[0, 2]


def test_a_text_is_read_alike_alone_and_among_others(encoder: SentenceEncoder) -> None:
    texts = ["您好", NEAR[0][0], NEAR[1][1] * 3]
    together = encoder.encode(texts)
    assert together.dtype == np.float32
    for index, text in enumerate(texts):
        assert np.array_equal(encoder.encode([text])[0], together[index])


def test_a_text_read_again_is_not_encoded_again(encoder: SentenceEncoder) -> None:
    few = SentenceEncoder(encoder._graph, encoder._pieces, remembered=4)
    first = few.encode(["这句话读两遍"])
    first_vector = few._vectors["这句话读两遍"]
    assert np.array_equal(few.encode(["这句话读两遍"]), first)
    assert few._vectors["这句话读两遍"] is first_vector
    few.encode([f"第{number}句" for number in range(4)])
    assert "这句话读两遍" not in few._vectors
    assert len(few._vectors) == 4


@pytest.mark.parametrize("text", ["嗯", "龘龘龘", "abcxyz", "1", "🙂", "还" * 500])
def test_odd_texts_have_a_vector_too(encoder: SentenceEncoder, text: str) -> None:
    (vector,) = encoder.encode([text])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) > 0


def test_the_bytes_on_disk_stay_small() -> None:
    size = sum((VIOLATIONS / name).stat().st_size for name in ("encoder.onnx", "pieces.json"))
    assert size < 30_000_000
