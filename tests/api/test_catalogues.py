"""Catalogues by versions: as a person imports them, as the running service swaps to them."""

import os
import subprocess
import sys

import psycopg
import pytest

from api.settings import PROJECT, DataSettings
from tests.desk import Desk, agreed, point, refused
from tests.service import activate as activate_release
from tests.service import fresh_database, psycopg_url, running, until
from tests.toy import release

pytestmark = pytest.mark.store

SHIPPED = DataSettings().catalogue
SWAPPED_S = 60.0


@pytest.fixture(scope="module")
def city(server):
    """A database of this module's own with the toy city and the shipped catalogue."""
    with fresh_database(server) as own:
        activate_release(own, release())
        yield own


@pytest.fixture(scope="module")
def counter(city, tmp_path_factory):
    log = tmp_path_factory.mktemp("service") / "log"
    with running(city.urls().service, log) as service, Desk(service.url) as desk:
        yield desk


@pytest.fixture
def run(city):
    def run(*words, group="catalogue"):
        urls = city.urls()
        variables = {"GRIDMAP_DATABASE_URL": urls.service, "GRIDMAP_DATABASE_OWNER_URL": urls.owner}
        return subprocess.run(
            [sys.executable, "-m", "api", group, *map(str, words)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def version_of(desk):
    return agreed(desk.get("catalogue"))["version"]


@pytest.fixture
def following(tmp_path):
    """A later version: one clock is shorter, and an item needs a kind that no unit is of."""

    def written(version):
        text = SHIPPED.read_text(encoding="utf-8")
        text = text.replace("beijing-sample-2026.3", version, 1)
        text = text.replace("respond_min = 30", "respond_min = 20", 1)
        path = tmp_path / "next.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_dry_run_shows_the_changes_and_who_is_lacking_and_writes_nothing(run, counter, following):
    shown = run("import", following("v-dry"))
    assert shown.returncode == 0
    assert "whistle_kinds emergency 紧急哨: changed" in shown.stdout
    assert "respond_min: 30 -> 20" in shown.stdout
    assert "no unit of these kinds: agriculture" in shown.stdout
    assert "say --commit" in shown.stdout
    listed = agreed(counter.get("catalogues"))["catalogues"]
    assert "v-dry" not in {one["version"] for one in listed}


def test_a_running_service_swaps_to_another_version_and_keeps_the_old_one_to_compare(
    run, counter, following
):
    before = version_of(counter)
    assert run("import", following("v-next"), "--commit").returncode == 0
    assert version_of(counter) == before, "imported is not activated"
    assert "can be activated" in run("activate", "v-next").stdout
    assert run("activate", "v-next", "--commit").returncode == 0
    until(lambda: version_of(counter) == "v-next", within_s=SWAPPED_S, what="v-next")
    listed = agreed(counter.get("catalogues"))["catalogues"]
    assert {one["version"]: one["active"] for one in listed} == {before: False, "v-next": True}
    assert agreed(counter.get(f"catalogues/{before}"))["version"] == before
    (change,) = agreed(counter.get(f"catalogues/{before}/diff/v-next"))["changes"]
    assert (change["code"], change["kind"]) == ("emergency", "changed")
    assert change["fields"] == [{"key": "respond_min", "before": 30, "after": 20}]
    assert f"v-next: {listed[0]['title']}, a sample (decides now)" in run("list").stdout
    assert run("activate", before, "--commit").returncode == 0
    until(lambda: version_of(counter) == before, within_s=SWAPPED_S, what=before)


def test_a_version_that_is_there_is_never_edited(run):
    again = run("import", SHIPPED, "--commit")
    assert again.returncode != 0
    assert "is never edited; raise the version" in again.stderr


def test_a_broken_file_is_told_and_not_imported(run, tmp_path):
    (tmp_path / "c.toml").write_text('version = "1"', encoding="utf-8")
    told = run("import", tmp_path / "c.toml", "--commit")
    assert told.returncode != 0
    assert "title: it is missing" in told.stderr


def test_an_unknown_version_is_told(run, counter):
    for path in ("catalogues/none", "catalogues/none/diff/none"):
        assert refused(counter.get(path), 404, "unknown-catalogue")["fields"] == {"version": "none"}
    assert "no catalogue 'none'" in run("activate", "none", "--commit").stderr


def test_the_service_may_read_versions_and_not_write_them(city):
    urls = city.urls()
    if urls.owner == urls.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(psycopg_url(urls.service)) as connection:
        assert connection.execute("SELECT count(*) FROM gridmap.catalogues").fetchone()[0] >= 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE gridmap.catalogues SET title = 'mine'")


def test_a_running_service_goes_on_with_the_version_it_has(city, counter):
    with psycopg.connect(psycopg_url(city.urls().owner)) as connection:
        rows = connection.execute("UPDATE gridmap.catalogues SET active = false RETURNING version")
        versions = [version for (version,) in rows.fetchall()]
    assert versions
    assert agreed(counter.get("catalogue"))["version"]


def test_a_service_started_without_a_catalogue_says_what_to_do(server, tmp_path):
    with fresh_database(server) as own:
        activate_release(own, release())
        with psycopg.connect(psycopg_url(own.urls().owner)) as connection:
            connection.execute("UPDATE gridmap.catalogues SET active = false")
        with (
            running(own.urls().service, tmp_path / "log") as service,
            Desk(service.url) as desk,
        ):
            answer = desk.resolve(point(116.3, 39.9))
            assert "catalogue import" in refused(answer, 503, "no-catalogue")["detail"]


def test_a_roster_replaces_the_one_before_and_a_name_can_be_erased(run, city, tmp_path):
    path = tmp_path / "staff.csv"
    head = "id,name,unit,roles,areas,shifts\n"
    path.write_text(f"{head}w-1,张三,gone,inspector,999999,1-5 09:00-18:00\n", encoding="utf-8")
    dry = run("import", path, group="staff")
    assert "lacks these units: gone" in dry.stdout
    assert "lacks these areas: 999999" in dry.stdout
    assert "w-1 张三: added" in dry.stdout
    assert "1 changes from the present roster" in dry.stdout
    count = (
        "SELECT (SELECT count(*) FROM gridmap.staff), (SELECT count(*) FROM gridmap.staff_names)"
    )
    with psycopg.connect(psycopg_url(city.urls().owner), autocommit=True) as connection:
        assert connection.execute(count).fetchone() == (0, 0)
        assert run("import", path, "--commit", group="staff").returncode == 0
        assert connection.execute(count).fetchone() == (1, 1)
        path.write_text(
            "id,name,unit,roles,areas,shifts,account\n"
            "w-1,张三,gone,inspector;hall,999999,1-5 09:00-17:00,nobody\n",
            encoding="utf-8",
        )
        changed = run("import", path, group="staff").stdout
        assert "w-1 张三: changed" in changed
        assert "  roles: inspector -> inspector; hall" in changed
        assert "  shifts: 1,2,3,4,5 09:00-18:00 -> 1,2,3,4,5 09:00-17:00" in changed
        assert "there are no accounts with these logins: nobody" in changed
        assert connection.execute(count).fetchone() == (1, 1)
        assert "is erased" in run("erase", "w-1", group="staff").stdout
        assert connection.execute(count).fetchone() == (1, 0)
        assert "there is no name" in run("erase", "w-1", group="staff").stdout
