"""A server that somebody else runs, played by the private cluster's superuser."""

import os

import pytest

from api.store import migrate
from api.store.cluster import PrivateCluster
from api.store.server import GivenServer

pytestmark = pytest.mark.store

NAME = f"gridmap_test_{os.getpid()}_given"


@pytest.fixture
def given(server):
    if not isinstance(server, PrivateCluster):
        pytest.skip("this run has a given server everywhere")
    sockets = server.postmaster.sockets
    yield GivenServer.at(f"postgresql://postgres@/postgres?host={sockets}")
    server.drop_database(NAME)


def test_a_database_on_it_is_made_once_migrated_and_dropped(given):
    given.create_database(NAME)
    given.create_database(NAME)
    urls = given.urls(NAME)
    assert migrate.current(urls.owner) is None
    migrate.upgrade(urls.owner)
    assert migrate.current(urls.owner) == migrate.head()
    assert NAME in given.databases()
    given.drop_database(NAME)
    assert NAME not in given.databases()


def test_it_is_neither_started_nor_stopped(given):
    with given.held():
        pass
    with given.held():
        assert "postgres" in given.databases()
