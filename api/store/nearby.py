"""Open cases near a place, and the locks that let reports of one neighbourhood take turns."""

import math
from datetime import datetime
from itertools import product
from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Select, func, literal, select

from api.store.engine import Connection
from api.store.tables import SRID, cases
from api.store.visibility import visible
from gridmap.dispatch.record import Nearby
from gridmap.place import Place

_GEOMETRY = Geometry("GEOMETRY", srid=SRID)

_EARTH_RADIUS_M = 6_371_000.0
_NEAREST_POLE_DEG = 89.0
_MOST_TILES = 64  # more locks than this for one report would crowd the server's lock table


async def open_cases(
    connection: Connection, place: Place, *, category: str, radius_m: float, since: datetime
) -> list[Nearby]:
    """Return the open cases of a category within a distance of a place, nearest first.

    Plan: index scan on ``ix_cases_open_place`` by the widened box, then who sees them and the
    geodesic distance of the few that it finds. Row security lets the box come first because the
    box's operator is declared leakproof (migration 0003).
    """
    rows = await connection.execute(
        _nearby(connection, place, category=category, radius_m=radius_m, since=since)
    )
    return [
        Nearby(row.id, row.number, row.opened_at, row.distance_m, _concerned(row.decision))
        for row in rows
    ]


def _nearby(
    connection: Connection, place: Place, *, category: str, radius_m: float, since: datetime
) -> Select[Any]:
    box = literal(from_shape(_around(place, radius_m=radius_m), srid=SRID), _GEOMETRY)
    shape = literal(from_shape(place.geometry, srid=SRID), _GEOMETRY)
    distance = func.ST_Distance(func.geography(cases.c.place), func.geography(shape))
    return (
        select(
            cases.c.id,
            cases.c.number,
            cases.c.opened_at,
            distance.label("distance_m"),
            cases.c.decision,
        )
        .where(
            cases.c.closed_at.is_(None),
            cases.c.category == category,
            cases.c.opened_at >= since,
            cases.c.place.op("&&")(box),
            # Who sees one of these is told; to join a confidential one would tell of it.
            cases.c.confidential.is_(False),
            distance <= radius_m,
            visible(connection),
        )
        .order_by(distance, cases.c.opened_at)
    )


def _concerned(decision: dict[str, Any]) -> frozenset[str]:
    return frozenset(area["code"] for area in (decision["lead"], *decision["assisting"]))


def _around(place: Place, *, radius_m: float) -> BaseGeometry:
    """A box in degrees that holds everything within a distance of a place.

    It only has to be large enough, the geodesic distance decides: a degree is shortest at the
    end nearest to a pole, and the ellipsoid's are within one percent of the sphere's.
    """
    west, south, east, north = place.geometry.bounds
    pole_deg = min(max(abs(south), abs(north)), _NEAREST_POLE_DEG)
    lat_deg = 1.01 * math.degrees(radius_m / _EARTH_RADIUS_M)
    lng_deg = lat_deg / math.cos(math.radians(pole_deg))
    return shapely.box(west - lng_deg, south - lat_deg, east + lng_deg, north + lat_deg)


async def lock_neighbourhood(
    connection: Connection, place: Place, *, category: str, radius_m: float
) -> None:
    """Let reports of one category in one neighbourhood take turns until the transaction ends.

    Without it two reports of one problem, sent at the same moment, would open two cases. A
    neighbourhood is every tile of 0.01 degrees (about 1 km) within ``radius_m`` of the place,
    locked in one order, so that no two reports wait for each other. A place of very many tiles (a
    long line) locks the category as a whole, of which all others hold a share.
    """
    west, south, east, north = _around(place, radius_m=radius_m).bounds
    columns = range(math.floor(west * 100), math.floor(east * 100) + 1)
    lines = range(math.floor(south * 100), math.floor(north * 100) + 1)
    if len(columns) * len(lines) > _MOST_TILES:
        await _advisory(connection, "pg_advisory_xact_lock", f"report {category}")
        return
    await _advisory(connection, "pg_advisory_xact_lock_shared", f"report {category}")
    for x, y in product(columns, lines):
        await _advisory(connection, "pg_advisory_xact_lock", f"report {category} {x} {y}")


async def _advisory(connection: Connection, function: str, key: str) -> None:
    await connection.execute(select(getattr(func, function)(func.hashtextextended(key, 0))))
