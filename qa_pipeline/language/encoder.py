"""What words mean, as vectors: a small transformer that ships with the package and runs on the processor.

Multilingual-e5-small (MIT) as pretrained, cut to what Chinese needs, with eight-bit weights in ONNX. Made by
``models/tune_encoder.py``; see ``models/cards/violations.md``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

REMEMBERED = 8_192
"""Vectors that are kept, those of a call of two hours (25 MB): several heads read the same words."""


class SentenceEncoder:
    """Makes one vector of each text; built on first use.

    Args:
        graph: the ONNX graph: ids of pieces and their mask in, vectors out.
        pieces: the tokeniser, as the `tokenizers` library stores it.
        remembered: so many vectors are kept.
    """

    def __init__(self, graph: bytes, pieces: bytes, *, remembered: int = REMEMBERED) -> None:
        self._graph = graph
        self._pieces = pieces
        self._remembered = remembered
        self._vectors: OrderedDict[str, Any] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Any:
        """Vectors of normalised texts as a float32 array of texts by width.

        One text at a time: a batch is no faster on one core, and the scale of its eight bits would depend on
        all its texts, so that what is made of one would depend on its neighbours.
        """
        import numpy as np  # noqa: PLC0415

        return np.array([self._vector(text) for text in texts], np.float32)

    def _vector(self, text: str) -> Any:
        if text in self._vectors:
            self._vectors.move_to_end(text)
            return self._vectors[text]
        import numpy as np  # noqa: PLC0415

        encoding = self._tokenizer.encode(text)
        inputs = {
            "pieces": np.array([encoding.ids], np.int64),
            "attention": np.ones((1, len(encoding.ids)), np.int64),
        }
        (rows,) = self._session.run(None, inputs)
        self._vectors[text] = rows[0]
        if len(self._vectors) > self._remembered:
            self._vectors.popitem(last=False)
        return rows[0]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # noqa: PLC0415

        return Tokenizer.from_buffer(self._pieces)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415

        settings = onnxruntime.SessionOptions()
        settings.inter_op_num_threads = settings.intra_op_num_threads = 1
        settings.log_severity_level = 3
        return onnxruntime.InferenceSession(self._graph, settings, providers=["CPUExecutionProvider"])
