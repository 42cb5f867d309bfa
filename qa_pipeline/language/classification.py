"""Trained second opinions: which script elements an utterance may fulfil, and which violations it may be.

Rules decide; a classifier makes uncertain what it recognises in other words. For violations see `violations`.
The model of elements is TF-IDF over words, lexicon categories, entity kinds and characters with one logistic
regression an element (scikit-learn), stored with skops and checked before it is loaded. Training:
``models/train_elements.py``; figures: ``models/cards/elements.md``.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_pipeline.errors import ModelError
from qa_pipeline.language.entities import (
    find_amounts,
    find_channels,
    find_dates,
    find_overdue_days,
    find_staff_numbers,
)
from qa_pipeline.resources import models_folder
from qa_pipeline.types import ArtifactRef, Prediction, Role, Token, Utterance, message

FEATURES = "element-features/1"

# Reviewed by hand: what skops may build beyond its own list of harmless types. The artefact needs no more.
TRUSTED_TYPES: tuple[str, ...] = ()

_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿半\d.]+")
_NUMBER_INSIDE = re.compile(_NUMBER.pattern.replace("+", "{2,}"))  # 三千块, but not 一下
_QUESTION = re.compile("[吗吧呢么嘛]$")


@dataclass(frozen=True, slots=True)
class Features:
    """What the model reads of one utterance: its words and kinds parted by spaces, and its characters."""

    words: str
    characters: str


def features(tokens: Sequence[Token]) -> Features:
    """The features of an utterance; numbers become one word, since which number it is says nothing here."""
    text = "".join(token.text for token in tokens)
    kinds = [f"@{token.tag}" for token in tokens if token.tag]
    kinds += ["@amount"] * len(find_amounts(text))
    kinds += ["@someday" if mention.vague else "@day" for mention in find_dates(text, None)]
    kinds += ["@overdue"] * len(find_overdue_days(text))
    kinds += ["@channel"] * len(find_channels(text))
    kinds += ["@staff"] * len(find_staff_numbers(text))
    if _QUESTION.search(text):
        kinds.append("@question")
    words = [
        "0" if _NUMBER.fullmatch(token.text) else _NUMBER_INSIDE.sub("0", token.text) for token in tokens
    ]
    return Features(words=" ".join([*words, *kinds]), characters="".join(words))


@dataclass(frozen=True)
class StoredModel:
    """An artefact whose bytes are the pinned ones; built on first use (scikit-learn takes a second or two).

    Args:
        reference: names the artefact in every prediction.
        beside: the files it works with, by name; the artefact holds their checksums, its own pins them.
    """

    content: bytes
    path: Path
    reference: ArtifactRef
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def open(cls, home: Path) -> StoredModel:
        """Read and check an artefact without building it.

        Args:
            home: holds ``manifest.json``, the artefact it names and the files listed as beside it.

        Raises:
            ModelError: ``model_missing``, or ``model_changed`` where the bytes are not the pinned ones.
        """
        try:
            manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
            content = _verified(home / manifest["file"], manifest["sha256"])
            beside = {
                name: _verified(home / name, sha256) for name, sha256 in manifest.get("beside", {}).items()
            }
        except OSError as error:
            raise ModelError(
                "model_missing",
                message("The classifier is not at {path}; install the package again.", path=home),
            ) from error
        name, revision, sha256 = (manifest[key] for key in ("name", "revision", "sha256"))
        reference = ArtifactRef(name=name, revision=revision, sha256=sha256)
        return cls(content, home / manifest["file"], reference, beside)

    @cached_property
    def artefact(self) -> dict[str, Any]:
        """What the training run stored.

        Raises:
            ModelError: ``model_untrusted`` where the artefact holds types nobody reviewed.
        """
        return _artefact(self.content, self.path)


class ElementClassifier:
    """The trained classifier of script elements.

    Args:
        model: what `models/train_elements.py` stored: labels, thresholds, two vectorisers and a model.
    """

    def __init__(self, model: StoredModel) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path | None = None) -> ElementClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "elements"))

    @property
    def digest(self) -> str:
        """Of the artefact and of how utterances are presented to it."""
        return f"{FEATURES} {self._model.reference.sha256}"

    def predict(
        self, utterances: Sequence[Utterance], tokens: Sequence[Sequence[Token]]
    ) -> tuple[Prediction, ...]:
        """The elements that utterances may fulfil, at or above each element's threshold.

        Customers fulfil no script, so what a customer said is not looked at.

        Args:
            tokens: the words of each utterance; runs parallel.
        """
        spoken = [
            (utterance, features(words))
            for utterance, words in zip(utterances, tokens, strict=True)
            if utterance.role is not Role.CUSTOMER and words
        ]
        if not spoken:
            return ()
        probabilities = predict_probabilities(self._model.artefact, [each for _, each in spoken])
        return tuple(
            Prediction(
                label=label,
                probability=float(probability),
                threshold=threshold,
                utterance_id=utterance.id,
                model=self._model.reference,
            )
            for (utterance, _), row in zip(spoken, probabilities, strict=True)
            for label, threshold, probability in zip(
                self._model.artefact["labels"], self._model.artefact["thresholds"], row, strict=True
            )
            if probability >= threshold
        )


def predict_probabilities(artefact: dict[str, Any], utterances: Sequence[Features]) -> Any:
    """Probabilities as an array of utterances by labels."""
    from scipy.sparse import hstack  # noqa: PLC0415

    matrix = hstack(
        [
            artefact["words"].transform([utterance.words for utterance in utterances]),
            artefact["characters"].transform([utterance.characters for utterance in utterances]),
        ]
    ).tocsr()
    return artefact["model"].predict_proba(matrix)


def _verified(path: Path, expected: str) -> bytes:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != expected:
        raise ModelError(
            "model_changed",
            message(
                "{path} is not the pinned artefact (sha256 {found}, not {expected}); install it again.",
                path=path,
                found=sha256,
                expected=expected,
            ),
        )
    return content


def _artefact(content: bytes, path: Path) -> dict[str, Any]:
    """Build the verified artefact; scikit-learn is loaded here, on first use (a second or so)."""
    from sklearn.exceptions import InconsistentVersionWarning  # noqa: PLC0415
    from skops.io import get_untrusted_types, loads  # noqa: PLC0415

    unknown = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED_TYPES))
    if unknown:
        raise ModelError(
            "model_untrusted",
            message(
                "{path} holds types that nobody reviewed: {types}. Train it again with this version.",
                path=path,
                types=", ".join(unknown),
            ),
        )
    with warnings.catch_warnings():
        # These estimators keep their form from release to release; a test compares stored probabilities.
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        artefact = loads(content, trusted=list(TRUSTED_TYPES))
    return dict(artefact)
