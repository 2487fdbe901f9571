"""Accounts and what they are granted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.store.engine import Connection
from api.store.tables import accounts, grants
from gridmap.dispatch.actor import SYSTEM, Grant, Role

ERASED = "已注销"
SERVICE_NAME = "系统"


@dataclass(frozen=True)
class HeldGrant:
    """A grant that stands."""

    id: UUID
    grant: Grant
    granted_at: datetime


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in. An erased one has no login, and a name that says so."""

    id: UUID
    login: str | None
    name: str
    email: str | None
    demonstration: bool
    created_at: datetime
    disabled_at: datetime | None
    erased_at: datetime | None
    grants: tuple[HeldGrant, ...]


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is held against."""

    account: UUID
    password_hash: str | None
    demonstration: bool
    disabled_at: datetime | None


async def credentials(connection: Connection, login: str) -> Credentials | None:
    """Return what the sign-in of a login is held against; ``None`` when there is no such login."""
    return await _credentials(connection, accounts.c.login == login)


async def credentials_of(connection: Connection, account: UUID) -> Credentials | None:
    """Return the same of an account."""
    return await _credentials(connection, accounts.c.id == account)


async def _credentials(connection: Connection, where: ColumnElement[bool]) -> Credentials | None:
    columns = (
        accounts.c.id,
        accounts.c.password_hash,
        accounts.c.demonstration,
        accounts.c.disabled_at,
    )
    row = (await connection.execute(select(*columns).where(where))).one_or_none()
    return Credentials(*row) if row else None


async def find(connection: Connection, account: UUID) -> Account | None:
    """Return an account with the grants that stand; ``None`` when there is none."""
    found = await _accounts(connection, accounts.c.id == account)
    return found[0] if found else None


async def of_login(connection: Connection, login: str) -> Account | None:
    """Return the account of a login; ``None`` when there is none."""
    found = await _accounts(connection, accounts.c.login == login)
    return found[0] if found else None


async def everybody(connection: Connection) -> list[Account]:
    """Return all accounts, erased ones too, by login."""
    return await _accounts(connection, accounts.c.id.is_not(None))


async def demonstration(connection: Connection) -> list[Account]:
    """Return the accounts of the demonstration that are not disabled, by login."""
    return await _accounts(
        connection, accounts.c.demonstration.is_(True) & accounts.c.disabled_at.is_(None)
    )


async def _accounts(connection: Connection, where: ColumnElement[bool]) -> list[Account]:
    rows = (
        await connection.execute(
            select(accounts).where(where).order_by(accounts.c.login.nulls_last(), accounts.c.id)
        )
    ).mappings()
    found = list(rows)
    held = await _grants(connection, [row["id"] for row in found])
    return [
        Account(
            id=row["id"],
            login=row["login"],
            name=row["name"] or ERASED,
            email=row["email"],
            demonstration=row["demonstration"],
            created_at=row["created_at"],
            disabled_at=row["disabled_at"],
            erased_at=row["erased_at"],
            grants=tuple(held.get(row["id"], ())),
        )
        for row in found
    ]


async def _grants(connection: Connection, of: list[UUID]) -> dict[UUID, list[HeldGrant]]:
    rows = await connection.execute(
        select(grants)
        .where(grants.c.account_id.in_(of), grants.c.revoked_at.is_(None))
        .order_by(grants.c.granted_at, grants.c.id)
    )
    held: dict[UUID, list[HeldGrant]] = {}
    for row in rows.mappings():
        grant = Grant(Role(row["role"]), row["area_code"], row["unit_id"])
        one = HeldGrant(row["id"], grant, row["granted_at"])
        held.setdefault(row["account_id"], []).append(one)
    return held


async def add(
    connection: Connection,
    account: UUID,
    *,
    login: str,
    name: str,
    password_hash: str,
    demonstration: bool = False,
    email: str | None = None,
) -> bool:
    """Insert an account; False, and nothing is written, when the login is taken."""
    row = {
        "id": account,
        "login": login,
        "name": name,
        "email": email,
        "password_hash": password_hash,
        "demonstration": demonstration,
    }
    query = upsert(accounts).values(row).on_conflict_do_nothing(index_elements=["login"])
    return await connection.scalar(query.returning(accounts.c.id)) is not None


async def change(connection: Connection, account: UUID, **values: Any) -> None:
    """Set the name, the address, the password's hash or the instant of disabling."""
    await connection.execute(update(accounts).where(accounts.c.id == account).values(**values))


async def erase(connection: Connection, account: UUID, *, now: datetime) -> None:
    """Empty everything personal of an account; its id, which the records name, stays."""
    await change(
        connection,
        account,
        login=None,
        name=None,
        email=None,
        password_hash=None,
        disabled_at=func.coalesce(accounts.c.disabled_at, now),
        erased_at=now,
    )


async def grant(connection: Connection, account: UUID, grant: Grant, *, id: UUID, by: str) -> None:  # noqa: A002 - the column's name
    """Add a grant; nothing happens if it stands already."""
    row = {
        "id": id,
        "account_id": account,
        "role": grant.role.value,
        "area_code": grant.area_code,
        "unit_id": grant.unit,
        "granted_by": by,
    }
    await connection.execute(upsert(grants).values(row).on_conflict_do_nothing())


async def revoke(connection: Connection, ids: Iterable[UUID], *, by: str, now: datetime) -> None:
    """Let grants end; that they stood is kept."""
    await connection.execute(
        update(grants)
        .where(grants.c.id.in_(list(ids)), grants.c.revoked_at.is_(None))
        .values(revoked_by=by, revoked_at=now)
    )


async def of_units(connection: Connection, unit_ids: Iterable[str]) -> list[str]:
    """Return the logins of those who hold a grant for one of some units."""
    found = await connection.scalars(
        select(accounts.c.login)
        .join(grants, grants.c.account_id == accounts.c.id)
        .where(
            grants.c.unit_id.in_(list(unit_ids)),
            grants.c.revoked_at.is_(None),
            accounts.c.login.is_not(None),
        )
        .distinct()
        .order_by(accounts.c.login)
    )
    return list(found)


async def of_logins(connection: Connection, logins: Iterable[str]) -> dict[str, UUID]:
    """Return the accounts of some logins, without those that there are not."""
    rows = await connection.execute(
        select(accounts.c.login, accounts.c.id).where(accounts.c.login.in_(list(logins)))
    )
    return {row.login: row.id for row in rows}


async def count(connection: Connection, *, demonstration: bool) -> int:
    """Return how many accounts there are, of the demonstration or real ones."""
    query = select(func.count()).select_from(accounts)
    where = accounts.c.demonstration.is_(demonstration)
    return int(await connection.scalar(query.where(where)) or 0)


async def names(connection: Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """Return what to call those whom a record names: erased ones 已注销, the service 系统.

    What was written before there were accounts is its own name.
    """
    wanted = set(ids)
    known = {identity: identity for identity in wanted} | {SYSTEM.account: SERVICE_NAME}
    uuids = [as_uuid for identity in wanted if (as_uuid := _uuid(identity))]
    if uuids:
        query = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(uuids))
        known |= {str(id_): name or ERASED for id_, name in await connection.execute(query)}
    return known


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
