"""Settings: who goes before whom, what is refused, and that each is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qa_pipeline.config import Settings, load_settings
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.settings_files import settings_files, stated_language


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder and the user's configuration folder are empty ones of the test."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def write(place: str, text: str) -> Path:
    """A settings file in the current folder (`here`) or in the user's configuration folder (`user`)."""
    user, here = settings_files()
    path = here if place == "here" else user
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.lang, settings.model, settings.threads) == ("zh_CN", "base", None)
    assert settings.timezone == "Asia/Shanghai"
    assert settings.store == f"sqlite:///{tmp_path / 'qa-data' / 'qa.db'}"


def test_data_lie_in_the_users_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("QA_DATA_FOLDER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert load_settings().data_folder == tmp_path / "share" / "qa_pipeline"


def test_command_line_goes_before_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_MODEL", "medium")
    assert load_settings(model="small").model == "small"
    assert load_settings(model=None).model == "medium"


def test_environment_goes_before_the_file_here(monkeypatch: pytest.MonkeyPatch) -> None:
    write("here", 'model = "small"')
    assert load_settings().model == "small"
    monkeypatch.setenv("QA_MODEL", "medium")
    assert load_settings().model == "medium"
    monkeypatch.setenv("QA_MODEL", "")
    assert load_settings().model == "small"


def test_the_file_here_goes_before_the_users_own() -> None:
    write("user", 'model = "medium"\nthreads = 3')
    write("here", 'model = "small"')
    assert (load_settings().model, load_settings().threads) == ("small", 3)


def test_the_users_own_file_goes_before_defaults() -> None:
    write("user", "shard_calls = 7")
    assert load_settings().shard_calls == 7


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("modle = 1", "modle"),
        ("model = ", "TOML"),
        ("threads = 0", "threads"),
        ('timezone = "Mars/Olympus"', "Mars/Olympus"),
        ('shard_calls = "many"', "shard_calls"),
    ],
)
def test_a_wrong_file_is_refused_by_name(content: str, named: str) -> None:
    write("here", content)
    with pytest.raises(ConfigurationError, match=re.escape(named)) as caught:
        load_settings()
    assert caught.value.exit_status == 2


def test_a_file_in_another_encoding_is_refused() -> None:
    path = write("here", "")
    path.write_bytes('lang = "中"'.encode("gb18030"))
    with pytest.raises(ConfigurationError, match=re.escape(str(path))):
        load_settings()


def test_a_wrong_value_is_not_repeated_for_it_may_be_a_secret() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(store_url=["postgresql://qa:hunter2@db/qa"])
    assert "store_url" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_stores_password_is_never_shown() -> None:
    url = "postgresql://qa:hunter2@db/qa"
    settings = load_settings(store_url=url)
    assert settings.store == url
    assert "hunter2" not in repr(settings) + str(settings.shown())


def test_every_setting_is_documented(repository: Path) -> None:
    page = (repository / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE))
    assert rows == {(name, f"QA_{name.upper()}") for name in Settings.model_fields}


def test_the_language_is_known_before_the_settings_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stated_language() == load_settings().lang == "zh_CN"
    write("user", 'lang = "en"')
    assert stated_language() == load_settings().lang == "en"
    write("here", 'lang = "zh_CN"')
    assert stated_language() == load_settings().lang == "zh_CN"
    monkeypatch.setenv("QA_LANG", "en")
    assert stated_language() == load_settings().lang == "en"


def test_a_broken_file_leaves_the_language_alone() -> None:
    write("here", "lang = ")
    assert stated_language() == "zh_CN"
