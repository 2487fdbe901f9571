"""A point two metres from the line: said to be near it, and the reporter may say which side."""

import pytest

from tests.desk import BUILDING, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

XICHENG, FENGTAI = "110102020", "110106002"
NEAR = point(116.3174, 39.885)


def led(answer):
    decision = answer["decision"]
    assisting = [area["code"] for area in decision["assisting"]]
    return decision["lead"]["code"], assisting, decision["rule"]


def test_a_point_near_the_line_names_the_other_side_and_its_distance(desk):
    street = next(level for level in desk.resolved(NEAR)["levels"] if level["level"] == "street")
    assert street["relation"] == "near_line"
    assert [part["code"] for part in street["parts"]] == [XICHENG]
    (beside,) = street["nearby"]
    assert beside["code"] == FENGTAI
    assert beside["distance_m"] == pytest.approx(street["border_distance_m"])
    assert 1 < beside["distance_m"] < 3


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ("computed", (XICHENG, [], "likeliest")),
        ("both", (XICHENG, [FENGTAI], "likeliest")),
        ("here", (XICHENG, [], "only_territory")),
    ],
)
def test_the_reporter_may_say_which_sides_are_to_know(desk, sides, expected):
    assert led(desk.resolved(NEAR, sides=sides, category=BUILDING)) == expected
    case = desk.opened(NEAR, sides=sides, category=BUILDING)
    assert led(case) == expected
    assert case["incidents"][0]["sides"] == sides
    case = desk.stepped(case, "whistles")
    streets = {code for one in case["summons"] for code in one["areas"]}
    assert streets == {XICHENG, *expected[1]}


def test_a_receiver_on_the_other_side_leads_only_where_both_sides_are_told(desk):
    asked = {"category": BUILDING, "intake": FENGTAI}
    assert led(desk.resolved(NEAR, **asked, sides="both")) == (
        FENGTAI,
        [XICHENG],
        "first_receiver",
    )
    assert led(desk.resolved(NEAR, **asked, sides="here"))[0] == XICHENG


def test_sides_that_are_none_are_refused(desk):
    refused(desk.resolve(NEAR, sides="left"), 422, "validation")


def test_a_host_that_is_not_ours_is_refused(desk):
    """A page of another site that lets its own name point here must not read the answers."""
    answer = desk.http.get("/api/v1/release", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    agreed(desk.http.get("/api/v1/release", headers={"Host": "localhost"}))
