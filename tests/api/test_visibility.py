"""Who sees a case through the service: lists, files, histories, duplicates, steps."""

from uuid import uuid4

import pytest

from gridmap.dispatch.actor import Grant, Role
from tests.desk import BUILDING, FIRE, REFERENCE, agreed, point, refused, shape

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

XICHENG, FENGTAI, CHAOYANG = "110102", "110106", "110105"
GUANGWAI, TAIPINGQIAO, EXHIBITION_ROAD = "110102020", "110106002", "110102003"


@pytest.fixture
def case(desk):
    """The reference case: it concerns two streets of two districts."""
    return desk.opened(shape(REFERENCE), category=BUILDING)


def sees(desk, case):
    """Whether somebody sees a case, everywhere the same."""
    answers = {
        "file": desk.get(f"cases/{case['id']}"),
        "events": desk.get(f"cases/{case['id']}/events"),
    }
    if all(answer.is_success for answer in answers.values()):
        listed = {line["id"] for line in agreed(desk.get("cases", limit=500))["cases"]}
        assert case["id"] in listed
        return True
    for answer in answers.values():
        problem = refused(answer, 404, "unknown-case")
        assert case["number"] not in str(problem)
    listing = agreed(desk.get("cases", limit=500))
    assert case["id"] not in {line["id"] for line in listing["cases"]}
    assert listing["total"] == len(listing["cases"])
    for step in (
        ("whistles",),
        ("close",),
        ("summons", "1", "respond"),
        ("summons", "1", "finish"),
    ):
        refused(desk.step(case, *step), 404, "unknown-case")
    return False


@pytest.mark.parametrize(
    ("role", "area"),
    [
        (Role.CONVENER, GUANGWAI),
        (Role.CONVENER, TAIPINGQIAO),
        (Role.COMMAND, XICHENG),
        (Role.COMMAND, FENGTAI),
        (Role.SUPERVISOR, "110000"),
        (Role.JOINT_TEAM, XICHENG),
    ],
)
def test_both_sides_and_all_above_them_see_a_joint_case(desk_of, case, role, area):
    assert sees(desk_of(Grant(role, area)), case)


@pytest.mark.parametrize(
    "grants",
    [
        (),
        (Grant(Role.CONVENER, EXHIBITION_ROAD),),
        (Grant(Role.COMMAND, CHAOYANG),),
        (Grant(Role.ADMINISTRATOR, CHAOYANG),),
        (Grant(Role.DEPARTMENT, XICHENG, f"ecology-{XICHENG}"),),
        (Grant(Role.VOLUNTEER, GUANGWAI),),
        (Grant(Role.OUTSIDE_PARTY, "110000"),),
    ],
    ids=str,
)
def test_nobody_else_does(desk_of, case, grants):
    assert not sees(desk_of(*grants), case)


def test_the_chief_of_a_cell_sees_what_lies_in_it_and_not_what_lies_beside(desk, desk_of, spot):
    case = desk.opened(point(*spot))
    community, cell = (level["parts"][0]["code"] for level in case["levels"][-2:])
    beside = cell[:-3] + ("001" if cell[-3:] != "001" else "002")
    assert sees(desk_of(Grant(Role.GRID_CHIEF, cell)), case)
    assert sees(desk_of(Grant(Role.COMMUNITY, community)), case)
    assert not sees(desk_of(Grant(Role.GRID_CHIEF, beside)), case)


def test_a_unit_sees_a_case_from_the_moment_it_is_summoned(desk, desk_of, case):
    (unit, area) = next(
        (one["unit"]["id"], one["unit"]["area_code"])
        for side in case["plan"]["jurisdictions"]
        for one in side["units"]
        if one["unit"]["kind"] == "urban_management"
    )
    department = desk_of(Grant(Role.DEPARTMENT, area, unit))
    assert not sees(department, case)
    desk.stepped(case, "whistles")
    assert sees(department, case)


def test_who_reported_a_case_sees_it_wherever_it_is(desk_of, spot):
    reporter = desk_of()
    assert sees(reporter, reporter.opened(point(*spot)))


# --- duplicates -----------------------------------------------------------------------------------


def near(desk, place):
    return [one["case_id"] for one in desk.resolved(place, category=FIRE)["duplicates"]]


def test_of_a_case_nearby_only_who_sees_it_is_told(desk, desk_of, nobody, spot):
    place = point(*spot)
    case = desk.opened(place)
    assert near(desk, place) == [case["id"]]
    assert near(nobody, place) == []
    assert near(desk_of(), place) == []


def test_a_report_joins_no_case_that_its_reporter_cannot_see(desk, desk_of, spot):
    place, stranger, other = point(*spot), desk_of(), desk_of()
    hidden = desk.opened(place)
    first = agreed(stranger.report(place), status=201)
    assert not first["joined"]
    assert first["case_id"] != hidden["id"]
    again = agreed(stranger.report(place), status=201)
    assert (again["joined"], again["case_id"]) == (True, first["case_id"])
    assert not agreed(other.report(place), status=201)["joined"]
    assert set(near(desk, place)) >= {hidden["id"], first["case_id"]}


def test_who_joins_a_case_sees_it_from_then_on(desk, desk_of, spot):
    place = point(*spot)
    case = desk.opened(place)
    cell = case["levels"][-1]["parts"][0]["code"]
    inspector = desk_of(Grant(Role.INSPECTOR, cell))
    joined = agreed(inspector.report(place), status=201)
    assert joined["case_id"] == case["id"]
    reporters = {one["reporter"] for one in joined["case"]["incidents"]}
    assert reporters == {desk.person.id, inspector.person.id}


def test_one_key_of_two_people_is_two_reports_and_tells_neither_of_the_other(desk, desk_of, spot):
    key = str(uuid4())
    one = agreed(desk.report(point(*spot), key=key, text="甲"), status=201)
    other = agreed(desk_of().report(point(*spot), key=key, text="乙"), status=201)
    assert one["incident_id"] != other["incident_id"]


# --- names ----------------------------------------------------------------------------------------


def test_an_event_names_who_signed_it_and_forgets_the_name_of_who_was_erased(
    desk_of, desk, spot, owner
):
    reporter = desk_of(name="张三")
    case = reporter.opened(point(*spot))
    (event,) = desk.events(case)
    assert (event["actor"], event["actor_name"]) == (reporter.person.id, "张三")
    assert case["incidents"][0]["reporter_name"] == "张三"
    owner.execute(
        "UPDATE gridmap.accounts SET login = NULL, name = NULL, password_hash = NULL,"
        " disabled_at = now(), erased_at = now() WHERE id = %s",
        [reporter.person.account],
    )
    (event,) = desk.events(case)
    assert (event["actor"], event["actor_name"]) == (reporter.person.id, "已注销")
    assert desk.case(case["id"])["incidents"][0]["reporter_name"] == "已注销"
