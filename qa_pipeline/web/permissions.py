"""The one table of who may do what. Every route names one permission of it; a test walks routes and roles.

The table says whether a role may do a thing at all; `scope_of` says on which calls. What depends on the
history of one call (own calls, second persons, conflicts) is in `review.desk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.store.call_filter import Scope
from qa_pipeline.types import Account, DeskRole

_AGENT, _REVIEWER, _LEAD = DeskRole.AGENT, DeskRole.REVIEWER, DeskRole.QA_LEAD
_SUPERVISOR, _COMPLIANCE, _ADMIN = DeskRole.SUPERVISOR, DeskRole.COMPLIANCE, DeskRole.ADMIN


class Permission(StrEnum):
    """What may be done."""

    OWN_ACCOUNT = "own_account"
    READ_CALLS = "read_calls"
    LISTEN = "listen"
    TAKE = "take"
    REVIEW = "review"
    SETTLE = "settle"
    ASSIGN = "assign"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    UNMASK = "unmask"
    READ_SCORECARDS = "read_scorecards"
    READ_RUNS = "read_runs"
    RETRY_RUNS = "retry_runs"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT_LOG = "read_audit_log"


GRANTS: Mapping[Permission, frozenset[DeskRole]] = {
    Permission.OWN_ACCOUNT: frozenset(DeskRole),
    Permission.READ_CALLS: frozenset(DeskRole),
    Permission.LISTEN: frozenset(DeskRole),
    Permission.TAKE: frozenset({_REVIEWER, _LEAD, _COMPLIANCE, _ADMIN}),
    Permission.REVIEW: frozenset({_REVIEWER, _LEAD, _COMPLIANCE, _ADMIN}),
    Permission.SETTLE: frozenset({_LEAD, _COMPLIANCE}),
    Permission.ASSIGN: frozenset({_LEAD, _ADMIN}),
    Permission.RELEASE: frozenset({_LEAD, _SUPERVISOR, _COMPLIANCE}),
    Permission.ACKNOWLEDGE: frozenset({_AGENT}),
    Permission.UNMASK: frozenset({_LEAD, _COMPLIANCE}),
    Permission.READ_SCORECARDS: frozenset({_LEAD, _SUPERVISOR, _COMPLIANCE, _ADMIN}),
    Permission.READ_RUNS: frozenset({_LEAD, _SUPERVISOR, _COMPLIANCE, _ADMIN}),
    Permission.RETRY_RUNS: frozenset({_LEAD, _ADMIN}),
    Permission.MANAGE_ACCOUNTS: frozenset({_ADMIN}),
    Permission.READ_AUDIT_LOG: frozenset({_COMPLIANCE, _ADMIN}),
}

PUBLIC = frozenset({"sign_in_page", "sign_in", "choose_language", "health"})
"""Names of the routes that nobody has to sign in for."""

_NOBODY = "\x00"
"""An agent or supervisor account without staff number or team sees no call rather than all."""


def allows(account: Account, permission: Permission) -> bool:
    """Whether the table gives this to the role of the account."""
    return account.role in GRANTS[permission]


def scope_of(account: Account) -> Scope:
    """The calls this account may see."""
    if account.role is DeskRole.AGENT:
        return Scope(agent_id=account.agent_id or _NOBODY, released=True)
    if account.role is DeskRole.SUPERVISOR:
        return Scope(team=account.team or _NOBODY)
    return Scope()


def reviewer_of(account: Account) -> Reviewer:
    """The account as the rules of a call see it."""
    return Reviewer(
        name=account.name,
        agent_id=account.agent_id,
        team=account.team,
        settles=allows(account, Permission.SETTLE),
        releases=allows(account, Permission.RELEASE),
    )
