import pytest
import shapely

from gridmap.attribution import Tolerance
from gridmap.dispatch.arrival import ArrivalVerdict, arrival
from gridmap.place import place, point

SCENE = place(shapely.box(116.3, 39.9, 116.3006, 39.9004), crs="EPSG:4490")
METRE_LAT = 1 / 111_035  # degrees of latitude at 39.9 N


def verdict(metres_north, accuracy_m=None):
    spot = point(
        116.3003, 39.9004 + metres_north * METRE_LAT, crs="EPSG:4490", accuracy_m=accuracy_m
    )
    return arrival(spot, SCENE, geofence_m=100, tolerance=Tolerance())


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
    assert verdict(0, accuracy_m=5_000).verdict is ArrivalVerdict.WRONG_PLACE


def test_the_distance_is_to_the_footprint_not_to_its_centre():
    assert verdict(50).distance_m == pytest.approx(50, abs=0.1)
    assert verdict(-20).distance_m == 0
