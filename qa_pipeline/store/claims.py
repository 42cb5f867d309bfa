"""Claims: which process works on which call, so that audits on one store share the work.

A claim is a lease. It ends when the call is kept, when its owner gives it back, when its time is over, and at
once when its owner is a process of this machine that is gone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from qa_pipeline.store.database import Database
from qa_pipeline.store.tables import ClaimRow, InspectionRow

LEASE = timedelta(seconds=90)
"""Renewed every `RENEWAL_SECONDS`; longer than any pause of a process that still works."""

RENEWAL_SECONDS = 20.0

_PROCESSES = Path("/proc")


class Claim(Enum):
    """What became of the wish to work on a call."""

    TAKEN = auto()
    DONE = auto()
    HELD_ELSEWHERE = auto()


class Claims:
    """The claims of one owner, by default this process; each method is one transaction."""

    def __init__(self, database: Database, *, owner: str | None = None, lease: timedelta = LEASE) -> None:
        self.owner = owner or this_process()
        self._database = database
        self._lease = lease

    def take(self, call_id: str, *, done: Collection[str]) -> Claim:
        """Claim a call, unless its result is kept or a living process has it.

        Args:
            done: fingerprints of results that make further work needless.
        """
        with self._database.writing() as connection:
            holder = connection.scalar(select(ClaimRow.owner).where(ClaimRow.call_id == call_id))
            gone = holder if holder is not None and has_ended(holder) else self.owner
            now = datetime.now(UTC)
            row = {"call_id": call_id, "owner": self.owner, "expires_at": now + self._lease}
            free = or_(ClaimRow.expires_at < now, ClaimRow.owner.in_((self.owner, gone)))
            statement: Any = self._database.upsert(ClaimRow, row, keys=("call_id",), where=free)
            if connection.scalar(statement.returning(ClaimRow.call_id)) is None:
                return Claim.HELD_ELSEWHERE
            # After the claim: whoever held it before may have kept the call in between.
            kept = connection.scalar(
                select(InspectionRow.fingerprint).where(InspectionRow.call_id == call_id)
            )
            if kept in done:
                _release(connection, call_id)
                return Claim.DONE
            return Claim.TAKEN

    def renew(self) -> None:
        """Put the end of every claim of this owner off."""
        with self._database.writing() as connection:
            connection.execute(
                update(ClaimRow)
                .where(ClaimRow.owner == self.owner)
                .values(expires_at=datetime.now(UTC) + self._lease)
            )

    def release_all(self) -> None:
        """Give back what this owner has not finished."""
        with self._database.writing() as connection:
            connection.execute(delete(ClaimRow).where(ClaimRow.owner == self.owner))

    def living(self) -> int:
        """How many calls are being worked on, by whomever."""
        query = select(ClaimRow.owner).where(ClaimRow.expires_at >= datetime.now(UTC))
        with self._database.reading() as connection:
            owners = connection.scalars(query).all()
        return sum(not has_ended(owner) for owner in owners)


@cache
def this_process() -> str:
    """A name of this process that no other process has, here or elsewhere, at any time."""
    started = _started(os.getpid())
    return f"{_machine()}/{os.getpid()}/{started or datetime.now(UTC).timestamp()}"


def has_ended(owner: str) -> bool:
    """Whether an owner is known to be gone; of other machines nothing is known."""
    machine, pid, started = owner.rsplit("/", 2)
    return machine == _machine() and _PROCESSES.is_dir() and _started(int(pid)) != started


def _release(connection: Connection, call_id: str) -> None:
    connection.execute(delete(ClaimRow).where(ClaimRow.call_id == call_id))


@cache
def _machine() -> str:
    """This boot of this machine, and the room of process numbers within it: containers have their own."""
    try:
        boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        room = str((_PROCESSES / "self/ns/pid").readlink())
    except OSError:
        boot, room = os.urandom(16).hex(), ""
    return hashlib.sha256(f"{boot} {room}".encode()).hexdigest()[:16]


def _started(pid: int) -> str | None:
    """When a process began, in ticks since boot (proc(5), stat field 22); None where there is none."""
    try:
        stat = (_PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else rest[18]
