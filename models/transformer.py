"""The pretrained transformer in torch, from which `tune_encoder.py` makes the graph that ships."""

from __future__ import annotations

from typing import Any

import torch
from pretrained import SPACE, SPECIAL, Pretrained
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor, nn
from torch.nn import functional

MAX_PIECES = 64
"""Longest input; a window of 60 characters has no more."""

MIDDLE = 8
"""Layer whose output is read beside that of the last. Regressions on the means of one layer reached a mean
average precision on the development turns of 0.46 (sixth), 0.47 (eighth), 0.48 (tenth) and 0.61 (last); on
eighth and last together 0.65, and on a third one beside them no more."""


def piece_tokenizer(pretrained: Pretrained) -> Tokenizer:
    """The unigram tokeniser of the kept pieces, as `tokenizers` runs it."""
    unknown = [piece for piece, _ in pretrained.pieces].index("<unk>")
    tokenizer = Tokenizer(models.Unigram(list(pretrained.pieces), unk_id=unknown, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    first, _, last, _ = (tokenizer.token_to_id(piece) for piece in SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", first), ("</s>", last)]
    )
    tokenizer.enable_truncation(MAX_PIECES)
    return tokenizer


class Layer(nn.Module):
    """One transformer layer, normalised after each of its two parts, as BERT has it."""

    def __init__(self, width: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.attended, self.worked = nn.LayerNorm(width, epsilon), nn.LayerNorm(width, epsilon)

    def forward(self, hidden: Tensor, blind: Tensor) -> Tensor:
        """`blind` is added to the attention scores: 0 where a piece stands, minus infinity in the padding."""
        size, length, width = hidden.shape
        query, key, value = (
            part(hidden).view(size, length, self.heads, width // self.heads).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5 + blind
        context = (scores.softmax(-1) @ value).transpose(1, 2).reshape(size, length, width)
        hidden = self.attended(hidden + self.out(context))
        return self.worked(hidden + self.narrow(functional.gelu(self.widen(hidden))))


class Encoder(nn.Module):
    """Pieces in, one vector a text out: the means over its pieces in the middle layer and in the last."""

    def __init__(self, pretrained: Pretrained) -> None:
        super().__init__()
        width, weights = pretrained.width, pretrained.weights
        self.words = nn.Embedding(len(pretrained.pieces), width)
        self.positions = nn.Embedding(MAX_PIECES, width)
        self.normalise = nn.LayerNorm(width, pretrained.epsilon)
        self.layers = nn.ModuleList(
            Layer(width, pretrained.heads, pretrained.epsilon) for _ in range(pretrained.layers)
        )
        kind = weights["emb.type"].reshape(-1, width)[0]  # all text is of the first type
        places = weights["emb.pos"].reshape(-1, width)[:MAX_PIECES] + kind
        _assign(self.words.weight, weights["emb.word"])
        _assign(self.positions.weight, places)
        _assign(self.normalise.weight, weights["emb.ln.w"])
        _assign(self.normalise.bias, weights["emb.ln.b"])
        names = {
            "query": "q", "key": "k", "value": "v", "out": "ao",
            "widen": "fi", "narrow": "fo", "attended": "aln", "worked": "oln",
        }  # fmt: skip
        for index, layer in enumerate(self.layers):
            for ours, theirs in names.items():
                _assign(getattr(layer, ours).weight, weights[f"l{index}.{theirs}.w"])
                _assign(getattr(layer, ours).bias, weights[f"l{index}.{theirs}.b"])

    def forward(self, pieces: Tensor, attention: Tensor) -> Tensor:
        """The vectors of texts.

        Args:
            pieces: ids, texts by length.
            attention: 1 where a piece stands, 0 in the padding.
        """
        blind = ((attention.to(torch.float32) - 1) * 1e4)[:, None, None, :]
        hidden = self.normalise(self.words(pieces) + self.positions.weight[: pieces.shape[1]])
        means = []
        for number, layer in enumerate(self.layers, start=1):
            hidden = layer(hidden, blind)
            if number in {MIDDLE, len(self.layers)}:
                means.append(mean(hidden, attention))
        return torch.cat(means, 1)


def mean(hidden: Tensor, attention: Tensor) -> Tensor:
    """One vector a text: the mean over its pieces."""
    mask = attention.to(torch.float32)[:, :, None]
    return (hidden * mask).sum(1) / mask.sum(1)


def _assign(parameter: Any, values: Any) -> None:
    with torch.no_grad():
        parameter.copy_(torch.tensor(values).reshape(parameter.shape))
