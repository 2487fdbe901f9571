"""What the tests share: the shipped release, a database per worker, the service over it."""

import os
import tomllib
from functools import partial
from pathlib import Path

import geopandas
import pytest

from api.settings import PROJECT, DatabaseSettings, DataSettings
from api.store.server import Server, server_of
from api.store.urls import Urls
from gridmap import fetch, read
from gridmap.boundary import Release
from gridmap.locate import ReleaseIndex
from tests import people
from tests.people import Person
from tests.publisher import Quiet, served
from tests.service import Service, drop_abandoned, fresh_database, load, running
from tools.setup import system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show with a failed test what the services it used have said."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Service):
                report.sections.append((f"log of {name}", value.text()[-5_000:]))
    return report


# --- boundaries -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def boundaries() -> Path:
    """The folder of the boundary sets."""
    return PROJECT / "data" / "boundaries"


@pytest.fixture(scope="session")
def beijing(boundaries) -> Release:
    """The shipped release, read once."""
    return read.release(boundaries / "beijing" / "definition.toml")


@pytest.fixture(scope="session")
def beijing_index(beijing) -> ReleaseIndex:
    return ReleaseIndex(beijing)


@pytest.fixture(scope="session")
def shared():
    """Return files that tests may use and that are not shipped; skip where they are absent."""
    folder = Path(os.environ.get("GRIDMAP_TEST_DATA", PROJECT.parent / "shared" / "data"))

    def found(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"test-only data {name} is not in {folder} (GRIDMAP_TEST_DATA)")
        return folder / name

    return found


@pytest.fixture(scope="session")
def real_streets(tmp_path_factory, boundaries, shared) -> Release:
    """The release of the real streets, fetched from a local copy with the publisher's names."""
    local = shared("beijing_streets_wgs84.geojson")
    folder = tmp_path_factory.mktemp("publisher")
    frame = geopandas.read_file(local)[["geometry"]]
    frame.to_file(folder / "beijing.shp")
    with served(partial(Quiet, directory=str(folder))) as base_url:
        given = boundaries / "beijing-streets-mosstool" / "definition.toml"
        return fetch.release(given, tmp_path_factory.mktemp("cache"), base_url=base_url)


# --- the database and the service -------------------------------------------------------------


@pytest.fixture(scope="session")
def server():
    """The database server, held for the whole session so that it stays up."""
    server = server_of(PROJECT, DatabaseSettings())
    with server.held():
        drop_abandoned(server)
        yield server


@pytest.fixture(scope="session")
def own(server: Server):
    """The server with this worker's own fresh, migrated database; dropped at the end."""
    with fresh_database(server) as own:
        yield own


@pytest.fixture(scope="session")
def database(own: Server) -> Urls:
    """The two URLs of the worker's database."""
    return own.urls()


@pytest.fixture(scope="session")
def templates():
    """The demonstration directory's templates."""
    return tomllib.loads(DataSettings().directory.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def loaded(own: Server, beijing, templates) -> Server:
    """The worker's database with Beijing active and a demonstration directory."""
    load(own, beijing, templates)
    return own


@pytest.fixture(scope="session")
def service(loaded: Server, tmp_path_factory):
    """The real service over the loaded database, in a second process, with the plain role."""
    with running(loaded.urls().service, tmp_path_factory.mktemp("service") / "log") as service:
        yield service


@pytest.fixture(scope="session")
def commander(loaded: Server) -> Person:
    """Somebody who sees every case of the city."""
    return people.commander(loaded.urls().service)


@pytest.fixture(scope="session")
def service_url(service: Service) -> str:
    """Where the service answers: ``http://127.0.0.1:port``, without a slash at the end."""
    return service.url


@pytest.fixture(scope="session")
def browser_program() -> str:
    """The Chromium that the browser tests drive."""
    program = system.browser()
    if program is None:
        pytest.skip("no Chromium that a test can drive; name one in GRIDMAP_BROWSER")
    return program
