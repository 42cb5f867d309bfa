"""Small networks as arrays, on networks whose answer can be worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from qa_pipeline.language.perceptron import Perceptrons


def networks(
    *outputs: list[list[float]], means: list[int], mean: float = 0.0, scale: float = 1.0
) -> Perceptrons:
    """Networks that hand one input through one hidden unit, and differ in what they make of it."""
    count = len(outputs)
    arrays: dict[str, Any] = {
        "mean": np.array([mean]),
        "scale": np.array([scale]),
        "hidden": np.ones((count, 1, 1), dtype=np.float16),
        "hidden_bias": np.zeros((count, 1), dtype=np.float32),
        "output": np.array(outputs, dtype=np.float16),
        "output_bias": np.zeros((count, len(means)), dtype=np.float32),
        "means": np.array(means),
    }
    return Perceptrons(arrays)


def softmax(*scores: float) -> list[float]:
    odds = [math.exp(score) for score in scores]
    return [odd / sum(odds) for odd in odds]


def gelu(value: float) -> float:
    return value * 0.5 * (1 + math.erf(value / math.sqrt(2)))


@pytest.mark.parametrize("value", [-3.0, -0.5, 0.0, 0.5, 2.0])
def test_a_network_is_its_layers_one_after_the_other(value: float) -> None:
    (told,) = networks([[1.0, -1.0]], means=[0, 1]).probabilities([[value]])
    assert told == pytest.approx(softmax(gelu(value), -gelu(value)), abs=1e-3)


def test_classes_that_mean_the_same_are_added_up() -> None:
    (told,) = networks([[2.0, 0.0, 1.0]], means=[0, 1, 0]).probabilities([[1.0]])
    first, second, third = softmax(2 * gelu(1), 0, gelu(1))
    assert told == pytest.approx([first + third, second], abs=1e-3)
    assert told.sum() == pytest.approx(1)


def test_several_networks_answer_with_their_mean() -> None:
    both = networks([[4.0, 0.0]], [[0.0, 4.0]], means=[0, 1]).probabilities([[1.0], [0.0]])
    assert both == pytest.approx(np.full((2, 2), 0.5))


def test_inputs_are_standardised_first() -> None:
    plain = networks([[1.0, 0.0]], means=[0, 1]).probabilities([[1.5]])
    shifted = networks([[1.0, 0.0]], means=[0, 1], mean=10.0, scale=2.0).probabilities([[13.0]])
    assert shifted == pytest.approx(plain)


def test_great_scores_do_not_overflow() -> None:
    (told,) = networks([[60_000.0, 0.0]], means=[0, 1]).probabilities([[50.0]])
    assert told == pytest.approx([1.0, 0.0])


def test_chances_stand_by_themselves() -> None:
    (told,) = networks([[2.0, 2.0, -1.0]], means=[0, 1, 2]).chances([[1.0]])
    expected = [1 / (1 + math.exp(-score * gelu(1))) for score in (2, 2, -1)]
    assert told == pytest.approx(expected, abs=1e-3)


def test_chances_of_several_networks_are_their_mean() -> None:
    (told,) = networks([[60_000.0]], [[-60_000.0]], means=[0]).chances([[50.0]])
    assert told == pytest.approx([0.5])
