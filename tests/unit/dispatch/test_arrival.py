import pytest
import shapely

from gridmap.attribution import Tolerance
from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource, arrival
from gridmap.errors import MissingAccuracyError, PositionNotPointError
from gridmap.place import place, point

SCENE = place(shapely.box(116.3, 39.9, 116.3006, 39.9004), crs="EPSG:4490")
METRE_LAT = 1 / 111_035  # degrees of latitude at 39.9 N


def verdict(metres_north, accuracy_m=None):
    spot = point(
        116.3003, 39.9004 + metres_north * METRE_LAT, crs="EPSG:4490", accuracy_m=accuracy_m
    )
    return judged(spot, PositionSource.HAND if accuracy_m is None else PositionSource.GPS)


def judged(position, how=PositionSource.HAND):
    return arrival(position, SCENE, how=how, geofence_m=100, tolerance=Tolerance())


@pytest.mark.parametrize(
    ("metres_north", "accuracy_m", "expected"),
    [
        (-20, None, ArrivalVerdict.ON_SITE),
        (99, None, ArrivalVerdict.ON_SITE),
        (101, None, ArrivalVerdict.WRONG_PLACE),
        (90, 30, ArrivalVerdict.ON_SITE),
        (120, 30, ArrivalVerdict.WRONG_PLACE),
        (5_000, 10, ArrivalVerdict.WRONG_PLACE),
    ],
)
def test_a_position_counts_inside_the_geofence_its_accuracy_counted_in(
    metres_north, accuracy_m, expected
):
    assert verdict(metres_north, accuracy_m).verdict is expected


def test_a_phone_that_knows_nothing_proves_nothing():
    assert verdict(0, accuracy_m=5_000).verdict is ArrivalVerdict.UNPROVEN


def test_a_device_may_not_leave_its_accuracy_out():
    spot = point(116.3003, 39.9002, crs="EPSG:4490")
    with pytest.raises(MissingAccuracyError):
        judged(spot, PositionSource.GPS)


def test_an_arrival_keeps_all_that_it_was_judged_by():
    found = verdict(20, accuracy_m=15)
    assert (found.how, found.accuracy_m, found.geofence_m) == (PositionSource.GPS, 15, 100)
    assert found.position == pytest.approx((116.3003, 39.9004 + 20 * METRE_LAT))


def test_the_distance_is_to_the_footprint_not_to_its_centre():
    assert verdict(50).distance_m == pytest.approx(50, abs=0.1)
    assert verdict(-20).distance_m == 0


@pytest.mark.parametrize(
    "wkt", ["POLYGON ((115 39, 118 39, 118 42, 115 39))", "LINESTRING (115 39, 118 42)"]
)
def test_who_gives_a_whole_city_as_his_position_is_refused(wkt):
    position = place(shapely.from_wkt(wkt), crs="EPSG:4490")
    with pytest.raises(PositionNotPointError):
        judged(position)


@pytest.mark.parametrize("where", [(-74.0, 40.7), (26.4, 0.0), (206.0, 0.0), (0.0, -90.0)])
def test_a_position_at_the_other_end_of_the_earth_is_the_wrong_place(where):
    spot = point((where[0] + 180) % 360 - 180, where[1], crs="EPSG:4490")
    found = judged(spot)
    assert found.verdict is ArrivalVerdict.WRONG_PLACE
    assert 6e6 < found.distance_m < 2.01e7
