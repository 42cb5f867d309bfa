"""Where settings files lie, and the one setting that is needed before a command is: the language.

Apart from `config`, whose libraries take longer to load than a page of help may.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from platformdirs import user_config_path

from qa_pipeline.i18n import DEFAULT_LANGUAGE

APPLICATION = "qa_pipeline"
SETTINGS_FILE = "qa.toml"


def settings_files() -> tuple[Path, ...]:
    """Where settings may lie, the file that goes first last."""
    return (user_config_path(APPLICATION) / SETTINGS_FILE, Path.cwd() / SETTINGS_FILE)


def stated_language() -> str:
    """`Settings.lang` without the rest; a file that cannot be read is told by the command that needs it."""
    stated = os.environ.get("QA_LANG")
    for path in reversed(settings_files()):
        if stated:
            break
        try:
            stated = tomllib.loads(path.read_text(encoding="utf-8")).get("lang")
        except (OSError, ValueError):
            continue
    return stated if isinstance(stated, str) and stated else DEFAULT_LANGUAGE
