"""Signing in and staying signed in: throttled attempts, sessions kept in the store with two limits."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from qa_pipeline.errors import AccessError, StoreError
from qa_pipeline.store.accounts import Accounts
from qa_pipeline.types import Account, AuditEntry, DeskRole, Session, message
from qa_pipeline.web.passwords import hash_password, is_outdated, one_time_password, verify

FIRST_ADMIN = "admin"

_WINDOW = timedelta(minutes=15)
_PER_NAME = 5
_PER_ADDRESS = 30
_TOUCH_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a sign-in lasts: without being used, and at all."""

    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=12)

    @classmethod
    def of(cls, idle_minutes: int, hours: int) -> Self:
        """Limits as the settings have them."""
        return cls(idle=timedelta(minutes=idle_minutes), absolute=timedelta(hours=hours))


class SignIn:
    """The door of the desk."""

    def __init__(self, accounts: Accounts, limits: SessionLimits | None = None) -> None:
        self._accounts = accounts
        self.limits = limits or SessionLimits()

    def sign_in(self, name: str, password: str, address: str) -> tuple[str, Account]:
        """Check a password and begin a session.

        Returns:
            The token for the browser, and the account.

        Raises:
            AccessError: sign_in_failed, whatever was wrong; sign_in_throttled.
        """
        now = datetime.now(UTC)
        subjects = {f"name:{name[:100]}": _PER_NAME, f"address:{address}": _PER_ADDRESS}
        for subject, most in subjects.items():
            if self._accounts.failed_sign_ins(subject, now - _WINDOW) >= most:
                self._log(now, name, "sign_in.throttled", address)
                raise AccessError(
                    "sign_in_throttled",
                    message("Too many failed attempts. Wait a quarter of an hour, then try again."),
                )
        kept = self._accounts.password_hash(name)
        right = verify(password, kept)
        account = self._accounts.account(name) if right else None
        if account is None or account.disabled or kept is None:
            self._accounts.note_failed_sign_in(list(subjects), now)
            self._log(now, name, "sign_in.failed", address)
            raise AccessError(
                "sign_in_failed", message("Name or password is wrong, or the account is disabled.")
            )
        if is_outdated(kept):
            self._accounts.rehash(name, hash_password(password))
        self._accounts.forget_failed_sign_ins(before=now + timedelta(seconds=1), subject=f"name:{name[:100]}")
        self._accounts.forget_failed_sign_ins(before=now - _WINDOW)
        self._accounts.close_sessions(
            seen_before=now - self.limits.idle, created_before=now - self.limits.absolute
        )
        token = secrets.token_urlsafe(32)
        self._accounts.open_session(Session(digest=_digest(token), account=name, created_at=now, seen_at=now))
        self._log(now, name, "sign_in.done", address)
        return token, account

    def account_of(self, token: str) -> Account | None:
        """Whose session this is; None where it is over, unknown, or the account was disabled."""
        found = self._accounts.session(_digest(token))
        if found is None:
            return None
        session, account = found
        now = datetime.now(UTC)
        over = now - session.seen_at > self.limits.idle or now - session.created_at > self.limits.absolute
        if over or account.disabled:
            self._accounts.close_session(session.digest)
            return None
        if now - session.seen_at > _TOUCH_AFTER:
            # A store that is busy for a moment shuts nobody out; the next page notes it.
            with suppress(StoreError):
                self._accounts.touch_session(session.digest, now)
        return account

    def sign_out(self, token: str, account: Account, address: str) -> None:
        """End a session."""
        self._accounts.close_session(_digest(token))
        self._log(datetime.now(UTC), account.name, "sign_in.ended", address)

    def _log(self, at: datetime, name: str, action: str, address: str) -> None:
        self._accounts.log(
            AuditEntry(at=at, account=name[:100], action=action, subject=name[:100], address=address)
        )


def csrf_token(session_token: str) -> str:
    """What a form of this session must carry; tells nothing of the session itself."""
    return hmac.new(session_token.encode(), b"qa-desk-form", hashlib.sha256).hexdigest()


def ensure_admin(accounts: Accounts) -> str | None:
    """On a store without accounts, make the first administrator.

    Returns:
        Its one-time password, to be shown once; None where there are accounts already.
    """
    if accounts.all():
        return None
    password = one_time_password()
    accounts.add(
        Account(
            name=FIRST_ADMIN, role=DeskRole.ADMIN, must_change_password=True, created_at=datetime.now(UTC)
        ),
        password_hash=hash_password(password),
    )
    return password


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
