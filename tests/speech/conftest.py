"""Sound for the tests: made here, or spoken by the sample calls; and the real model where it is installed."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from qa_pipeline.errors import ModelError
from qa_pipeline.speech.artifacts import ModelCatalogue, ResolvedModel
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.types import CallMetadata, Layout, Recording

Samples = npt.NDArray[np.float32]


def tone(seconds: float, rate_hz: int, *, frequency_hz: float = 440.0, level: float = 0.3) -> Samples:
    """A sine tone, one dimension."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)


def write_audio(path: Path, samples: Samples, codec: str, rate_hz: int) -> Path:
    """Encode samples shaped (channels, samples) into the container that the file's extension names."""
    layout = "mono" if samples.shape[0] == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=stream.rate)
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return path


def recording_of(path: Path, *, channels: int, duration_ms: int, layout: Layout = Layout.STEREO) -> Recording:
    """The record of a file, with facts as a test wants them."""
    return Recording(
        id=path.stem,
        sha256="0" * 64,
        uri=str(path),
        codec="pcm_s16le",
        sampling_rate_hz=16_000,
        num_channels=channels,
        layout=layout,
        duration_ms=duration_ms,
        call=CallMetadata(call_id=path.stem),
    )


@pytest.fixture(scope="session")
def sample_calls(repository: Path) -> tuple[Path, Path]:
    """Two sample calls of the repository with speech on both channels."""
    folder = repository / "sample_audio"
    return folder / "01_model_promise.wav", folder / "04_lawful_notice.wav"


@pytest.fixture(scope="session")
def spoken(sample_calls: tuple[Path, Path]) -> Samples:
    """A minute of a sample call, 16 kHz, shaped (channels, samples)."""
    return next(decode_blocks(sample_calls[0], block_ms=60_000)).samples


@pytest.fixture(scope="session")
def whisper_base(tmp_path_factory: pytest.TempPathFactory) -> ResolvedModel:
    """The real model, joined from the wheels of the extra whisper-base."""
    try:
        return ModelCatalogue.load().resolve("whisper-base", data_folder=tmp_path_factory.mktemp("data"))
    except ModelError as error:
        pytest.skip(f"{error}")
