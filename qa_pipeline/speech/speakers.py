"""The two networks that tell speakers apart by sound: who speaks when, and how a voice sounds.

Segmentation is pyannote segmentation 3.0 (MIT; Plaquet and Bredin 2023): ten seconds of sound to the activity
of up to three local speakers, two at a time. Embedding is 3D-Speaker's CAM++ for Chinese and English
(Apache-2.0; Wang et al. 2023): filter-bank energies to 192 figures that are alike where a voice is the same.
Both run on onnxruntime, exported by ``models/export_speakers.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import kaldi_native_fbank
import numpy as np
import numpy.typing as npt
import onnxruntime

from qa_pipeline.errors import ModelError
from qa_pipeline.resources import models_folder
from qa_pipeline.speech.checksums import sha256_of
from qa_pipeline.speech.manifest import SpeakerModel, read_speaker_models
from qa_pipeline.types import message

Samples = npt.NDArray[np.float32]

RATE_HZ = 16_000
CHUNK_SAMPLES = 10 * RATE_HZ
FRAME_SAMPLES = 270
"""Step between frames of the segmentation; the first is centred on sample 495 of a field of 991."""

FIRST_FRAME_CENTRE = 495

# The classes of the segmentation: nobody, one of three, two of three (its powerset, in its order).
_POWERSET = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=bool
)
_ENERGY_STEP = RATE_HZ // 100
_ENERGY_LENGTH = RATE_HZ // 40


@dataclass(frozen=True)
class SpeakerModels:
    """Both networks; each is checked against its pinned sha256 and loaded on first use.

    Args:
        segmentation_path, embedding_path: verified files.
    """

    segmentation_path: Path
    embedding_path: Path
    digest: str

    @classmethod
    def load(cls) -> SpeakerModels:
        """The packaged models, verified.

        Raises:
            ModelError: ``model_missing`` or ``model_changed``.
        """
        folder = models_folder()
        entries = {entry.name: entry for entry in read_speaker_models(folder / "manifest.toml")}
        paths = {name: _verified(folder, entry) for name, entry in entries.items()}
        return cls(
            paths["segmentation"], paths["embedding"], " ".join(entry.sha256 for entry in entries.values())
        )

    @cached_property
    def _segmentation(self) -> Any:
        return _session(self.segmentation_path)

    @cached_property
    def _embedding(self) -> Any:
        return _session(self.embedding_path)

    def activity(self, chunk: Samples) -> npt.NDArray[np.bool_]:
        """Which of three local speakers speaks in each frame of at most ten seconds: (frames, 3)."""
        padded = np.pad(chunk, (0, CHUNK_SAMPLES - len(chunk)))[np.newaxis, np.newaxis]
        (classes,) = self._segmentation.run(None, {"sound": padded})
        frames = min(classes.shape[1], max(0, len(chunk) - FIRST_FRAME_CENTRE) // FRAME_SAMPLES + 1)
        active: npt.NDArray[np.bool_] = _POWERSET[classes[0, :frames].argmax(axis=1)]
        return active

    def embed(self, energies: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """How a voice sounds, as a vector of length 1, from the energies of its own frames alone."""
        centred = energies - energies.mean(axis=0, keepdims=True)
        (vectors,) = self._embedding.run(None, {"energies": centred[np.newaxis]})
        vector: npt.NDArray[np.float32] = vectors[0] / np.linalg.norm(vectors[0])
        return vector


def filter_bank(samples: Samples) -> npt.NDArray[np.float32]:
    """Logarithmic energies of 80 mel bands each 10 ms, as Kaldi computes them: (frames, 80)."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = 80
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(RATE_HZ, (samples * 32768).tolist())
    bank.input_finished()
    if not bank.num_frames_ready:
        return np.empty((0, 80), dtype=np.float32)
    return np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)])


def energies_of(
    energies: npt.NDArray[np.float32], active: Sequence[bool] | npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """The energies within the active segmentation frames."""
    count = len(energies)
    centres = np.arange(count) * _ENERGY_STEP + _ENERGY_LENGTH // 2
    frames = np.clip((centres - FIRST_FRAME_CENTRE + FRAME_SAMPLES // 2) // FRAME_SAMPLES, 0, len(active) - 1)
    within: npt.NDArray[np.float32] = energies[np.asarray(active)[frames]]
    return within


def _verified(folder: Path, entry: SpeakerModel) -> Path:
    path = folder / entry.file
    found = sha256_of(path) if path.is_file() else None
    if found is None:
        raise ModelError(
            "model_missing", message("The model {file} is missing; install the package again.", file=path)
        )
    if found != entry.sha256:
        raise ModelError(
            "model_changed",
            message(
                "{path} is not the pinned artefact (sha256 {found}, not {expected}); install it again.",
                path=path,
                found=found,
                expected=entry.sha256,
            ),
        )
    return path


def _session(path: Path) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.inter_op_num_threads = settings.intra_op_num_threads = 1
    settings.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
