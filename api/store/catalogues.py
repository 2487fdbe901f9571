"""Catalogues in the database: stored whole, one of them active."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text, update

from api.store.engine import Connection
from api.store.tables import catalogues
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_document import catalogue, document


@dataclass(frozen=True)
class StoredCatalogue:
    """A version's own row, without what it holds."""

    version: str
    title: str
    sample: bool
    active: bool
    imported_at: datetime


async def stored(connection: Connection) -> list[StoredCatalogue]:
    """Return all versions, newest first."""
    columns = catalogues.c
    rows = await connection.execute(
        select(
            columns.version, columns.title, columns.sample, columns.active, columns.imported_at
        ).order_by(columns.imported_at.desc(), columns.version)
    )
    return [StoredCatalogue(*row) for row in rows]


async def active_version(connection: Connection) -> str | None:
    """Return the version that decides now; ``None`` before the first activation."""
    found: str | None = await connection.scalar(
        select(catalogues.c.version).where(catalogues.c.active.is_(True))
    )
    return found


async def store(connection: Connection, one: Catalogue) -> None:
    """Insert a version, inactive. None of its name may exist: catalogues are never edited."""
    await connection.execute(
        insert(catalogues).values(
            version=one.version, title=one.title, sample=one.sample, document=document(one)
        )
    )


async def activate(connection: Connection, version: str) -> None:
    """Make one version the deciding one, and no other; it must exist."""
    await connection.execute(
        update(catalogues).where(catalogues.c.active.is_(True)).values(active=False)
    )
    await connection.execute(
        update(catalogues)
        .where(catalogues.c.version == version)
        .values(active=True, activated_at=text("now()"))
    )


async def load(connection: Connection, version: str) -> Catalogue | None:
    """Return a version as it was imported; ``None`` when there is none."""
    found = await connection.scalar(
        select(catalogues.c.document).where(catalogues.c.version == version)
    )
    return None if found is None else catalogue(found, source=f"catalogue {version}")
