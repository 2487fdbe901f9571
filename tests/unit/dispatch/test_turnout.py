from datetime import datetime

import shapely

from gridmap.attribute import attribute
from gridmap.dispatch import turnout as module
from gridmap.dispatch.actor import Role
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.staff import Absence, Roster, Staff, shift
from gridmap.dispatch.turnout import turnout
from gridmap.locate import ReleaseIndex
from gridmap.place import place
from tests import toy
from tests.working import BEIJING

RELEASE = toy.release()
INDEX = ReleaseIndex(RELEASE)
NOON = datetime(2026, 11, 25, 12, tzinfo=BEIJING)
OFFICE, FIRE = (
    Unit("office", "街道办", "government", toy.SOUTH_STREET),
    Unit("fire", "消防", "fire", toy.WEST),
)
DAY = (shift("1-7 08:00-20:00"),)
PEOPLE = (
    Staff("chief", "office", (Role.GRID_CHIEF, Role.COMMUNITY), (toy.SOUTH_STREET,), DAY),
    Staff("chief-west", "office", (Role.GRID_CHIEF,), (toy.WEST,), DAY),
    Staff("firefighter", "fire", (Role.DEPARTMENT,), (toy.WEST,), (shift("1-7 20:00-23:00"),)),
)


def asked(wkt, *units):
    levels = attribute(place(shapely.from_wkt(wkt), crs="EPSG:4490"), INDEX).levels
    lain_in = {area.code for level in levels for area in level.concerned}
    return turnout(
        units,
        levels,
        areas=frozenset(lain_in),
        roster=Roster(PEOPLE, units={"office", "fire"}, zone=BEIJING),
        release=RELEASE,
        at=NOON,
    )


def told(found):
    return [
        (part.duty.role, [area.code for area in part.areas], [one.id for one in part.duty.staff])
        for part in found.serving
    ]


def test_every_unit_once_with_those_on_duty_or_the_reason():
    found = asked("POINT (1 1)", OFFICE, FIRE, OFFICE)
    office, fire = found.crews
    assert [one.id for one in office.muster.staff] == ["chief", "chief-west"]
    assert (fire.unit, fire.muster.staff) == (FIRE, ())
    assert fire.muster.absence is Absence.OFF_SHIFT
    assert {one.id for one in found.staff} == {"chief", "chief-west"}


def test_the_place_itself_is_served_by_the_nearest_and_a_lack_is_told():
    found = asked("POINT (1 1)")
    street = [toy.SOUTH_STREET]
    assert told(found) == [
        (Role.GRID_CHIEF, street, ["chief"]),
        (Role.INSPECTOR, street, []),
        (Role.COMMUNITY, street, ["chief"]),
    ]
    assert found.serving[1].duty.absence is Absence.NOBODY_ASSIGNED


def test_areas_served_by_the_same_people_stand_together():
    both = "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))"
    chiefs = [part for part in told(asked(both)) if part[0] is Role.GRID_CHIEF]
    assert sorted(chiefs, key=lambda part: part[1]) == [
        (Role.GRID_CHIEF, [toy.SOUTH_STREET], ["chief"]),
        (Role.GRID_CHIEF, [toy.NORTH_STREET], ["chief-west"]),
    ]
    (nobody,) = (part for part in told(asked(both)) if part[0] is Role.INSPECTOR)
    assert sorted(nobody[1]) == [toy.SOUTH_STREET, toy.NORTH_STREET]


def test_a_place_over_very_many_areas_is_asked_for_a_level_higher(monkeypatch):
    monkeypatch.setattr(module, "MOST_AREAS", 1)
    chiefs = told(asked("POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))"))
    assert (Role.GRID_CHIEF, [toy.WEST], ["chief-west"]) in chiefs


def test_areas_of_an_older_release_are_served_by_nobody():
    levels = attribute(place(shapely.from_wkt("POINT (1 1)"), crs="EPSG:4490"), INDEX).levels
    other = toy.release({toy.EAST_STREET: toy.STREETS[toy.EAST_STREET]})
    found = turnout(
        [OFFICE],
        levels,
        areas=frozenset({toy.SOUTH_STREET}),
        roster=Roster(PEOPLE, units={"office"}, zone=BEIJING),
        release=other,
        at=NOON,
    )
    assert [one.id for one in found.crews[0].muster.staff] == ["chief"]
    assert (Role.GRID_CHIEF, [toy.WEST], ["chief-west"]) in told(found), "from the district on"
