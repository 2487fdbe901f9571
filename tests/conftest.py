"""What the tests share: a database per worker, made by the migrations."""

import os
from pathlib import Path

import pytest

from api.settings import PROJECT, DatabaseSettings
from api.store.cluster import PrivateCluster
from api.store.migrate import upgrade
from api.store.server import Server, server_of
from api.store.urls import Urls

TEST_DATABASE = "gridmap_test_{pid}"


@pytest.fixture(scope="session")
def server():
    """The database server, held for the whole session so that it stays up."""
    server = server_of(PROJECT, DatabaseSettings())
    with server.held():
        yield server


@pytest.fixture(scope="session")
def database(server: Server) -> Urls:
    """A fresh, migrated database for this worker, dropped at the end; its two URLs."""
    drop_abandoned(server)
    name = TEST_DATABASE.format(pid=os.getpid())
    server.drop_database(name)
    server.create_database(name)
    upgrade(server.urls(name).owner)
    yield server.urls(name)
    server.drop_database(name)


def drop_abandoned(server: Server) -> None:
    """Drop what killed test runs of this machine left; another server may have others' too."""
    if not isinstance(server, PrivateCluster):
        return
    for name in server.databases():
        pid = name.removeprefix(TEST_DATABASE.format(pid=""))
        if pid != name and pid.isdigit() and not Path("/proc", pid).exists():
            server.drop_database(name)
