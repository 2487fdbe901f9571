"""`python -m api import | activate` as a person runs them: other processes, a real database."""

import asyncio
import json
import os
import subprocess
import sys
from functools import partial

import geopandas
import pytest
import shapely

from api.first_run import as_owner
from api.services import loading
from api.settings import PROJECT
from api.store import releases
from api.store.engine import engine_at, reading
from gridmap.attribute import attribute
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import place
from tests.publisher import Quiet, served
from tests.service import fresh_database

REAL = "data/boundaries/beijing-streets-mosstool/definition.toml"


@pytest.fixture(scope="module")
def empty(server):
    """A database of this module's own, migrated and empty."""
    with fresh_database(server) as own:
        yield own


@pytest.fixture
def run(empty):
    def run(*arguments):
        urls = empty.urls()
        variables = {"GRIDMAP_DATABASE_URL": urls.service, "GRIDMAP_DATABASE_OWNER_URL": urls.owner}
        return subprocess.run(
            [sys.executable, "-m", "api", *map(str, arguments)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def stored(server):
    return {one.id: one.active for one in as_owner(server, loading.stored_releases)}


async def loaded_release(url, release_id):
    engine = engine_at(url)
    try:
        async with reading(engine) as connection:
            return await releases.load(connection, release_id)
    finally:
        await engine.dispose()


def test_the_real_streets_are_fetched_imported_and_answer(run, empty, shared, tmp_path):
    folder = tmp_path / "publisher"
    folder.mkdir()
    streets = geopandas.read_file(shared("beijing_streets_wgs84.geojson"))
    streets[["geometry"]].to_file(folder / "beijing.shp")
    with served(partial(Quiet, directory=str(folder))) as base_url:
        wanted = ("import", REAL, "--fetch", "--base-url", base_url, "--cache", tmp_path / "cache")
        tried = run(*wanted)
        assert tried.returncode == 0, tried.stderr
        assert stored(empty) == {}, "a dry run writes nothing"
        done = run(*wanted, "--activate", "--commit")
    assert done.returncode == 0, done.stderr
    assert stored(empty) == {"beijing-streets-2015": True}
    release = asyncio.run(loaded_release(empty.urls().service, "beijing-streets-2015"))
    document = json.loads(shared("reference_building_2000m2_wgs84.geojson").read_text())
    footprint = shapely.from_geojson(json.dumps(document["features"][0]["geometry"]))
    answer = attribute(place(footprint, crs="EPSG:4326"), ReleaseIndex(release))
    parts = answer.by_level[Level.STREET].parts
    assert [part.area.name for part in parts] == ["广安门外街道", "太平桥街道"]
    assert [part.area_m2 for part in parts] == pytest.approx([1_300.8, 700.7], abs=0.1)


def test_the_same_release_is_not_imported_twice_and_the_words_say_what_to_do(run, empty):
    shipped = "data/boundaries/beijing/definition.toml"
    assert run("import", shipped, "--commit").returncode == 0
    again = run("import", shipped, "--commit")
    assert again.returncode == 1
    assert "python -m api activate beijing-2026 --commit" in again.stderr
    assert run("activate", "beijing-2026").returncode == 0
    assert not stored(empty)["beijing-2026"], "a dry run writes nothing"
    assert run("activate", "beijing-2026", "--commit").returncode == 0
    assert [name for name, active in stored(empty).items() if active] == ["beijing-2026"]


def test_an_unknown_release_is_not_activated(run):
    refused = run("activate", "atlantis", "--commit")
    assert refused.returncode == 1
    assert "atlantis" in refused.stderr


def test_a_set_without_a_publisher_is_not_fetched(run):
    refused = run("import", "data/boundaries/beijing/definition.toml", "--fetch")
    assert refused.returncode == 1
    assert "nothing to fetch" in refused.stderr
