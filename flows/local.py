"""A flow run from the command line: Prefect started for it, its errors brought back whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from flows.running import RunningAudit, prepared
from flows.server import check_room, prefect_api, start_server
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import message


def run_audit(
    audit: RunningAudit, paths: Sequence[Path], chosen: dict[str, Any], *, prefect_folder: Path
) -> None:
    """Run the flow `audit_calls` on a prepared audit in this process.

    Args:
        chosen: settings of the command line, as the flow's options.
        prefect_folder: Prefect's home, unless the user has set another.

    Raises:
        QAError: what broke the audit off; calls that are done are kept.
    """
    server = start_server(prefect_folder)
    with server or nullcontext():
        # Importing Prefect takes seconds, which the server needs as well.
        from flows.audit import AuditOptions, audit_calls

        try:
            with prefect_api(server), prepared(audit):
                audit_calls([str(path.absolute()) for path in paths], AuditOptions(**chosen))
        except ConfigurationError:
            raise
        except Exception as error:
            if audit.error is not None:
                raise audit.error from None
            check_room(prefect_folder)
            told = message(
                "Prefect could not run the audit ({kind}); calls that are done are kept."
                " Check PREFECT_API_URL if you have set it, else {log}",
                kind=type(error).__name__,
                log=prefect_folder / "server.log",
            )
            raise ConfigurationError("prefect_failed", told) from error
