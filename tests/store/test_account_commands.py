"""``python -m api accounts``: made, granted, revoked, disabled and erased from a terminal."""

import os
import subprocess
import sys

import psycopg
import pytest

from api.settings import PROJECT
from tests import toy
from tests.desk import Desk, agreed, refused
from tests.people import PASSWORD
from tests.service import QUICK, fresh_database, load, psycopg_url, running

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def city(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with running(city.service, tmp_path_factory.mktemp("service") / "log") as service:
        yield service


@pytest.fixture
def command(city):
    def command(*words, said="", code=0):
        settings = {
            "database_url": city.service,
            "database_owner_url": city.owner,
            **{key: str(value) for key, value in QUICK.items()},
        }
        variables = {f"GRIDMAP_{name.upper()}": value for name, value in settings.items()}
        done = subprocess.run(
            [sys.executable, "-m", "api", "accounts", *words],
            cwd=PROJECT,
            env=os.environ | variables,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout or done.stderr

    return command


def added(command, login, *more, code=0, password=PASSWORD):
    words = ("add", login, "--name", "王建军", "--role", "convener", "--area", toy.SOUTH_STREET)
    return command(*words, *more, said=f"{password}\n", code=code)


def test_an_account_lives_from_its_making_to_its_erasing(command, service, city):
    unit = f"government-{toy.SOUTH_STREET}"
    assert "wang is account" in added(command, "Wang", "--unit", unit)
    with Desk(service.url) as desk:
        (grant,) = agreed(desk.sign_in("wang", PASSWORD))["grants"]
        assert (grant["role"], grant["unit"]["id"]) == ("convener", unit)

        command("grant", "wang", "--role", "supervisor", "--area", toy.WEST)
        assert len(agreed(desk.get("session"))["grants"]) == 2
        listed = command("list")
        assert f"convener {toy.SOUTH_STREET} for {unit}" in listed
        assert f"supervisor {toy.WEST}" in listed
        command("revoke", "wang", "--role", "supervisor", "--area", toy.WEST)
        assert len(agreed(desk.get("session"))["grants"]) == 1

        command("password", "wang", said="another sentence of theirs\n")
        assert agreed(desk.get("session"))["account"] is None
        refused(desk.sign_in("wang", PASSWORD), 401, "sign-in-refused")
        agreed(desk.sign_in("wang", "another sentence of theirs"))

        command("disable", "wang")
        refused(desk.sign_in("wang", "another sentence of theirs"), 401, "sign-in-refused")
        command("disable", "wang", "--undo")
        agreed(desk.sign_in("wang", "another sentence of theirs"))

        assert "can be erased" in command("erase", "wang")
        agreed(desk.sign_in("wang", "another sentence of theirs"))
        command("erase", "wang", "--commit")
        assert agreed(desk.get("session"))["account"] is None
        refused(desk.sign_in("wang", "another sentence of theirs"), 401, "sign-in-refused")
    assert "已注销" in command("list")
    with psycopg.connect(psycopg_url(city.owner)) as connection:
        rows = connection.execute(
            "SELECT a::text FROM gridmap.accounts a UNION ALL SELECT g::text FROM gridmap.grants g"
        ).fetchall()
    assert rows
    assert not any("wang" in row or "王建军" in row for (row,) in rows)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--area", "110102"), "area"),
        (("--unit", "nobody"), "no unit"),
        (("--role", "department"), "acts for a unit"),
        (("--unit", f"government-{toy.EAST_STREET}"), "is not in"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_and_nothing_is_made(command, words, why):
    assert why in added(command, "nonsense", *words, code=1)
    assert "nonsense" not in command("list")


def test_a_short_password_and_a_taken_login_are_refused(command):
    assert "15 to 256" in added(command, "li", password="short", code=1)
    added(command, "li")
    assert "choose another" in added(command, "  LI ", code=1)


@pytest.mark.parametrize("verb", ["disable", "erase", "password"])
def test_an_unknown_login_is_refused(command, verb):
    assert "there is no account nobody" in command(verb, "nobody", said=f"{PASSWORD}\n", code=1)
