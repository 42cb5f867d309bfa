"""Small networks of one hidden layer on sentence vectors, as arrays: no framework is needed to run them.

Several of their classes may mean the same to whoever asks: what is harmless is harmless in many ways, and
networks that may tell them apart draw finer borders. Networks that began otherwise err otherwise, so the mean
of a few is asked (`models/perceptrons.py` trains them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Perceptrons:
    """Trained networks of one form.

    Args:
        arrays: `mean` and `scale` of the vectors' parts; `hidden` and `output`, the weights of both layers,
            networks by inputs by outputs, with `hidden_bias` and `output_bias`; `means`, what each class
            means: the column of the result its probability is added to. Weights may be stored in half
            precision.
    """

    arrays: Mapping[str, Any]

    def probabilities(self, vectors: Any) -> Any:
        """What vectors are taken for: an array of vectors by meanings, each row of which adds up to 1."""
        import numpy as np  # noqa: PLC0415 - slow to import

        whole, means = self._whole, self.arrays["means"]
        inputs = (np.asarray(vectors, dtype=np.float64) - whole["mean"]) / whole["scale"]
        told = np.zeros((len(inputs), int(means.max()) + 1))
        layers = zip(
            *(whole[name] for name in ("hidden", "hidden_bias", "output", "output_bias")), strict=True
        )
        for hidden, hidden_bias, output, output_bias in layers:
            scores = _gelu(inputs @ hidden + hidden_bias) @ output + output_bias
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            np.add.at(told.T, means, (odds / odds.sum(axis=1, keepdims=True)).T)
        return told / len(whole["hidden"])

    @cached_property
    def _whole(self) -> dict[str, Any]:
        import numpy as np  # noqa: PLC0415

        return {
            name: np.asarray(array, dtype=np.float64)
            for name, array in self.arrays.items()
            if name != "means"
        }


def _gelu(values: Any) -> Any:
    """The Gaussian error linear unit in its usual approximation (Hendrycks and Gimpel 2016, section 2)."""
    import numpy as np  # noqa: PLC0415

    return 0.5 * values * (1 + np.tanh(np.sqrt(2 / np.pi) * (values + 0.044715 * values**3)))
