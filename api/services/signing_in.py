"""Signing in and out, and whose a request is."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anyio import CapacityLimiter, to_thread

from api.services.errors import (
    SignInRefusedError,
    TooManyAttemptsError,
    UnknownAccountError,
)
from api.services.passwords import Passwords
from api.settings import AccountSettings
from api.store import accounts, sessions
from api.store.engine import Connection, Engine, reading, transaction
from api.store.sessions import Failures, Session

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use of a session is known

# After so many failures in a row every further one doubles the wait, from a second to five
# minutes: a guesser gets some 300 tries a day, and nobody is locked out for a shift.
_FREE_FAILURES = 10
_LONGEST_WAIT_S = 300
_FORGOTTEN_AFTER = timedelta(days=1)

# Argon2 takes 64 MiB a time: a crowd at the door must not take all there is.
_AT_ONCE = 4


@dataclass(frozen=True)
class Door:
    """How people come in here. ``demonstration``: demonstration accounts may, without password."""

    passwords: Passwords
    lifetime: timedelta
    demonstration: bool
    limiter: CapacityLimiter


def door(settings: AccountSettings, *, demonstration: bool) -> Door:
    """Return the door that settings describe."""
    return Door(
        passwords=Passwords(settings),
        lifetime=timedelta(hours=settings.session_hours),
        demonstration=demonstration,
        limiter=CapacityLimiter(_AT_ONCE),
    )


@dataclass(frozen=True)
class SignedIn:
    """A new session with its token, which is told once."""

    token: str
    session: Session


async def sign_in(
    engine: Engine, door: Door, login: str, password: str, *, now: datetime
) -> SignedIn:
    """Begin a session of who knows the password; always a new token, whatever the browser had.

    An unknown login, a wrong password and a disabled account are one answer after the same work.
    The attempt is counted before the password is checked, so that guesses sent all at once count
    as if they had been sent in turn.

    Raises
    ------
    TooManyAttemptsError
        So many sign-ins of this login failed that the next has to wait.
    SignInRefusedError
        Login and password do not go together.
    """
    login = normal_login(login)
    digest = _digest(login)
    async with transaction(engine) as connection:
        await _count(connection, digest, now=now)
        known = await accounts.credentials(connection, login)
    kept = known.password_hash if known else None
    matches = await to_thread.run_sync(door.passwords.matches, kept, password, limiter=door.limiter)
    if known is None or not matches or known.disabled_at or known.demonstration:
        raise SignInRefusedError
    async with transaction(engine) as connection:
        await sessions.forget_failures(connection, digest)
        if kept and door.passwords.outdated(kept):
            fresh = await to_thread.run_sync(door.passwords.hashed, password)
            await accounts.change(connection, known.account, password_hash=fresh)
        return await _begin(connection, door, known.account, now=now)


async def sign_in_to_demonstration(
    engine: Engine, door: Door, account: UUID, *, now: datetime
) -> SignedIn:
    """Begin a session of a demonstration account, where there is a demonstration.

    Raises
    ------
    UnknownAccountError
        There is no such account, or none of a demonstration, or no demonstration.
    """
    async with transaction(engine) as connection:
        known = await accounts.credentials_of(connection, account)
        here = door.demonstration and known is not None and known.demonstration
        if known is None or not here or known.disabled_at:
            raise UnknownAccountError(account=str(account))
        return await _begin(connection, door, account, now=now)


async def sign_out(engine: Engine, token: str) -> None:
    """End a session; nothing happens if there is none."""
    async with transaction(engine) as connection:
        await sessions.end(connection, _digest(token))


async def session_of(engine: Engine, door: Door, token: str, *, now: datetime) -> Session | None:
    """Return the session of a token; ``None`` when it has ended, in whatever way."""
    digest = _digest(token)
    async with reading(engine) as connection:
        session = await sessions.standing(connection, digest, now=now)
    if session is None or (session.demonstration and not door.demonstration):
        return None
    if now - session.last_seen_at > _SEEN_EVERY:
        async with transaction(engine) as connection:
            await sessions.seen(connection, digest, now=now)
    return session


def normal_login(login: str) -> str:
    """Return a login as it is kept: without case, width or spaces around it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def wait_s(failed: int) -> int:
    """Return how many seconds to wait after so many failed sign-ins in a row.

    >>> [wait_s(failed) for failed in (1, 9, 10, 11, 15, 18, 19, 10_000)]
    [0, 0, 1, 2, 32, 256, 300, 300]
    """
    if failed < _FREE_FAILURES:
        return 0
    doublings = min(failed - _FREE_FAILURES, _LONGEST_WAIT_S.bit_length())
    return min(1 << doublings, _LONGEST_WAIT_S)


async def _count(connection: Connection, digest: bytes, *, now: datetime) -> None:
    await sessions.lock_login(connection, digest)
    await sessions.forget_failures_before(connection, now - _FORGOTTEN_AFTER)
    before = await sessions.failures(connection, digest)
    if before and now < before.wait_until:
        left_s = (before.wait_until - now).total_seconds()
        raise TooManyAttemptsError(wait_s=int(left_s) + 1)
    count = (before.count if before else 0) + 1
    failed = Failures(count, now, now + timedelta(seconds=wait_s(count)))
    await sessions.keep_failures(connection, digest, failed)


async def _begin(connection: Connection, door: Door, account: UUID, *, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    digest, expires_at = _digest(token), now + door.lifetime
    await sessions.begin(connection, digest, account, now=now, expires_at=expires_at)
    session = await sessions.standing(connection, digest, now=now)
    if session is None:  # disabled since the password was checked
        raise SignInRefusedError
    return SignedIn(token, session)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
