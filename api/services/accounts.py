"""Accounts made, changed and granted: by administrators inside their area, by commands anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from anyio import to_thread

from api.services.errors import (
    AdministratorNeededError,
    BeyondAuthorityError,
    ErasedAccountError,
    LoginTakenError,
    UnitElsewhereError,
    UnitNeededError,
    UnknownAccountError,
    UnknownGrantError,
    UnknownUnitError,
)
from api.services.passwords import acceptable
from api.services.signing_in import normal_login
from api.store import accounts, positions, sessions
from api.store.accounts import Account
from api.store.engine import Connection, Engine, reading, transaction
from gridmap.boundary import Release
from gridmap.dispatch.actor import SYSTEM, Actor, Grant, Role
from gridmap.dispatch.directory import Directory

Hash = Callable[[str], str]


@dataclass(frozen=True)
class Administrator:
    """Who administers, with what an area and a unit are checked against.

    ``actor`` is `SYSTEM` for the commands of who owns the machine: over everything.
    """

    actor: Actor
    release: Release
    directory: Directory

    def __post_init__(self) -> None:
        if not self.areas and self.actor != SYSTEM:
            raise AdministratorNeededError

    @property
    def areas(self) -> frozenset[str]:
        """The codes over which, with all below them, this administrator has a say."""
        grants = (one for one in self.actor.grants if one.role is Role.ADMINISTRATOR)
        return frozenset(grant.area_code for grant in grants)

    def is_over(self, code: str) -> bool:
        """Tell whether an area is one of the administrator's or below it; unknown ones are not."""
        if self.actor == SYSTEM or code in self.areas:
            return True
        try:
            above = self.release.ancestors(code)
        except LookupError:
            return False
        return any(area.code in self.areas for area in above)

    def may_change(self, account: Account) -> bool:
        """Tell whether all that an account may do is inside the area of this administrator.

        Who could set a password of somebody above would be above. An account that is granted
        nothing belongs to nobody's area, and so to those over the whole city.
        """
        codes = [held.grant.area_code for held in account.grants] or self._top()
        return all(map(self.is_over, codes))

    def check(self, grant: Grant) -> Grant:
        """Return a grant, if this administrator may give or take it and it makes sense."""
        self.release.area(grant.area_code)
        if not self.is_over(grant.area_code):
            raise BeyondAuthorityError(what=grant.role, area=grant.area_code)
        if grant.unit is None:
            if grant.role is Role.DEPARTMENT:
                raise UnitNeededError(role=grant.role)
            return grant
        unit = self.directory.find(grant.unit)
        if unit is None:
            raise UnknownUnitError(unit=grant.unit)
        serves = {unit.area_code, *(area.code for area in self.release.ancestors(unit.area_code))}
        if grant.area_code not in serves:
            raise UnitElsewhereError(unit=grant.unit, area=grant.area_code)
        return grant

    def _top(self) -> list[str]:
        return [str(code) for code in next(iter(self.release.layers.values())).codes]


async def listed(engine: Engine, by: Administrator) -> list[Account]:
    """Return the accounts that hold a grant in the administrator's area, and those it may change.

    Of a grant elsewhere it is told nothing.
    """
    async with reading(engine) as connection:
        everybody = await accounts.everybody(connection)
    return [
        one
        for one in everybody
        if by.may_change(one) or any(by.is_over(held.grant.area_code) for held in one.grants)
    ]


async def add(
    engine: Engine,
    by: Administrator,
    *,
    login: str,
    name: str,
    password: str,
    grants: tuple[Grant, ...],
    hashed: Hash,
    email: str | None = None,
) -> Account:
    """Make an account with its grants, all of them or nothing.

    Raises
    ------
    LoginTakenError, PasswordLengthError, BeyondAuthorityError, ...
        Nothing was written.
    """
    login, account = normal_login(login), uuid4()
    checked = [by.check(grant) for grant in grants]
    kept = await to_thread.run_sync(hashed, acceptable(password))
    async with transaction(engine) as connection:
        if not await accounts.add(
            connection, account, login=login, name=name, password_hash=kept, email=email
        ):
            raise LoginTakenError(login=login)
        for grant in checked:
            await _grant(connection, account, grant, by)
        return await _find(connection, account)


async def change(
    engine: Engine,
    by: Administrator,
    account: UUID,
    *,
    now: datetime,
    hashed: Hash,
    name: str | None = None,
    email: str | None = None,
    password: str | None = None,
    disabled: bool | None = None,
) -> Account:
    """Change what is named; an empty address takes it away.

    A new password and disabling end all sessions of the account.
    """
    kept = await to_thread.run_sync(hashed, acceptable(password)) if password else None
    async with transaction(engine) as connection:
        await _changeable(connection, by, account)
        if name is not None:
            await accounts.change(connection, account, name=name)
        if email is not None:
            await accounts.change(connection, account, email=email or None)
        if kept is not None:
            await accounts.change(connection, account, password_hash=kept)
        if disabled is not None:
            await accounts.change(connection, account, disabled_at=now if disabled else None)
        if kept or disabled:
            await sessions.end_all(connection, account)
        return await _find(connection, account)


async def erase(engine: Engine, by: Administrator, account: UUID, *, now: datetime) -> None:
    """Empty everything personal of an account and end what it may do; its id stays."""
    async with transaction(engine) as connection:
        known = await _changeable(connection, by, account)
        await accounts.revoke(
            connection, (held.id for held in known.grants), by=by.actor.account, now=now
        )
        await sessions.end_all(connection, account)
        await positions.erase(connection, account)
        await accounts.erase(connection, account, now=now)


async def grant(engine: Engine, by: Administrator, account: UUID, given: Grant) -> Account:
    """Give an account a role; nothing happens if it has it."""
    by.check(given)
    async with transaction(engine) as connection:
        known = await _find(connection, account)
        if known.erased_at:
            raise ErasedAccountError(account=str(account))
        await _grant(connection, account, given, by)
        return await _find(connection, account)


async def revoke(
    engine: Engine, by: Administrator, account: UUID, grant_id: UUID, *, now: datetime
) -> Account:
    """Take a role away; that it was held stays known."""
    async with transaction(engine) as connection:
        known = await _find(connection, account)
        held = next((one for one in known.grants if one.id == grant_id), None)
        if held is None:
            raise UnknownGrantError(account=str(account), grant=str(grant_id))
        if not by.is_over(held.grant.area_code):
            raise BeyondAuthorityError(what=held.grant.role, area=held.grant.area_code)
        await accounts.revoke(connection, [grant_id], by=by.actor.account, now=now)
        return await _find(connection, account)


async def of_login(engine: Engine, login: str) -> Account:
    """Return the account of a login."""
    async with reading(engine) as connection:
        found = await accounts.of_login(connection, normal_login(login))
    if found is None:
        raise UnknownAccountError(account=login)
    return found


async def _grant(connection: Connection, account: UUID, given: Grant, by: Administrator) -> None:
    await accounts.grant(connection, account, given, id=uuid4(), by=by.actor.account)


async def _changeable(connection: Connection, by: Administrator, account: UUID) -> Account:
    known = await _find(connection, account)
    if not by.may_change(known):
        where = ", ".join(held.grant.area_code for held in known.grants)
        raise BeyondAuthorityError(what="this account", area=where or "no area")
    if known.erased_at:
        raise ErasedAccountError(account=str(account))
    return known


async def _find(connection: Connection, account: UUID) -> Account:
    found = await accounts.find(connection, account)
    if found is None:
        raise UnknownAccountError(account=str(account))
    return found
