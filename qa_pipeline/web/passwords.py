"""Passwords: argon2id hashes by the library's own parameters (RFC 9106, low memory), nothing else kept."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qa_pipeline.errors import AccessError
from qa_pipeline.types import message

MINIMUM = 10
"""Characters; length counts for more than odd signs (NIST SP 800-63B, 3.1.1)."""

_LONGEST = 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """The hash to keep.

    Raises:
        AccessError: password_weak.
    """
    if not MINIMUM <= len(password) <= _LONGEST or len(set(password)) < 4:
        raise AccessError(
            "password_weak",
            message(
                "A password has {least} to {most} characters, four different ones among them.",
                least=MINIMUM,
                most=_LONGEST,
            ),
        )
    return _hasher().hash(password)


def one_time_password() -> str:
    """A password to be read out or copied once; no letters that look alike. 60 bits and more."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def verify(password: str, kept: str | None) -> bool:
    """Whether the password is that of the hash; takes its time for a name that nobody has, too."""
    if len(password) > _LONGEST:
        return False
    try:
        _hasher().verify(_nobodys() if kept is None else kept, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex(16))
