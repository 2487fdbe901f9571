"""The schema the migrations make."""

import psycopg
import pytest

from api.store import migrate

pytestmark = pytest.mark.store


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_a_fresh_database_is_at_the_latest_revision(database):
    assert migrate.current(database.owner) == migrate.head()


def test_upgrading_twice_changes_nothing(database):
    migrate.upgrade(database.owner)
    assert migrate.current(database.owner) == migrate.head()


def test_the_tables_are_what_the_migrations_make(database):
    migrate.check(database.owner)


def test_the_service_may_look_into_the_schema_but_not_create_in_it(database):
    if database.owner == database.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(plain(database.service)) as connection:
        (version,) = connection.execute("SELECT postgis_lib_version()").fetchone()
        assert version >= "3.3"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE gridmap.mine (id int)")
