"""One table, five engines: gridmap for one place and for frames, shapely, geopandas, PostGIS.

The table is cases.toml, short integer geometry, so that every answer can be seen by hand; then
come random positions on the real lines of Beijing. The engines are in engines.py.
"""

import asyncio

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
from tests.conformance import table as conformance
from tests.conformance.engines import ENGINES, Frame, Geopandas, Index, PostGIS, Shapely
from tests.service import psycopg_url

pytestmark = pytest.mark.store

TABLE = conformance.load()
SMALL = TABLE.unit_deg


@pytest.fixture(scope="module")
def stored(own):
    """All the cities of the table, in both sizes, stored beside whatever answers there."""
    cities = [
        TABLE.release(city, unit_deg=unit_deg) for city in TABLE.cities for unit_deg in (1.0, SMALL)
    ]
    for city in cities:
        as_owner(
            own, lambda engine, city=city: loading.import_release(engine, city, activate=False)
        )
    yield
    for city in cities:
        as_owner(own, lambda engine, city=city: discarded(engine, city.id))


async def discarded(engine, release_id):
    async with engine.begin() as connection:
        await connection.execute(delete(tables.releases).where(tables.releases.c.id == release_id))


@pytest.fixture(scope="module")
def connection(own, loaded):
    with psycopg.connect(psycopg_url(own.urls().owner), autocommit=True) as owner:
        owner.execute("ANALYZE gridmap.areas")  # what autovacuum does a minute after the import
    with psycopg.connect(psycopg_url(own.urls().service), autocommit=True) as connection:
        yield connection


@pytest.fixture(params=list(ENGINES))
def engine(request, connection, stored):
    """One engine by its name."""
    return ENGINES[request.param](connection)


# --- the table -----------------------------------------------------------------------------------


def test_the_toy_city_of_the_table_is_the_one_of_the_other_tests():
    for level, layer in toy.release().layers.items():
        same = TABLE.release("toy").layers[level]
        assert layer.codes.tolist() == same.codes.tolist()
        assert shapely.equals_exact(layer.geometries, same.geometries).all()


@pytest.mark.parametrize("city", list(TABLE.cities))
def test_every_engine_knows_the_areas_of_a_point(engine, city):
    cases = [case for case in TABLE.points if case.city == city]
    release = TABLE.release(city)
    lnglat = np.array([shapely.get_coordinates(case.geometry())[0] for case in cases])
    for level in (Level.DISTRICT, Level.STREET):
        if level not in release.layers:
            continue
        found = engine.covering(release, level, lnglat)
        told = dict(zip([case.name for case in cases], found, strict=True))
        assert told == {case.name: case.expected[level] for case in cases}
    if Level.CITY in release.layers:
        whole = release.layers[Level.CITY].codes.tolist()
        inside = [whole if case.expected[Level.DISTRICT] else [] for case in cases]
        assert engine.covering(release, Level.CITY, lnglat) == inside


def by_level(cases):
    return [
        pytest.param(case, level, id=f"{level}-{case.name}")
        for case in cases
        for level in case.expected
    ]


@pytest.mark.parametrize(("case", "level"), by_level(TABLE.extents))
def test_every_engine_measures_the_same_shares(engine, case, level):
    release = TABLE.release(case.city, unit_deg=SMALL)
    sizes, gap = engine.sizes(release, level, case.geometry(SMALL))
    whole = sum(sizes.values()) + gap
    shares = {code: size / whole for code, size in sizes.items() if size / whole > 1e-9}
    expected = case.expected[level]
    assert shares == pytest.approx(expected["shares"], abs=1e-6)
    assert gap / whole == pytest.approx(expected.get("gap", 0.0), abs=1e-6)


@pytest.mark.parametrize(("case", "level"), by_level(TABLE.extents))
@pytest.mark.parametrize("ours", [Index(), Frame()], ids=["index", "frame"])
def test_a_line_or_footprint_lies_as_the_table_says(ours, case, level):
    release = TABLE.release(case.city, unit_deg=SMALL)
    relation = ours.relation(release, level, case.geometry(SMALL))
    assert relation == case.expected[level]["relation"]


@pytest.mark.parametrize(("case", "level"), by_level(TABLE.likely))
def test_every_engine_gives_an_uncertain_point_the_same_chances(engine, case, level):
    release = TABLE.release(case.city, unit_deg=SMALL)
    chances = engine.chances(release, level, case.geometry(SMALL), case.accuracy_m)
    likely = {code: chance for code, chance in chances.items() if chance > 1e-6}
    assert likely == pytest.approx(case.expected[level]["chances"], abs=0.002)


@pytest.mark.parametrize(("case", "level"), by_level(TABLE.likely))
@pytest.mark.parametrize("ours", [Index(), Frame()], ids=["index", "frame"])
def test_an_uncertain_point_lies_as_the_table_says(ours, case, level):
    release = TABLE.release(case.city, unit_deg=SMALL)
    relation = ours.relation(release, level, case.geometry(SMALL), case.accuracy_m)
    assert relation == case.expected[level]["relation"]


def test_engines_measure_the_ground_and_not_the_paper():
    """A unit of the table is 111.3 m by 110.6 m at the equator: what the index says in m²."""
    (case,) = [case for case in TABLE.extents if case.name == "a footprint inside"]
    release = TABLE.release(case.city, unit_deg=SMALL)
    (part,) = Index().answer(release, Level.STREET, case.geometry(SMALL)).parts
    assert part.area_m2 == pytest.approx(111.31949 * 110.57428, rel=1e-6)


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
    found = Index().covering(stored_beijing, level, lnglat)
    assert found == PostGIS(connection).covering(stored_beijing, level, lnglat)
    assert found == Geopandas().covering(stored_beijing, level, lnglat)
    assert all(found[:POSITIONS]), "a vertex is in every area that has it"


def test_on_the_lines_of_beijing_the_index_agrees_with_trying_every_district(stored_beijing):
    layer = stored_beijing.layers[Level.DISTRICT]
    lnglat = on_the_lines(layer, np.random.default_rng(7))[::8]
    assert Index().covering(stored_beijing, Level.DISTRICT, lnglat) == Shapely().covering(
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
    covering = Index().covering(stored_beijing, Level.STREET, lnglat)
    first = [codes[0] if codes else None for codes in covering]
    assert [str(layer.codes[row]) if row >= 0 else None for row in rows] == first
