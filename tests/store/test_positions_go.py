"""Where people were is let go by the worker, also when nobody tells anything new."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gridmap.dispatch.actor import Grant, Role
from tests import toy
from tests.people import person
from tests.service import fresh_database, load, psycopg_url, until
from tests.workers import working

pytestmark = pytest.mark.store


def test_the_worker_erases_a_position_that_is_older_than_the_policy_keeps(
    server, templates, tmp_path
):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        urls = own.urls()
        old, new = (person(urls.service, Grant(Role.INSPECTOR, toy.WEST)) for _ in range(2))
        with psycopg.connect(psycopg_url(urls.service), autocommit=True) as connection:
            for one, hours in ((old, 13), (new, 1)):
                connection.execute(
                    "INSERT INTO gridmap.positions (account_id, lng, lat, at)"
                    " VALUES (%s, 1, 1, %s)",
                    [one.account, datetime.now(UTC) - timedelta(hours=hours)],
                )

            def left():
                rows = connection.execute("SELECT account_id FROM gridmap.positions").fetchall()
                return {row[0] for row in rows}

            with working(urls.service, tmp_path / "log"):
                until(lambda: left() == {new.account}, within_s=60, what="the worker's sweep")
