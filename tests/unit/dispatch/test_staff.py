from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.dispatch.actor import Role
from gridmap.dispatch.errors import NaiveInstantError, PolicyDataError, ShiftError
from gridmap.dispatch.staff import Absence, Roster, Shift, Staff, shift
from tests import toy
from tests.working import BEIJING

RELEASE = toy.release()
STREET = RELEASE.area(toy.SOUTH_STREET)


def at(day, hour, minute=0):
    """An instant of November 2026 on Beijing's clock; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


def person(name, *shifts, areas=(toy.SOUTH_STREET,), roles=(Role.INSPECTOR,), unit="office"):
    return Staff(name, unit, roles, tuple(areas), tuple(shift(one) for one in shifts))


def duty(*staff, when, role=Role.INSPECTOR, area=STREET):
    return Roster(staff, units={"office"}, zone=BEIJING).on_duty(area, role, when, RELEASE)


def names(found):
    return [one.id for one in found.staff]


def test_all_who_serve_the_area_with_the_role_now_are_on_duty():
    both = person("b", "1-5 09:00-18:00", roles=(Role.INSPECTOR, Role.GRID_CHIEF))
    off = person("c", "6,7 09:00-18:00")
    found = duty(both, person("a", "1-7 08:00-20:00"), off, when=at(25, 10))
    assert (names(found), found.area, found.absence) == (["a", "b"], STREET, None)
    assert names(duty(both, off, when=at(25, 10), role=Role.GRID_CHIEF)) == ["b"]


def test_where_the_own_people_are_off_those_of_the_area_above_serve():
    own = person("a", "1-5 09:00-18:00")
    above = person("b", "1-7 00:00-23:59", areas=[toy.WEST])
    assert names(duty(own, above, when=at(25, 10))) == ["a"]
    night = duty(own, above, when=at(25, 22))
    assert (names(night), night.area.code) == (["b"], toy.WEST)


@pytest.mark.parametrize(
    ("when", "present"),
    [(at(25, 8, 59), False), (at(25, 9), True), (at(25, 17, 59), True), (at(25, 18), False)],
)
def test_a_shift_runs_from_its_beginning_until_before_its_end(when, present):
    assert bool(duty(person("a", "3 09:00-18:00"), when=when).staff) is present


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    night = person("a", "5 22:00-06:00+1")
    assert names(duty(night, when=at(28, 5, 59))) == ["a"], "Saturday morning"
    assert not names(duty(night, when=at(27, 5))), "Friday morning"
    assert not names(duty(night, when=at(28, 6)))


def test_the_shifts_of_a_date_stand_for_the_weekly_ones_of_that_day():
    moved = person("a", "1-5 09:00-18:00", "2026-11-25 20:00-22:00")
    assert not names(duty(moved, when=at(25, 10)))
    assert names(duty(moved, when=at(25, 21))) == ["a"]
    assert names(duty(moved, when=at(26, 10))) == ["a"]


def test_nobody_is_on_duty_for_a_reason():
    weekly, once = person("a", "1-5 09:00-18:00"), person("b", "2027-01-01 08:00-09:00")
    foreign = person("c", "1-7 00:00-23:59", unit="gone")
    assert duty(when=at(25, 10)).absence is Absence.NOBODY_ASSIGNED
    assert duty(weekly, when=at(25, 10), role=Role.HALL).absence is Absence.NOBODY_ASSIGNED
    assert duty(foreign, when=at(25, 10)).absence is Absence.UNIT_UNKNOWN
    off = duty(weekly, once, foreign, when=at(28, 10))
    assert (off.absence, off.next_at) == (Absence.OFF_SHIFT, at(30, 9))
    assert duty(once, when=at(28, 10)).next_at == datetime(2027, 1, 1, 8, tzinfo=BEIJING)
    over = duty(person("d", "2026-11-24 08:00-09:00"), when=at(25, 10))
    assert (over.absence, over.next_at) == (Absence.OFF_SHIFT, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1-5 18:00-09:00", "ends before it starts; say \\+1"),
        ("1-5 09:00-09:00", "ends before it starts"),
        ("1-5 09:00-18:00+1", "longer than a day"),
        ("0 09:00-18:00", "1 \\(Monday\\) to 7"),
        ("5-1 09:00-18:00", "needs weekdays or one date"),
        ("2026-02-30 09:00-18:00", "day is out of range"),
        ("1 25:00-26:00", "hour must be in"),
        ("Mon 09:00-18:00", "invalid literal"),
        ("always", "write it like 1-5"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(text, why):
    with pytest.raises(ShiftError, match=why):
        shift(text)


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(PolicyDataError, match="stands twice"):
        duty(person("a", "1 09:00-10:00"), person("a", "2 09:00-10:00"), when=at(25, 10))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(NaiveInstantError):
        duty(person("a", "1 09:00-10:00"), when=datetime(2026, 11, 25))  # noqa: DTZ001


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
YEAR = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-12-31")
NOWS = st.datetimes(*YEAR, timezones=st.just(UTC))
weekdays = st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple)


@st.composite
def shifts(draw):
    begins, ends = draw(times), draw(times)
    day = draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)))
    days = () if day else draw(weekdays)
    return Shift(begins, ends, days, day, overnight=ends <= begins)


@given(shifts())
def test_a_shift_comes_back_from_its_own_text(one):
    assert shift(str(one)) == one


@given(st.lists(shifts(), max_size=4), NOWS)
def test_whoever_is_off_is_on_at_the_instant_promised_and_not_before(given_shifts, when):
    one = Staff("a", "office", (Role.HALL,), (), tuple(given_shifts))
    now = when
    promised = one.next_on(now, BEIJING)
    if promised is None:
        return
    assert promised > now
    assert one.is_on(promised, BEIJING)
    if not one.is_on(now, BEIJING):
        assert not one.is_on(now + (promised - now) / 2, BEIJING)
        assert not one.is_on(promised - timedelta(microseconds=1), BEIJING)


def test_midnight_is_told():
    assert str(Shift(time(16), time(0), (1,), overnight=True)) == "1 16:00-00:00+1"


def muster(*staff, when, unit="office", areas=(toy.SOUTH_STREET, toy.WEST, toy.CITY)):
    roster = Roster(staff, units={"office", "fire"}, zone=BEIJING)
    return roster.of_unit(unit, frozenset(areas), when)


def test_of_a_unit_those_on_duty_for_the_place_come_the_nearest_first():
    brigade = person("a", "1-7 08:00-20:00", areas=[toy.WEST], unit="fire")
    post = person("b", "1-7 08:00-20:00", areas=[toy.SOUTH_STREET], unit="fire")
    elsewhere = person("c", "1-7 08:00-20:00", areas=[toy.EAST], unit="fire")
    found = muster(
        brigade, post, elsewhere, person("d", "3 08:00-20:00"), when=at(25, 10), unit="fire"
    )
    assert (names(found), found.absence) == (["b", "a"], None)


def test_a_unit_without_anybody_says_why():
    late = person("a", "1-7 20:00-23:00", unit="fire")
    off = muster(late, when=at(25, 10), unit="fire")
    assert (off.staff, off.absence, off.next_at) == ((), Absence.OFF_SHIFT, at(25, 20))
    assert muster(late, when=at(25, 10)).absence is Absence.NOBODY_ASSIGNED
    assert muster(late, when=at(25, 10), unit="fire", areas=[toy.EAST]).absence is (
        Absence.NOBODY_ASSIGNED
    )
    gone = person("b", "1-7 00:00-23:00", unit="closed down")
    assert muster(gone, when=at(25, 10), unit="closed down").absence is Absence.UNIT_UNKNOWN
    with pytest.raises(NaiveInstantError):
        muster(late, when=datetime(2026, 11, 25))  # noqa: DTZ001
