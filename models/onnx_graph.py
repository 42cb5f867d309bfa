"""Stores the encoder as the graph that ships."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformer import MAX_PIECES, Encoder


def export(encoder: Encoder, path: Path) -> None:
    """Write the encoder as an ONNX graph for any number and length of texts, with weights of eight bits.

    With reduced range the products of processors without VNNI do not overflow: alike on every machine.
    """
    example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64))
    texts, length = torch.export.Dim("texts"), torch.export.Dim("length", max=MAX_PIECES)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "encoder.onnx"
        torch.onnx.export(
            encoder,
            example,
            whole,
            input_names=["pieces", "attention"],
            output_names=["vectors"],
            dynamic_shapes=({0: texts, 1: length}, {0: texts, 1: length}),
            opset_version=18,
            external_data=False,
        )
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
