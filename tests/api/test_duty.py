"""Who serves this cell with this role now, from the demonstration roster."""

import psycopg
import pytest

from tests.desk import agreed, refused
from tests.service import psycopg_url

pytestmark = pytest.mark.store

STREET = "110102020"
NOON, NIGHT = "2026-11-25T12:00:00+08:00", "2026-11-25T23:00:00+08:00"


@pytest.fixture(scope="module")
def community(beijing):
    codes = beijing.layers["community"].codes
    return next(str(code) for code in codes if str(code).startswith(STREET))


def asked(desk, code, **more):
    return agreed(desk.get(f"areas/{code}/duty", **more))


def test_a_cell_is_served_by_the_people_of_its_community(desk, beijing, community):
    cell = next(
        str(code) for code in beijing.layers["cell"].codes if str(code).startswith(community)
    )
    found = asked(desk, cell, role="inspector", at=NOON)
    assert found["area"]["code"] == community
    assert [one["id"] for one in found["staff"]] == [f"inspector-{community}"]
    assert found["absence"] is None


def test_at_night_the_street_watches_over_its_communities(desk, community):
    found = asked(desk, community, role="grid_chief", at=NIGHT)
    assert found["area"]["code"] == STREET
    assert [one["id"] for one in found["staff"]] == [f"street-watch-{STREET}"]


def test_names_are_shown_to_whom_has_signed_in_and_to_nobody_else(desk, nobody, community):
    (one,) = asked(desk, community, role="grid_chief", at=NOON)["staff"]
    assert "示范人员" in one["name"]
    (one,) = asked(nobody, community, role="grid_chief", at=NOON)["staff"]
    assert one["name"] is None


def test_where_nobody_is_the_reason_is_told(desk, community):
    by_day = asked(desk, community, role="convener", at=NOON)
    assert (by_day["staff"], by_day["absence"]) == ([], "off_shift")
    assert by_day["next_at"].startswith("2026-11-25T18:00:00")
    assert asked(desk, community, role="volunteer", at=NOON)["absence"] == "nobody_assigned"


def test_now_is_asked_where_no_instant_is_given(desk):
    assert asked(desk, "110102", role="command")["staff"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "mayor"},
        {},
        {"role": "hall", "at": "2026-11-25T12:00:00"},
        {"role": "hall", "at": "0001-01-01T00:00:00Z"},
        {"role": "hall", "at": "9999-12-31T23:59:59Z"},
        {"role": "hall", "at": "noon"},
    ],
)
def test_what_cannot_be_asked_is_refused(desk, wrong):
    refused(desk.get("areas/110102/duty", **wrong), 422, "validation")


def test_an_unknown_area_is_told(desk):
    refused(desk.get("areas/990000/duty", role="hall"), 404, "area-not-found")


def test_names_stand_apart_and_a_person_goes_with_their_name(loaded):
    with psycopg.connect(psycopg_url(loaded.urls().owner)) as connection:
        columns = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'staff'"
        ).fetchall()
        assert ("name",) not in columns
        person = f"street-watch-{STREET}"
        count = "SELECT count(*) FROM gridmap.staff_names WHERE staff_id = %s"
        assert connection.execute(count, [person]).fetchone() == (1,)
        connection.execute("DELETE FROM gridmap.staff WHERE id = %s", [person])
        assert connection.execute(count, [person]).fetchone() == (0,)
        connection.rollback()


def test_an_area_is_looked_up_by_its_index(loaded):
    with psycopg.connect(psycopg_url(loaded.urls().owner)) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT * FROM gridmap.staff WHERE areas && ARRAY['110102020']::varchar[]"
        ).fetchall()
    assert any("ix_staff_areas" in line for (line,) in plan)
