"""What an account must be like, whoever adds it."""

from __future__ import annotations

import re

from qa_pipeline.errors import AccessError
from qa_pipeline.types import Account, DeskRole, message

_NAME = re.compile(r"[\w.-]{1,50}")


def checked(account: Account) -> Account:
    """The account, if its name can stand in every list and its role has what its scope needs.

    Raises:
        AccessError: account_name_invalid.
    """
    if not _NAME.fullmatch(account.name):
        told = message(
            "{name} is no account name: letters, digits, dots and dashes, up to 50", name=account.name or "?"
        )
        raise AccessError("account_name_invalid", told)
    bare_agent = account.role is DeskRole.AGENT and account.agent_id is None
    bare_supervisor = account.role is DeskRole.SUPERVISOR and account.team is None
    if bare_agent or bare_supervisor:
        told = message("An agent needs a staff number (--agent), a supervisor a team (--team).")
        raise AccessError("account_name_invalid", told)
    return account
