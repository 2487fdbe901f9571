"""Where somebody was last: told by themselves, shown to who sends them, gone in time."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from api.services import accounts, loading
from api.store.engine import engine_at
from gridmap.dispatch.actor import Grant, Role
from tests.desk import Desk, agreed, point, refused
from tests.people import person
from tests.service import psycopg_url, until

pytestmark = pytest.mark.store

STREET, DISTRICT, OTHER = "110102020", "110102", "110106002"
WATCH = f"street-watch-{STREET}"
NIGHT = "2026-11-25T23:00:00+08:00"
HERE = (116.34, 39.89)


@pytest.fixture(scope="module")
def watcher(loaded):
    """Somebody with an account who is the street's night watch."""
    made = person(loaded.urls().service, Grant(Role.INSPECTOR, STREET))
    with psycopg.connect(psycopg_url(loaded.urls().owner), autocommit=True) as connection:
        link = (
            "UPDATE gridmap.staff SET account_id = %s, written_at = clock_timestamp() WHERE id = %s"
        )
        connection.execute(link, [made.account, WATCH])
        yield made
        connection.execute(link, [None, WATCH])


@pytest.fixture
def watch(service_url, watcher, owner):
    owner.execute("DELETE FROM gridmap.positions")
    with Desk(service_url, watcher) as desk:
        yield desk


def asked(desk, code=STREET, **more):
    return desk.get(f"areas/{code}/duty", role="inspector", at=NIGHT, **more)


def near(desk, lng=HERE[0], lat=HERE[1] + 0.01, crs="EPSG:4490", **more):
    return asked(desk, near=f"{lng},{lat}", crs=crs, **more)


def last(desk):
    found = {one["id"]: one for one in agreed(near(desk))["staff"]}
    return found[WATCH]["last"]


def kept(owner, account):
    return owner.execute(
        "SELECT lng, lat, accuracy_m FROM gridmap.positions WHERE account_id = %s", [account]
    ).fetchall()


def test_the_last_position_alone_is_kept_and_the_distance_is_told(watch, desk_of, owner, ground):
    convener = desk_of(Grant(Role.CONVENER, STREET, f"government-{STREET}"))
    agreed(watch.post("me/position", {"place": point(116.0, 39.5)}))
    told = agreed(
        watch.post("me/position", {"place": point(*HERE, crs="EPSG:4490", accuracy_m=12.0)})
    )
    assert told["point"] == list(HERE)
    assert kept(owner, watch.person.account) == [(*HERE, 12.0)]
    # Every process learns of the linked account within seconds.
    found = until(lambda: last(convener), within_s=20, what="the account of the watch")
    expected = ground.inv(*HERE, HERE[0], HERE[1] + 0.01)[2]
    assert found["distance_m"] == pytest.approx(expected, rel=1e-6)
    assert found["accuracy_m"] == 12.0
    gcj = near(convener, crs="GCJ-02")
    assert agreed(gcj)["staff"][0]["last"]["distance_m"] != pytest.approx(expected, abs=5)


def test_only_command_and_conveners_over_the_area_see_it(watch, desk_of, nobody):
    agreed(watch.post("me/position", {"place": point(*HERE)}))
    command = desk_of(Grant(Role.COMMAND, DISTRICT))
    until(lambda: last(command), within_s=20, what="the account of the watch")
    elsewhere = desk_of(Grant(Role.CONVENER, OTHER), Grant(Role.INSPECTOR, STREET))
    for one in (watch, elsewhere, nobody):
        refused(near(one), 403, "positions-not-yours")
    assert all(one["last"] is None for one in agreed(asked(command))["staff"]), "not asked for"
    assert all(one["last"] is None for one in agreed(asked(nobody))["staff"])


def test_it_goes_when_it_is_taken_back_and_with_the_account(desk_of, loaded, owner):
    own = desk_of(Grant(Role.INSPECTOR, STREET))
    account = own.person.account
    agreed(own.post("me/position", {"place": point(*HERE)}))
    assert own.http.delete("/api/v1/me/position").status_code == 204
    assert kept(owner, account) == []
    agreed(own.post("me/position", {"place": point(*HERE)}))

    async def erase():
        engine = engine_at(loaded.urls().service)
        by = await loading.owner(engine)
        await accounts.erase(engine, by, account, now=datetime.now(UTC))
        await engine.dispose()

    asyncio.run(erase())
    assert kept(owner, account) == []


def test_it_goes_after_the_time_that_the_policy_keeps_it(watch, desk_of, owner):
    agreed(watch.post("me/position", {"place": point(*HERE)}))
    other = desk_of(Grant(Role.INSPECTOR, STREET))
    command = desk_of(Grant(Role.COMMAND, DISTRICT))
    until(lambda: last(command), within_s=20, what="the account of the watch")
    owner.execute(
        "UPDATE gridmap.positions SET at = at - interval '13 hours' WHERE account_id = %s",
        [watch.person.account],
    )
    assert last(command) is None, "too old to be told"
    agreed(other.post("me/position", {"place": point(*HERE)}))
    assert kept(owner, watch.person.account) == []


def test_a_late_one_does_not_take_the_place_of_a_newer_one(watch, owner):
    agreed(watch.post("me/position", {"place": point(*HERE, crs="EPSG:4490")}))
    earlier = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    agreed(watch.post("me/position", {"place": point(116.0, 39.5), "at": earlier}))
    assert [row[:2] for row in kept(owner, watch.person.account)] == [HERE]


FUTURE = (datetime.now(UTC) + timedelta(days=1)).isoformat()
LONG_AGO = (datetime.now(UTC) - timedelta(days=2)).isoformat()
LINE = {
    "crs": "EPSG:4326",
    "geometry": {"type": "LineString", "coordinates": [[116, 39], [117, 39]]},
}


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"place": LINE}, "point-needed"),
        ({"place": point(*HERE), "at": LONG_AGO}, "position-too-old"),
        ({"place": point(*HERE), "at": FUTURE}, "validation"),
        ({"place": point(*HERE), "at": "noon"}, "validation"),
        ({"place": {"geometry": {"type": "Point", "coordinates": HERE}}}, "missing-crs"),
        ({}, "validation"),
    ],
)
def test_what_is_no_position_is_refused_and_nothing_is_kept(desk, owner, body, slug):
    refused(desk.post("me/position", body), 422, slug)
    assert kept(owner, desk.person.account) == []


def test_who_is_not_signed_in_has_no_position(nobody):
    refused(nobody.post("me/position", {"place": point(*HERE)}), 401, "sign-in-needed")


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_form_tells_no_position(desk, media_type):
    answer = desk.post("me/position", {"place": point(*HERE)}, **{"Content-Type": media_type})
    assert answer.status_code in {415, 422}


@pytest.mark.parametrize(
    ("given", "status", "slug"),
    [
        ({"near": "116.3"}, 400, "near"),
        ({"near": "a,b"}, 400, "near"),
        ({"near": "116.3,39.9"}, 422, "missing-crs"),
        ({"near": "nan,39.9", "crs": "EPSG:4326"}, 422, "not-finite"),
    ],
)
def test_a_place_that_is_none_is_refused(desk, given, status, slug):
    refused(asked(desk, **given), status, slug)


def test_the_service_may_write_positions_and_no_roster(loaded, watch):
    urls = loaded.urls()
    if urls.owner == urls.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(psycopg_url(urls.service)) as connection:
        connection.execute("SELECT * FROM gridmap.positions")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE gridmap.staff SET account_id = NULL")
    assert UUID(watch.person.id)
