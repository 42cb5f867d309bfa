"""Who may sign in at the desk, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeskRole(StrEnum):
    """What a person is at the desk (domain 5.5); what each may do stands in one table, `web.permissions`."""

    AGENT = "agent"
    REVIEWER = "reviewer"
    QA_LEAD = "qa_lead"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in.

    Args:
        name: what is typed at sign-in and stands in every history; never given to a second person.
        agent_id: staff number in the call records; an agent sees the calls of this number alone.
        team: a supervisor sees the calls of this team alone.
        must_change_password: the password was given by somebody else and is good for one sign-in.
    """

    name: str
    role: DeskRole
    agent_id: str | None = None
    team: str | None = None
    must_change_password: bool = False
    disabled: bool = False
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in that lasts.

    Args:
        digest: sha256 of what the browser holds; the thing itself is kept nowhere.
    """

    digest: str
    account: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log: who looked at or changed what, from where.

    Args:
        action: as `noun.verb`, for example call.view, review.confirm, account.disable.
        subject: call id or account name.
        detail: codes only, never what was said.
    """

    at: datetime
    account: str
    action: str
    subject: str = ""
    detail: str = ""
    address: str = ""
    seq: int = 0
