"""For any agreements: none with another lead slips past the one that is refused."""

from datetime import date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.dispatch.agreement import Hours, Standing, meeting
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.errors import OverlappingAgreementsError
from gridmap.place import point
from tests.pacts import agreement, problems
from tests.toy import EAST_STREET, SOUTH_STREET

CATALOGUE = problems()
START = date(2026, 3, 1)
GROUND = Geod(ellps="GRS80")

times = st.times().map(lambda moment: moment.replace(microsecond=0))
hours = st.builds(
    Hours, st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple), times, times
)
instants = st.datetimes(datetime(2026, 2, 20), datetime(2026, 4, 20))  # noqa: DTZ001 - the city's time


@st.composite
def agreements(draw, name="A"):
    south = draw(st.integers(0, 18)) / 10
    first = START + timedelta(days=draw(st.integers(0, 20)))
    days = draw(st.none() | st.integers(0, 20))
    return agreement(
        name,
        wkt=f"LINESTRING (4 {south}, 4 {south + draw(st.integers(1, 8)) / 10})",
        lead=draw(st.sampled_from([SOUTH_STREET, EAST_STREET])),
        reach_m=float(draw(st.integers(1, 300))),
        categories=draw(st.sampled_from([(), ("E01",), ("E0101",), ("P01",), ("P0101", "E0102")])),
        hours=tuple(draw(st.lists(hours, max_size=2))),
        valid_from=first,
        valid_until=None if days is None else first + timedelta(days=days),
    )


@settings(deadline=None)  # the first plane of a process is slow to make
@given(st.lists(agreements(), max_size=5), instants, st.floats(0, 2), st.floats(-0.002, 0.002))
def test_among_agreements_that_were_let_in_no_place_has_two_leads(given, when, lat, aside):
    kept = Agreements()
    for number, one in enumerate(given):
        candidate = agreement_named(one, str(number))
        try:
            kept.refuse_overlapping(candidate, CATALOGUE)
        except OverlappingAgreementsError:
            continue
        kept = Agreements([*kept, candidate])
    assume(abs(lat - round(lat, 1)) > 1e-5)  # a metre: the seam of two stretches
    spot = point(4 + aside, lat, crs="EPSG:4490")
    for item in CATALOGUE.items.values():
        assert len({found.lead for found in kept.at(spot, item, when)}) <= 1


def agreement_named(one, name):
    terms = {key: value for key, value in vars(one).items() if key != "region"}
    return type(one)(**terms | {"id": name})


@settings(deadline=None)
@given(agreements("A"), agreements("B"))
def test_meeting_is_mutual_and_true_where_and_when_it_says(one, other):
    met = meeting(one, other, CATALOGUE)
    assert (met is None) == (meeting(other, one, CATALOGUE) is None)
    if met is not None:
        assert one.standing(met.at) is other.standing(met.at) is Standing.IN_FORCE
        spot = point(met.lng, met.lat, crs="EPSG:4490")
        assert one.covers(spot)
        assert other.covers(spot)


@settings(deadline=None)
@given(agreements(), st.floats(-0.004, 0.004))
def test_beside_a_stretch_it_holds_up_to_its_reach_on_the_ground(one, aside):
    (west, south, _, north) = one.stretch.geometry.bounds
    lat = (south + north) / 2
    _, _, away_m = GROUND.inv(west, lat, west + aside, lat)
    assume(abs(away_m - one.reach_m) > 0.01)
    assert one.covers(point(4 + aside, lat, crs="EPSG:4490")) == (away_m < one.reach_m)


@given(hours, st.integers(0, 14 * 24 * 60))
def test_hours_hold_when_the_last_beginning_has_not_ended(some, minutes):
    moment = datetime(2026, 3, 2) + timedelta(minutes=minutes)  # noqa: DTZ001 - the city's time
    length = (
        datetime.combine(START, some.ends) - datetime.combine(START, some.begins)
    ) % timedelta(days=1) or timedelta(days=1)
    begun = [
        datetime.combine(day, some.begins)
        for day in (moment.date(), moment.date() - timedelta(days=1))
        if day.isoweekday() in some.weekdays
    ]
    holds = any(start <= moment < start + length for start in begun)
    standing = agreement(hours=(some,), valid_from=date(2026, 1, 1)).standing(moment)
    assert (standing is Standing.IN_FORCE) == holds
