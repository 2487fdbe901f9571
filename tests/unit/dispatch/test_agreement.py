from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import shapely

from gridmap.dispatch.agreement import Hours, Standing, checked
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.errors import (
    AgreementDatesError,
    AgreementHoursError,
    AgreementLeadError,
    AgreementOffBorderError,
    AgreementPartiesError,
    AgreementReachError,
    OverlappingAgreementsError,
    UnknownCategoryError,
)
from gridmap.errors import UnknownAreaError
from gridmap.place import place, point
from tests import toy
from tests.pacts import NIGHTS, agreement, problems
from tests.toy import EAST_STREET, NORTH_STREET, SOUTH_STREET

BEIJING = ZoneInfo("Asia/Shanghai")
CATALOGUE = problems()
FRIDAY_NIGHT = datetime(2026, 3, 6, 23, tzinfo=BEIJING)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def here(*agreements, lng=4.0, lat=1.0, item=None, when=FRIDAY_NIGHT):
    found = Agreements(agreements).at(point(lng, lat, crs="EPSG:4490"), item, when)
    return [one.id for one in found]


# A degree of longitude at the equator is 111.3 km: 0.0008 are 89 m, 0.001 are 111 m.
@pytest.mark.parametrize(
    ("lng", "lat", "holds"),
    [
        (4.0, 1.0, True),
        (4.0008, 1.0, True),
        (3.9992, 1.0, True),
        (4.001, 1.0, False),
        (4.0, 1.4999, True),
        (4.0, 1.5005, False),  # a line holds to its sides, not past its ends
    ],
)
def test_a_point_is_found_within_reach(lng, lat, holds):
    assert here(agreement(), lng=lng, lat=lat) == (["A"] if holds else [])


def test_an_area_holds_within_reach_of_its_outline_and_exactly_without():
    square = "POLYGON ((3.9 1, 4.1 1, 4.1 1.2, 3.9 1.2, 3.9 1))"
    assert here(agreement(wkt=square, reach_m=0), lng=4.1) == ["A"]
    assert here(agreement(wkt=square, reach_m=0), lng=4.1005) == []
    assert here(agreement(wkt=square), lng=4.1005) == ["A"]


def test_a_footprint_is_covered_when_more_than_half_of_it_is_within_reach():
    def covered(east):
        shape = place(shapely.box(4, 1, east, 1.001), crs="EPSG:4490")
        return bool(Agreements([agreement()]).at(shape, None, FRIDAY_NIGHT))

    assert covered(4.0017)  # 189 m wide, 100 m of it within reach
    assert not covered(4.0019)


@pytest.mark.parametrize(
    ("categories", "code", "holds"),
    [
        ((), None, True),
        ((), "E0101", True),
        (("E0101",), "E0101", True),
        (("E01",), "E0102", True),
        (("E01",), "P0101", False),
        (("E01",), None, False),
    ],
)
def test_categories_are_items_or_classes_and_none_means_all(categories, code, holds):
    item = CATALOGUE.items.get(code)
    assert here(agreement(categories=categories), item=item) == (["A"] if holds else [])


@pytest.mark.parametrize(
    ("when", "standing"),
    [
        ("2026-03-06T21:59:59", Standing.OTHER_HOURS),
        ("2026-03-06T22:00:00", Standing.IN_FORCE),
        ("2026-03-07T05:59:59", Standing.IN_FORCE),  # Saturday morning of Friday's night
        ("2026-03-07T06:00:00", Standing.OTHER_HOURS),
        ("2026-03-07T23:00:00", Standing.OTHER_HOURS),
        ("2026-03-09T01:00:00", Standing.OTHER_HOURS),  # Monday morning of Sunday's night
        ("2026-02-27T23:00:00", Standing.NOT_YET),
        ("2026-06-01T23:00:00", Standing.EXPIRED),
    ],
)
def test_hours_go_on_past_midnight_and_dates_are_the_citys(when, standing):
    nights = agreement(hours=(NIGHTS,), valid_until=date(2026, 5, 31))
    assert nights.standing(at(when)) is standing


def test_equal_times_are_a_whole_day():
    whole = agreement(hours=(Hours((6,), time(6), time(6)),))
    assert whole.standing(at("2026-03-08T05:00:00")) is Standing.IN_FORCE
    assert whole.standing(at("2026-03-08T06:00:00")) is Standing.OTHER_HOURS


def test_what_was_signed_and_ended_in_between_is_answered_as_of_then():
    signed = agreement(
        valid_from=date(2026, 1, 1),
        in_force_at=at("2026-03-02T10:00:00"),
        ended_at=at("2026-04-01T10:00:00"),
    )
    assert [signed.standing(at(f"2026-{day}T10:00:00")) for day in ("03-01", "03-02", "04-01")] == [
        Standing.NOT_YET,
        Standing.IN_FORCE,
        Standing.EXPIRED,
    ]


def test_what_does_not_hold_now_is_found_with_the_reason():
    ended, other = agreement("A", valid_until=date(2026, 3, 5)), agreement("B")
    found = Agreements([other, ended]).found(point(4, 1, crs="EPSG:4490"), None, FRIDAY_NIGHT)
    assert [(one.agreement.id, one.standing) for one in found] == [
        ("A", Standing.EXPIRED),
        ("B", Standing.IN_FORCE),
    ]


@pytest.mark.parametrize(
    ("broken", "error", "words"),
    [
        ({"parties": (SOUTH_STREET,)}, AgreementPartiesError, "two or more"),
        ({"parties": (SOUTH_STREET, SOUTH_STREET)}, AgreementPartiesError, "each once"),
        ({"lead": NORTH_STREET}, AgreementLeadError, "name one of them"),
        ({"valid_until": date(2026, 2, 1)}, AgreementDatesError, "turn the dates around"),
        ({"hours": (Hours((), time(1), time(2)),)}, AgreementHoursError, "weekdays"),
        ({"hours": (Hours((0, 8), time(1), time(2)),)}, AgreementHoursError, "0, 8"),
        ({"reach_m": 0.0}, AgreementReachError, "above 0 m"),
        ({"reach_m": float("nan")}, AgreementReachError, "nan"),
        ({"reach_m": 9e9}, AgreementReachError, "at most 5,000 m"),
        ({"wkt": "POINT (4 1)"}, AgreementReachError, "draw a line"),
        ({"wkt": "LINESTRING (3 0.5, 3 1.5)"}, AgreementOffBorderError, "111,"),
        ({"categories": ("X99",)}, UnknownCategoryError, "X99"),
        ({"parties": (SOUTH_STREET, "110101001")}, UnknownAreaError, "110101001"),
    ],
)
def test_what_cannot_be_is_refused_by_name(broken, error, words):
    with pytest.raises(error, match=words):
        checked(agreement(**broken), toy.release(), CATALOGUE)


def test_what_can_be_is_returned_whatever_the_number_of_parties():
    three = agreement(parties=(SOUTH_STREET, EAST_STREET, NORTH_STREET))
    assert checked(three, toy.release(), CATALOGUE) is three


def test_parties_on_both_sides_of_a_gap_are_within_reach():
    streets = toy.STREETS | {EAST_STREET: "POLYGON ((4.0005 0, 8 0, 8 4, 4.0005 4, 4.0005 0))"}
    across = agreement(wkt="LINESTRING (4.0002 0.5, 4.0002 1.5)")
    assert checked(across, toy.release(streets), CATALOGUE) is across


BESIDE = {"lead": EAST_STREET}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({}, {"wkt": "LINESTRING (4.0015 0.5, 4.0015 1.5)"}),  # 167 m apart, 100 m reach each
        ({"categories": ("E01",)}, {"categories": ("E0102",)}),
        ({"valid_until": date(2026, 5, 31)}, {"valid_from": date(2026, 5, 31)}),
        ({"hours": (NIGHTS,)}, {"hours": (Hours((6,), time(5), time(7)),)}),
    ],
)
def test_two_leads_for_the_same_thing_are_refused_with_where_and_when(one, other):
    standing = Agreements([agreement("A", **one)])
    with pytest.raises(OverlappingAgreementsError) as refused:
        standing.refuse_overlapping(agreement("B", **BESIDE, **other), CATALOGUE)
    both = refused.value
    assert (both.agreement, both.other) == ("B", "A")
    moment = at(both.when.replace(" ", "T"))
    spot = point(both.lng, both.lat, crs="EPSG:4490")
    known = [agreement("A", **one), agreement("B", **BESIDE, **other)]
    item = CATALOGUE.items["E0102"]
    assert [found.id for found in Agreements(known).at(spot, item, moment)] == ["A", "B"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"lead": SOUTH_STREET}),
        ({}, {"wkt": "LINESTRING (4 1.5, 4 1.9)"}),  # the stretches adjoin
        ({}, {"wkt": "LINESTRING (4.002 0.5, 4.002 1.5)"}),
        ({"categories": ("E01",)}, {"categories": ("P01",)}),
        ({"valid_until": date(2026, 5, 31)}, {"valid_from": date(2026, 6, 1)}),
        ({"hours": (NIGHTS,)}, {"hours": (Hours((6,), time(6), time(7)),)}),
        ({"ended_at": at("2026-05-01T00:00:00")}, {}),
        # They would meet on a Monday, and there is none in the days that both are valid.
        (
            {"hours": (Hours((1,), time(1), time(2)),), "valid_until": date(2026, 3, 1)},
            {},
        ),
    ],
)
def test_what_never_meets_can_stand_side_by_side(one, other):
    candidate = agreement("B", **(BESIDE | other))
    Agreements([agreement("A", **one)]).refuse_overlapping(candidate, CATALOGUE)


def test_an_agreement_does_not_overlap_itself():
    again = agreement("A", lead=EAST_STREET)
    Agreements([agreement("A")]).refuse_overlapping(again, CATALOGUE)
