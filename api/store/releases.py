"""Releases in the database: stored whole, loaded whole, one of them active."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, insert, select, text, update

from api.store.engine import Connection
from api.store.tables import SRID, areas, layers, releases
from gridmap.boundary import Layer, Release
from gridmap.level import Basis, Level

_BATCH = 2_000  # areas per INSERT: some megabytes


@dataclass(frozen=True)
class StoredRelease:
    """A release's own row, without its areas."""

    id: str
    title: str
    active: bool
    imported_at: datetime


async def stored(connection: Connection) -> list[StoredRelease]:
    """Return all releases, newest first."""
    rows = await connection.execute(
        select(releases.c.id, releases.c.title, releases.c.active, releases.c.imported_at).order_by(
            releases.c.imported_at.desc()
        )
    )
    return [StoredRelease(*row) for row in rows]


async def active_id(connection: Connection) -> str | None:
    """Return the id of the release that answers now; ``None`` before the first activation."""
    found: str | None = await connection.scalar(
        select(releases.c.id).where(releases.c.active.is_(True))
    )
    return found


async def active_codes(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Return those of some codes that the active release has."""
    active = select(releases.c.id).where(releases.c.active.is_(True)).scalar_subquery()
    rows = await connection.scalars(
        select(areas.c.code).where(areas.c.release_id == active, areas.c.code.in_(list(codes)))
    )
    return set(rows)


async def store(connection: Connection, release: Release) -> None:
    """Insert a release, inactive. None with its id may exist: releases are never edited."""
    await connection.execute(
        insert(releases).values(
            id=release.id,
            title=release.title,
            in_force_on=release.in_force_on,
            provenance=dict(release.provenance),
        )
    )
    for layer in release.layers.values():
        await connection.execute(
            insert(layers).values(
                release_id=release.id,
                level=layer.level.value,
                basis=layer.basis.value,
                line_accuracy_m=layer.line_accuracy_m,
            )
        )
        for start in range(0, len(layer), _BATCH):
            rows = [
                _area_row(release.id, layer, row)
                for row in range(start, min(start + _BATCH, len(layer)))
            ]
            await connection.execute(insert(areas), rows)
    # Not left to autovacuum: until it comes, a plan would not know how many areas there are.
    await connection.execute(text("ANALYZE gridmap.areas"))


def _area_row(release_id: str, layer: Layer, row: int) -> dict[str, Any]:
    return {
        "release_id": release_id,
        "code": str(layer.codes[row]),
        "level": layer.level.value,
        "name": str(layer.names[row]),
        "parent_code": str(layer.parents[row]) or None,
        "geom": from_shape(layer.geometries[row], srid=SRID),
    }


async def activate(connection: Connection, release_id: str) -> None:
    """Make one release the answering one, and no other; it must exist."""
    await connection.execute(
        update(releases).where(releases.c.active.is_(True)).values(active=False)
    )
    await connection.execute(
        update(releases)
        .where(releases.c.id == release_id)
        .values(active=True, activated_at=text("now()"))
    )


async def load(connection: Connection, release_id: str) -> Release | None:
    """Return a release with all its areas, exactly as stored; ``None`` when there is none."""
    row = (
        (await connection.execute(select(releases).where(releases.c.id == release_id)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    kept = (
        await connection.execute(select(layers).where(layers.c.release_id == release_id))
    ).mappings()
    by_level = {Level(layer["level"]): layer for layer in kept}
    return Release(
        id=row["id"],
        title=row["title"],
        in_force_on=row["in_force_on"],
        provenance=row["provenance"],
        layers={
            level: await _layer(
                connection,
                release_id,
                level,
                Basis(by_level[level]["basis"]),
                by_level[level]["line_accuracy_m"],
            )
            for level in Level
            if level in by_level
        },
    )


async def _layer(
    connection: Connection,
    release_id: str,
    level: Level,
    basis: Basis,
    line_accuracy_m: float | None,
) -> Layer:
    # The codes were checked and sorted when the release was read; the order is asked for again,
    # by bytes, because rows have none.
    rows = (
        await connection.execute(
            select(areas.c.code, areas.c.name, areas.c.parent_code, func.ST_AsBinary(areas.c.geom))
            .where(areas.c.release_id == release_id, areas.c.level == level.value)
            .order_by(areas.c.code.collate("C"))
        )
    ).all()
    codes, names, parents, shapes = zip(*rows, strict=True)
    return Layer(
        level=level,
        basis=basis,
        codes=np.array(codes, dtype=np.str_),
        names=np.array(names, dtype=np.str_),
        parents=np.array([parent or "" for parent in parents], dtype=np.str_),
        geometries=shapely.from_wkb([bytes(shape) for shape in shapes]),
        line_accuracy_m=line_accuracy_m,
    )
