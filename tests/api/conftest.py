"""A desk at the worker's service, a look into its database, and fresh places in Beijing."""

from contextlib import ExitStack
from itertools import product

import psycopg
import pytest
from pyproj import Geod

from tests.desk import Crew, Desk
from tests.ledger import Ledger, see_everything
from tests.people import person
from tests.service import psycopg_url


@pytest.fixture(scope="session")
def crew(service_url, loaded):
    """People of every unit, made when a test first needs them."""
    with Crew(service_url, loaded.urls().service) as crew:
        yield crew


@pytest.fixture
def desk(service_url, commander, crew):
    """A desk for everything: who sits at it sees every case, and every unit does its own steps."""
    with Desk(service_url, commander, crew) as desk:
        yield desk


@pytest.fixture
def nobody(service_url):
    """A desk at which nobody has signed in."""
    with Desk(service_url) as desk:
        yield desk


@pytest.fixture
def desk_of(service_url, loaded):
    """Return a desk of somebody with these grants."""
    with ExitStack() as desks:

        def desk_of(*grants, **values):
            somebody = person(loaded.urls().service, *grants, **values)
            return desks.enter_context(Desk(service_url, somebody))

        yield desk_of


@pytest.fixture(scope="session")
def ledger(loaded):
    with Ledger(loaded.urls().service) as ledger:
        yield ledger


@pytest.fixture
def owner(loaded):
    """A connection of who owns the tables."""
    with psycopg.connect(psycopg_url(loaded.urls().owner), autocommit=True) as connection:
        see_everything(connection)
        yield connection


@pytest.fixture
def everything_adds_up(ledger):
    """Check after a test that nothing was left half written."""
    yield
    assert ledger.faults() == {}


@pytest.fixture
def nothing_is_written(ledger):
    """Check after a test that it wrote nothing at all."""
    before = ledger.counts()
    yield
    assert ledger.counts() == before


@pytest.fixture(scope="session")
def spots():
    """Places inside Beijing, each half a kilometre from the next, none given out twice."""
    return ((116.2 + 0.006 * x, 39.8 + 0.005 * y) for y, x in product(range(60), range(60)))


@pytest.fixture
def spot(spots):
    """A longitude and latitude that no other test of this worker uses."""
    return next(spots)


@pytest.fixture(scope="session")
def ground() -> Geod:
    """The ellipsoid, to measure apart from the product's own measuring."""
    return Geod(ellps="GRS80")
