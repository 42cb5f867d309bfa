"""Small networks of one hidden layer on sentence vectors, as arrays: no framework is needed to run them.

Networks that began otherwise err otherwise, so the mean of a few is asked (`models/perceptrons.py` trains
them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Perceptrons:
    """Trained networks of one form.

    Args:
        arrays: `mean` and `scale` of the vectors' parts; `hidden` and `output`, the weights of both layers,
            networks by inputs by outputs, with `hidden_bias` and `output_bias`; for `probabilities` also
            `means`. Weights may be stored in half precision.
    """

    arrays: Mapping[str, Any]

    def probabilities(self, vectors: Any) -> Any:
        """Which of several meanings each vector has: an array of vectors by meanings, whose rows add up to 1.

        Several classes may mean the same to whoever asks: what is harmless is harmless in many ways, and
        networks that may tell them apart draw finer borders. `means` names for each class the column that its
        probability is added to.
        """
        import numpy as np  # noqa: PLC0415 - slow to import

        means = self.arrays["means"]
        told = np.zeros((len(vectors), int(means.max()) + 1))
        for scores in self._scores(vectors):
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            np.add.at(told.T, means, (odds / odds.sum(axis=1, keepdims=True)).T)
        return told / len(self._whole["hidden"])

    def chances(self, vectors: Any) -> Any:
        """Whether vectors have each of several meanings, none or many: an array of vectors by meanings."""
        import numpy as np  # noqa: PLC0415

        # The logistic function as a hyperbolic tangent, which does not overflow.
        halves = [np.tanh(scores / 2) for scores in self._scores(vectors)]
        return (1 + np.mean(halves, axis=0)) / 2

    def _scores(self, vectors: Any) -> Iterator[Any]:
        """What each network gives: an array of vectors by classes."""
        import numpy as np  # noqa: PLC0415

        whole = self._whole
        inputs = (np.asarray(vectors, dtype=np.float64) - whole["mean"]) / whole["scale"]
        layers = (whole[name] for name in ("hidden", "hidden_bias", "output", "output_bias"))
        for hidden, hidden_bias, output, output_bias in zip(*layers, strict=True):
            yield _gelu(inputs @ hidden + hidden_bias) @ output + output_bias

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
