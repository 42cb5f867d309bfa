"""The folder of a date, and the night's flow with its report."""

# ruff: noqa: PLC0415 - Prefect reads its settings when it is imported
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from qa_pipeline.config import load_settings
from qa_pipeline.errors import ConfigurationError
from tests.flows.conftest import MODEL, THREAT

pytestmark = pytest.mark.usefixtures("prefect_server")

DAY = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/recordings/{date}", "/recordings/2026-03-18"),
        ("/recordings/{date:%Y/%m/%d}", "/recordings/2026/03/18"),
        ("/{date:%Y%m%d}/{date:%d}", "/20260318/18"),
    ],
)
def test_the_folder_of_a_day(pattern: str, expected: str) -> None:
    from flows.nightly import folder_of

    assert folder_of(pattern, DAY) == Path(expected)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (None, "recordings_unset"),
        ("", "recordings_unset"),
        ("/recordings", "recordings_invalid"),
        ("/recordings/{day}", "recordings_invalid"),
        ("/recordings/{}", "recordings_invalid"),
        ("/recordings/{date", "recordings_invalid"),
    ],
)
def test_a_pattern_without_a_date_is_refused(pattern: str | None, code: str) -> None:
    from flows.nightly import folder_of

    with pytest.raises(ConfigurationError) as caught:
        folder_of(pattern, DAY)
    assert caught.value.code == code


def test_yesterday_is_that_of_the_callers() -> None:
    from flows.nightly import yesterday

    settings = load_settings(timezone="Pacific/Kiritimati")
    expected = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date() - timedelta(days=1)
    assert yesterday(settings) == expected


@pytest.mark.usefixtures("engine")
def test_a_night_is_audited_and_reported(
    add_call: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.nightly import nightly_audit

    add_call(THREAT, "night/2026-03-18")
    add_call(MODEL, "night/2026-03-18").with_name("broken.wav").touch()
    (tmp_path / "night" / "2026-03-19").mkdir()
    monkeypatch.setenv("QA_RECORDINGS", str(tmp_path / "night" / "{date}"))
    monkeypatch.setenv("QA_REPORTS", str(tmp_path / "papers"))

    state = nightly_audit(DAY, return_state=True)
    assert state.is_completed()
    assert state.message == "2026-03-18: 3 calls inspected, 1 failed"
    assert (tmp_path / "papers" / "2026-03-18" / "report.html").is_file()
    assert (tmp_path / "papers" / "2026-03-18" / "report.xlsx").is_file()

    assert nightly_audit(DAY, return_state=True).message == "2026-03-18: 0 calls inspected, 1 failed"
    assert nightly_audit(date(2026, 3, 19), return_state=True).message == (
        f"2026-03-19: no calls in {tmp_path}/night/2026-03-19, nothing to do"
    )
    missing = nightly_audit(date(2026, 3, 20), return_state=True)
    assert missing.is_failed()
    assert f"[path_not_found] there is no folder {tmp_path}/night/2026-03-20" in str(missing.message)

    monkeypatch.setenv("QA_RECORDINGS", "/recordings")
    unset = nightly_audit(DAY, return_state=True)
    assert unset.is_failed()
    assert str(unset.message).startswith("[recordings_invalid] QA_RECORDINGS is /recordings")


def test_deployments_name_flows_that_exist(repository: Path) -> None:
    import importlib

    from prefect import Flow
    from prefect.client.schemas.schedules import CronSchedule

    document = YAML(typ="safe").load((repository / "prefect.yaml").read_text(encoding="utf-8"))
    named = {}
    for deployment in document["deployments"]:
        file, _, function = deployment["entrypoint"].partition(":")
        module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        named[function] = deployment
        assert isinstance(getattr(module, function), Flow)
        (schedule,) = deployment["schedules"]
        assert CronSchedule(**schedule).timezone == "Asia/Shanghai"
    assert set(named) == {"nightly_audit", "agent_scorecards"}
    assert named["nightly_audit"]["schedules"][0]["cron"] == "30 1 * * *"
