"""Make encoder.onnx and pieces.json of the second ear from the pretrained multilingual-e5-small.

    pip install -e . -r models/requirements.txt
    python models/export_encoder.py

Keeps the pieces that Chinese needs, reads the middle and the last layer, and stores weights of eight bits.
Needs torch, which stays out of the product. Half a minute. Then ``models/train_violations.py`` fits the head
to the encoder as it is after quantisation.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from pretrained import for_chinese, read_pretrained
from transformer import MAX_PIECES, Encoder, piece_tokenizer

FOLDER = Path(__file__).parent / "violations"


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


def main() -> None:
    """Read, cut, store."""
    pretrained = for_chinese(read_pretrained())
    export(Encoder(pretrained).eval(), FOLDER / "encoder.onnx")
    (FOLDER / "pieces.json").write_text(piece_tokenizer(pretrained).to_str(), encoding="utf-8")


if __name__ == "__main__":
    main()
