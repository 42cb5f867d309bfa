"""One error tree: each error has a code, a message with the next step, and an exit status."""

from __future__ import annotations

import errno
import logging
import traceback
from pathlib import Path
from typing import ClassVar

from qa_pipeline.types import Failure, Message, message

_log = logging.getLogger(__name__)


class QAError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        code: stable, searchable, snake case; documented in docs/errors.md.
        message: what is wrong, with the thing's name, and what to do next.
    """

    exit_status: ClassVar[int] = 2

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"

    def as_failure(self) -> Failure:
        """The same, as a record for the store."""
        return Failure(code=self.code, message=self.message)


class ConfigurationError(QAError):
    """A setting, option or argument is wrong."""


class RulePackError(QAError):
    """A rule pack or a form cannot be used; the message lists every problem with file and line."""


class ModelError(QAError):
    """A model artefact is missing or is not the pinned one."""


class StoreError(QAError):
    """The store cannot be used."""


class CallError(QAError):
    """One call cannot be inspected; the others go on."""

    exit_status: ClassVar[int] = 1


class AudioError(CallError):
    """A recording cannot be heard."""


class MetadataError(CallError):
    """A call's metadata are wrong."""


class ReviewError(QAError):
    """Something a person did on a call cannot be done, or not like this."""


class AccessError(QAError):
    """Somebody may not sign in, or may not do what they asked for."""


def unforeseen(call_id: str, error: Exception) -> CallError:
    """A fault of this software as the failure of one call, told and logged by type and place alone.

    The error's own text may quote what was said.
    """
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind, where = type(error).__name__, f"{Path(place.filename).name}:{place.lineno}"
    _log.error("call %s failed unexpectedly: %s at %s", call_id, kind, where)
    told = message(
        "{call}: unexpected {kind} at {where}; report it with this line, the other calls are unharmed",
        call=call_id,
        kind=kind,
        where=where,
    )
    return CallError("internal_error", told)


def is_disk_full(error: OSError) -> bool:
    """Whether a file did not fit: the disk is full, or a quota or the longest file allowed is reached."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
