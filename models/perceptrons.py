"""Train `qa_pipeline.language.perceptron.Perceptrons` with torch, which stays out of the product."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn

# Chosen on the development dialogues; docs/decisions/0009 has what was weighed.
NETWORKS = 3
HIDDEN = 1_024
EPOCHS = 8
BATCH = 128
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.1
LOST_INPUTS, LOST_HIDDEN = 0.1, 0.5
"""Shares of inputs and of hidden units that each step does without."""
SMOOTHING = 0.1
"""Of the labels: writers err, too."""


def train(vectors: Any, classes: Any, weights: Any, means: Any) -> dict[str, Any]:
    """The arrays of `Perceptrons`.

    Args:
        vectors: a row each.
        classes: what each row is, 0 up to the number of classes.
        weights: what each row counts.
        means: what each class means.
    """
    scaler = StandardScaler().fit(vectors)
    inputs = torch.tensor(scaler.transform(vectors), dtype=torch.float32)
    targets = torch.tensor(classes, dtype=torch.int64)
    counts = torch.tensor(weights, dtype=torch.float32)
    layers = [_trained(inputs, targets, counts, len(means), seed) for seed in range(NETWORKS)]
    arrays = {name: np.stack([network[name] for network in layers]) for name in layers[0]}
    halves = {name: arrays[name].astype(np.float16) for name in ("hidden", "output")}
    return {"mean": scaler.mean_, "scale": scaler.scale_, "means": np.asarray(means)} | arrays | halves


def _trained(inputs: Any, targets: Any, counts: Any, classes: int, seed: int) -> dict[str, Any]:
    """The layers of one network."""
    torch.manual_seed(seed)
    hidden, output = nn.Linear(inputs.shape[1], HIDDEN), nn.Linear(HIDDEN, classes)
    network = nn.Sequential(
        nn.Dropout(LOST_INPUTS), hidden, nn.GELU(approximate="tanh"), nn.Dropout(LOST_HIDDEN), output
    )
    loss = nn.CrossEntropyLoss(reduction="none", label_smoothing=SMOOTHING)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    batches = -(-len(inputs) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(inputs)).split(BATCH):
            step = (loss(network(inputs[rows]), targets[rows]) * counts[rows]).mean()
            optimiser.zero_grad()
            step.backward()
            optimiser.step()
            pace.step()
    return {
        "hidden": hidden.weight.detach().numpy().T,
        "hidden_bias": hidden.bias.detach().numpy(),
        "output": output.weight.detach().numpy().T,
        "output_bias": output.bias.detach().numpy(),
    }
