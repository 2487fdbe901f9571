"""Boundaries and directories into the database, as the owner; each one transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from api.services.accounts import Administrator
from api.services.errors import (
    NoReleaseError,
    RealDirectoryError,
    ReleaseExistsError,
    UnknownReleaseError,
)
from api.services.passwords import NOBODYS
from api.store import accounts, releases, staff, units
from api.store.engine import Connection, Engine, reading, transaction
from api.store.releases import StoredRelease
from gridmap import demo
from gridmap.boundary import Release
from gridmap.dispatch.actor import SYSTEM, Grant, Role
from gridmap.errors import GridmapError


async def stored_releases(engine: Engine) -> list[StoredRelease]:
    async with reading(engine) as connection:
        return await releases.stored(connection)


async def import_release(engine: Engine, release: Release, *, activate: bool) -> None:
    """Store a release, inactive unless told otherwise.

    Raises
    ------
    ReleaseExistsError
        One with this id is there; nothing was written.
    """
    async with transaction(engine) as connection:
        if release.id in {stored.id for stored in await releases.stored(connection)}:
            raise ReleaseExistsError(release=release.id)
        await releases.store(connection, release)
        if activate:
            await releases.activate(connection, release.id)


async def activate_release(engine: Engine, release_id: str) -> None:
    """Make a stored release the one that answers; every process swaps to it within seconds."""
    async with transaction(engine) as connection:
        if release_id not in {stored.id for stored in await releases.stored(connection)}:
            raise UnknownReleaseError(release=release_id)
        await releases.activate(connection, release_id)


async def count_units(engine: Engine) -> int:
    async with reading(engine) as connection:
        return await units.count(connection)


async def seed_directory(engine: Engine, templates: Mapping[str, Any]) -> int:
    """Make a demonstration directory for the active release; returns how many units.

    Raises
    ------
    NoReleaseError
        Nothing is active yet.
    RealDirectoryError
        There are units that are no demonstration; nothing is mixed with them.
    """
    async with transaction(engine) as connection:
        if real := await units.real_units(connection):
            raise RealDirectoryError(units=real)
        active = await releases.active_id(connection)
        release = await releases.load(connection, active) if active else None
        if release is None:
            raise NoReleaseError
        await staff.replace_demonstration(connection, demo.staff(release, templates))
        return await units.replace_demonstration(connection, demo.directory(release, templates))


async def count_demonstration_accounts(engine: Engine) -> int:
    async with reading(engine) as connection:
        return await accounts.count(connection, demonstration=True)


async def owner(engine: Engine) -> Administrator:
    """Return who owns the machine as an administrator, over what answers now.

    Raises
    ------
    NoReleaseError
        Nothing is active yet.
    """
    async with reading(engine) as connection:
        active = await releases.active_id(connection)
        release = await releases.load(connection, active) if active else None
        if release is None:
            raise NoReleaseError
        return Administrator(SYSTEM, release, await units.directory(connection))


async def add_demonstration_accounts(engine: Engine, given: Mapping[str, Any]) -> int:
    """Make the accounts of a demonstration, without passwords; returns how many.

    Whose area or unit the active release and directory lack is left out: another city's people
    are no use here.
    """
    over_all = await owner(engine)
    async with transaction(engine) as connection:
        made = 0
        for row in given["accounts"]:
            grants = [one for one in _grants(row) if _holds_here(over_all, one)]
            if grants:
                made += await _add_demonstration_account(connection, row, grants)
        return made


def _grants(row: Mapping[str, Any]) -> list[Grant]:
    """What an account is granted: the one of its own keys, or its list of several."""
    return [
        Grant(Role(one["role"]), one["area"], one.get("unit")) for one in row.get("grants", (row,))
    ]


def _holds_here(over_all: Administrator, grant: Grant) -> bool:
    try:
        over_all.check(grant)
    except GridmapError:
        return False
    return True


async def _add_demonstration_account(
    connection: Connection, row: Mapping[str, Any], grants: list[Grant]
) -> bool:
    account = uuid4()
    added = await accounts.add(
        connection,
        account,
        login=row["login"],
        name=row["name"],
        password_hash=NOBODYS,
        demonstration=True,
    )
    for grant in grants if added else ():
        await accounts.grant(connection, account, grant, id=uuid4(), by=SYSTEM.account)
    return added
