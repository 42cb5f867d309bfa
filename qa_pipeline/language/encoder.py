"""What words mean, as vectors: a small transformer that ships with the package and runs on the processor.

A fine-tuned part of multilingual-e5-small (MIT) with eight-bit weights in ONNX. Trained by
``models/train_encoder.py``; see ``models/cards/violations.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any


class SentenceEncoder:
    """Makes one vector of each text; built on first use.

    Args:
        graph: the ONNX graph: ids of pieces and their mask in, vectors out.
        pieces: the tokeniser, as the `tokenizers` library stores it.
    """

    def __init__(self, graph: bytes, pieces: bytes) -> None:
        self._graph = graph
        self._pieces = pieces

    def encode(self, texts: Sequence[str]) -> Any:
        """Vectors of normalised texts as a float32 array of texts by width.

        One text at a time: a batch is no faster on one core, and the scale of its eight bits would depend on
        all its texts, so that what is made of one would depend on its neighbours.
        """
        import numpy as np  # noqa: PLC0415

        vectors = []
        for text in texts:
            encoding = self._tokenizer.encode(text)
            inputs = {
                "pieces": np.array([encoding.ids], np.int64),
                "attention": np.ones((1, len(encoding.ids)), np.int64),
            }
            (rows,) = self._session.run(None, inputs)
            vectors.append(rows[0])
        return np.array(vectors, np.float32)

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
