"""One table, four engines: the index, shapely, PostGIS and geopandas answer alike on borders.

A border belongs to the areas on both sides. The table is short integer geometry, so that every
answer can be seen by hand; then come random positions on the real lines of Beijing.
"""

import asyncio
from math import inf, nextafter

import geopandas
import numpy as np
import psycopg
import pytest
import shapely
from sqlalchemy import delete

from api.first_run import as_owner
from api.services import loading
from api.store import releases, tables
from api.store.engine import engine_at, reading
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from tests import toy
from tests.service import psycopg_url

pytestmark = pytest.mark.store

BROKEN = "broken"  # the toy city with a gap and an overlap

SOUTH, NORTH, EAST = toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET
WEST_D, EAST_D, CITY = toy.WEST, toy.EAST, toy.CITY

# name: (WKT of a point, districts, streets), on the sound toy city
TABLE = {
    "inside": ("POINT (1 1)", [WEST_D], [SOUTH]),
    "on an edge inside one district": ("POINT (1 2)", [WEST_D], [SOUTH, NORTH]),
    "on an edge between districts": ("POINT (4 1)", [WEST_D, EAST_D], [SOUTH, EAST]),
    "on a vertex of three": ("POINT (4 2)", [WEST_D, EAST_D], [SOUTH, NORTH, EAST]),
    "on the city's edge": ("POINT (0 1)", [WEST_D], [SOUTH]),
    "on the city's corner": ("POINT (8 4)", [EAST_D], [EAST]),
    "where an edge meets the city's": ("POINT (0 2)", [WEST_D], [SOUTH, NORTH]),
    "in the hole, which is an exclave": ("POINT (6 2)", [WEST_D], [NORTH]),
    "on the edge of the hole": ("POINT (5 2)", [WEST_D, EAST_D], [NORTH, EAST]),
    "on the corner of the hole": ("POINT (5 1)", [WEST_D, EAST_D], [NORTH, EAST]),
    "outside the city": ("POINT (9 9)", [], []),
    "one step west of an edge": (f"POINT ({nextafter(4, -inf)!r} 1)", [WEST_D], [SOUTH]),
    "one step east of an edge": (f"POINT ({nextafter(4, inf)!r} 1)", [EAST_D], [EAST]),
    "one step south of an edge": (f"POINT (1 {nextafter(2, -inf)!r})", [WEST_D], [SOUTH]),
    "one step north of an edge": (f"POINT (1 {nextafter(2, inf)!r})", [WEST_D], [NORTH]),
    "one step into the hole": (f"POINT ({nextafter(5, inf)!r} 2)", [WEST_D], [NORTH]),
    "one step out of the hole": (f"POINT ({nextafter(5, -inf)!r} 2)", [EAST_D], [EAST]),
    "one step outside the city": (f"POINT ({nextafter(8, inf)!r} 3)", [], []),
}

# The same on a city whose data are wrong: y from 2 to 3 in the west is nobody's, and the southern
# street also claims x from 4 to 5, y from 0 to 1, of the eastern one.
BROKEN_STREETS = toy.STREETS | {
    NORTH: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))",
    SOUTH: "POLYGON ((0 0, 5 0, 5 1, 4 1, 4 2, 0 2, 0 0))",
}
BROKEN_TABLE = {
    "in the gap": ("POINT (1 2.5)", [WEST_D], []),
    "on the edge of the gap": ("POINT (1 2)", [WEST_D], [SOUTH]),
    "on the other edge of the gap": ("POINT (1 3)", [WEST_D], [NORTH]),
    "one step into the gap": (f"POINT (1 {nextafter(2, inf)!r})", [WEST_D], []),
    "where the gap meets the next street": ("POINT (4 2.5)", [WEST_D, EAST_D], [EAST]),
    "in the hole that nobody fills": ("POINT (6 2)", [WEST_D], []),
    "on the edge of that hole": ("POINT (5 2)", [WEST_D, EAST_D], [EAST]),
    "in the overlap": ("POINT (4.5 0.5)", [EAST_D], [SOUTH, EAST]),
    "on the edge of the overlap": ("POINT (5 0.5)", [EAST_D], [SOUTH, EAST]),
    "on the old line inside the overlap": ("POINT (4 0.5)", [WEST_D, EAST_D], [SOUTH, EAST]),
    "one step out of the overlap": (f"POINT ({nextafter(5, inf)!r} 0.5)", [EAST_D], [EAST]),
}


@pytest.fixture(scope="module")
def toys(own):
    """The two toy cities, stored in the worker's database beside whatever answers there."""
    cities = {
        city.id: city for city in (toy.release(), toy.release(BROKEN_STREETS, release_id=BROKEN))
    }
    for city in cities.values():
        as_owner(
            own, lambda engine, city=city: loading.import_release(engine, city, activate=False)
        )
    yield cities
    for name in cities:
        as_owner(own, lambda engine, name=name: discarded(engine, name))


async def discarded(engine, release_id):
    async with engine.begin() as connection:
        await connection.execute(delete(tables.releases).where(tables.releases.c.id == release_id))


@pytest.fixture(scope="module")
def connection(own, loaded):
    with psycopg.connect(psycopg_url(own.urls().owner), autocommit=True) as owner:
        owner.execute("ANALYZE gridmap.areas")  # what autovacuum does a minute after the import
    with psycopg.connect(psycopg_url(own.urls().service), autocommit=True) as connection:
        yield connection


# --- the four engines: n positions in, n lists of codes out, lowest code first -----------------


def by_index(release, level, lnglat):
    layer = release.layers[level]
    positions, rows = ReleaseIndex(release).layers[level].covering(lnglat)
    return grouped(len(lnglat), positions, layer.codes[rows])


def by_shapely(release, level, lnglat):
    """Every area against every position, without an index of any kind."""
    layer = release.layers[level]
    covers = shapely.covers(layer.geometries[None, :], shapely.points(lnglat)[:, None])
    return [layer.codes[row].tolist() for row in covers]


def by_postgis(connection, release, level, lnglat):
    rows = connection.execute(
        """
        SELECT p.n, array_agg(a.code ORDER BY a.code COLLATE "C")
        FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS p (lng, lat, n)
        JOIN gridmap.areas a ON a.release_id = %s AND a.level = %s
            AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4490))
        GROUP BY p.n
        """,
        [lnglat[:, 0].tolist(), lnglat[:, 1].tolist(), release.id, level.value],
    ).fetchall()
    found = dict(rows)
    return [found.get(n + 1, []) for n in range(len(lnglat))]


def by_geopandas(release, level, lnglat):
    layer = release.layers[level]
    areas = geopandas.GeoDataFrame(
        {"code": layer.codes}, geometry=layer.geometries, crs="EPSG:4490"
    )
    points = geopandas.GeoDataFrame(geometry=shapely.points(lnglat), crs="EPSG:4490")
    pairs = points.sjoin(areas, predicate="intersects").sort_values("code", kind="stable")
    return grouped(len(lnglat), pairs.index.to_numpy(), pairs["code"].to_numpy())


def grouped(count, positions, codes):
    lists = [[] for _ in range(count)]
    for position, code in zip(positions, codes, strict=True):
        lists[position].append(str(code))
    return lists


@pytest.fixture(params=["index", "shapely", "postgis", "geopandas"])
def engine(request, connection):
    """One engine by its name."""
    return {
        "index": by_index,
        "shapely": by_shapely,
        "postgis": lambda *question: by_postgis(connection, *question),
        "geopandas": by_geopandas,
    }[request.param]


@pytest.mark.parametrize(
    ("city", "table"), [("toy", TABLE), (BROKEN, BROKEN_TABLE)], ids=["sound", "broken"]
)
def test_every_engine_gives_the_answers_of_the_table(toys, engine, city, table):
    release = toys[city]
    lnglat = np.array(
        [shapely.get_coordinates(shapely.from_wkt(row[0]))[0] for row in table.values()]
    )
    for level, column in ((Level.DISTRICT, 1), (Level.STREET, 2)):
        found = dict(zip(table, engine(release, level, lnglat), strict=True))
        assert found == {name: row[column] for name, row in table.items()}
    inside = [bool(row[1]) for row in table.values()]
    assert engine(release, Level.CITY, lnglat) == [[CITY] if one else [] for one in inside]


# --- the real lines ------------------------------------------------------------------------------

POSITIONS = 400


def on_the_lines(layer, rng):
    """Random vertices of a level, random positions on its edges, and each one step beside."""
    edges = shapely.get_parts(shapely.get_rings(shapely.get_parts(layer.geometries)))
    lines = edges[rng.integers(len(edges), size=POSITIONS)]
    starts = np.array([rng.choice(line.coords) for line in lines])
    along = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, rng.random(POSITIONS), normalized=True)
    )
    exact = np.vstack([starts, along])
    beside = np.nextafter(exact, exact + rng.choice([-1.0, 1.0], size=exact.shape))
    return np.vstack([exact, beside])


@pytest.fixture(scope="module")
def stored_beijing(loaded):
    """The release as the service loads it from the database."""
    return asyncio.run(release_in(loaded.urls().service, "beijing-2026"))


async def release_in(url, release_id):
    engine = engine_at(url)
    try:
        async with reading(engine) as connection:
            return await releases.load(connection, release_id)
    finally:
        await engine.dispose()


@pytest.mark.parametrize("level", [Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.CELL])
def test_on_the_lines_of_beijing_index_postgis_and_geopandas_agree(
    stored_beijing, connection, level
):
    layer = stored_beijing.layers[level]
    lnglat = on_the_lines(layer, np.random.default_rng(20_261_123))
    found = by_index(stored_beijing, level, lnglat)
    assert found == by_postgis(connection, stored_beijing, level, lnglat)
    assert found == by_geopandas(stored_beijing, level, lnglat)
    assert all(found[:POSITIONS]), "a vertex is in every area that has it"


def test_on_the_lines_of_beijing_the_index_agrees_with_trying_every_district(stored_beijing):
    layer = stored_beijing.layers[Level.DISTRICT]
    lnglat = on_the_lines(layer, np.random.default_rng(7))[::8]
    assert by_index(stored_beijing, Level.DISTRICT, lnglat) == by_shapely(
        stored_beijing, Level.DISTRICT, lnglat
    )


def test_what_the_service_loads_is_what_was_imported(stored_beijing, beijing):
    for level, layer in beijing.layers.items():
        stored = stored_beijing.layers[level]
        assert (stored.codes == layer.codes).all()
        assert (stored.names == layer.names).all()
        assert (stored.parents == layer.parents).all()
        assert shapely.equals_exact(stored.geometries, layer.geometries, tolerance=0).all()


def test_locate_returns_the_first_code_of_the_same_list(stored_beijing):
    layer = stored_beijing.layers[Level.STREET]
    lnglat = on_the_lines(layer, np.random.default_rng(8))
    rows = ReleaseIndex(stored_beijing).locate(lnglat, level=Level.STREET)
    first = [
        codes[0] if codes else None for codes in by_index(stored_beijing, Level.STREET, lnglat)
    ]
    assert [str(layer.codes[row]) if row >= 0 else None for row in rows] == first
