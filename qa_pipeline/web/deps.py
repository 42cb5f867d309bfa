"""What a route asks for: the parts of the desk, who is there, and whether they may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from qa_pipeline.config import Settings
from qa_pipeline.errors import AccessError
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.roles import perform
from qa_pipeline.store.call_filter import Scope
from qa_pipeline.store.listings import ListedCall
from qa_pipeline.store.repository import Store
from qa_pipeline.types import Account, AuditEntry, DeskRole, Review, message
from qa_pipeline.web.permissions import Permission, allows, reviewer_of, scope_of
from qa_pipeline.web.retrying import Retrying
from qa_pipeline.web.sign_in import SignIn, csrf_token

if TYPE_CHECKING:
    from qa_pipeline.pipeline import Engine

SESSION_COOKIE = "qa_session"
LANGUAGE_COOKIE = "qa_lang"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
ONE_LOOK = timedelta(hours=1)
"""How long what a page or a player asks for more belongs to the look that is noted."""
_LINES_BACK = 50
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts that all routes share; one for each application.

    Args:
        engine: judges a call again after its roles were exchanged; made when it is needed first.
    """

    settings: Settings
    store: Store
    review: ReviewDesk
    sign_in: SignIn
    engine: Callable[[], Engine]
    retrying: Retrying


class NotSignedInError(Exception):
    """Nobody is signed in, or the session is over."""


class PasswordDueError(Exception):
    """The password was given by somebody else and has to be changed first."""


def desk(request: Request) -> Desk:
    """The desk of this application."""
    found: Desk = request.app.state.desk
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is signed in, and from where."""

    account: Account
    desk: Desk
    csrf: str
    address: str

    @property
    def scope(self) -> Scope:
        """The calls this person may see."""
        return scope_of(self.account)

    @property
    def reviewer(self) -> Reviewer:
        """This person as the rules of a call see them."""
        return reviewer_of(self.account)

    @property
    def is_agent(self) -> bool:
        """Whether this person is told decisions without who took them."""
        return self.account.role is DeskRole.AGENT

    def may(self, permission: Permission | str) -> bool:
        """Whether this person's role has a permission."""
        return allows(self.account, Permission(permission))

    def log(self, action: str, subject: str = "", detail: str = "") -> None:
        """Put a line into the audit log; codes only, never what was said."""
        self.desk.store.accounts.log(
            AuditEntry(
                at=datetime.now(UTC),
                account=self.account.name,
                action=action,
                subject=subject,
                detail=detail,
                address=self.address,
            )
        )

    def log_look(self, action: str, call_id: str, detail: str = "") -> None:
        """Note a look at a call, unless it goes on from one that is noted: a player asks bit by bit."""
        noted = self.desk.store.accounts.audit_log(
            account=self.account.name, subject=call_id, limit=_LINES_BACK
        )
        begun = datetime.now(UTC) - ONE_LOOK
        if not any((one.action, one.detail) == (action, detail) and one.at > begun for one in noted):
            self.log(action, call_id, detail)

    def listed(self, call_id: str) -> ListedCall:
        """The line of a call that this person may see.

        Raises:
            AccessError: call_not_found, the same for one that is not there and one that is not theirs.
        """
        found = self.desk.store.listings.call(call_id, self.scope)
        if found is None:
            raise _unknown_call(call_id)
        return self.shown(found)

    def shown(self, call: ListedCall) -> ListedCall:
        """The line of a call as this person may see it."""
        return replace(call, assigned_to=None, assigned_at=None) if self.is_agent else call

    def reviewed(self, call_id: str) -> ReviewedCall:
        """A call that this person may see, with what people did on it.

        Raises:
            AccessError: call_not_found.
        """
        self.listed(call_id)
        found = self.desk.review.call(call_id)
        if found is None:
            raise _unknown_call(call_id)
        return found

    def perform(self, asked: Review, *, seen: int | None = None) -> ReviewedCall:
        """Do something on a call that this person may see, and note it; whether the role may is asked before.

        Args:
            seen: the last action that this person saw; None where nothing can have happened in between.

        Raises:
            AccessError: call_not_found.
            ConfigurationError, ReviewError: as `review.roles.perform`.
        """
        self.listed(asked.call_id)
        parts = self.desk
        done = perform(
            asked, self.reviewer, seen=seen, desk=parts.review, store=parts.store, engine=parts.engine
        )
        self.log(f"review.{asked.action.value}", asked.call_id, detail=asked.reason or "")
        return done


def _unknown_call(call_id: str) -> AccessError:
    told = message("There is no call {call} here, or it is not yours to see.", call=call_id)
    return AccessError("call_not_found", told)


async def checked_form(request: Request) -> None:
    """Read the form once, for routes and for the check of its token."""
    if request.method not in SAFE_METHODS and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        form = await request.form()
        value = form.get(CSRF_FIELD)
        request.state.csrf = value if isinstance(value, str) else ""
    else:
        request.state.csrf = request.headers.get(CSRF_HEADER, "")


def signed_in(
    request: Request, parts: Annotated[Desk, Depends(desk)], _: Annotated[None, Depends(checked_form)]
) -> Visitor:
    """Who is signed in; a request that changes something must carry the token of the session.

    Raises:
        NotSignedInError, PasswordDueError, AccessError: csrf_failed.
    """
    token = request.cookies.get(SESSION_COOKIE, "")
    account = parts.sign_in.account_of(token) if token else None
    if account is None:
        raise NotSignedInError
    csrf = csrf_token(token)
    given = request.state.csrf or request.headers.get(CSRF_HEADER, "")
    if request.method not in SAFE_METHODS and given != csrf:
        raise AccessError(
            "csrf_failed", message("The page is out of date. Load it again and repeat what you did.")
        )
    visitor = Visitor(account=account, desk=parts, csrf=csrf, address=client_address(request))
    request.state.visitor = visitor
    return visitor


class Needs:
    """A dependency: somebody is signed in whose role has this permission.

    Raises:
        AccessError: forbidden.
    """

    def __init__(self, permission: Permission, *, password_due: bool = False) -> None:
        self.permission = permission
        self._password_due = password_due

    def __call__(self, visitor: Annotated[Visitor, Depends(signed_in)]) -> Visitor:
        if visitor.account.must_change_password and not self._password_due:
            raise PasswordDueError
        if not visitor.may(self.permission):
            visitor.log("access.refused", detail=self.permission.value)
            raise AccessError(
                "forbidden", message("Your role may not do this. Ask who runs the desk for the right to it.")
            )
        return visitor


def client_address(request: Request) -> str:
    """Where a request comes from; behind a proxy uvicorn has put the forwarded address here."""
    return request.client.host if request.client else ""


def clean(values: Sequence[str] | None) -> tuple[str, ...]:
    """Values of a form or a URL that say something."""
    return tuple(value.strip() for value in values or () if value.strip())
