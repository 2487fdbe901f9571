"""The directory over HTTP."""

import pytest

from tests.desk import agreed, refused

pytestmark = pytest.mark.store

STREET, DISTRICT = "110102020", "110102"


def listed(desk, **more):
    return agreed(desk.get("units", limit=1_000, **more))


def test_the_units_of_an_area_are_those_of_all_below_it(desk, beijing):
    found = listed(desk, area=DISTRICT, kind="government")
    codes = [one["area_code"] for one in found["units"]]
    assert {DISTRICT, STREET} <= set(codes)
    for code in codes:
        assert code == DISTRICT or DISTRICT in {one.code for one in beijing.ancestors(code)}
    assert codes == sorted(codes)
    assert found["total"] == len(codes)


def test_units_are_found_by_a_part_of_the_name_or_id(desk):
    found = listed(desk, q="广安门外", area=DISTRICT)["units"]
    assert f"government-{STREET}" in {one["id"] for one in found}
    assert all("广安门外" in one["name"] for one in found)
    (one,) = listed(desk, q=f"GOVERNMENT-{STREET} ")["units"][:1]
    assert one["kind_name_en"]


def test_a_long_list_comes_in_parts(desk):
    total = listed(desk)["total"]
    first = agreed(desk.get("units", limit=5))["units"]
    second = agreed(desk.get("units", limit=5, offset=5))["units"]
    assert [*first, *second] == agreed(desk.get("units", limit=10))["units"]
    assert agreed(desk.get("units", offset=total))["units"] == []


def test_one_unit_is_told_with_its_area_and_those_above(nobody):
    one = agreed(nobody.get(f"units/government-{STREET}"))
    assert (one["area"]["code"], one["area_code"], one["can_rule"]) == (STREET, STREET, False)
    assert [above["code"] for above in one["ancestors"]] == [DISTRICT, "110000"]


def test_what_is_not_there_is_told(desk):
    refused(desk.get("units/nobody"), 404, "unit-not-found")
    refused(desk.get("units", area="990000"), 404, "area-not-found")
    assert listed(desk, kind="museum") == {"units": [], "total": 0}


@pytest.mark.parametrize(
    "wrong", [{"limit": 0}, {"limit": "many"}, {"offset": -1}, {"q": "x" * 101}]
)
def test_what_cannot_be_asked_is_refused(desk, wrong):
    refused(desk.get("units", **wrong), 422, "validation")
