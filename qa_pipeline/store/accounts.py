"""Who may sign in, who is signed in, and the log of what was looked at and changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from qa_pipeline.errors import StoreError
from qa_pipeline.store.database import Database
from qa_pipeline.store.tables import AccountRow, AuditRow, ListingRow, SessionRow, SignInFailureRow
from qa_pipeline.types import Account, AuditEntry, DeskRole, Session, message

_ACCOUNT = (
    AccountRow.name,
    AccountRow.role,
    AccountRow.agent_id,
    AccountRow.team,
    AccountRow.must_change_password,
    AccountRow.disabled,
    AccountRow.created_at,
)


class Accounts:
    """Accounts, their sessions, failed sign-ins and the audit log. Passwords come in as hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Account, ...]:
        """Every account by name, disabled ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(select(*_ACCOUNT).order_by(AccountRow.name)).mappings()
            return tuple(_account(dict(row)) for row in rows)

    def account(self, name: str) -> Account | None:
        """The account of this name."""
        with self._database.reading() as connection:
            row = (
                connection.execute(select(*_ACCOUNT).where(AccountRow.name == name)).mappings().one_or_none()
            )
        return None if row is None else _account(dict(row))

    def password_hash(self, name: str) -> str | None:
        """The hash to check a password against; None for a name that nobody has."""
        with self._database.reading() as connection:
            return connection.scalar(select(AccountRow.password_hash).where(AccountRow.name == name))

    def add(self, account: Account, *, password_hash: str) -> None:
        """Add an account.

        Raises:
            StoreError: store_account_exists.
        """
        row = {
            "name": account.name,
            "role": account.role.value,
            "agent_id": account.agent_id,
            "team": account.team,
            "password_hash": password_hash,
            "must_change_password": account.must_change_password,
            "disabled": account.disabled,
            "created_at": account.created_at,
        }
        with self._database.writing() as connection:
            taken = connection.scalar(select(AccountRow.name).where(AccountRow.name == account.name))
            if taken is not None:
                raise StoreError(
                    "store_account_exists",
                    message("There is an account {name} already. Choose another name.", name=account.name),
                )
            connection.execute(insert(AccountRow), row)

    def set_password(self, name: str, password_hash: str, *, must_change: bool) -> None:
        """Replace a password; every session of the account ends.

        Raises:
            StoreError: store_unknown_account.
        """
        with self._database.writing() as connection:
            _change(connection, name, password_hash=password_hash, must_change_password=must_change)

    def rehash(self, name: str, password_hash: str) -> None:
        """Keep the same password under a stronger hash; sessions go on."""
        with self._database.writing() as connection:
            connection.execute(
                update(AccountRow).where(AccountRow.name == name).values(password_hash=password_hash)
            )

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Shut an account out, or let it in again; its sessions end, and who is shut out has no tasks.

        Raises:
            StoreError: store_unknown_account.
        """
        with self._database.writing() as connection:
            _change(connection, name, disabled=disabled)
            if disabled:
                connection.execute(
                    update(ListingRow)
                    .where(ListingRow.assigned_to == name)
                    .values(assigned_to=None, assigned_at=None)
                )

    def open_session(self, session: Session) -> None:
        """Keep a new sign-in."""
        row = {
            "digest": session.digest,
            "account": session.account,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(SessionRow), row)

    def session(self, digest: str) -> tuple[Session, Account] | None:
        """A session and whose it is."""
        query = select(SessionRow.digest, SessionRow.created_at.label("since"), SessionRow.seen_at, *_ACCOUNT)
        query = query.join(AccountRow, AccountRow.name == SessionRow.account).where(
            SessionRow.digest == digest
        )
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().one_or_none()
        if found is None:
            return None
        row = dict(found)
        session = Session(
            digest=row.pop("digest"),
            account=row["name"],
            created_at=row.pop("since"),
            seen_at=row.pop("seen_at"),
        )
        return session, _account(row)

    def touch_session(self, digest: str, at: datetime) -> None:
        """Note that a session was used."""
        with self._database.writing() as connection:
            connection.execute(update(SessionRow).where(SessionRow.digest == digest).values(seen_at=at))

    def close_session(self, digest: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.digest == digest))

    def close_sessions(self, *, seen_before: datetime, created_before: datetime) -> None:
        """Forget sessions that are over."""
        with self._database.writing() as connection:
            over = (SessionRow.seen_at < seen_before) | (SessionRow.created_at < created_before)
            connection.execute(delete(SessionRow).where(over))

    def note_failed_sign_in(self, subjects: Sequence[str], at: datetime) -> None:
        """Count a failed sign-in against each of these (a name, an address)."""
        with self._database.writing() as connection:
            connection.execute(insert(SignInFailureRow), [{"subject": one, "at": at} for one in subjects])

    def failed_sign_ins(self, subject: str, since: datetime) -> int:
        """How many sign-ins failed for a subject since then."""
        query = select(func.count()).select_from(SignInFailureRow)
        query = query.where(SignInFailureRow.subject == subject, SignInFailureRow.at >= since)
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def forget_failed_sign_ins(self, *, before: datetime, subject: str | None = None) -> None:
        """Drop failures from before a time, of one subject or of all."""
        statement = delete(SignInFailureRow).where(SignInFailureRow.at < before)
        if subject is not None:
            statement = statement.where(SignInFailureRow.subject == subject)
        with self._database.writing() as connection:
            connection.execute(statement)

    def log(self, entry: AuditEntry) -> None:
        """Add a line to the audit log."""
        row = {
            "at": entry.at,
            "account": entry.account,
            "action": entry.action,
            "subject": entry.subject,
            "detail": entry.detail,
            "address": entry.address,
        }
        with self._database.writing() as connection:
            connection.execute(insert(AuditRow), row)

    def audit_log(
        self, *, before: int | None = None, account: str = "", subject: str = "", limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """The latest lines first.

        Args:
            before: only lines older than this `seq`.
            account, subject: only of these; empty for any.
        """
        query = select(
            AuditRow.seq,
            AuditRow.at,
            AuditRow.account,
            AuditRow.action,
            AuditRow.subject,
            AuditRow.detail,
            AuditRow.address,
        ).order_by(AuditRow.seq.desc())
        if before is not None:
            query = query.where(AuditRow.seq < before)
        if account:
            query = query.where(AuditRow.account == account)
        if subject:
            query = query.where(AuditRow.subject == subject)
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings()
            return tuple(AuditEntry(**row) for row in rows)


def _change(connection: Connection, name: str, **values: object) -> None:
    changed = connection.execute(update(AccountRow).where(AccountRow.name == name).values(values))
    if changed.rowcount == 0:
        raise StoreError(
            "store_unknown_account",
            message("There is no account {name}. qa user list shows those there are.", name=name),
        )
    connection.execute(delete(SessionRow).where(SessionRow.account == name))


def _account(row: dict[str, object]) -> Account:
    return Account(**row | {"role": DeskRole(str(row["role"]))})  # type: ignore[arg-type]
