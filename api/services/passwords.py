"""Passwords: hashed with Argon2id, checked with the same work whoever is asked for."""

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.services.errors import PasswordLengthError
from api.settings import AccountSettings

# NIST SP 800-63B-4, 3.1.1.2: at least 15 where the password is all there is, at least 64 accepted,
# no rules of composition.
SHORTEST, LONGEST = 15, 256

NOBODYS = ""  # in place of a hash: no password matches it


class Passwords:
    """The hasher of one deployment, at the cost that its settings name."""

    def __init__(self, settings: AccountSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_time_cost, memory_cost=settings.password_memory_kib
        )
        # Something to work on where there is no account, so that the answer takes as long.
        self._stand_in = self._hasher.hash(secrets.token_urlsafe())

    def hashed(self, password: str) -> str:
        """Return what to keep of a password."""
        return self._hasher.hash(_normal(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one kept; without one it is the same work, and False."""
        try:
            return self._hasher.verify(kept or self._stand_in, _normal(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Tell whether what is kept was made at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)


def acceptable(password: str) -> str:
    """Return a new password, if it may be one.

    Raises
    ------
    PasswordLengthError
        It is too short or too long.
    """
    if not SHORTEST <= len(_normal(password)) <= LONGEST:
        raise PasswordLengthError(shortest=SHORTEST, longest=LONGEST)
    return password


def _normal(password: str) -> str:
    """The same characters, however a keyboard composes them (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFC", password)
