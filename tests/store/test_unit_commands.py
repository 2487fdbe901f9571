"""`python -m api units` as a person runs it: other processes, a real database, a real service."""

import os
import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest

from api.settings import PROJECT
from gridmap import unit_files
from gridmap.dispatch.actor import Grant, Role
from gridmap.dispatch.directory import Unit
from tests import people, toy
from tests.desk import BUILDING, Crew, Desk, agreed, point
from tests.service import fresh_database, load, psycopg_url, running, seed, until

pytestmark = pytest.mark.store

WITHIN_S = 30
GOVERNMENT = f"government-{toy.SOUTH_STREET}"


@pytest.fixture
def city(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own


@pytest.fixture
def command(city):
    def command(*words, code=0):
        urls = city.urls()
        variables = {"GRIDMAP_DATABASE_URL": urls.service, "GRIDMAP_DATABASE_OWNER_URL": urls.owner}
        done = subprocess.run(
            [sys.executable, "-m", "api", "units", *map(str, words)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return command


@pytest.fixture
def service(city, tmp_path):
    with running(city.urls().service, tmp_path / "log") as service:
        yield service


def rows(city, query):
    with psycopg.connect(psycopg_url(city.urls().owner)) as connection:
        return connection.execute(query).fetchall()


def exported(command, folder):
    command("export", folder / "units.csv")
    return unit_files.read(folder / "units.csv")


def written(units, folder, name="new.csv"):
    unit_files.write(units, folder / name)
    return folder / name


def test_a_directory_goes_out_and_in_again_without_a_change(command, city, tmp_path):
    before = rows(city, "SELECT id, name, kind, area_code, can_rule FROM gridmap.units ORDER BY id")
    exported(command, tmp_path)
    said = command("import", tmp_path / "units.csv", "--commit")
    assert "0 changes" in said
    assert f"the directory has {len(before)} units" in said
    after = rows(city, "SELECT id, name, kind, area_code, can_rule FROM gridmap.units ORDER BY id")
    assert after == before
    assert rows(city, "SELECT DISTINCT demonstration FROM gridmap.units") == [(False,)]
    assert rows(city, "SELECT count(*) FROM gridmap.staff") == [(0,)], "demonstration people"
    assert "already" in command("export", tmp_path / "units.csv", code=1)


def test_a_dry_run_tells_everything_and_writes_nothing(command, city, templates, tmp_path):
    people.person(
        city.urls().service, Grant(Role.CONVENER, toy.SOUTH_STREET, GOVERNMENT), login="wang"
    )
    units = exported(command, tmp_path)
    before = rows(city, "SELECT * FROM gridmap.units ORDER BY id")
    police = next(one for one in units if one.kind == "public_security")
    given = [
        replace(police, name="另一个名字"),
        *(one for one in units if one.kind != "public_security" and one.id != GOVERNMENT),
        Unit("stray", "外地", "museum", "110102"),
    ]
    said = command("import", written(given, tmp_path))
    assert "stray 外地: added" in said
    assert f"name: {police.name} -> 另一个名字" in said
    assert f"{GOVERNMENT} " in said
    assert "the active release lacks these areas: 110102" in said
    assert "the active catalogue lacks these department kinds: museum" in said
    assert "these accounts act for a unit that goes: wang" in said
    (people_said,) = (line for line in said.splitlines() if "these people are of" in line)
    assert f"street-watch-{toy.SOUTH_STREET}" in people_said
    assert "say --commit" in said
    no_fire = [one for one in units if one.kind != "fire"]
    assert "needs these kinds and no unit is of them: fire" in command(
        "import", written(no_fire, tmp_path, "no_fire.csv")
    )
    assert rows(city, "SELECT * FROM gridmap.units ORDER BY id") == before


def test_a_real_directory_stays_when_a_demonstration_is_asked_for(
    command, city, templates, tmp_path
):
    exported(command, tmp_path)
    seed(city, templates)  # a demonstration on a demonstration: replaced
    command("import", tmp_path / "units.csv", "--commit")
    with pytest.raises(Exception, match="no demonstration"):
        seed(city, templates)


def test_a_file_that_is_wrong_changes_nothing(command, city, tmp_path):
    before = rows(city, "SELECT * FROM gridmap.units ORDER BY id")
    path = tmp_path / "wrong.csv"
    path.write_text("id,name,kind,area_code,can_rule\na,甲,fire,990101,maybe\n", encoding="utf-8")
    assert "line 2: can_rule" in command("import", path, "--commit", code=1)
    assert rows(city, "SELECT * FROM gridmap.units ORDER BY id") == before


def test_a_unit_that_an_open_case_has_called_may_not_vanish(command, city, service, tmp_path):
    units = exported(command, tmp_path)
    commander = people.commander(city.urls().service, toy.CITY)
    with Crew(service.url, city.urls().service) as crew, Desk(service.url, commander, crew) as desk:
        case = desk.opened(point(1.0, 1.0), category=BUILDING)
        case = desk.stepped(case, "whistles")
        called = {one["unit"]["id"] for one in case["summons"]}
        assert called
        for gone in (*sorted(called), case["convener"]["id"]):
            path = written([one for one in units if one.id != gone], tmp_path, f"{gone}.csv")
            said = command("import", path, "--commit", code=1)
            assert gone in said
            assert case["number"] in said
        held = rows(city, "SELECT count(*) FROM gridmap.units")
        assert held == [(len(units),)]
        spare = next(one for one in units if one.kind == "tax")
        assert spare.id not in called
        command(
            "import",
            written([one for one in units if one is not spare], tmp_path),
            "--commit",
        )


def test_a_running_service_answers_from_the_new_directory(command, service, city, tmp_path):
    units = exported(command, tmp_path)
    given = [
        replace(one, name="新名字街道办事处") if one.id == GOVERNMENT else one for one in units
    ]
    command("import", written(given, tmp_path), "--commit")
    with Desk(service.url) as desk:
        until(
            lambda: agreed(desk.get(f"units/{GOVERNMENT}"))["name"] == "新名字街道办事处",
            within_s=WITHIN_S,
            what="the new name",
        )
