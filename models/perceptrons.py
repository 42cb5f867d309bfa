"""Train `qa_pipeline.language.perceptron.Perceptrons` with torch, which stays out of the product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn import functional

# Chosen on the development dialogues and on sentences of hands that were not read; docs/decisions/0009 and
# 0011 have what was weighed.
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.1
LOST_INPUTS, LOST_HIDDEN = 0.1, 0.5
"""Shares of inputs and of hidden units that each step does without."""
SMOOTHING = 0.1
"""Of the labels of one meaning: writers err, too."""


@dataclass(frozen=True, slots=True)
class Form:
    """How large networks are, how many, and how long and by how many rows at once they learn."""

    networks: int
    hidden: int
    epochs: int
    batch: int


ONE_OF_MANY = Form(networks=2, hidden=1_024, epochs=8, batch=128)
ANY_OF_SOME = Form(networks=2, hidden=512, epochs=10, batch=96)


def train(vectors: Any, classes: Any, weights: Any, means: Any) -> dict[str, Any]:
    """The arrays of `Perceptrons` that tell which one of many classes a vector is.

    Args:
        vectors: a row each.
        classes: what each row is, 0 up to the number of classes.
        weights: what each row counts.
        means: what each class means.
    """
    targets = torch.tensor(classes, dtype=torch.int64)
    counts = torch.tensor(weights, dtype=torch.float32)

    def loss(scores: Tensor, rows: Tensor) -> Tensor:
        told = functional.cross_entropy(scores, targets[rows], reduction="none", label_smoothing=SMOOTHING)
        return (told * counts[rows]).mean()

    return _trained(vectors, len(means), loss, ONE_OF_MANY) | {"means": np.asarray(means)}


def joined(arrays: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The networks of `Perceptrons` and another one of their form, which saw its inputs otherwise scaled.

    Args:
        other: `mean`, `scale`, `hidden`, `hidden_bias`, `output` and `output_bias` of the one network.
    """
    hidden = other["hidden"].astype(np.float64)
    moved = {
        "hidden": hidden * (arrays["scale"] / other["scale"])[:, None],
        "hidden_bias": other["hidden_bias"] + (arrays["mean"] - other["mean"]) / other["scale"] @ hidden,
        "output": other["output"],
        "output_bias": other["output_bias"],
    }
    together = {
        name: np.concatenate([arrays[name], layer[None].astype(arrays[name].dtype)])
        for name, layer in moved.items()
    }
    return arrays | together


def train_any(vectors: Any, meanings: Any, weights: Any) -> dict[str, Any]:
    """The arrays of `Perceptrons` that tell which meanings a vector has, none or many.

    Args:
        meanings: a row each by meanings, whether it has them.
        weights: what each row counts for each meaning.
    """
    targets = torch.tensor(meanings, dtype=torch.float32)
    counts = torch.tensor(weights, dtype=torch.float32)

    def loss(scores: Tensor, rows: Tensor) -> Tensor:
        told = functional.binary_cross_entropy_with_logits(scores, targets[rows], reduction="none")
        return (told * counts[rows]).mean()

    return _trained(vectors, targets.shape[1], loss, ANY_OF_SOME)


def _trained(
    vectors: Any, outputs: int, loss: Callable[[Tensor, Tensor], Tensor], form: Form
) -> dict[str, Any]:
    scaler = StandardScaler().fit(vectors)
    inputs = torch.tensor(scaler.transform(vectors), dtype=torch.float32)
    layers = [_network(inputs, outputs, loss, form, seed) for seed in range(form.networks)]
    arrays = {name: np.stack([network[name] for network in layers]) for name in layers[0]}
    halves = {name: arrays[name].astype(np.float16) for name in ("hidden", "output")}
    return {"mean": scaler.mean_, "scale": scaler.scale_} | arrays | halves


def _network(
    inputs: Tensor, outputs: int, loss: Callable[[Tensor, Tensor], Tensor], form: Form, seed: int
) -> dict[str, Any]:
    """The layers of one network."""
    torch.manual_seed(seed)
    hidden, output = nn.Linear(inputs.shape[1], form.hidden), nn.Linear(form.hidden, outputs)
    network = nn.Sequential(
        nn.Dropout(LOST_INPUTS), hidden, nn.GELU(approximate="tanh"), nn.Dropout(LOST_HIDDEN), output
    )
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    steps = form.epochs * -(-len(inputs) // form.batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for _ in range(form.epochs):
        for rows in torch.randperm(len(inputs)).split(form.batch):
            wrong = loss(network(inputs[rows]), rows)
            optimiser.zero_grad()
            wrong.backward()
            optimiser.step()
            pace.step()
    return {
        "hidden": hidden.weight.detach().numpy().T,
        "hidden_bias": hidden.bias.detach().numpy(),
        "output": output.weight.detach().numpy().T,
        "output_bias": output.bias.detach().numpy(),
    }
