"""Settings; with `settings_files` the only reader of environment and configuration files.

What a command line says goes before `QA_*` variables, these before `./qa.toml`, that before the user's own
`qa.toml`, and that before the defaults.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import render
from qa_pipeline.intake.raw_format import raw_format
from qa_pipeline.settings_files import APPLICATION, settings_files
from qa_pipeline.types import PLAIN, Reading, message
from qa_pipeline.wrong_values import reason


class Settings(BaseSettings):
    """How this installation works; every setting is described in docs/settings.md."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="QA_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    lang: str = Field("zh_CN", description="Language of everything a person reads: zh_CN or en.")
    data_folder: Path = Field(
        default_factory=lambda: user_data_path(APPLICATION),
        description="Where the store, pulled models and Prefect's home lie.",
    )
    store_url: SecretStr | None = Field(
        None,
        description="Where results are kept, sqlite:////... or postgresql://...; qa.db in the data folder.",
    )
    model: str = Field("base", description="Speech model: a name of `qa models list`, a hub id, or a folder.")
    threads: int | None = Field(
        None, ge=1, le=1024, description="Processor threads for recognition; all cores when not set."
    )
    timezone: str = Field(
        "Asia/Shanghai", description="IANA zone of times that name none, and of the days of a period."
    )
    rule_pack: Path | None = Field(
        None, description="Folder of a rule pack of your own; the packaged Chinese pack when not set."
    )
    raw: str | None = Field(
        None, description="How recordings without header are read, as coding@rate: mulaw@8000, s16le@8000x2."
    )
    channels: str | None = Field(
        None,
        description="Channels of a recording that are heard, as 0,1; the two loudest of more when not set.",
    )
    name_pattern: str | None = Field(
        None, description="Regular expression with named groups that are metadata, for names of recordings."
    )
    mapping: str | None = Field(
        None,
        description="How calls.csv is read: asterisk, freeswitch, or a TOML file; our names when not set.",
    )
    max_minutes: int = Field(
        300, ge=1, le=1_440, description="Longest recording that is inspected; a longer one fails."
    )
    shard_calls: int = Field(
        50, ge=1, le=10_000, description="Calls in one Prefect task; each is kept as soon as it is scored."
    )
    reports: Path = Field(
        Path("reports"), description="Folder that nightly audits and scorecards are written to."
    )
    recordings: str | None = Field(
        None,
        description="Folder of one day's recordings for the nightly audit, with {date}: /recordings/{date}.",
    )

    session_idle_minutes: int = Field(
        60, ge=1, le=24 * 60, description="Minutes after which an unused sign-in at the desk ends."
    )
    session_hours: int = Field(
        12, ge=1, le=24 * 7, description="Hours after which every sign-in at the desk ends."
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise PydanticCustomError(
                "unknown_time_zone", "no time zone is called {name}", {"name": name}
            ) from error
        return name

    @field_validator("data_folder", "rule_pack", "reports")
    @classmethod
    def _home(cls, folder: Path | None) -> Path | None:
        return None if folder is None else folder.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, files; no .env and no secrets folder."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=list(settings_files())),
        )

    @property
    def store(self) -> str:
        """The URL of the store, which may hold a password: never print it."""
        if self.store_url is not None:
            return self.store_url.get_secret_value()
        return f"sqlite:///{self.data_folder.absolute() / 'qa.db'}"

    @property
    def reading(self) -> Reading:
        """What is known of recordings without header, and the channels to hear.

        Raises:
            ConfigurationError: codes ``raw_format_invalid``, ``channels_invalid``.
        """
        known = PLAIN if self.raw is None else raw_format(self.raw)
        return known if self.channels is None else replace(known, channels=_channel_numbers(self.channels))

    @property
    def prefect_folder(self) -> Path:
        """Prefect's home unless PREFECT_HOME is set."""
        return self.data_folder.absolute() / "prefect"

    def shown(self) -> dict[str, str]:
        """Every setting in force as text, computed defaults too, secrets hidden; for `qa config show`."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        if self.store_url is None:
            values["store_url"] = self.store
        if self.threads is None:
            values["threads"] = len(os.sched_getaffinity(0))
        return {name: "" if value is None else str(value) for name, value in values.items()}


def _channel_numbers(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\s*\d{1,2}\s*(,\s*\d{1,2}\s*)?", text, re.ASCII):
        told = message(
            "{channels} names no channels; write one number or two, counted from 0, such as 0,1",
            channels=text,
        )
        raise ConfigurationError("channels_invalid", told)
    return tuple(dict.fromkeys(int(number) for number in text.split(",")))


def load_settings(**chosen: Any) -> Settings:
    """The settings in force.

    Args:
        chosen: what the command line says; None is not a choice.

    Raises:
        ConfigurationError: codes ``settings_file_invalid``, ``setting_invalid``.
    """
    for path in settings_files():
        _check_file(path)
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        raise _invalid(error) from None


def _check_file(path: Path) -> None:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        text = "{file} cannot be read as TOML: {problem}; correct or remove it"
        told = message(text, file=path, problem=error)
        raise ConfigurationError("settings_file_invalid", told) from error
    unknown = sorted(set(content) - set(Settings.model_fields))
    if unknown:
        told = message(
            "{file} has settings that do not exist: {names}; those that exist are: {known}",
            file=path,
            names=", ".join(unknown),
            known=", ".join(Settings.model_fields),
        )
        raise ConfigurationError("settings_file_invalid", told)


def _invalid(error: ValidationError) -> ConfigurationError:
    """Name every wrong setting, but no value: it may be a secret."""
    problems = "; ".join(f"{'.'.join(map(str, one['loc']))} {render(reason(one))}" for one in error.errors())
    told = message(
        "wrong setting: {problems}; correct it on the command line, in QA_* or in qa.toml (docs/settings.md)",
        problems=problems,
    )
    return ConfigurationError("setting_invalid", told)
